"""The driver of an app that is on a page: keys and drawing go through pipes, in packets."""

from __future__ import annotations

import json
import os
from typing import Any, cast

from textual.drivers._byte_stream import ByteStream
from textual.events import Resize
from textual.geometry import Size

from bptutor.tui import READY
from bptutor.tui.driver import TerminalDriver, TerminalGone, laid_out
from bptutor.tui.output import Output


class Packets:
    """A file that sends what is written to it as a packet, once it is flushed."""

    def __init__(self, fileno: int) -> None:
        self._fileno = fileno
        self._held: list[str] = []

    def fileno(self) -> int:
        return self._fileno

    def write(self, text: str) -> None:
        self._held.append(text)

    def flush(self) -> None:
        text, self._held = "".join(self._held), []
        if text:
            self.send(b"D", text.encode("utf-8", "replace"))

    def send(self, kind: bytes, content: bytes) -> None:
        self.send_raw(kind + len(content).to_bytes(4, "big") + content)

    def send_raw(self, rest: bytes) -> None:
        while rest:
            rest = rest[os.write(self._fileno, rest) :]


class BrowserDriver(TerminalDriver):
    """Reads keys and sizes from standard input, and draws on standard output."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self._shape = _number("COLUMNS", 80), _number("ROWS", 24)
        super().__init__(*arguments, **options)
        self._auto_restart = False
        self.input_tty = True  # xterm.js says whether it draws a frame as a whole
        self._packets = Packets(os.dup(1))
        os.dup2(2, 1)  # nothing else may come between the packets
        self._output = Output(cast(Any, self._packets), self._get_terminal_size, self._is_slow)
        self._file = cast(Any, self._output)
        self._stream = ByteStream()

    @property
    def is_web(self) -> bool:
        return True

    @property
    def can_suspend(self) -> bool:
        return False

    def _get_terminal_size(self) -> tuple[int, int]:
        return laid_out(*self._shape)

    def start_application_mode(self) -> None:
        self._packets.send_raw(READY)
        super().start_application_mode()

    def close(self) -> None:
        super().close()
        try:
            self._packets.send(b"M", b'{"type": "exit"}')
        except OSError:  # the server is gone
            return

    def _read(self) -> bytes | None:
        data = super()._read()
        if data is None:
            return None
        typed = b""
        for kind, content in self._stream.feed(data):
            if kind == "D":
                typed += content
            else:
                self._hear(json.loads(content))
        return typed

    def _hear(self, told: dict[str, Any]) -> None:
        """Take what the server tells of the page. That it has the focus, the terminal reports."""
        if told["type"] == "quit":
            self.send_message(TerminalGone())
        elif told["type"] == "resize":
            self._shape = told["width"], told["height"]
            size = Size(*self._get_terminal_size())
            self.send_message(Resize(size, size))

    def _give_back(self) -> None:
        """The page needs nothing back."""


def _number(variable: str, usual: int) -> int:
    value = os.environ.get(variable, "")
    return int(value) if value.isdecimal() else usual
