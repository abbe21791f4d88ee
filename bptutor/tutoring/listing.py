"""Names typed one after another, in whatever way people part them."""

from __future__ import annotations

import re
from collections.abc import Set

from bptutor.language.errors import LanguageError, shortened
from bptutor.language.parse import parse_expression
from bptutor.language.suggest import nearest
from bptutor.language.tree import Name
from bptutor.locale import Message

MOST_CHARACTERS = 4_000
_BETWEEN = re.compile(r"(?:[\s,;，、→>|]|->)+")
_NOTHING = frozenset(("", "-", "0", "none", "nothing", "no", "없음", "없어요", "없다"))


def read_names(text: str, known: Set[str]) -> list[str]:
    """The names in a text, as they are called in the program; of `nothing` an empty list.

    Raises:
        LanguageError: it is too long, or something in it is none of the names that are known.
    """
    if len(text) > MOST_CHARACTERS:
        raise LanguageError(
            Message(
                "This is longer than {most} characters; write it shorter.", most=MOST_CHARACTERS
            )
        )
    plain = text.strip().strip("[](){}").replace("->", " ")
    if plain.strip().lower() in _NOTHING:
        return []
    return [_name(word, text, known) for word in _BETWEEN.split(plain) if word]


def _name(word: str, text: str, known: Set[str]) -> str:
    try:
        read = parse_expression(word, known)
    except LanguageError:
        read = None
    if isinstance(read, Name) and read.id in known:
        return read.id
    close = nearest(word, known)
    problem = (
        Message(
            "There is no {name} here; did you mean {nearest}?", name=shortened(word), nearest=close
        )
        if close
        else Message("There is no {name} here; type names, apart by commas.", name=shortened(word))
    )
    raise LanguageError(problem, column=max(text.find(word), 0))
