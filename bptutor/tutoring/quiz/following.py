"""What follows from a learner's own answers: numbers that a value may be held against.

Their earlier answers are put in the place of the true numbers that a formula reads. The formula is
the step's own, or the product that they typed for it where that is wrong. Nothing follows where
that leaves nothing to work out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bptutor.engine.arithmetic import work_out
from bptutor.engine.errors import EngineError
from bptutor.grading.misconceptions.step_paths import surroundings
from bptutor.language.errors import LanguageError, ShapeError
from bptutor.language.ops import build
from bptutor.language.shapes import infer_shape
from bptutor.language.tree import Expression, names
from bptutor.lesson.steps import Step
from bptutor.tutoring.facts import Array, Facts
from bptutor.tutoring.grader import GradedCell, grade_cells, grade_numbers, passed, read_product
from bptutor.tutoring.parts import known_at
from bptutor.tutoring.questions import numbers_read

ALIKE = 1e-6
"""How far apart numbers that are alike may lie by rounding, as a share of them."""


@dataclass(frozen=True)
class Own:
    """The value that a learner gave for a step, with which they went on."""

    value: Array | None
    """As typed, in the step's shape; None where not all of it can be had."""
    half: Array
    """How far each number may have been rounded when it was typed, row after row."""
    strayed: bool
    """Is it something else than the truth, and than honest arithmetic on it?"""
    empties: bool
    """Is it all zeros, and the truth not?"""


@dataclass(frozen=True)
class Following:
    """What would be true at a step, were a learner's own answers."""

    step: Step
    """With the formula that was gone by."""
    facts: Facts
    read: Mapping[str, Own]
    """The earlier answers that it reads."""
    carries: bool
    """Is one of these answers, or the formula, wrong?"""

    def grade(self, texts: Sequence[str], positions: Sequence[int]) -> list[list[GradedCell]]:
        """What is typed in the cells at these positions held against it: verdicts that may count.

        Where something wrong is carried, what was lost when earlier answers were typed is allowed
        for.
        """
        as_typed = grade_cells(self.facts, self.step, texts, positions)
        if self.step.kind == "update" or not self.carries or all_passed(as_typed):
            return [as_typed]
        value = self.facts.truth(self.step).reshape(-1)[list(positions)]
        reach = self._reach().reshape(-1)[list(positions)]
        typed = [cell.typed.value if cell.typed else 0.0 for cell in as_typed]
        return [as_typed, grade_numbers(texts, np.clip(typed, value - reach, value + reach))]

    def _reach(self) -> Array:
        """How far the value moves with what earlier answers lost when they were typed.

        The number that a learner went on with is known to the figures typed alone.
        """
        numbers = {name: self.facts.known(name) for name in set(names(self.step.product))}
        middle = work_out(self.step.product, numbers)
        reach = np.zeros_like(middle)
        for name, own in self.read.items():
            for position in np.flatnonzero(own.half):
                moved = numbers[name].astype("float64").reshape(-1)
                moved[position] += own.half[position]
                shifted = moved.reshape(numbers[name].shape)
                reach += np.abs(work_out(self.step.product, numbers | {name: shifted}) - middle)
        return np.broadcast_to(np.nan_to_num(reach), self.step.shape)


def from_earlier(facts: Facts, step: Step, earlier: Mapping[str, Own]) -> Following | None:
    """What follows by the step's own formula; None where it reads no earlier answer."""
    read = answers_read(step.product, earlier)
    carries = any(own.strayed for own in read.values())
    return _following(facts, step, read, carries=carries) if read else None


def from_product(
    facts: Facts, step: Step, text: str, earlier: Mapping[str, Own]
) -> Following | None:
    """What follows by a wrong product, as it was typed; None where it cannot be worked out."""
    try:
        product = read_product(facts.lesson, step, text)
        shape = infer_shape(product, surroundings(facts.lesson).shapes)
    except (LanguageError, ShapeError):
        return None
    read = set(names(product))
    if not read <= set(known_at(facts.lesson, step)):
        return None
    while len(shape) > len(step.shape) and shape[0] == 1:  # a batch of one
        product, shape = build.total(product, axis=0), shape[1:]
    if (1,) * (len(step.shape) - len(shape)) + shape != step.shape:
        return None
    typed = replace(step, product=product)
    found = _following(facts, typed, answers_read(product, earlier), carries=True)
    if found is None:
        return None
    value = found.facts.truth(typed)
    copied = any(_copies(value, found.facts.known(name)) for name in read)
    return found if read and not copied else None


def answers_read(formula: Expression, earlier: Mapping[str, Own]) -> dict[str, Own]:
    """The earlier answers that a formula reads."""
    read = dict.fromkeys(numbers_read(formula))
    return {name: earlier[name] for name in read if name in earlier}


def all_passed(cells: Sequence[GradedCell]) -> bool:
    """Are all of them right?"""
    return all(passed(cell.verdict) for cell in cells)


def _following(
    facts: Facts, step: Step, read: Mapping[str, Own], *, carries: bool
) -> Following | None:
    values = {name: own.value for name, own in read.items() if own.value is not None}
    if len(values) < len(read):
        return None
    given, truth = facts.given(step, values), facts.truth(step)
    try:
        value = given.truth(step)
    except EngineError:
        return None
    if not np.isfinite(value).all():
        return None
    if carries and (any(own.empties for own in read.values()) or _idle(value, truth)):
        return None
    return Following(step, given, read, carries)


def _idle(value: Array, truth: Array) -> bool:
    """Is there nothing to work out in a value, as there is in the truth: all 0, or all alike?"""
    if truth.any() and not value.any():
        return True
    return _level(value) and not _level(truth)


def _level(value: Array) -> bool:
    """Are all numbers alike, but for rounding?"""
    return bool(np.ptp(value) <= ALIKE * np.abs(value).max())


def _copies(value: Array, known: Array) -> bool:
    """Are these the very numbers that were known, at most turned or with another sign?"""
    return np.array_equal(np.sort(np.abs(value), axis=None), np.sort(np.abs(known), axis=None))
