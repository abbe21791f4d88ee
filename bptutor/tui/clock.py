"""The time that an exam has left: updated every minute, at the end every ten seconds."""

from math import ceil
from time import monotonic, time

from textual.timer import Timer

from bptutor.service.quiz_words import LAST_MINUTE, TENS, TIME_IS_OVER, time_left
from bptutor.tui.screens.base import Frame

SLACK = 0.05
"""Seconds after the text changes, so that it has changed when it is read."""
AGAIN = 1.0
"""Seconds until it is submitted again, where something else was on its way."""


class Clock:
    """Runs only while an exam with a limit is on the screen; else nothing is ever drawn for it.

    It goes by the time of day, as the service does: a laptop that sleeps does not stop it. In an
    assignment it goes as the host's clock does, which does not jump.
    """

    def __init__(self, frame: Frame) -> None:
        self._frame = frame
        self._now = time
        self._end: float | None = None
        self._timer: Timer | None = None

    @property
    def text(self) -> str:
        """The time that is left, in words, or nothing."""
        if self._end is None:
            return ""
        return self._frame.words(time_left(self._end - self._now()))

    def set(self, seconds: float | None) -> None:
        """So much time is left; None where there is no limit, or no exam."""
        self._stop()
        self._now = monotonic if self._frame.tour.client.assignment else time
        self._end = None if seconds is None else self._now() + seconds
        self._wait()

    def _wait(self) -> None:
        """Wait until the text changes."""
        if self._end is None:
            return
        remaining = self._end - self._now()
        step = 60.0 if remaining > LAST_MINUTE else TENS
        until = max(0.0, remaining - (ceil(remaining / step) - 1) * step) + SLACK
        self._timer = self._frame.set_timer(until if remaining > 0 else AGAIN, self._tick)

    def _tick(self) -> None:
        """Show the time that is left; submit once none is."""
        if not self._frame.screen_stack:  # the app is on its way out
            return
        over = self._end is not None and self._end <= self._now()
        if over and self._frame.command(self._hand_in):
            self.set(None)
            return
        self._frame.room.show_engine()
        self._wait()

    async def _hand_in(self) -> None:
        """The time is over."""
        self._frame.room.close_dialogs()
        await self._frame.tour.hand_in_late()
        is_over = self._end is None
        if is_over and not self._frame.tour.client.assignment:  # whose end says who submitted it
            self._frame.room.say(self._frame.words(TIME_IS_OVER))

    def _stop(self) -> None:
        if self._timer:
            self._timer.stop()
            self._timer = None
