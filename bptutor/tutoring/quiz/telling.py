"""Do numbers tell the mistakes at a step apart, from each other and from the truth?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from math import prod
from random import Random

import numpy as np

from bptutor.engine.numpy_pass import NumpyPass
from bptutor.grading.diagnosis import single_mistakes
from bptutor.grading.misconceptions import situation
from bptutor.language.tree import Expression, Name
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step
from bptutor.tutoring.asking import asked_cells
from bptutor.tutoring.facts import Array
from bptutor.tutoring.quiz.drawing import scattered
from bptutor.tutoring.quiz.gates import masks_in

APART = 0.0101
"""How far two answers must be apart somewhere, as a share of the larger: what a right answer may
be off, and what rounding to three figures takes. No ratio of short numbers: nothing is just it."""
CHANGES_APART = 0.0999
"""The same of an update, which may be off by more: as a share of its change or of the whole."""
PROBES, PROBES_OF_SIDES = 12, 64
"""Sets of numbers on which formulas are compared that may be one and the same; more of them where
it is to be seen on either side of a mask."""
FEWEST = 4
"""On fewer of them two formulas may be the same by chance."""
SAME = 1e-9
"""How far two values of one formula may lie apart by rounding."""
MOST_NUMBERS = 2_000
"""Numbers in a lesson's leaves from which on nobody works with it by hand."""

Sides = tuple[float, ...]
"""Which of the masks of a single cell are open."""


@dataclass(frozen=True, eq=False)
class Telling:
    """A step's right formula and its wrong ones."""

    step: Step
    formulas: tuple[Expression, ...]
    """The right one first."""
    made: tuple[str, ...]
    """The misconception that gives each; nothing for the right one."""
    lone_masks: tuple[Expression, ...]
    """The masks of a single cell in them."""
    sides: tuple[Sides, ...]
    """Of several sets of numbers that nobody chose, which of these masks are open there."""
    values: Array
    """What the formulas come to there: a set of numbers, a formula, the cells."""
    _distinct: dict[Sides, list[int]] = field(default_factory=dict)

    @cached_property
    def ids(self) -> frozenset[str]:
        """The misconceptions that give something else than the truth, on some numbers at least."""
        right = _same(self.values, self.values[:, :1])
        return frozenset(id_ for id_, one in zip(self.made, right, strict=True) if not one)

    @cached_property
    def pointless(self) -> bool:
        """Is the answer nothing whatever the numbers, or the same with nothing to go wrong?"""
        truths = self.values[:, 0]
        return not truths.any() or not (self.ids or np.ptp(truths, 0).any())

    def alike(self, numbers: NumpyPass, *, by_chance: bool = True) -> Iterator[tuple[str, ...]]:
        """The pairs of mistakes that give the same answer to anybody who looks at three figures.

        A mistake alone is one that gives the right answer; where that is left out of account that
        chance makes a mistake give the very truth, one that comes close to it.
        """
        step = self.step
        truth = np.broadcast_to(numbers.settled(step.product), step.shape)
        cells = asked_cells(step.shape, truth)
        distinct = self._apart(_sides(numbers, self.lone_masks))
        shown = np.asarray([_cells(numbers, self.formulas[each], step) for each in distinct])
        answers, size, share = shown[:, cells], np.abs(shown[:, cells]), APART
        if step.kind == "update":
            start = _cells(numbers, Name(step.target), step)[cells]
            size, share = np.minimum(size, np.abs(answers - start)), CHANGES_APART
        counts = np.isfinite(answers).all(1)
        if not by_chance:
            counts[1:] &= ~_same(shown[None], shown[None, :1])[1:]
        off = np.abs(answers[:, None] - answers[None])
        close = (off <= share * np.maximum(size[:, None], size[None])).all(2)
        for one, other in np.argwhere(np.triu(close & counts[:, None] & counts, 1)).tolist():
            ids = self.made[distinct[one]], self.made[distinct[other]]
            if ids[0] != ids[1]:
                yield tuple(filter(None, ids))

    def _apart(self, sides: Sides) -> list[int]:
        """The formulas of which no two are one, as long as the lone masks are what they are.

        With a single cell a mask is open or shut: there is no telling `dL_da` from `dL_da * 1`.
        """
        if sides not in self._distinct:
            here = self.values[[each == sides for each in self.sides]]
            found: list[int] = []
            for index in range(len(self.formulas)):
                if not (
                    len(here) >= FEWEST and found and _same(here[:, found], here[:, [index]]).any()
                ):
                    found.append(index)
            self._distinct[sides] = found
        return self._distinct[sides]


def telling(lesson: Lesson, step: Step) -> Telling:
    """What can go wrong at a step of a lesson, whatever its numbers."""
    return _telling(lesson.form, step)


def few_numbers(lesson: Lesson) -> bool:
    """Are there few enough numbers in a lesson for the mistakes to be looked at one by one?"""
    return sum(prod(lesson.shapes[name]) for name in lesson.program.leaves) <= MOST_NUMBERS


@lru_cache(maxsize=512)
def _telling(form: Lesson, step: Step) -> Telling:
    here, above = single_mistakes(situation(form, step, "unicode"))
    made = dict.fromkeys(
        [("", step.product), *((each.id, each.expression) for each in (*here, *above))]
    )
    formulas = tuple(expression for _, expression in made)
    sides, values = [], []
    with np.errstate(all="ignore"):
        own = NumpyPass.on_its_own(form)
        masks = dict.fromkeys(mask for each in formulas for mask in masks_in(each))
        lone = tuple(mask for mask in masks if own.value(mask).size == 1)
        for numbers in _probes(form, PROBES_OF_SIDES if lone else PROBES):
            found = np.asarray([_cells(numbers, each, step) for each in formulas])
            if np.isfinite(found[0]).all():
                sides.append(_sides(numbers, lone))
                values.append(found)
    return Telling(
        step, formulas, tuple(id_ for id_, _ in made), lone, tuple(sides), np.asarray(values)
    )


@lru_cache(maxsize=8)
def _probes(form: Lesson, count: int) -> tuple[NumpyPass, ...]:
    """Passes on the lesson's own numbers, and on others that are not round."""
    random = Random(form.digest)
    others = (NumpyPass.through(form, scattered(form, random)) for _ in range(count))
    return NumpyPass.on_its_own(form), *others


def _cells(numbers: NumpyPass, expression: Expression, step: Step) -> Array:
    return np.broadcast_to(numbers.settled(expression), step.shape).reshape(-1)


def _sides(numbers: NumpyPass, masks: tuple[Expression, ...]) -> Sides:
    return tuple(numbers.value(mask).item() for mask in masks)


def _same(values: Array, other: Array) -> Array:
    """For each formula, is it the other one on all sets of numbers?"""
    size = np.nan_to_num(np.abs(other)).max(2, initial=0.0, keepdims=True)
    bound = SAME * np.broadcast_to(size, values.shape)
    close = (np.abs(values - other) <= bound) | (np.isnan(values) & np.isnan(other))
    return np.asarray(close.all((0, 2)))
