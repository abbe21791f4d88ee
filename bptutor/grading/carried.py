"""Errors carried forward: what would be right, had a learner's own earlier answers been true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod

import numpy as np

from bptutor.engine.trace import Array, EngineError, work_out
from bptutor.grading.cells import GradedCell, all_passed, grade_cells, grade_numbers
from bptutor.grading.facts import Facts
from bptutor.grading.formula import Scope, read_formula, too_early
from bptutor.grading.judge import FIGURES, Typed
from bptutor.grading.misconceptions.step_paths import surroundings
from bptutor.language.errors import LanguageError, ShapeError
from bptutor.language.ops import build, numbers_read
from bptutor.language.shapes import infer_shape
from bptutor.language.tree import Expression, names
from bptutor.lesson.steps import Step

ALIKE = 1e-6  # how far apart numbers that are alike may lie by rounding, as a share of them


@dataclass(frozen=True)
class Earlier:
    """The value that a learner gave for an earlier step, with which they went on."""

    value: Array | None  # as typed, in the step's shape; None where not all of it can be had
    half: Array  # how far each number may have been rounded when it was typed, row after row
    strayed: bool  # is it neither the truth, nor honest arithmetic on it?
    empties: bool  # is it all zeros, and the truth not?


def earlier_answer(
    facts: Facts, step: Step, cells: Sequence[GradedCell], *, strayed: bool
) -> Earlier:
    """What the next steps of a question may go on with."""
    truth = facts.truth(step)
    typed = [cell.typed for cell in cells if cell.typed]
    whole = len(typed) == prod(step.shape)
    value = np.reshape([each.value for each in typed], step.shape) if whole else None
    empties = value is not None and not value.any() and bool(truth.any())
    return Earlier(value, np.array([_half(each) for each in typed]), strayed, empties)


def _half(typed: Typed) -> float:
    """Half of one at the last place typed. Figures are at least three: 0.5 stands for 0.500."""
    unit = typed.unit
    if unit is None or typed.figures is None:
        return 0.0
    return unit * 10.0 ** min(0, typed.figures - FIGURES) / 2


@dataclass(frozen=True)
class Following:
    """What would be true at a step, were a learner's own answers."""

    step: Step  # with the formula that was gone by
    facts: Facts
    read: Mapping[str, Earlier]  # the earlier answers that it reads
    carries: bool  # is one of these answers, or the formula, wrong?

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
        numbers = [cell.typed or cell for cell in as_typed]
        return [as_typed, grade_numbers(numbers, np.clip(typed, value - reach, value + reach))]

    def _reach(self) -> Array:
        """How far the value moves with what earlier answers lost when they were typed.

        The number that a learner went on with is known to the figures typed alone.
        """
        numbers = {name: self.facts.known(name) for name in set(names(self.step.product))}
        middle = work_out(self.step.product, numbers)
        reach = np.zeros_like(middle)
        for name, earlier in self.read.items():
            for position in np.flatnonzero(earlier.half):
                moved = numbers[name].astype("float64").reshape(-1)
                moved[position] += earlier.half[position]
                shifted = moved.reshape(numbers[name].shape)
                reach += np.abs(work_out(self.step.product, numbers | {name: shifted}) - middle)
        return np.broadcast_to(np.nan_to_num(reach), self.step.shape)


def carries(step: Step, earlier: Mapping[str, Earlier]) -> bool:
    """Is an earlier answer, on which this step depends, wrong?"""
    return any(each.strayed for each in _read(step.product, earlier).values())


def from_earlier(facts: Facts, step: Step, earlier: Mapping[str, Earlier]) -> Following | None:
    """What follows by the step's own formula; None where it reads no earlier answer."""
    read = _read(step.product, earlier)
    return _following(facts, step, read, carries=carries(step, earlier)) if read else None


def from_formula(
    facts: Facts, step: Step, scope: Scope, text: str, earlier: Mapping[str, Earlier]
) -> Following | None:
    """What follows by a wrong formula, as it was typed; None where it cannot be worked out."""
    try:
        formula = read_formula(text, scope)
        shape = infer_shape(formula, surroundings(facts.lesson).shapes)
    except (LanguageError, ShapeError):
        return None
    read = set(names(formula))
    if not read or too_early(formula, scope):
        return None
    while len(shape) > len(step.shape) and shape[0] == 1:  # a batch of one
        formula, shape = build.total(formula, axis=0), shape[1:]
    if (1,) * (len(step.shape) - len(shape)) + shape != step.shape:
        return None
    typed = replace(step, product=formula)
    found = _following(facts, typed, _read(formula, earlier), carries=True)
    if found is None:
        return None
    value = found.facts.truth(typed)
    copied = any(_copies(value, found.facts.known(name)) for name in read)
    return None if copied else found


def _read(formula: Expression, earlier: Mapping[str, Earlier]) -> dict[str, Earlier]:
    read = dict.fromkeys(numbers_read(formula))
    return {name: earlier[name] for name in read if name in earlier}


def _following(
    facts: Facts, step: Step, read: Mapping[str, Earlier], *, carries: bool
) -> Following | None:
    values = {name: each.value for name, each in read.items() if each.value is not None}
    if len(values) < len(read):
        return None
    given, truth = facts.given(step, values), facts.truth(step)
    try:
        value = given.truth(step)
    except EngineError:
        return None
    if not np.isfinite(value).all():
        return None
    if carries and (any(each.empties for each in read.values()) or _idle(value, truth)):
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
