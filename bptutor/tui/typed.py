"""What a terminal sends, as messages: keys, pastes and the mouse. Nothing that comes stops it."""

from __future__ import annotations

import re
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable, Iterator

from textual._xterm_parser import XTermParser
from textual.events import Key, Paste, Resize
from textual.message import Message
from textual.messages import InBandWindowResize

PASTED = 8_000_000
"""Bytes of one paste; the rest of a longer one is dropped."""
LEAVING = {
    b"\x03": "ctrl+c",
    b"\x1b[99;5u": "ctrl+c",
    b"\x11": "ctrl+q",
    b"\x1b[113;5u": "ctrl+q",
    b"\x1b[21~": "f10",
}
"""Keys that are heard wherever they come, in the kitty protocol, too: they are in no text that is
pasted, and in nothing that a terminal reports."""
_LEAVING = b"|".join(map(re.escape, LEAVING))
_LEAVES = re.compile(_LEAVING)
_OVERTAKEN = re.compile(
    rb"\x1b\[48;[\d:;]*t"  # sizes; the system tells them
    rb"|(?:\x1b\[[IO])+(?=\x1b\[[IO])"
    rb"|(?:\x1b\[<3\d;\d+;\d+M)+(?=\x1b\[<3\d;\d+;\d+M)"
)
"""Reports of focus and of the mouse that others follow at once."""
_CONTROLS = re.compile(rb"([\x03\x11])")
_BEGINNING = re.compile(rb"\x1b(?:\[200~|[]P_^X])")
"""Of a paste, or of a string (OSC, DCS, APC, PM, SOS) as terminals send them to programs that ask.
bptutor asks for one, the background, and does not wait long for it (see background.py)."""
_BEGUN = re.compile(rb"(?:\x1b(?:\[(?:2(?:00?)?)?)?)?\Z")
_PASTE_END = re.compile(rb"\x1b\[201~|" + _LEAVING)
_LONGEST_END = 8
LONGEST_REPLY = 40
_REPLY = re.compile(rb"11;[\w:/]{0,30}\x1b?")
"""What has come of the reply about the background, where the link stops in the middle of it."""
_STRING_END = re.compile(rb"[\x07\x18\x1a]|\x1b\\|(?=\x1b[^\\])|(?=[\x03\x11])")
"""Its terminator, or what breaks it off."""


DIGITS = "1234567890"
"""With Alt, or behind Esc, what does the same as F1 to F10: for terminals without these keys."""


class TooMuch(Message):
    """More has come than can be taken in, and has been dropped."""


class Typed:
    """Reads the bytes of a terminal."""

    def __init__(self, full: Callable[[int], bool], debug: bool = False) -> None:
        """Where so many bytes of keys are too many (`full`), they are dropped but for LEAVING."""
        self._full = full
        self._debug = debug
        self._read: Callable[[bytes], Iterable[Message]] = self._read_keys
        self._last = b""
        """What came last, as far as it may be the beginning of something, or the end."""
        self._pasted = bytearray()
        self._length = 0
        """Of the paste, so far."""
        self._string = b""
        """How the string begins."""
        self._begin_again()

    def _begin_again(self) -> None:
        self._escaped = False
        """Was the last character an Esc?"""
        self._parser = XTermParser(self._debug)
        self._decode = getincrementaldecoder("utf-8")(errors="replace").decode

    def feed(self, data: bytes) -> Iterator[Message]:
        """The messages in what has come."""
        self._rest = data
        while self._rest:
            data, self._rest = self._rest, b""
            yield from self._read(data)

    def quiet(self) -> Iterator[Message]:
        """Nothing has come for a moment: an Esc is a key, and no string is longer."""
        if self._read == self._read_string:
            if _REPLY.fullmatch(self._string):
                return
            if self._last:
                yield Key("escape", "\x1b")
            self._turn_to(self._read_keys)
        elif self._read == self._read_keys:
            self._last = b""
            for message in self._parser.tick():
                self._escaped = False
                yield message

    def _turn_to(self, read: Callable[[bytes], Iterable[Message]], rest: bytes = b"") -> None:
        self._read, self._last, self._rest = read, b"", rest

    def _read_keys(self, data: bytes) -> Iterator[Message]:
        window = self._last + data
        found = _BEGINNING.search(window)
        end = found.start() if found else len(window)
        yield from self._parse(window[len(self._last) : end])
        if found is None:
            begun = _BEGUN.search(window)
            self._last = begun.group() if begun else b""
            return
        self._begin_again()  # the parser may have seen its first bytes, or what it breaks off
        self._string = b""
        pastes = found.group().endswith(b"~")
        self._turn_to(self._read_paste if pastes else self._read_string, window[found.end() :])

    def _parse(self, data: bytes) -> Iterator[Message]:
        if not data:
            return
        if self._full(len(data)):
            self._begin_again()
            yield from map(_leaving, _LEAVES.findall(data))
            yield TooMuch()
            return
        parts = _CONTROLS.split(_OVERTAKEN.sub(b"", data))
        for part, control in zip(parts[::2], [*parts[1::2], None], strict=True):
            yield from self._parse_text(part)
            if control:  # it breaks off whatever is begun
                self._begin_again()
                yield _leaving(control)

    def _parse_text(self, data: bytes) -> Iterator[Message]:
        for character in self._decode(data):
            escaped, self._escaped = self._escaped, character == "\x1b"
            if escaped and character in DIGITS:
                self._parser = XTermParser(self._debug)
                yield Key(f"f{DIGITS.index(character) + 1}", None)
                continue
            try:
                messages = [*self._parser.feed(character)]
            except (ValueError, ArithmeticError):  # at a number that no terminal sends
                self._begin_again()
                continue
            for message in messages:
                # The size is the one that the system tells.
                if not isinstance(message, Resize | InBandWindowResize):
                    yield message

    def _read_paste(self, data: bytes) -> Iterator[Message]:
        window = self._last + data
        found = _PASTE_END.search(window)
        self._length += len(data)
        if len(self._pasted) < PASTED:
            self._pasted += data
        if found is None:
            self._last = window[-_LONGEST_END:]
            return
        length = min(PASTED, self._length - len(window) + found.start())
        text = self._pasted[:length].decode("utf-8", "replace").replace("\x00", "")
        self._length = 0
        self._pasted.clear()
        self._turn_to(self._read_keys, window[found.end() :])
        yield Paste(text)
        if found.group() in LEAVING:
            yield _leaving(found.group())

    def _read_string(self, data: bytes) -> Iterable[Message]:
        window = self._last + data
        self._string = (self._string + data)[:LONGEST_REPLY]
        found = _STRING_END.search(window)
        if found:
            self._turn_to(self._read_keys, window[found.end() :])
        else:
            self._last = window[-1:] if window.endswith(b"\x1b") else b""
        return ()


def _leaving(sent: bytes) -> Message:
    return Key(LEAVING[sent], sent.decode() if len(sent) == 1 else None)
