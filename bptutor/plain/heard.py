"""Mathematics for the ear: places, shapes, and where they are spoken the signs, in words."""

from __future__ import annotations

import re
from contextvars import ContextVar

from bptutor.text import Message
from bptutor.text.numbers import cell_words, element_words, shape_words

SPOKEN: ContextVar[bool] = ContextVar("spoken", default=False)
"""Are the signs of formulas read in words? From the start of text mode to its end."""

_PLACE = re.compile(r"(?<=[\w)])\[(\d+(?:, \d+)*)\]")
_SHAPE = re.compile(r"(?<![\w(=.])(?<![\w)], )\((\d+,(?: \d+(?:, \d+)*)?)\)")
_GRADIENT = re.compile(r"∂(\w+)/∂(\w+)|(?<![\w.])d([A-Z]\w*?)_d([^\W\d_]\w*)")
_LOSSES = ("L", "Loss", "J", "E")
"""Names of a loss: others have derivatives."""
_NUMBER = re.compile(r"\(?-?[\d.]+\)?")
GRADIENT = Message("the gradient of {of} with respect to {by}")
DERIVATIVE = Message("the derivative of {of} with respect to {by}")
MASK = Message("1 where {what}, else 0")
PARTS = (
    (re.compile(r"1\[([^]]+)\]"), MASK),
    (re.compile(r"(\w+|\))(?:ᵀ|\.T\b)"), Message("{what} transposed")),
    (re.compile(r"(\w+|\))(?:²|\^2\b)"), Message("{what} squared")),
    (re.compile(r"√(\w+)"), Message("the square root of {what}")),
)
DOT = Message("multiplied by")
SIGNS = {
    "@": Message("times"),
    "*": Message("times, element by element,"),
    "⊙": Message("times, element by element,"),
    "·": DOT,
    "η": Message("eta"),
    "Σ": Message("sum"),
    "σ": Message("sigmoid"),
}
_SIGN = re.compile(r"(?<=\S )[@*⊙·](?= (\S+))|[ηΣσ]")


class Heard(Message):
    """What is said with mathematics in it."""

    def __init__(self, said: Message | str) -> None:
        super().__init__("{what}", what=said)

    def to(self, language: str) -> str:
        return heard(super().to(language), language)


def heard(text: str, language: str) -> str:
    """A text with its places and shapes in words, and the signs where they are spoken."""
    text = _PLACE.sub(lambda found: f", {_place(found[1], language)}", text)
    text = _SHAPE.sub(lambda found: shape_words(_numbers(found[1])).to(language), text)
    return _spoken(text, language) if SPOKEN.get() else text


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part.strip()]


def _place(index: str, language: str) -> str:
    """A vector is one row."""
    counted = _numbers(index)
    words = element_words(counted) if len(counted) > 1 else cell_words(1, 2, 0, counted[0])
    return words.to(language)


def _spoken(text: str, language: str) -> str:
    def gradient(found: re.Match[str]) -> str:
        of, by = (part for part in found.groups() if part)
        said = GRADIENT if of in _LOSSES else DERIVATIVE
        return Message(said.text, of=of, by=by).to(language)

    def sign(found: re.Match[str]) -> str:
        before = text[: found.start()].split()[-1:]
        with_number = any(_NUMBER.fullmatch(each) for each in (*before, found[1] or ""))
        return SIGNS["·" if with_number else found[0]].to(language)

    text = _SIGN.sub(sign, text)
    for part, words in PARTS:
        for found in reversed([*part.finditer(text)]):
            said = Message(words.text, what=found[1]).to(language)
            text = text[: found.start()] + said + text[found.end() :]
    return _GRADIENT.sub(gradient, text)
