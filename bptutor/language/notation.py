"""Meets what people type halfway: one spelling for the many ways to write the same formula.

Every character of the result keeps its place in the text as it was typed, where an error is marked.
Words and signs are checked before Python's parser sees the text: its recursion is deep, and its
errors are about Python.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass
from keyword import iskeyword
from typing import Literal, TypeAlias

from bptutor.language import limits
from bptutor.language.errors import LanguageError, shortened
from bptutor.text import Message

DOT = "%"  # stands for `·`, which Python has no operator for; it binds as `*` does

CHARACTERS = {
    **dict.fromkeys("∂𝜕𝛛𝝏", "d"),
    **dict.fromkeys("ᵀᵗ⊤", ".T"),
    **dict.fromkeys("×⊙∘∗✕⨯⨀", "*"),
    **dict.fromkeys("·⋅∙•・ㆍ･", DOT),
    **dict.fromkeys("÷⁄∕", "/"),
    **dict.fromkeys("−–—‐‑", "-"),
    "^": "**",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
    "√": "√",
    "∑": "sum",
    "\r": " ",
}
SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-", strict=True))

_PRIMES = "'’′"
_LATEX = "\\$"
_NORMS = "|‖∥"
_LONE_LETTERS = frozenset(map(chr, range(0x3131, 0x318F)))  # typed on a Korean keyboard for Latin
_SIGNS = frozenset(" \n\t_()[].,=<>!+-*/@:")  # of a formula, beside letters and digits

_PART = r"\[[-\d\s.,]*:[-\d\s.,:]*\]"  # a part of a tensor, as in x[..., :2] or x[:, 1:4]
_QUOTIENT = re.compile(r"(?<![\w.])d([^\W\d]\w*)\s*/\s*d([^\W\d]\w*)")
_POWER_T = re.compile(r"\*\*[ \t]*\.?T(?!\w)")
_ROOT = re.compile(r"√[ \t]*([\w.]+)?")
_GREEK_CALL = re.compile(r"(?<![\w.])[σΣ](?=[ \t]*\()")
_ZEROS = re.compile(r"(?<![\w.])0+(?=\d)")


class Notation:
    """A text in the one spelling, with the way back to the characters as typed."""

    def __init__(self, typed: str, known: Set[str] = frozenset()) -> None:
        """Reads `typed`; `known` names are never taken apart (`dx / dy` where both are names).

        Raises LanguageError: a character that no formula has.
        """
        self.typed = typed
        pieces = [self._piece(index) for index in range(len(typed))]
        self._origins = [index for index, text in enumerate(pieces) for _ in text]
        self.text = "".join(pieces)
        outside = re.sub(_PART, lambda found: " " * len(found.group()), self.text)
        if ":" in outside:
            raise self._refusal(self._origins[outside.index(":")])
        self._substitute(_POWER_T, lambda found: ".T")
        self._substitute(_ROOT, lambda found: f"sqrt({found[1]})" if found[1] else "sqrt")
        self._substitute(_GREEK_CALL, lambda found: "sigmoid" if found.group() == "σ" else "sum")
        self._substitute(_ZEROS, lambda found: "")
        self._substitute(_QUOTIENT, lambda found: _gradient(found, known))

    def line_and_column(self, position: int) -> tuple[int, int]:
        """The line (from 1) and column (from 0) in the typed text of a character of `text`."""
        place = self._origins[position] if position < len(self._origins) else len(self.typed)
        return _line_and_column(self.typed, place)

    def _piece(self, index: int) -> str:
        character = self.typed[index]
        if character in CHARACTERS:
            return CHARACTERS[character]
        if character in SUPERSCRIPTS:
            continues = index > 0 and self.typed[index - 1] in SUPERSCRIPTS
            return ("" if continues else "**") + SUPERSCRIPTS[character]
        plain = character if character.isascii() else _plain(character)
        if character in _LONE_LETTERS or not plain or not all(map(_has_meaning, plain)):
            raise self._refusal(index)
        return plain

    def _refusal(self, index: int) -> LanguageError:
        character = self.typed[index]
        name = character if character.isprintable() else f"U+{ord(character):04X}"
        message = Message(
            "The character {character} has no meaning here; remove it.", character=name
        )
        if character in _PRIMES and self.typed[index + 1 :].lstrip().startswith("("):
            message = Message(
                "{character} has no meaning here; write a derivative as a formula, with a "
                "comparison such as {example} for a mask.",
                character=name,
                example="(q > 0)",
            )
        elif character in _PRIMES and re.search(r"[\w)\]]\Z", self.typed[:index]):
            message = Message(
                "{character} has no meaning here; write a transpose as .T.", character=name
            )
        elif character in _LATEX:
            message = Message(
                "bptutor does not read LaTeX. Write a gradient as {gradient}, and a product with "
                "* or @.",
                gradient="dL_dW",
            )
        elif character in _NORMS:
            message = Message(
                "{character} has no meaning here; write an absolute value as {call}.",
                character=name,
                call="abs(x)",
            )
        elif character in _LONE_LETTERS:
            message = Message(
                "{character} is a Korean letter; switch the keyboard to English (한/영).",
                character=name,
            )
        return LanguageError(message, *_line_and_column(self.typed, index))

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


def _plain(character: str) -> str:
    """The ASCII that a character stands for; nothing where that would mislead."""
    digit = unicodedata.decimal(character, None)
    if digit is not None:
        return str(digit)
    kind = unicodedata.decomposition(character).partition(" ")[0]
    if kind == "<super>":  # xⁿ is not the name xn
        return ""
    plain = "".join(CHARACTERS.get(part, part) for part in unicodedata.normalize("NFKC", character))
    return f"({plain})" if kind == "<fraction>" else plain


def _has_meaning(character: str) -> bool:
    if character.isascii():
        return character.isalnum() or character in _SIGNS
    return character.isalnum() or character == DOT or bool(unicodedata.combining(character))


def _gradient(found: re.Match[str], known: Set[str]) -> str:
    of, by = found.groups()
    return found.group() if {f"d{of}", f"d{by}"} <= known else f"d{of}_d{by}"


def _line_and_column(text: str, place: int) -> tuple[int, int]:
    before = text[:place]
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1)


Kind: TypeAlias = Literal["number", "name", "sign", "open", "close", "part"]

_WORDS = re.compile(
    rf"(?P<part>{_PART})|"
    r"(?P<number>(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?)|(?P<name>[^\W\d]\w*)"
    r"|(?P<open>[(\[])|(?P<close>[)\]])|(?P<sign>\*\*|[<>=!]=|\S)"
)
_CONSTANTS = {"True", "False", "None"}
_CONDITIONS = {"if", "else", "and", "or", "not"}
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


def check_words(notation: Notation) -> None:
    """Checks brackets, signs and words before the text is parsed.

    Raises LanguageError: brackets that do not match, a sign too many or too few, a word of Python,
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
                message = Message("The word {word} has no meaning here; remove it.", word=word.text)
                if word.text in _CONDITIONS:
                    message = Message(
                        "The word {word} has no meaning here; write a mask as a comparison, such "
                        "as {example}.",
                        word=word.text,
                        example="(q > 0)",
                    )
                raise self._at(word, message)
            if word.text == "=" and not self.opened:
                message = Message("Leave out the name and the = sign; type only what follows it.")
                raise self._at(word, message)
            self._check_pair(before, word)
            self._check_brackets(word)
            before = word
        if self.opened:
            raise self._at(
                self.opened[-1], Message("This bracket is never closed; add the closing one.")
            )
        if before and before.kind == "sign":
            raise self._missing_after(before)

    def _words(self) -> Iterator[_Word]:
        for found in _WORDS.finditer(self.notation.text):
            kind: Kind = found.lastgroup  # type: ignore[assignment]  # the groups are the kinds
            yield _Word(found.group(), kind, found.start())

    def _check_pair(self, before: _Word | None, word: _Word) -> None:
        """Is there a sign between two quantities, and a quantity between two signs?"""
        if before is not None and before.kind in ("number", "name", "close", "part"):
            calls = word.text == "(" and before.kind == "name"
            if word.kind in ("number", "name") or (word.text == "(" and not calls):
                raise self._at(word, self._no_sign(before, word))
            return
        after_sign = before is not None and before.kind == "sign"
        operator = word.kind == "part" or (word.kind == "sign" and word.text not in ("+", "-"))
        closes = word.kind == "close" and before is not None and before.text != ","  # not in (0,)
        if before is not None and after_sign and (operator or closes):
            raise self._missing_after(before)
        if operator:
            message = Message("A value is missing before {sign}.", sign=word.written)
            raise self._at(word, message)

    def _check_brackets(self, word: _Word) -> None:
        if word.kind == "open":
            self.opened.append(word)
        elif word.kind == "close":
            if not self.opened:
                message = Message("This closing bracket has no opening one; remove it.")
                raise self._at(word, message)
            if word.text != _PAIRS[self.opened.pop().text]:
                message = Message("This bracket does not match the opening one.")
                raise self._at(word, message)

    def _missing_after(self, word: _Word) -> LanguageError:
        if word.text in ".,":
            said = Message(
                "The character {character} has no meaning here; remove it.", character=word.text
            )
            return self._at(word, said)
        return self._at(word, Message("A value is missing after {sign}.", sign=word.written))

    def _no_sign(self, before: _Word, word: _Word) -> Message:
        """What to say of two quantities side by side: a number or a function can only mean *."""
        if "close" in (before.kind, word.kind) or word.kind == "open":
            if before.kind == "number":
                return Message("An operator is missing here; write a product with *.")
            return Message(
                "An operator is missing here; write a product with *, a matrix product with @."
            )
        left = re.search(r"[\w.]*\Z", self.notation.text[: before.position + len(before.text)])
        fields = {"left": shortened(left[0]) if left else "", "right": word.written}
        if "number" in (before.kind, word.kind):
            return Message(
                "An operator is missing between {left} and {right}; "
                "write a product as {left} * {right}.",
                **fields,
            )
        return Message(
            "An operator is missing between {left} and {right}; "
            "write a product with *, a matrix product with @.",
            **fields,
        )

    def _at(self, word: _Word, message: Message) -> LanguageError:
        return LanguageError(message, *self.notation.line_and_column(word.position))
