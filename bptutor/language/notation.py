"""Meets what people type halfway: one spelling for the many ways to write the same formula.

Every character of the result remembers where it came from, so that an error can be pointed at in
the text as it was typed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Set

from bptutor.language.errors import LanguageError
from bptutor.locale import Message

DOT = "%"
"""Stands for `·`, which Python has no operator for; it binds as `*` does."""

CHARACTERS = {
    "∂": "d",
    "ᵀ": ".T",
    "⊤": ".T",
    "×": "*",
    "⊙": "*",
    "∘": "*",
    "∗": "*",
    "·": DOT,
    "⋅": DOT,
    "∙": DOT,
    "•": DOT,
    "÷": "/",
    "−": "-",
    "–": "-",
    "—": "-",
    "^": "**",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "＝": "=",
    "σ": "sigmoid",
    "Σ": "sum",
    "∑": "sum",
    "“": '"',
    "”": '"',
}
SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉", "0123456789", strict=True))

_QUOTIENT = re.compile(r"(?<![\w.])d([^\W\d]\w*)\s*/\s*d([^\W\d]\w*)")


class Notation:
    """A text in the one spelling, and the way back to the characters as typed."""

    def __init__(self, typed: str, known: Set[str] = frozenset()) -> None:
        """Reads `typed`; `known` names are never taken apart (`dx / dy` where both are names).

        Raises:
            LanguageError: a character that no formula has.
        """
        self.typed = typed
        pieces = [piece for index in range(len(typed)) if (piece := self._piece(index))]
        self._origins = [index for text, index in pieces for _ in text]
        self.text = "".join(text for text, _ in pieces)
        self._substitute(_QUOTIENT, lambda found: self._gradient(found, known))

    def place(self, position: int) -> int:
        """The index in the typed text of a character of `self.text`."""
        if position < len(self._origins):
            return self._origins[position]
        return len(self.typed)

    def line_and_column(self, position: int) -> tuple[int, int]:
        """The line (from 1) and column (from 0) in the typed text of a character of `text`."""
        before = self.typed[: self.place(position)]
        return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1)

    def _piece(self, index: int) -> tuple[str, int]:
        character = self.typed[index]
        if character in SUPERSCRIPTS:
            continues = index > 0 and self.typed[index - 1] in SUPERSCRIPTS
            return ("" if continues else "**") + SUPERSCRIPTS[character], index
        if character.isascii() and (character.isprintable() or character in "\n\t\r"):
            if character == DOT:
                raise self._refusal(index)
            return CHARACTERS.get(character, character), index
        plain = CHARACTERS.get(character) or SUBSCRIPTS.get(character)
        if plain == DOT:
            return plain, index
        if plain is None and (digit := unicodedata.decimal(character, None)) is not None:
            plain = str(digit)
        if plain is None:
            plain = unicodedata.normalize("NFKC", character)
        if not plain or not all(part.isprintable() for part in plain) or plain == DOT:
            raise self._refusal(index)
        return plain, index

    def _refusal(self, index: int) -> LanguageError:
        character = self.typed[index]
        name = character if character.isprintable() else f"U+{ord(character):04X}"
        before = self.typed[:index]
        return LanguageError(
            Message("The character {character} has no meaning here; take it out.", character=name),
            before.count("\n") + 1,
            len(before) - (before.rfind("\n") + 1),
        )

    def _substitute(self, pattern: re.Pattern[str], write: Callable[[re.Match[str]], str]) -> None:
        """Replaces every match by `write(match)`, keeping the origins in step."""
        text, origins, end = "", [], 0
        for found in pattern.finditer(self.text):
            written = write(found)
            text += self.text[end : found.start()] + written
            origins += self._origins[end : found.start()]
            origins += [self._origins[found.start()]] * len(written)
            end = found.end()
        self.text = text + self.text[end:]
        self._origins = origins + self._origins[end:]

    @staticmethod
    def _gradient(found: re.Match[str], known: Set[str]) -> str:
        of, by = found.groups()
        if {f"d{of}", f"d{by}"} <= known:
            return found.group()
        return f"d{of}_d{by}"
