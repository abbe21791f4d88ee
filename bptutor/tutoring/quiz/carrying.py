"""Grades a question of several steps: a mistake costs once, where what follows from it is right.

A value is right when it is the true one, or when it is what comes of the learner's own earlier
answers: these are put in the place of the true ones, and the value is graded by the same rules.
Not where they leave nothing to work out. Products depend on no numbers, so nothing is carried.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Literal, TypeAlias

import numpy as np

from bptutor.engine.arithmetic import work_out
from bptutor.engine.errors import EngineError
from bptutor.grading.diagnosis import Named
from bptutor.grading.number import FIGURES, Typed
from bptutor.grading.product import JudgedProduct
from bptutor.language.ops.base import Style
from bptutor.language.tree import names
from bptutor.lesson.steps import Step
from bptutor.locale import Message
from bptutor.store.sittings import Mark
from bptutor.tutoring.asking import asked_cells, asks_product
from bptutor.tutoring.facts import Array, Facts
from bptutor.tutoring.grader import (
    WORST_FIRST,
    GradedCell,
    Verdict,
    diagnose_cells,
    diagnose_product,
    grade_cells,
    grade_numbers,
    grade_product,
    passed,
    worst,
)
from bptutor.tutoring.questions import numbers_read
from bptutor.tutoring.quiz.reporting import on_product, on_value
from bptutor.tutoring.verdicts import on_both

State: TypeAlias = Literal["right", "carried", "partly", "wrong"]
"""carried: right, given an earlier answer that is not."""

TOO_FEW_FIGURES = 0.5
"""What a number is worth that is right as far as it goes, but has too few figures."""


@dataclass(frozen=True)
class Graded:
    """What came of the answer to one step of a question."""

    points: float
    """From 0 to 1: product and value count half each where both are asked, each cell alike."""
    state: State
    product: Verdict | None
    """The verdict on the product; None where none is asked, or none was typed."""
    cells: tuple[GradedCell, ...]
    """The cells that are asked, each with the verdict that counts."""
    verdict: Verdict
    """On the whole. What is asked and not answered is wrong."""
    mistakes: tuple[str, ...]
    """The ids of what explains what is wrong, the likeliest first."""
    message: Message | None
    """What went wrong, or that an earlier mistake was carried; None where all of it is right."""


@dataclass(frozen=True)
class _Own:
    """The value that a learner gave for a step, with which they went on."""

    value: Array | None
    """As typed, in the step's shape; None where not all of it can be had."""
    half: Array
    """How far each number may have been rounded when it was typed, row after row."""
    strayed: bool
    """Is it something else than the truth, and than honest arithmetic on it?"""
    empties: bool
    """Is it all zeros, and the truth not?"""


def grade_question(
    facts: Facts, steps: Sequence[Step], marks: Sequence[Mark], style: Style = "unicode"
) -> list[Graded]:
    """Grade the steps of a question, in the order in which they are asked.

    All are on the numbers of `facts`; what is said of mistakes writes names in `style`.
    """
    earlier: dict[str, _Own] = {}
    found = []
    with np.errstate(all="ignore"):  # whatever is typed, 1e308 too, is carried
        for step, mark in zip(steps, marks, strict=True):
            answer = _Answer(facts, step, mark, style, earlier)
            found.append(answer.graded())
            earlier[step.id] = answer.own()
    return found


