"""Right answers: rounded, from the numbers on the screen, and as arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from bptutor.lesson.steps import Step
from tools.outside.typed import digits_of_change, matrix, number, rounded
from tools.outside.working import Known, Working
from tools.outside.wrong import Answer

DIGITS = (3, 4, 5, 6, 17)
SHOWN = 5
"""Significant digits of the known quantities on the screen."""
LONGEST = 120
"""Characters of arithmetic in one cell."""


def right(working: Working) -> Iterator[Answer]:
    shown = Known({name: rounded(value, SHOWN) for name, value in working.right.items()})
    for step in working.steps:
        truth = working.right[step.id]
        for digits in DIGITS:
            yield _answer(working, step, matrix(truth, _enough(working, step, digits)), "rounded")
        with np.errstate(all="ignore"):
            value = working.value(step, shown)
        for digits in (4, 6):
            text = matrix(value, _enough(working, step, digits))
            yield _answer(working, step, text, "from what is shown")
        told = arithmetic(working, step)
        if told:
            yield _answer(working, step, told, "as arithmetic")


def _enough(working: Working, step: Step, digits: int) -> int:
    if step.kind != "update":
        return digits
    return digits_of_change(working.right[step.target], working.right[step.id], digits)


def _answer(working: Working, step: Step, text: str, label: str) -> Answer:
    size = working.right[step.id].size
    name = working.program.name
    return Answer(name, step.id, text, "right", "right", label, cells=size)


class Term:
    """A number as the arithmetic that it comes from."""

    def __init__(self, text: str, plain: bool = True) -> None:
        self.text = text
        self.plain = plain

    @property
    def inner(self) -> str:
        return self.text if self.plain else f"({self.text})"

    def _join(self, other: object, mark: str, turned: bool = False) -> Term:
        first, second = self, _term(other)
        if turned:
            first, second = second, first
        return Term(f"{first.inner}{mark}{second.inner}", plain=False)

    def __add__(self, other: object) -> Term:
        return self._join(other, "+")

    def __radd__(self, other: object) -> Term:
        return self._join(other, "+", turned=True)

    def __sub__(self, other: object) -> Term:
        return self._join(other, "-")

    def __rsub__(self, other: object) -> Term:
        return self._join(other, "-", turned=True)

    def __mul__(self, other: object) -> Term:
        return self._join(other, "*")

    def __rmul__(self, other: object) -> Term:
        return self._join(other, "*", turned=True)

    def __truediv__(self, other: object) -> Term:
        return self._join(other, "/")

    def __rtruediv__(self, other: object) -> Term:
        return self._join(other, "/", turned=True)

    def __pow__(self, power: object) -> Term:
        return self if float(power) == 1 else self._join(power, "**")  # type: ignore[arg-type]

    def __neg__(self) -> Term:
        return Term(f"-{self.inner}", plain=False)


def _term(value: object) -> Term:
    if isinstance(value, Term):
        return value
    text = number(float(value), 17)  # type: ignore[arg-type]
    return Term(text, plain=not text.startswith("-"))


def arithmetic(working: Working, step: Step) -> str | None:
    """The step's value with its arithmetic left to be done; None where it takes a function."""
    shown = Known()
    for name, value in working.right.items():
        terms: Any = np.empty(value.shape, object)
        for place in np.ndindex(value.shape):
            terms[place] = _term(float(f"{value[place]:.{SHOWN}g}"))
        shown[name] = terms
    try:
        with np.errstate(all="ignore"):
            value = working.value(step, shown)
    except (TypeError, AttributeError, ValueError):
        return None
    if value.shape != working.right[step.id].shape:
        return None
    cells = [_text(each) for each in value.ravel()]
    if max(map(len, cells)) > LONGEST:
        return None
    return _rows(np.asarray(cells, object).reshape(value.shape).tolist())


def _text(cell: object) -> str:
    return cell.text if isinstance(cell, Term) else number(float(cell), 17)  # type: ignore[arg-type]


def _rows(texts: list[Any] | str) -> str:
    if isinstance(texts, str):
        return texts
    return "[" + ",".join(_rows(part) for part in texts) + "]"
