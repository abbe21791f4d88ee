"""What the tutor says: one English sentence, its fields, and its translation when it is shown."""

from __future__ import annotations

import gettext
from collections.abc import Iterable, Mapping
from functools import cache, reduce
from pathlib import Path
from typing import TypeAlias

from bptutor.text.printable import printable_lines

LANGUAGES = ("en", "ko")

Field: TypeAlias = "str | int | float | Message"


@cache
def catalogue(language: str) -> gettext.NullTranslations:
    """The catalogue of a language.

    English is the language of the source and needs none; it also stands in for a catalogue that
    has not been compiled yet, as in a checkout that was never installed.
    """
    folder = Path(__file__).parent
    return gettext.translation("bptutor", folder, languages=[language], fallback=True)


class Message:
    """A sentence that is translated only when it is shown.

    The English text is the catalogue's key. `{name}` in it stands for the field of that name; a
    field that comes from a person or a file is made printable and never read as a pattern.
    """

    __slots__ = ("fields", "text")

    def __init__(self, text: str, /, **fields: Field) -> None:
        self.text = text
        self.fields: Mapping[str, Field] = fields

    def to(self, language: str) -> str:
        """The sentence in `language` ("en" or "ko")."""
        fields = {
            name: field.to(language)
            if isinstance(field, Message)
            else printable_lines(field)
            if isinstance(field, str)
            else field
            for name, field in self.fields.items()
        }
        return catalogue(language).gettext(self.text).format_map(fields)

    def __str__(self) -> str:
        return self.to("en")

    def __repr__(self) -> str:
        return f"Message({self.text!r}, **{dict(self.fields)!r})"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Message) and (self.text, self.fields) == (other.text, other.fields)

    def __hash__(self) -> int:
        return hash(self.text)


class Clause(Message):
    """A sentence as the second half of another one, as in "It looks as if {clause}"."""

    def __init__(self, sentence: Message) -> None:
        super().__init__(sentence.text, **sentence.fields)

    def to(self, language: str) -> str:
        said = super().to(language)
        starts_with_a_word = self.text[:1].isalpha()
        return said[:1].lower() + said[1:] if language == "en" and starts_with_a_word else said


def sentences(first: Message, *others: Message | None) -> Message:
    """Several sentences one after the other; those that are None are left out."""
    return reduce(
        lambda said, more: Message("{first} {second}", first=said, second=more),
        filter(None, others),
        first,
    )


def joined(parts: Iterable[str | Message]) -> Message:
    """Several short things to know as one sentence."""
    *first, last = parts
    sentence: Message = Message("{what}.", what=last)
    for part in reversed(first):
        sentence = Message("{first}; {second}", first=part, second=sentence)
    return sentence


class UserError(Exception):
    """Something a user can cause and fix: one sentence, shown without a traceback.

    It is a message, or the text and the fields of one.
    """

    def __init__(self, message: Message | str, /, **fields: Field) -> None:
        self.message = message if isinstance(message, Message) else Message(message, **fields)
        super().__init__(self.message)

    def __str__(self) -> str:
        return str(self.message)
