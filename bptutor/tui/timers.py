"""What happens by the clock: drafts, idle minutes, the file of a lesson."""

from __future__ import annotations

import os
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING

from textual import events
from textual.timer import Timer

from bptutor.tui.screens.base import Frame

if TYPE_CHECKING:
    from textual.widgets import Input


PAUSE = 0.4
"""Seconds without a change after which what is typed is kept."""
LONGEST = 0.8
"""Seconds after which it is kept even while somebody types on."""
AT_ONCE = 0.01
"""Seconds: Textual divides by a timer's time, so that it cannot be none."""


class Drafts:
    """Tells the service what is typed, besides any command: nobody waits for it."""

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._timer: Timer | None = None
        self._since = 0.0
        """When the first change came that has not been told, by the monotonic clock."""

    def notice(self, event: Input.Changed) -> None:
        """A field has changed: whoever types on is left alone, for a while."""
        if event.input.screen is self._frame.room:
            self._wait()

    def _wait(self) -> None:
        now = monotonic()
        if self._timer:
            self._timer.stop()
        else:
            self._since = now
        pause = max(AT_ONCE, min(PAUSE, self._since + LONGEST - now))
        self._timer = self._frame.set_timer(pause, self._tell)

    def _tell(self) -> None:
        """Not while a command runs: it takes the draft along, or changes the step."""
        self._timer = None
        if not self._frame.screen_stack:  # the app is on its way out
            return
        if self._frame.commands.busy:
            self._wait()
        elif self._frame.room.draft():
            self._frame.commands.beside(self._frame.tour.keep_draft(unsaid=True))


HANDS = (events.Key, events.Paste, events.MouseDown, events.MouseScrollDown, events.MouseScrollUp)
"""What tells that somebody is there."""


class Idle:
    """Lets the service end after some idle minutes, and come again with the next key.

    It comes while the learner is still typing, so that the answer need not wait for it.
    """

    def __init__(self, frame: Frame, minutes: float) -> None:
        """`minutes` of 0: it never ends."""
        self._frame = frame
        self._seconds = 60 * minutes
        self._last = monotonic()
        """When somebody was there."""
        self._timer: Timer | None = None

    def start(self) -> None:
        if self._seconds:
            self._last = monotonic()
            self._look_again_in(self._seconds)

    def notice(self, event: events.Event) -> None:
        """Somebody is there, where this event says so."""
        if self._timer and isinstance(event, HANDS):
            self._last = monotonic()
            self._frame.tour.client.wake()

    def _look_again_in(self, seconds: float) -> None:
        """A new timer each time: Textual's `reset` takes effect only when the timer has run out."""
        self._timer = self._frame.set_timer(seconds, self._look)

    def _look(self) -> None:
        """End the service if nobody has been there for long enough and no command runs."""
        left = self._last + self._seconds - monotonic()
        if left <= 0 and not self._frame.tour.client.resting:
            self._frame.command(self.rest)
        self._look_again_in(left if left > 0 else self._seconds)

    async def rest(self) -> None:
        await self._frame.tour.keep_draft()
        await self._frame.tour.client.rest()


LOOKS = 1.0
"""Seconds between two looks at the file."""


class Preview:
    """Watches the file of the lesson that was named on the command line, if it is a file."""

    def __init__(self, frame: Frame, lesson: str | None) -> None:
        self._frame = frame
        named = lesson or ""
        self._path = Path(os.path.expanduser(named)) if named.endswith(".toml") else None
        self._seen = self._stamp()

    def start(self) -> None:
        """Look at the file every now and then; a lesson by name has none to watch."""
        if self._path:
            self._frame.set_interval(LOOKS, self.look)

    def look(self) -> None:
        stamp = self._stamp()
        tour = self._frame.tour
        if stamp and stamp != self._seen and tour.client.lesson and not self._frame.commands.busy:
            self._seen = stamp
            self._frame.command(tour.reload)

    def _stamp(self) -> tuple[int, int] | None:
        """What changes when the file does; None while it is not there."""
        try:
            stat = self._path.stat() if self._path else None
        except OSError:
            return None
        return (stat.st_mtime_ns, stat.st_size) if stat else None
