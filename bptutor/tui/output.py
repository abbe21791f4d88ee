"""Where the app writes: a terminal that may be slow, or gone."""

import os
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

from bptutor.tui.shorten import Shortener

PAUSE = 0.08
"""Seconds between two frames on a slow link."""


class Output:
    """A terminal to write to, which swallows what is written once it is gone.

    Textual writes in a thread. An error there would end the thread; the app would then wait for
    ever, in the middle of leaving, for somebody to take what it still has to write.
    """

    def __init__(
        self,
        terminal: TextIO,
        size: Callable[[], tuple[int, int]],
        slow: Callable[[], bool] = lambda: False,
    ) -> None:
        """A terminal of that `size`; on a `slow` link frames are plain, and fewer."""
        self._terminal = terminal
        self._size = size
        self._slow = slow
        self._shortener = Shortener(*size())
        self._shortener.fills = not os.environ.get("TERM", "").startswith(("screen", "tmux"))
        self._waiting: list[str] = []
        """What is to be written before the next flush; of several frames the last one counts."""
        self.holds: set[object] = set()
        """Whoever wants no frame to be sent yet."""
        self.fileno = terminal.fileno
        self.closed = False
        """Is nothing written any more?"""

    def write(self, text: str) -> None:
        if not self.closed:
            self._waiting.append(text)

    def flush(self) -> None:
        text = "".join(self._waiting)
        self._waiting.clear()
        self._shortener.plain = self._slow()
        self._shortener.waits = bool(self.holds)
        self._shortener.resize(*self._size())
        sent = self._shortener.shorten(text)
        with suppress(OSError):
            self._terminal.write(sent)
        try:
            self._terminal.flush()
        except BlockingIOError:
            return
        except OSError:  # what is held back would fail again as Python ends, with status 120
            with open(os.devnull, "wb") as nowhere:
                os.dup2(nowhere.fileno(), self.fileno())
            with suppress(OSError):
                self._terminal.flush()
        if sent and self._slow() and not self.closed:
            time.sleep(PAUSE)  # the frames that follow meanwhile are sent as one


class LastOutput:
    """Writes to a terminal without a thread, and without blocking."""

    def __init__(self, fileno: int) -> None:
        self._fileno = fileno

    def write(self, text: str) -> None:
        with suppress(OSError):
            os.write(self._fileno, text.encode())

    def flush(self) -> None:
        """Nothing is held back."""
