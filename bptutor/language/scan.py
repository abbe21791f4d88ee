"""What can be told about a text from its words and signs, before Python's parser sees it.

Python's parser is deep-recursive and its errors are about Python; here the errors are about
formulas, and what nests too deeply or has words of Python in it goes no further.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from keyword import iskeyword
from typing import Literal, TypeAlias

from bptutor.language import limits
from bptutor.language.errors import LanguageError, shortened
from bptutor.language.notation import DOT, Notation
from bptutor.text import Message

Kind: TypeAlias = Literal["number", "name", "sign", "open", "close"]

_WORDS = re.compile(
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d]\w*)"
    r"|(?P<open>[(\[])|(?P<close>[)\]])|(?P<sign>\*\*|[<>=!]=|\S)"
)
_CONSTANTS = {"True", "False", "None"}
_PAIRS = {"(": ")", "[": "]"}


@dataclass(frozen=True)
class _Word:
    text: str
    kind: Kind
    position: int

    @property
    def written(self) -> str:
        """The word for a sentence about it."""
        return shortened({"**": "^", DOT: "·"}.get(self.text, self.text))


def check(notation: Notation) -> None:
    """Holds a text against what any formula looks like.

    Raises:
        LanguageError: brackets that do not match, a sign too many or too few, a word of Python,
            or nesting that is too deep.
    """
    _Check(notation).run()


class _Check:
    def __init__(self, notation: Notation) -> None:
        self.notation = notation
        self.opened: list[_Word] = []

    def run(self) -> None:
        before: _Word | None = None
        signs = 0
        for word in self._words():
            signs = signs + 1 if word.kind == "sign" else 0
            if max(signs, len(self.opened)) > limits.MOST_NESTING:
                raise self._at(word, limits.NESTED_TOO_DEEPLY)
            if iskeyword(word.text) and word.text not in _CONSTANTS:
                message = Message("The word {word} has no meaning here.", word=word.text)
                raise self._at(word, message)
            if word.text == "=" and not self.opened:
                message = Message("Leave out the name and the = sign; type what stands after it.")
                raise self._at(word, message)
            self._check_pair(before, word)
            self._check_brackets(word)
            before = word
        if self.opened:
            raise self._at(self.opened[-1], Message("The bracket opened here is never closed."))
        if before and before.kind == "sign":
            raise self._missing_after(before)

    def _words(self) -> Iterator[_Word]:
        for found in _WORDS.finditer(self.notation.text):
            kind: Kind = found.lastgroup  # type: ignore[assignment]  # the groups are the kinds
            yield _Word(found.group(), kind, found.start())

    def _check_pair(self, before: _Word | None, word: _Word) -> None:
        """Is there a sign between two quantities, and a quantity between two signs?"""
        if before is not None and before.kind in ("number", "name", "close"):
            calls = word.text == "(" and before.kind == "name"
            if word.kind in ("number", "name") or (word.text == "(" and not calls):
                raise self._at(word, _no_sign(before, word))
            return
        after_sign = before is not None and before.kind == "sign"
        operator = word.kind == "sign" and word.text not in ("+", "-")
        closes = word.kind == "close" and before is not None and before.text != ","  # not in (0,)
        if before is not None and after_sign and (operator or closes):
            raise self._missing_after(before)
        if operator:
            message = Message("Something is missing before {sign}.", sign=word.written)
            raise self._at(word, message)

    def _check_brackets(self, word: _Word) -> None:
        if word.kind == "open":
            self.opened.append(word)
        elif word.kind == "close":
            if not self.opened:
                message = Message("There is a closing bracket too many here.")
                raise self._at(word, message)
            if word.text != _PAIRS[self.opened.pop().text]:
                message = Message("This bracket does not match the one that was opened.")
                raise self._at(word, message)

    def _missing_after(self, word: _Word) -> LanguageError:
        return self._at(word, Message("Something is missing after {sign}.", sign=word.written))

    def _at(self, word: _Word, message: Message) -> LanguageError:
        return LanguageError(message, *self.notation.line_and_column(word.position))


def _no_sign(before: _Word, word: _Word) -> Message:
    if "close" in (before.kind, word.kind) or word.kind == "open":
        return Message("A sign is missing here; a product is written with *.")
    return Message(
        "A sign is missing between {left} and {right}; a product is written {left} * {right}.",
        left=before.written,
        right=word.written,
    )
