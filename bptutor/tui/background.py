"""What colour the terminal's background is, asked before the app is imported.

The reply comes while Python reads the app's modules, so that nobody waits for it. What is typed
meanwhile is kept for the app; a reply that comes too late is dropped (see typed.py).
"""

from __future__ import annotations

import os
import re
import select
import signal
import sys
import termios
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from typing import Any, TypeAlias

from bptutor.text.languages import CONSOLE
from bptutor.tui import in_browser

Rgb: TypeAlias = tuple[int, int, int]

QUERY = b"\x1b]11;?\x1b\\"
REPLY = re.compile(
    rb"\x1b\]11;rgba?:([\da-fA-F]{1,4})/([\da-fA-F]{1,4})/([\da-fA-F]{1,4})[^\x07\x1b]*"
    rb"(?:\x07|\x1b\\)"
)
PATIENCE = 0.15
"""Seconds from the question on; the imports take most of them."""
BLACK: Rgb = (0, 0, 0)
"""The background of a page, and of the Linux console, which may print the question."""
ENDS = (signal.SIGHUP, signal.SIGTERM)


def hold_ends() -> None:
    """Have what ends the app wait until it knows how to leave the terminal as it was."""
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDS)


class Background:
    """This process's terminal as far as its background is concerned."""

    def __init__(self) -> None:
        self._colour: Rgb | None = None
        self._typed = b""
        """What has come besides the reply."""
        self._terminal: int | None = None
        """Where a reply is expected."""
        self._modes: list[Any] = []
        """The terminal's, as they were."""
        self._asked = 0.0

    @contextmanager
    def asked(self, environment: Mapping[str, str]) -> Iterator[None]:
        """Ask; the terminal is as it was once the app has it, or has not come so far."""
        if environment.get("TERM") == CONSOLE or in_browser():
            self._colour = BLACK
        else:
            with suppress(OSError, termios.error):
                self._ask(sys.stdin.fileno())
        try:
            yield
        finally:
            self.give_back()

    def _ask(self, terminal: int) -> None:
        if os.tcgetpgrp(terminal) != os.getpgrp():
            return  # a process in the background would be stopped for asking
        self._modes = termios.tcgetattr(terminal)
        silent = [*self._modes]
        silent[3] &= ~(termios.ECHO | termios.ICANON)
        hold_ends()
        termios.tcsetattr(terminal, termios.TCSANOW, silent)
        self._terminal, self._asked = terminal, time.monotonic()
        os.write(sys.stdout.fileno(), QUERY)

    def colour(self) -> Rgb | None:
        """The colour, if the terminal has told it in time."""
        while self._colour is None and self._terminal is not None:
            left = max(0.0, self._asked + PATIENCE - time.monotonic())
            if not select.select([self._terminal], [], [], left)[0]:
                break
            came = os.read(self._terminal, 4096)
            if not came:
                break
            self._typed += came
            if reply := REPLY.search(self._typed):
                self._typed = self._typed[: reply.start()] + self._typed[reply.end() :]
                red, green, blue = (
                    int(part, 16) * 255 // (16 ** len(part) - 1) for part in reply.groups()
                )
                self._colour = red, green, blue
        return self._colour

    def give_back(self) -> bytes:
        """Leave the terminal as it was; what has been typed so far."""
        if self._terminal is not None:
            with suppress(OSError, termios.error):
                termios.tcsetattr(self._terminal, termios.TCSANOW, self._modes)
            self._terminal = None
        typed, self._typed = self._typed, b""
        return typed


BACKGROUND = Background()
