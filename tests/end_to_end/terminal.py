"""A command in a terminal of its own: what it writes becomes a screen that can be read.

Nothing here waits by the clock: each wait reads what the terminal sends until something holds, and
fails with the screen at its deadline.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import sys
import termios
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from itertools import groupby
from types import TracebackType
from typing import Self

import pyte
from pyte.modes import DECAWM
from wcwidth import wcswidth, wcwidth

DEADLINE = 60.0
"""Seconds after which a wait has failed; a lab machine may be slow to load TensorFlow."""

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "backtab": "\x1b[Z",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "f1": "\x1bOP",
    "f2": "\x1bOQ",
    "f3": "\x1bOR",
    "f4": "\x1bOS",
    "f5": "\x1b[15~",
    "f6": "\x1b[17~",
    "f7": "\x1b[18~",
    "f8": "\x1b[19~",
    "f9": "\x1b[20~",
    "f10": "\x1b[21~",
    "f12": "\x1b[24~",
}
"""What a terminal sends for a key that is no character."""


class ScreenTimeoutError(AssertionError):
    """What was waited for did not come: the message has what, and the screen as it stands."""


class Page(pyte.Screen):
    """A screen that knows what did not fit on it."""

    def __init__(self, columns: int, rows: int) -> None:
        super().__init__(columns, rows)
        self.beyond: list[str] = []
        """What was written past the right edge, where lines do not wrap."""

    @staticmethod
    def width(cell: str) -> int:
        """How many cells a character takes; none for the second cell of a wide one."""
        return wcwidth(cell) if cell else 0

    def draw(self, data: str) -> None:
        """Put text where the cursor is."""
        if DECAWM not in self.mode and self.cursor.x + wcswidth(data) > self.columns:
            self.beyond.append(data)
        super().draw(data)


class Terminal:
    """A running command and the screen that it has written.

    Use it as a context manager: whatever runs at the end is killed.
    """

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 80,
        rows: int = 24,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """Start `command`, whose standard streams are the terminal.

        Args:
            command: the program and its arguments.
            columns: the terminal's width.
            rows: its height.
            environment: variables set besides those of this process.
        """
        self.bytes = 0
        """How many bytes have been written so far."""
        self.heard = time.monotonic()
        """When the last of them came, by the monotonic clock."""
        self._screen = Page(columns, rows)
        self._stream = pyte.ByteStream(self._screen)
        self._status: int | None = None
        environ = {
            **os.environ,
            "TERM": "xterm-256color",
            "COLORTERM": "",  # as it is over most SSH connections
            "LANG": "C.UTF-8",
            **(environment or {}),
        }
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            try:
                signal.signal(signal.SIGHUP, signal.SIG_DFL)  # under nohup it would be ignored
                _set_size(0, columns, rows)
                os.execvpe(command[0], list(command), environ)
            finally:
                os._exit(127)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._status is None:
            os.kill(self.pid, signal.SIGKILL)
            self._status = os.waitpid(self.pid, 0)[1]
        if self._fd >= 0:
            os.close(self._fd)

    # ── what is there ─────────────────────────────────────────────────────────────────────────

    @property
    def lines(self) -> list[str]:
        """The screen's lines, as long as the screen is wide."""
        return ["".join(cells) for cells in self.cells]

    @property
    def text(self) -> str:
        """The screen's lines without the blanks at their ends."""
        return "\n".join(line.rstrip() for line in self.lines)

    @property
    def fields(self) -> list[str]:
        """What stands in the open fields, in the order of reading.

        They are underlined or have a ground of their own, as the current line of the tape has, too.
        """
        columns = range(self._screen.columns)
        rows = [
            [self._screen.buffer[row][column] for column in columns]
            for row in range(self._screen.lines)
        ]
        ((ground, _),) = Counter(cell.bg for row in rows for cell in row).most_common(1)
        found = []
        for row in rows:
            for is_field, run in groupby(row, lambda cell: cell.underscore or cell.bg != ground):
                if is_field and row[1].data not in "▶>":
                    found.append("".join(cell.data for cell in run).rstrip())
        return found

    def count_marks(self, sign: str) -> int:
        """How many fields have this mark of a verdict: before a bracket, or the next field."""
        return len(re.findall(rf"{re.escape(sign)}(?=  |[\]⎤⎥⎦])", self.text))

    @property
    def cells(self) -> list[list[str]]:
        """The screen cell by cell; the second cell of a wide character is empty."""
        rows, columns = range(self._screen.lines), range(self._screen.columns)
        return [[self._screen.buffer[row][column].data for column in columns] for row in rows]

    @property
    def beyond(self) -> list[str]:
        """What the command has written past the right edge of its screen."""
        return self._screen.beyond

    @property
    def modes(self) -> set[int]:
        """The private modes that are on: 1049 the other screen, 25 the cursor, 1000 the mouse."""
        return {mode >> 5 for mode in self._screen.mode if mode % 32 == 0}

    @property
    def cursor(self) -> tuple[int, int]:
        """The line and the column that the cursor is in, from 0."""
        return self._screen.cursor.y, self._screen.cursor.x

    @property
    def reads_lines(self) -> bool:
        """Does it echo what is typed and hand it on line by line, as a shell leaves it?"""
        flags = termios.tcgetattr(self._fd)[3]
        return bool(flags & termios.ECHO and flags & termios.ICANON)

    @property
    def children(self) -> list[int]:
        """The process ids of the command's own children (Linux)."""
        with open(f"/proc/{self.pid}/task/{self.pid}/children") as file:
            return [int(pid) for pid in file.read().split()]

    # ── what is done to it ────────────────────────────────────────────────────────────────────

    def send(self, text: str) -> None:
        """Type a text, each character a key."""
        os.write(self._fd, text.encode())

    def pour(self, data: bytes, within: float = DEADLINE) -> None:
        """Type all of it, as fast as it is taken, and read what is written meanwhile.

        Raises:
            ScreenTimeoutError: it is not taken.
        """
        deadline, left = time.monotonic() + within, memoryview(data)
        os.set_blocking(self._fd, False)
        try:
            while left:
                readable, writable, _ = select.select([self._fd], [self._fd], [], 1.0)
                if readable:
                    self._read(0)
                if writable:
                    with suppress(BlockingIOError):
                        left = left[os.write(self._fd, left[:4096]) :]
                if time.monotonic() > deadline:
                    raise ScreenTimeoutError(f"{len(left)} bytes are not read: {self.text}")
        finally:
            os.set_blocking(self._fd, True)

    def press(self, *keys: str) -> float:
        """Press keys by their names (enter, up, f1, ctrl+q); when, by the monotonic clock."""
        pressed = time.monotonic()
        for key in keys:
            if key.startswith("ctrl+"):
                self.send(chr(ord(key.removeprefix("ctrl+").upper()) & 0x1F))
            else:
                self.send(KEYS[key])
        return pressed

    def resize(self, columns: int, rows: int) -> None:
        """Change the window's size."""
        _set_size(self._fd, columns, rows)
        self._screen.resize(rows, columns)

    def kill(self, number: signal.Signals) -> None:
        """Send the command a signal."""
        os.kill(self.pid, number)

    def hang_up(self) -> None:
        """Close the terminal under the command, as a dropped connection does."""
        os.close(self._fd)
        self._fd = -1

    # ── waiting ───────────────────────────────────────────────────────────────────────────────

    def wait_for(self, wanted: "str | Callable[[Terminal], bool]", within: float = DEADLINE) -> str:
        """Read until a text is on the screen, or a predicate of this terminal holds; the screen.

        Raises:
            ScreenTimeoutError: it does not come within so many seconds, or the command ends first.
        """

        def holds() -> bool:
            return wanted in self.text if isinstance(wanted, str) else wanted(self)

        deadline = time.monotonic() + within
        while not holds():
            left = deadline - time.monotonic()
            if left <= 0 or not self._read(left):
                why = "not there in time" if left <= 0 else "not there, and the command has ended"
                raise ScreenTimeoutError(f"{wanted!r}: {why}; the screen is\n{self.text}")
        return self.text

    def wait_for_quiet(self, seconds: float, within: float = DEADLINE) -> None:
        """Read until nothing has been written for so many seconds (or the command has ended).

        Raises:
            ScreenTimeoutError: it never falls quiet.
        """
        deadline = time.monotonic() + within
        while self._readable(seconds):
            if time.monotonic() > deadline:
                raise ScreenTimeoutError(f"never quiet for {seconds} s; the screen is\n{self.text}")
            if not self._read(0):
                return

    def bytes_within(self, seconds: float) -> int:
        """How many bytes are written in the next so many seconds."""
        before = self.bytes
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            if self._readable(left) and not self._read(0):
                break
        return self.bytes - before

    def wait_for_end(self, within: float = DEADLINE) -> int:
        """Read until the command ends; its exit status, negative for a signal.

        Raises:
            ScreenTimeoutError: it goes on.
        """
        deadline = time.monotonic() + within
        while self._fd >= 0 and self._read(max(0.0, deadline - time.monotonic())):
            if time.monotonic() > deadline:
                raise ScreenTimeoutError(f"the command goes on; the screen is\n{self.text}")
        while self._status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._status = status
            elif time.monotonic() > deadline:
                raise ScreenTimeoutError(f"the command goes on; the screen is\n{self.text}")
            else:
                select.select([], [], [], 0.01)  # its terminal is closed: nothing else tells
        return os.waitstatus_to_exitcode(self._status)

    def _readable(self, seconds: float) -> bool:
        return bool(select.select([self._fd], [], [], max(0.0, seconds))[0])

    def _read(self, seconds: float) -> bool:
        """Take in what is written within so many seconds; False once the command is gone."""
        if not self._readable(seconds):
            return True
        try:
            written = os.read(self._fd, 65536)
        except OSError:  # Linux says so when the last process on the terminal is gone
            return False
        self.heard = time.monotonic()
        self.bytes += len(written)
        self._stream.feed(written)
        self._answer(written)
        return bool(written)

    def _answer(self, written: bytes) -> None:
        """What a terminal replies to the questions that programs ask it on starting."""
        if b"\x1b[?2026$p" in written:
            self.send("\x1b[?2026;2$y")


def _set_size(fd: int, columns: int, rows: int) -> None:
    fcntl.ioctl(fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def python(*arguments: str) -> list[str]:
    """The command that runs this Python with `arguments`."""
    return [sys.executable, *arguments]


def ended(process: int, within: float = 20) -> bool:
    """Does a process end within so many seconds?"""
    try:
        descriptor = os.pidfd_open(process)
    except ProcessLookupError:
        return True
    try:
        return bool(select.select([descriptor], [], [], within)[0])
    finally:
        os.close(descriptor)
