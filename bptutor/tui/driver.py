"""Textual's driver, for a terminal that may go away."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TextIO, cast

from textual.drivers.linux_driver import LinuxDriver

if TYPE_CHECKING:
    from bptutor.tui.app import TutorApp
    from bptutor.tui.thrift import Thrift


class Output:
    """A terminal to write to, which swallows what is written once it is gone.

    Textual writes in a thread. An error there would end the thread; the app would then wait for
    ever, in the middle of leaving, for somebody to take what it still has to write.
    """

    def __init__(self, terminal: TextIO, is_slow: Callable[[], bool]) -> None:
        self._terminal = terminal
        self._is_slow = is_slow
        self._thrift: Thrift | None = None
        self.fileno = terminal.fileno

    def write(self, text: str) -> None:
        """Write, where there is anything to write to."""
        with suppress(OSError):
            self._terminal.write(self._spared(text))

    def _spared(self, text: str) -> str:
        """The text in fewer bytes, on a slow link."""
        if not self._is_slow():
            self._thrift = None
            return text
        if self._thrift is None:
            from bptutor.tui.thrift import Thrift

            self._thrift = Thrift()
        return self._thrift.spare(text)

    def flush(self) -> None:
        """Write what has not been written, where there is anything to write to."""
        with suppress(OSError):
            self._terminal.flush()


class TerminalDriver(LinuxDriver):
    """Textual's own driver with an output that outlives its terminal."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._file = cast(Any, Output(cast(TextIO, self._file), self._is_slow))

    def _is_slow(self) -> bool:
        return cast("TutorApp", self._app).slow
