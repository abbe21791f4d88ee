"""The time there is for an exam: what is left of it, and a word unasked when that is little."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from math import ceil
from time import time

from bptutor.plain.dialogue import Dialogue
from bptutor.text import Message

WORDS = (300.0, 60.0)
"""Seconds before the end at which somebody who listens is told: a clock cannot be glanced at."""
MINUTE = 60
OVER = Message("The time is over. Press Enter to see how it went.")


class Clock:
    """Runs towards the end of an exam, where that has one.

    It goes by the time of day, as the service does: a laptop that sleeps does not stop it.
    """

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue
        self._end: float | None = None
        self._calls: list[asyncio.TimerHandle] = []

    @property
    def left(self) -> float | None:
        """The seconds that are left; None where there is no end."""
        return None if self._end is None else max(0.0, self._end - time())

    @property
    def over(self) -> bool:
        """Is the time over?"""
        return self.left == 0

    def set(self, seconds: float | None) -> None:
        """So many seconds are left from now on; None for no end."""
        for call in self._calls:
            call.cancel()
        self._calls = []
        self._end = None if seconds is None else time() + seconds
        if seconds is None or not self._dialogue.live:
            return
        loop = asyncio.get_running_loop()
        self._calls = [
            loop.call_later(seconds - before, self._say, before)
            for before in (*WORDS, 0.0)
            if before < seconds
        ]

    def _say(self, before: float) -> None:
        with suppress(OSError):  # whatever is said next will raise it
            self._dialogue.say(time_left(before) if before else OVER)


def time_left(seconds: float) -> Message:
    """What is left of the time, in words, rounded up as on a clock on the wall."""
    if seconds < 2 * MINUTE:
        return Message("Seconds left: {seconds}.", seconds=ceil(seconds))
    return Message("Minutes left: {minutes}.", minutes=ceil(seconds / MINUTE))
