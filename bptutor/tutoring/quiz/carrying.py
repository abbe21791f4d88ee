"""Grades a question of several steps: a mistake costs once, where what follows from it is right.

A value is right when it is the true one, or when it follows from the learner's own answers: those
to earlier steps, and the product that they typed for this one (see `following`). It is graded by
the same rules then. Products depend on no numbers, so nothing is carried into them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Literal, TypeAlias

import numpy as np

from bptutor.grading.diagnosis import Named
from bptutor.grading.number import FIGURES, Typed
from bptutor.grading.product import JudgedProduct
from bptutor.language.ops.base import Style
from bptutor.lesson.steps import Step
from bptutor.locale import Message
from bptutor.record.sittings import Mark
from bptutor.tutoring.asking import asked_cells, asks_product
from bptutor.tutoring.facts import Facts
from bptutor.tutoring.grader import (
    WORST_FIRST,
    GradedCell,
    Verdict,
    diagnose_cells,
    diagnose_product,
    grade_cells,
    grade_product,
    passed,
    worst,
)
from bptutor.tutoring.quiz.following import (
    Following,
    Own,
    all_passed,
    answers_read,
    from_earlier,
    from_product,
)
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
