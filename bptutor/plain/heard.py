"""Mathematics for the ear: places, shapes, and where they are spoken the signs, in words."""

from __future__ import annotations

import re
from contextvars import ContextVar
from dataclasses import dataclass

from bptutor.text import Message
from bptutor.text.numbers import cell_words, element_words, shape_words
from bptutor.views.lesson import StepView

SPOKEN: ContextVar[bool] = ContextVar("spoken", default=False)
"""Are the signs of formulas read in words? From the start of text mode to its end."""

# The lists of tensors in Keras code have one index, and no columns.
_PLACE = re.compile(
    r"(?<=[\w)])(?:(?<!gradients)(?<!weights)\[(?=\d+\])|\[(?=\d+,))(\d+(?:, \d+)*)\]"
)
_SHAPE = re.compile(r"(?<![\w(=.])(?<![\w)], )\((\d+,(?: \d+(?:, \d+)*)?)\)")
_PASSED = re.compile(r"([\w∂/]+) (?:→|->) ([\w∂/]+)")
"""Between an upstream gradient and what it is passed back to."""
_NAME = r"[^\W가-힣]+"
PARTICLES = [
    ("이에요", "예요"),
    ("으로", "로"),
    ("은", "는"),
    ("이", "가"),
    ("을", "를"),
    ("과", "와"),
]
"""Behind a consonant, and behind a vowel."""
_PARTICLE = rf"(?:({'|'.join('|'.join(pair) for pair in PARTICLES)})(?![가-힣]))?"
_SHOWN = re.compile(rf"∂({_NAME})/∂({_NAME}){_PARTICLE}")
_TYPED = re.compile(rf"(?<![\w.])d([A-Z]\w*?)_d([^\W\d_가-힣][^\W가-힣]*){_PARTICLE}")
_NUMBER = re.compile(r"\(?-?[\d.]+\)?")
GRADIENT = Message("the gradient of {of} with respect to {by}")
DERIVATIVE = Message("the derivative of {of} with respect to {by}")
MASK = Message("1 where {what}, else 0")
PARTS = (
    (re.compile(rf"1\[([^]]+)\]{_PARTICLE}"), MASK),
    (re.compile(rf"(\w+|\))(?:ᵀ|\.T(?![A-Za-z_])){_PARTICLE}"), Message("{what} transposed")),
    (re.compile(rf"(\w+|\))(?:²|\^2(?!\d)){_PARTICLE}"), Message("{what} squared")),
    (re.compile(rf"√({_NAME}){_PARTICLE}"), Message("the square root of {what}")),
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
_SIGN = re.compile(r"(?<=[\w)\]ᵀ²] )[@*⊙·](?= (\S+))|[ηΣσ]")
"""A sign between two operands; elsewhere it is a sign that is spoken of."""


@dataclass(frozen=True)
class Names:
    """What is known of the names in a text."""

    loss: str = ""
    """Derivatives of it are gradients."""
    scalars: frozenset[str] = frozenset()
    """Those that are single numbers."""
    scalar: bool = False
    """Are all of them?"""


def names_of(view: StepView) -> Names:
    shapes = {known.name: known.matrix.shape for known in view.knowns}
    scalars = frozenset(name for name, shape in shapes.items() if not shape)
    return Names(view.loss, scalars, len(scalars) == len(shapes) and not view.shape)


def as_typed(formula: str) -> str:
    """A formula as it is typed."""
    return _SHOWN.sub(r"d\1_d\2\3", formula.replace("ᵀ", ".T"))


class AsTyped(Message):
    """What has to be typed, or was, character by character."""

    def __init__(self, said: Message | str) -> None:
        super().__init__("{what}", what=said)


class Heard(Message):
    """What is said with mathematics of another lesson in it, which has that loss."""

    def __init__(self, said: Message | str, loss: str) -> None:
        super().__init__("{what}", what=said)
        self._names = Names(loss)

    def to(self, language: str) -> str:
        return heard(super().to(language), language, self._names)


def heard(text: str, language: str, names: Names) -> str:
    """A text with its places and shapes in words, and the signs where they are spoken."""
    text = _PLACE.sub(lambda found: f", {_place(found[1], language)}", text)
    text = _SHAPE.sub(lambda found: shape_words(_numbers(found[1])).to(language), text)
    text = _PASSED.sub(lambda found: _passed(*found.groups()).to(language), text)
    return _spoken(text, language, names) if SPOKEN.get() else text


def _passed(source: str, target: str) -> Message:
    return Message("{source} to {target}", source=source, target=target)


def _numbers(text: str) -> list[int]:
    return [int(part) for part in text.split(",") if part.strip()]


def _place(index: str, language: str) -> str:
    """A vector is one row."""
    counted = _numbers(index)
    words = element_words(counted) if len(counted) > 1 else cell_words(1, 2, 0, counted[0])
    return words.to(language)


def _spoken(text: str, language: str, names: Names) -> str:
    def gradient(found: re.Match[str]) -> str:
        of, by, particle = found.groups()
        said = GRADIENT if of == names.loss else DERIVATIVE
        return _behind(Message(said.text, of=of, by=by).to(language), particle)

    def sign(found: re.Match[str]) -> str:
        beside = *text[: found.start()].split()[-1:], found[1] or ""
        scalar = names.scalar or any(map(is_scalar, beside))
        return SIGNS["·" if scalar and found[0] in "*⊙" else found[0]].to(language)

    def is_scalar(operand: str) -> bool:
        return operand.strip("()") in names.scalars or bool(_NUMBER.fullmatch(operand))

    text = _SIGN.sub(sign, text)
    for part, words in PARTS:
        for found in reversed([*part.finditer(text)]):
            said = _behind(Message(words.text, what=found[1]).to(language), found[2])
            text = text[: found.start()] + said + text[found.end() :]
    if _SHOWN.search(text):  # beside such a name the other form is how it is typed
        return _SHOWN.sub(gradient, text)
    return _TYPED.sub(gradient, text)


def _behind(said: str, particle: str | None) -> str:
    """Words with the particle that follows them now."""
    pair = next((pair for pair in PARTICLES if particle in pair), None)
    if not pair or not "가" <= said[-1] <= "힣":
        return f"{said}{particle or ''}"
    final = (ord(said[-1]) - ord("가")) % 28
    vowel = final == 0 or (final == 8 and "로" in pair)
    return said + pair[vowel]
