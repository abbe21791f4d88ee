"""Idle: the service gives its memory back while nobody is at the keyboard."""

from __future__ import annotations

from time import monotonic
from typing import TYPE_CHECKING

from textual import events
from textual.timer import Timer

if TYPE_CHECKING:
    from bptutor.tui.app import TutorApp

HANDS = (events.Key, events.Paste, events.MouseDown, events.MouseScrollDown, events.MouseScrollUp)
"""What tells that somebody is there."""


class Idle:
    """Lets the service end after some idle minutes, and come again with the next key.

    It comes while the learner is still typing, so that the answer need not wait for it.
    """

    def __init__(self, app: TutorApp, minutes: float) -> None:
        """`minutes` of 0: it never ends."""
        self._app = app
        self._seconds = 60 * minutes
        self._last = monotonic()
        """When somebody was there."""
        self._timer: Timer | None = None

    def start(self) -> None:
        """Begin to count."""
        if self._seconds:
            self._last = monotonic()
            self._look_again_in(self._seconds)

    def notice(self, event: events.Event) -> None:
        """Somebody is there, where this event says so."""
        if self._timer and isinstance(event, HANDS):
            self._last = monotonic()
            self._app.conversation.wake()

    def _look_again_in(self, seconds: float) -> None:
        """Not a timer that each key resets: Textual's goes on to its end before it begins anew."""
        self._timer = self._app.set_timer(seconds, self._look)

    def _look(self) -> None:
        """Is nobody there, and for long enough? What runs is left to run."""
        left = self._last + self._seconds - monotonic()
        if left <= 0 and not self._app.conversation.resting:
            self._app.command(self.rest)
        self._look_again_in(left if left > 0 else self._seconds)

    async def rest(self) -> None:
        """Let the service end; what is typed is kept first."""
        await self._app.journey.keep_draft()
        await self._app.conversation.rest()
