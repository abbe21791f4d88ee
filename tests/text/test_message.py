"""Messages: fields are no patterns, and a missing catalogue is no error."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptutor.text import Message, UserError, message
from bptutor.text.printable import printable_lines


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
