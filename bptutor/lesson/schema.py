"""The keys of a lesson file, and what each may hold."""

from __future__ import annotations

from typing import Any, TypeAlias

from msgspec import Struct, field

from bptutor.lesson.lesson import Dtype
from bptutor.locale import Message


class Translations(Struct, forbid_unknown_fields=True, frozen=True):
    """A text in several languages."""

    en: str = ""
    ko: str = ""


Text: TypeAlias = str | Translations


class LessonFile(Struct, forbid_unknown_fields=True, frozen=True):
    """A lesson file, key by key; `lessons/README.md` tells authors about each."""

    program: str
    loss: str
    values: dict[str, Any] = field(default_factory=dict)
    order: int | None = None
    title: Text = ""
    summary: Text = ""
    introduction: Text = ""
    closing: Text = ""
    sections: dict[str, Text] = field(default_factory=dict)
    notes: dict[str, Text] = field(default_factory=dict)
    parameters: list[str] = field(default_factory=list)
    watch: list[str] = field(default_factory=list)
    learning_rate: float = 0.001
    dtype: Dtype = "float64"


TABLES_OF_TEXTS = ("sections", "notes")

_TEXT = Message("a text in quotes, or a table of languages (en, ko)")
_NAMES = Message("a list of names in quotes")
_TABLE_OF_TEXTS = Message("a table of texts, each in quotes or a table of languages (en, ko)")

EXPECTED: dict[str, Message] = {
    "program": Message("the program as one text in quotes"),
    "loss": Message("the name of the assignment that is differentiated, in quotes"),
    "values": Message("a table that gives each leaf of the program its numbers"),
    "order": Message("a whole number"),
    "title": _TEXT,
    "summary": _TEXT,
    "introduction": _TEXT,
    "closing": _TEXT,
    "sections": _TABLE_OF_TEXTS,
    "notes": _TABLE_OF_TEXTS,
    "parameters": _NAMES,
    "watch": _NAMES,
    "learning_rate": Message("a number above zero"),
    "dtype": Message('"float32" or "float64"'),
}
"""What each key must hold, for the sentence that says that it does not."""
