"""Textual's driver, for a terminal that may go away."""

from __future__ import annotations

from contextlib import suppress
from typing import Any, TextIO, cast

from textual.drivers.linux_driver import LinuxDriver

from bptutor.tui.thrift import Thrift


class Output:
    """A terminal to write to, which swallows what is written once it is gone.

    Textual writes in a thread. An error there would end the thread; the app would then wait for
    ever, in the middle of leaving, for somebody to take what it still has to write.
    """

    def __init__(self, terminal: TextIO) -> None:
        self._terminal = terminal
        self._thrift = Thrift()
        self.fileno = terminal.fileno

    def write(self, text: str) -> None:
        """Write, in as few bytes as it takes, where there is anything to write to."""
        with suppress(OSError):
            self._terminal.write(self._thrift.spare(text))

    def flush(self) -> None:
        """Write what has not been written, where there is anything to write to."""
        with suppress(OSError):
            self._terminal.flush()


class TerminalDriver(LinuxDriver):
    """Textual's own driver; its output outlives its terminal."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._file = cast(Any, Output(cast(TextIO, self._file)))
