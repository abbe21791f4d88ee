"""What cannot be seen is escaped, and nothing else is changed."""

import json
import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptutor.text.printable import printable, printable_json, printable_lines

UNSEEN = [
    chr(code)
    for code in range(sys.maxunicode + 1)
    if unicodedata.category(chr(code)) in ("Cc", "Cf", "Cs", "Zl", "Zp")
]


def test_no_character_that_drives_a_terminal_or_cannot_be_seen_is_left() -> None:
    assert len(UNSEEN) > 2000
    assert [mark for mark in UNSEEN if not printable(f"a{mark}b").isprintable()] == []
    assert [mark for mark in UNSEEN if mark != "\t" and printable(mark).isspace()] == []


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("\x1b]0;x\x07", r"\x1b]0;x\x07"),
        ("\x9b31m\x7f", r"\x9b31m\x7f"),
        ("gnp\u202egpj", r"gnp\u202egpj"),
        ("a\u200bb\u2066c", r"a\u200bb\u2066c"),
        ("two\nlines", r"two\nlines"),
        ("a\tb\u00a0c\u3000d", "a b c d"),
        ("e\u0301 \u1112\u1161\u11ab ש\u05c1\u05bc\u05b8 ❤\ufe0f",) * 2,
        ("a" + "\u0301" * 5000 + "b", "a" + "\u0301" * 8 + "…b"),
        ("a\u3164b\u034fc", r"a\u3164b\u034fc"),
        ("한글 ∂L/∂W ᵀ 👩‍🏫".replace("\u200d", ""), "한글 ∂L/∂W ᵀ 👩🏫"),
    ],
)
def test_escapes(text: str, shown: str) -> None:
    assert printable(text) == shown


def test_lines_stay_lines() -> None:
    assert printable_lines("a\x1b\nb\n") == "a\\x1b\nb\n"


@given(st.recursive(st.text(), lambda inner: st.dictionaries(st.text(), inner), max_leaves=5))
def test_json_means_the_same_and_is_seen_whole(value: object) -> None:
    text = printable_json(json.dumps(value, ensure_ascii=False))
    assert text.isprintable()
    assert json.loads(text) == value
