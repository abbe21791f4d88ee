"""Formulas compared on numbers that nobody chose: what is one and the same there is so everywhere.

Nothing is worked out before it takes that: most formulas differ on the first set of numbers.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from random import Random
from typing import TypeAlias

import numpy as np

from bptutor.engine.numpy_pass import NumpyPass, settled
from bptutor.language.tree import Expression, Name
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step
from bptutor.tutoring.facts import Array
from bptutor.tutoring.quiz.drawing import scattered
from bptutor.tutoring.quiz.gates import masks_in

PROBES, LOOKED_THROUGH = 12, 240
"""Sets of numbers on which formulas are compared that may be one and the same: so many for each
way in which lone masks are open or shut, of so many that are drawn."""
SAME = 1e-9
"""How far two values of one formula may lie apart by rounding."""

Sides: TypeAlias = tuple[float, ...]
"""Which of the masks of a single cell are open."""


def lone_masks(form: Lesson, formulas: Sequence[Expression]) -> tuple[Expression, ...]:
    """The masks of a single cell in some formulas."""
    own = NumpyPass.on_its_own(form)
    masks = dict.fromkeys(mask for each in formulas for mask in masks_in(each))
    return tuple(mask for mask in masks if own.value(mask).size == 1)


def probes(form: Lesson, lone: Sequence[Expression]) -> Iterator[tuple[Sides, NumpyPass]]:
    """Passes on the lesson's own numbers and on others that are not round, with lone masks' sides.

    Each side that they can be of comes several times, if it comes at all.
    """
    seen = Counter[Sides]()
    for numbers in _passes(form).first(LOOKED_THROUGH if lone else PROBES):
        side = sides(numbers, lone)
        seen[side] += 1
        if seen[side] <= PROBES:
            yield side, numbers


def differing(form: Lesson, step: Step, formulas: Sequence[Expression]) -> list[int]:
    """The places of those formulas that give something else than a step's, on some numbers."""
    left = list(range(len(formulas)))
    with np.errstate(all="ignore"):
        for _, numbers in probes(form, lone_masks(form, [step.product, *formulas])):
            if not left:
                break
            tried = [step.product, *(formulas[place] for place in left)]
            values = answers(numbers, tried, step)[None]
            one = same(values[:, 1:], values[:, :1])
            left = [place for place, alike in zip(left, one, strict=True) if alike]
    return [place for place in range(len(formulas)) if place not in left]


def fixed(form: Lesson, step: Step) -> Array | None:
    """The value of a step, where it is the same whatever the numbers; else None."""
    first: Array | None = None
    with np.errstate(all="ignore"):
        for _, numbers in probes(form, lone_masks(form, [step.product])):
            value = answers(numbers, [step.product], step)
            if first is None:
                first = value
            elif (value != first).any():
                return None
    return first


def answers(numbers: NumpyPass, formulas: Sequence[Expression], step: Step) -> Array:
    """What formulas for a step come to: a row for each, of the cells row after row."""
    values = [numbers.value(each) for each in formulas]
    rows = [each if each.shape == step.shape else np.full(step.shape, each) for each in values]
    return settled(np.asarray(rows).reshape(len(rows), -1))


def sides(numbers: NumpyPass, lone: Sequence[Expression]) -> Sides:
    """Which lone masks are open on some numbers."""
    return tuple(numbers.value(mask).item() for mask in lone)


def same(values: Array, other: Array) -> Array:
    """For each formula, is it the other one on all sets of numbers?"""
    size = np.nan_to_num(np.abs(other)).max(2, initial=0.0, keepdims=True)
    bound = SAME * np.broadcast_to(size, values.shape)
    close = (np.abs(values - other) <= bound) | (np.isnan(values) & np.isnan(other))
    return np.asarray(close.all((0, 2)))


class _Passes:
    """Passes through a lesson, made as far as they are wanted."""

    def __init__(self, form: Lesson) -> None:
        self._form = form
        self._random = Random(form.digest)
        self._own = NumpyPass.on_its_own(form)
        self._made: list[NumpyPass | None] = []
        """None where the loss comes to no number."""

    def first(self, draws: int) -> Iterator[NumpyPass]:
        """The pass on the lesson's own numbers, and those of the first draws."""
        yield self._own
        for place in range(draws):
            if place == len(self._made):
                numbers = NumpyPass.through(self._form, scattered(self._form, self._random))
                loss = numbers.value(Name(self._form.loss))
                self._made.append(numbers if np.isfinite(loss).all() else None)
            if (made := self._made[place]) is not None:
                yield made


@lru_cache(maxsize=8)
def _passes(form: Lesson) -> _Passes:
    return _Passes(form)
