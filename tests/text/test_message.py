"""Text: messages, languages, numbers, and what cannot be seen."""

import json
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptutor.text import Message, UserError, message, shortest, significant
from bptutor.text.languages import language, takes_unicode
from bptutor.text.printable import printable, printable_json, printable_lines


@given(st.text())
def test_a_field_is_put_in_printable_and_else_as_it_is(text: str) -> None:
    said = Message("“{name}” it is", name=text).to("en")
    assert said == f"“{printable_lines(text)}” it is"
    assert said.replace("\n", "").isprintable()


def test_a_message_inside_a_message_is_translated_too() -> None:
    inner = Message("a positive number")
    outer = Message("`{key}` must be {what}", key="learning_rate", what=inner)
    assert outer.to("en") == "`learning_rate` must be a positive number"
    assert "양수" in outer.to("ko")
    assert str(UserError(outer)) == outer.to("en")


def test_english_stands_in_where_a_catalogue_was_never_compiled(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(message, "__file__", str(tmp_path / "message.py"))
    message.catalogue.cache_clear()
    try:
        assert Message("Options:").to("ko") == "Options:"
    finally:
        message.catalogue.cache_clear()


def test_equal_messages_are_equal() -> None:
    assert Message("{a}", a=1) == Message("{a}", a=1)
    assert Message("{a}", a=1) != Message("{a}", a=2)
    assert hash(Message("{a}", a=1)) == hash(Message("{a}", a=1))


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


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.136, "0.136"),
        (1.4, "1.4"),
        (0.0, "0"),
        (-0.0, "0"),
        (3.168e-5, "3.168e-5"),
        (123456.0, "1.2346e5"),
        (100000.0, "1e5"),
        (12345.0, "12345"),
        (-0.30009794, "-0.3001"),
        (0.13599995, "0.136"),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
    ],
)
def test_five_figures(value: float, text: str) -> None:
    assert significant(value) == text


def test_more_figures_where_asked() -> None:
    assert significant(0.09996832, 8) == "0.09996832"


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_a_float32_reads_back_as_the_very_same(value: float) -> None:
    text = shortest(value, "float32")
    assert np.float32(float(text)) == np.float32(value)
    assert len(text.strip("-").replace(".", "").partition("e")[0].strip("0")) <= 9


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_float64_reads_back_as_the_very_same(value: float) -> None:
    assert float(shortest(value)) == value


@given(st.floats(min_value=1e-300, max_value=1e300))
def test_what_is_shown_is_near(value: float) -> None:
    assert float(significant(value)) == pytest.approx(value, rel=5e-5)


@pytest.mark.parametrize(
    ("asked", "environment", "chosen"),
    [
        (None, {}, "en"),
        ("ko", {"LANG": "en_US.UTF-8"}, "ko"),
        (None, {"LANG": "ko_KR.UTF-8"}, "ko"),
        (None, {"LANG": "ko-KR"}, "ko"),
        (None, {"LANG": "fr_FR.UTF-8"}, "en"),
        (None, {"LANG": "ko_KR.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "en"),
        (None, {"LC_ALL": "ko_KR.UTF-8", "LC_MESSAGES": "en_US.UTF-8"}, "ko"),
        (None, {"LC_ALL": "", "LANG": "ko_KR"}, "ko"),
        (None, {"LANG": "kok_IN"}, "en"),
    ],
)
def test_the_language(asked: str | None, environment: dict[str, str], chosen: str) -> None:
    assert language(asked, environment) == chosen


@pytest.mark.parametrize(
    ("environment", "encoding", "unicode"),
    [
        ({}, "utf-8", True),
        ({}, "UTF8", True),
        ({}, None, True),
        ({}, "iso8859-1", False),
        ({"LANG": "ko_KR.UTF-8"}, "utf-8", True),
        ({"LANG": "C.UTF-8"}, "utf-8", True),
        ({"LANG": "C"}, "utf-8", True),
        ({"LANG": "ko_KR.EUC-KR"}, "utf-8", False),
        ({"LANG": "de_DE.ISO-8859-15@euro"}, "utf-8", False),
        ({"LC_ALL": "en_US.UTF-8", "LANG": "ko_KR.EUC-KR"}, "utf-8", True),
        ({"LC_CTYPE": "ko_KR.EUC-KR", "LANG": "ko_KR.UTF-8"}, "utf-8", False),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "ko_KR.EUC-KR"}, "utf-8", False),
        ({"LC_CTYPE": "C.UTF-8", "LANG": "C"}, "utf-8", True),
        ({"LC_ALL": "C"}, "utf-8", False),
        ({"LC_ALL": "POSIX", "LANG": "ko_KR.UTF-8"}, "utf-8", False),
        ({"LC_ALL": "C.UTF-8"}, "utf-8", True),
        ({"LC_CTYPE": "C", "LANG": "ko_KR.UTF-8"}, "utf-8", False),
        ({"LC_CTYPE": "C", "LC_ALL": "ko_KR.UTF-8"}, "utf-8", True),
        ({"LANG": "ko_KR.UTF-8", "TERM": "linux"}, "utf-8", False),
    ],
)
def test_unicode_where_it_can_be_written(
    environment: dict[str, str], encoding: str | None, unicode: bool
) -> None:
    assert takes_unicode(environment, encoding) is unicode
