"""Errors carried forward: what an answer is worth that follows from an earlier wrong one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import prod
from typing import Literal, TypeAlias

import numpy as np

from bptutor.course.grader import (
    WORST_FIRST,
    GradedCell,
    diagnose_cells,
    diagnose_product,
    grade_cells,
    grade_numbers,
    grade_product,
    on_both,
    passed,
    read_product,
    worst,
)
from bptutor.course.parts import known_at
from bptutor.course.questions import asked_cells, asks_product, numbers_read
from bptutor.engine.trace import EngineError, work_out
from bptutor.grading.diagnosis import Named
from bptutor.grading.facts import Array, Facts
from bptutor.grading.formula import JudgedProduct
from bptutor.grading.judge import FIGURES, Typed
from bptutor.grading.misconceptions.step_paths import surroundings
from bptutor.language.errors import LanguageError, ShapeError
from bptutor.language.ops import build
from bptutor.language.ops.base import Style
from bptutor.language.shapes import infer_shape
from bptutor.language.tree import Expression, names
from bptutor.lesson.steps import Step
from bptutor.literals import Verdict
from bptutor.quiz.reporting import on_product, on_value
from bptutor.record.sittings import Mark
from bptutor.text import Message

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


# ── carrying ──────────────────────────────────────────────────────────────────────────────────────


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


def grade_question(
    facts: Facts, steps: Sequence[Step], marks: Sequence[Mark], style: Style = "unicode"
) -> list[Graded]:
    """Grade the steps of a question, in the order in which they are asked.

    All are on the numbers of `facts`; what is said of mistakes writes names in `style`.
    """
    earlier: dict[str, Own] = {}
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
        self, facts: Facts, step: Step, mark: Mark, style: Style, earlier: Mapping[str, Own]
    ) -> None:
        self.facts = facts
        self.step = step
        self.style = style
        self.positions = asked_cells(step.shape, facts.truth(step))
        count = len(self.positions)
        self.texts = mark.cells if len(mark.cells) == count else [""] * count
        self.text = mark.product.strip()
        self.asks_product = asks_product(step, "all")
        self.judged: JudgedProduct | None = None
        """The verdict on the product; None where none is asked, or none was typed."""
        if self.text and asks_product(step, "all"):
            self.judged = grade_product(facts, step, self.text)
        read = answers_read(step.product, earlier)
        self.carries = any(own.strayed for own in read.values())
        """Is an earlier answer, on which this one depends, wrong?"""
        self.given = from_earlier(facts, step, earlier)
        self.by_truth = grade_cells(facts, step, self.texts, self.positions)
        self.by_formula = self._best(self.by_truth, self.given)
        """The value by the step's own formula."""
        by_product = None
        if self.judged and self.judged.verdict == "wrong":
            by_product = from_product(facts, step, self.text, earlier)
        self.cells = self._best(self.by_formula, by_product)

    def _best(self, cells: list[GradedCell], following: Following | None) -> list[GradedCell]:
        """The better verdict on each cell: the one that there is, or by what follows."""
        others = following.grade(self.texts, self.positions) if following else []
        return [max(verdicts, key=_goodness) for verdicts in zip(cells, *others, strict=True)]

    def own(self) -> Own:
        """What the next steps of the question may go on with."""
        truth = self.facts.truth(self.step)
        typed = [cell.typed for cell in self.cells if cell.typed]
        whole = len(typed) == prod(self.step.shape)
        value = np.reshape([each.value for each in typed], self.step.shape) if whole else None
        empties = value is not None and not value.any() and bool(truth.any())
        half = np.array([_half(each) for each in typed])
        return Own(value, half, not self._is_right, empties)

    @property
    def _is_right(self) -> bool:
        """Is the value the true one, or honest arithmetic on true ones as they were typed?"""
        return all_passed(self.by_truth) or (all_passed(self.by_formula) and not self.carries)

    # ── the whole ─────────────────────────────────────────────────────────────────────────────

    def graded(self) -> Graded:
        """What it is worth, and what there is to say."""
        product = self.judged.verdict if self.judged else None
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
        of_product, of_value = self._named()
        named = [*of_product, *of_value]
        return Graded(
            points,
            state,
            product,
            tuple(self.cells),
            worst([verdict or "wrong" for verdict in asked]) or "wrong",
            tuple(dict.fromkeys(id_ for each in named for id_ in each.ids)),
            self._message(state, of_product, of_value),
        )

    def _named(self) -> tuple[Sequence[Named], Sequence[Named]]:
        """What explains a wrong product, and what explains wrong cells.

        Who has gone astray makes the next mistake on their own numbers.
        """
        of_product: Sequence[Named] = []
        if self.judged and self.judged.verdict == "wrong":
            of_product = diagnose_product(self.facts, self.step, self.text, self.style)
        given = [self.given.facts] if self.given else []
        for facts in (*given, self.facts):
            named = diagnose_cells(facts, self.step, self.cells, self.positions, self.style)
            if named:
                return of_product, named
        return of_product, []

    def _message(
        self, state: State, of_product: Sequence[Named], of_value: Sequence[Named]
    ) -> Message | None:
        if state == "right":
            return None
        if state == "carried":
            return Message("Right, given your earlier answer.")
        if self.judged is None and not any(text.strip() for text in self.texts):
            return Message("There is no answer.")
        about_product = on_product(self.judged, of_product) if self.asks_product else None
        if of_product and of_value and of_product[0].ids == of_value[0].ids:
            return about_product  # one mistake, in both
        about_value = on_value(self.cells, self.positions, self.step, of_value)
        if all_passed(self.cells) and not all_passed(self.by_formula):
            about_value = Message("The value is right, given your product.")
        if about_product and about_value:
            return on_both(about_product, about_value)
        return about_product or about_value


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
