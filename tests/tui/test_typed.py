"""The bytes of a terminal: in whatever pieces they come, and whatever they are."""

from __future__ import annotations

import re
import tracemalloc
from collections.abc import Iterable, Sequence
from itertools import pairwise

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st
from textual._xterm_parser import XTermParser
from textual.events import AppFocus, Key, MouseMove, Paste
from textual.message import Message

from bptutor.tui.typed import PASTED, TooMuch, Typed

OSC, DCS, ST = b"\x1b]0;title", b"\x1bP+q544e", b"\x1b\\"
PASTE, END = b"\x1b[200~", b"\x1b[201~"
PIECES = [
    *(b"a", b"7.5", "ä한".encode(), b"\r", b"\t", b"\x7f", b"\x1b", b"\x1b[A", b"\x1bOP", b"\x1b["),
    *(b"\x1b[21~", b"\x11", b"\x03", b"\x1b[I", b"\x1b[O", b"\x1b[<35;10;5M", b"\x1b[200", b"\x9c"),
    *(OSC + b"\x07", OSC + ST, DCS + ST, OSC, PASTE, END, PASTE + b"1 2\r3" + END, b"\x1b[201"),
    *(b"\x1b[?2026;2$y", b"\x1b[48;24;80;0;0t", b"\x1b[99999999999999u", b"\xff", b"\x00"),
]


def read(pieces: Iterable[bytes], *, full: bool = False) -> list[str]:
    typed = Typed(lambda _: full)
    return [_told(message) for piece in pieces for message in typed.feed(piece)]


def _told(message: Message) -> str:
    if isinstance(message, Key):
        return f"{message.key} {message.character!r}"
    return f"paste {message.text!r}" if isinstance(message, Paste) else type(message).__name__


def _overtaken(told: list[str]) -> list[str]:
    """Without reports that others follow at once."""
    kinds = [each if each[:3] in ("App", "Mou") else "" for each in told]
    follows = [a[:3] == b[:3] != "" for a, b in pairwise([*kinds, ""])]
    return [each for each, over in zip(told, follows, strict=True) if not over]


@given(st.lists(st.sampled_from(PIECES), max_size=8), st.lists(st.integers(0, 60), max_size=6))
@example([PASTE, b"x", END], [3, 9])
@example([OSC, b"\x1b", b"[A"], [10])
def test_it_is_the_same_in_whatever_pieces_it_comes(
    sent: Sequence[bytes], cuts: Sequence[int]
) -> None:
    whole = b"".join(sent)
    assume(not re.search(rb"\x1b(\[(20?[01]?)?)?\x1b[]P[]", whole))  # what is broken off is nothing
    places = [0, *sorted(min(cut, len(whole)) for cut in cuts), len(whole)]
    pieces = [whole[a:b] for a, b in pairwise(places)]
    assert _overtaken(read(pieces)) == _overtaken(read([whole]))


@given(st.binary(max_size=60))
def test_nothing_that_comes_ends_it(sent: bytes) -> None:
    assert read([sent, b"\x11"])[-1].startswith("ctrl+q")


@pytest.mark.parametrize("before", [PASTE + b"1 2", OSC, DCS, b"\x1b[200", b"\x1b", b"\xe3"])
@pytest.mark.parametrize(
    ("key", "name"), [(b"\x11", "ctrl+q"), (b"\x03", "ctrl+c"), (b"\x1b[21~", "f10")]
)
def test_the_keys_that_lead_out_are_heard_behind_whatever_is_begun(
    before: bytes, key: bytes, name: str
) -> None:
    heard = read([before, key, b"x"])
    assert [each.split()[0] for each in heard][-2:] == [name, "x"]
    assert ("paste '1 2'" in heard) is before.startswith(PASTE)


def test_what_textual_reads_it_reads_likewise() -> None:
    plain = "a1\rÄ한\t\x7f\x1b[A\x1bOP\x1b[15~\x1b[1;5C\x1b[<35;10;5M\x1b[I\x1b[97;5u"
    textual = [_told(message) for message in XTermParser().feed(plain)]
    assert read([plain.encode()]) == textual
    assert {Key, MouseMove, AppFocus} <= {
        type(each) for each in Typed(lambda _: False).feed(plain.encode())
    }


def test_replies_and_sizes_that_nobody_asked_for_are_no_keys() -> None:
    assert read([OSC + ST + DCS + ST + b"\x1b[48;65535;65535;9;9t" + OSC + b"\x07x"]) == ["x 'x'"]


def test_a_string_without_an_end_is_over_when_it_is_quiet() -> None:
    typed = Typed(lambda _: False)
    assert list(typed.feed(b"\x1b]0;" + b"x" * 5_000)) == []
    assert list(typed.quiet()) == []
    assert [_told(each) for each in typed.feed(b"y")] == ["y 'y'"]


def test_the_reply_about_the_background_may_take_its_time() -> None:
    typed = Typed(lambda _: False)
    for part in (b"\x1b]11;rgb:ff", b"ff/0000/00", b"00\x1b", b"\\"):
        assert list(typed.feed(part)) == []
        assert list(typed.quiet()) == []
    assert [_told(each) for each in typed.feed(b"y")] == ["y 'y'"]


def test_while_there_is_too_much_only_the_keys_that_lead_out_are_heard() -> None:
    heard = read([b"12\x1b[A\x1b[I3\x11" + PASTE + b"4" + END + b"5"], full=True)
    assert heard == [r"ctrl+q '\x11'", TooMuch.__name__, "paste '4'", TooMuch.__name__]


def test_a_paste_is_taken_up_to_its_limit_and_not_beyond() -> None:
    typed, block = Typed(lambda _: False), b"x" * 65_536
    list(typed.feed(PASTE))
    tracemalloc.start()
    for _ in range(3 * PASTED // len(block)):
        assert list(typed.feed(block)) == []
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 2 * PASTED
    (pasted,) = typed.feed(b"\x1b[201~")
    assert isinstance(pasted, Paste)
    assert len(pasted.text) == PASTED


def test_the_keys_have_the_names_of_textual() -> None:
    for name in (b"\x03", b"\x11", b"\x1b[21~"):
        (key,) = XTermParser().feed(name.decode())
        assert read([PASTE, name])[-1] == _told(key)


def test_a_digit_behind_an_esc_is_a_function_key() -> None:
    assert read([b"\x1b1\x1b", b"0\x1b[A2"]) == ["f1 None", "f10 None", "up None", "2 '2'"]