class _Answer:
    """The answer to one step."""

    def __init__(
        self, facts: Facts, step: Step, mark: Mark, style: Style, earlier: Mapping[str, _Own]
    ) -> None:
        self.facts = facts
        self.step = step
        self.style = style
        self.positions = asked_cells(step.shape, facts.truth(step))
        count = len(self.positions)
        self.texts = mark.cells if len(mark.cells) == count else [""] * count
        self.text = mark.product.strip()
        self.asks_product = asks_product(step, "all")
        read = dict.fromkeys(numbers_read(step.product))
        self.read = {name: earlier[name] for name in read if name in earlier}
        self.given = self._given()
        self.by_truth = self._grade(facts)
        self.cells = [
            max(verdicts, key=_goodness)
            for verdicts in zip(self.by_truth, *self._by_own(), strict=True)
        ]

    # ── the value ─────────────────────────────────────────────────────────────────────────────

    def _grade(self, facts: Facts) -> list[GradedCell]:
        return grade_cells(facts, self.step, self.texts, self.positions)

    def _given(self) -> Facts | None:
        """What would be true, were the learner's earlier answers; None where that says nothing."""
        values = {name: own.value for name, own in self.read.items() if own.value is not None}
        if not values or len(values) < len(self.read):
            return None
        given, truth = self.facts.given(self.step, values), self.facts.truth(self.step)
        try:
            value = given.truth(self.step)
        except EngineError:
            return None
        if not np.isfinite(value).all():
            return None
        if self.carries and (any(own.empties for own in self.read.values()) or _idle(value, truth)):
            return None
        return given

    @property
    def carries(self) -> bool:
        """Is an earlier answer, on which this one depends, wrong?"""
        return any(own.strayed for own in self.read.values())

    def _by_own(self) -> list[list[GradedCell]]:
        """The value held against what comes of the learner's own earlier answers."""
        if self.given is None:
            return []
        as_typed = self._grade(self.given)
        if self.step.kind == "update" or not self.carries or _all_passed(as_typed):
            return [as_typed]
        value = self.given.truth(self.step).reshape(-1)[self.positions]
        reach = self._reach(self.given).reshape(-1)[self.positions]
        typed = [cell.typed.value if cell.typed else 0.0 for cell in as_typed]
        return [as_typed, grade_numbers(self.texts, np.clip(typed, value - reach, value + reach))]

    def _reach(self, given: Facts) -> Array:
        """How far the value moves with what earlier answers lost when they were typed.

        The number that a learner went on with is known to the figures typed alone.
        """
        numbers = {name: given.known(name) for name in set(names(self.step.product))}
        middle = work_out(self.step.product, numbers)
        reach = np.zeros_like(middle)
        for name, own in self.read.items():
            for position in np.flatnonzero(own.half):
                moved = numbers[name].astype("float64").reshape(-1)
                moved[position] += own.half[position]
                shifted = moved.reshape(numbers[name].shape)
                reach += np.abs(work_out(self.step.product, numbers | {name: shifted}) - middle)
        return np.broadcast_to(np.nan_to_num(reach), self.step.shape)

    def own(self) -> _Own:
        """What the next steps of the question may go on with."""
        truth = self.facts.truth(self.step)
        typed = [cell.typed for cell in self.cells if cell.typed]
        whole = len(typed) == prod(self.step.shape)
        value = np.reshape([each.value for each in typed], self.step.shape) if whole else None
        empties = value is not None and not value.any() and bool(truth.any())
        half = np.array([_half(each) for each in typed])
        return _Own(value, half, not self._is_right, empties)

    @property
    def _is_right(self) -> bool:
        """Is the value the true one, or honest arithmetic on true ones as they were typed?"""
        return _all_passed(self.by_truth) or (_all_passed(self.cells) and not self.carries)

    # ── the whole ─────────────────────────────────────────────────────────────────────────────

    def graded(self) -> Graded:
        """What it is worth, and what there is to say."""
        judged = None
        if self.text and self.asks_product:
            judged = grade_product(self.facts, self.step, self.text)
        product = judged.verdict if judged else None
        verdicts = [cell.verdict for cell in self.cells]
        halves = [float(np.mean([_worth(verdict) for verdict in verdicts]))]
        asked: list[Verdict | None] = [*verdicts]
        if self.asks_product:
            halves.append(_worth(product))
            asked.append(product)
        points = sum(halves) / len(halves)
        state: State = "partly" if points else "wrong"
        if points == 1:
            state = "right" if self._is_right else "carried"
        of_product, of_value = self._named(product)
        named = [*of_product, *of_value]
        return Graded(
            points,
            state,
            product,
            tuple(self.cells),
            worst([verdict or "wrong" for verdict in asked]) or "wrong",
            tuple(dict.fromkeys(id_ for each in named for id_ in each.ids)),
            self._message(state, judged, of_product, of_value),
        )

    def _named(self, product: Verdict | None) -> tuple[Sequence[Named], Sequence[Named]]:
        """What explains a wrong product, and what explains wrong cells.

        Who has gone astray makes the next mistake on their own numbers.
        """
        of_product: Sequence[Named] = []
        if product == "wrong":
            of_product = diagnose_product(self.facts, self.step, self.text, self.style)
        for facts in (self.given, self.facts):
            if facts is None:
                continue
            named = diagnose_cells(facts, self.step, self.cells, self.positions, self.style)
            if named:
                return of_product, named
        return of_product, []

    def _message(
        self,
        state: State,
        judged: JudgedProduct | None,
        of_product: Sequence[Named],
        of_value: Sequence[Named],
    ) -> Message | None:
        if state == "right":
            return None
        if state == "carried":
            return Message("Right, given your earlier answer.")
        if judged is None and not any(text.strip() for text in self.texts):
            return Message("There is no answer.")
        about_product = on_product(judged, of_product) if self.asks_product else None
        if of_product and of_value and of_product[0].ids == of_value[0].ids:
            return about_product  # one mistake, in both
        about_value = on_value(self.cells, self.positions, self.step, of_value)
        if about_product and about_value:
            return on_both(about_product, about_value)
        return about_product or about_value


def _idle(value: Array, truth: Array) -> bool:
    """Is there nothing to work out in a value, as there is in the truth: all 0, or all alike?"""
    if truth.any() and not value.any():
        return True
    return _level(value) and not _level(truth)


def _level(value: Array) -> bool:
    """Are all numbers alike, but for rounding?"""
    return bool(np.ptp(value) <= ALIKE * np.abs(value).max())


ALIKE = 1e-6
"""How far apart numbers that are alike may lie by rounding, as a share of them."""


def _half(typed: Typed) -> float:
    """Half of one at the last place typed. Figures are at least three: 0.5 stands for 0.500."""
    unit = typed.unit
    if unit is None or typed.figures is None:
        return 0.0
    return unit * 10.0 ** min(0, typed.figures - FIGURES) / 2


def _worth(verdict: Verdict | None) -> float:
    if verdict == "imprecise":
        return TOO_FEW_FIGURES
    return float(passed(verdict))


def _goodness(cell: GradedCell) -> int:
    return WORST_FIRST.index(cell.verdict) if cell.verdict else 0


def _all_passed(cells: Sequence[GradedCell]) -> bool:
    return all(passed(cell.verdict) for cell in cells)
