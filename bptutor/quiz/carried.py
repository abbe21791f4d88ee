"""Points for the answers to an exam question; an error that is carried forward costs once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, TypeAlias

import numpy as np

from bptutor.course.exercise import Exercise
from bptutor.course.questions import asked_cells, asks_product, has_value
from bptutor.course.session import exercise
from bptutor.grading.carried import Earlier, earlier_answer
from bptutor.grading.cells import passed
from bptutor.grading.facts import Facts
from bptutor.grading.grade import Graded, grade
from bptutor.grading.question import Answer
from bptutor.language.ops.base import Style
from bptutor.lesson.steps import Step
from bptutor.literals import Verdict
from bptutor.record.sittings import Mark
from bptutor.text import Message

State: TypeAlias = Literal["right", "carried", "partly", "wrong"]
"""carried: right, given an earlier answer that is not."""

TOO_FEW_FIGURES = 0.5  # the points of a right number with too few figures


@dataclass(frozen=True)
class Worth:
    graded: Graded
    points: float
    state: State
    message: Message | None  # what went wrong, or was carried; None where all of it is right


def grade_question(
    facts: Facts, steps: Sequence[Step], marks: Sequence[Mark], style: Style = "unicode"
) -> list[Worth]:
    earlier: dict[str, Earlier] = {}
    graded_steps = []
    with np.errstate(all="ignore"):  # any typed number, 1e308 too, is carried forward
        for step, mark in zip(steps, marks, strict=True):
            asked = exercise(facts.lesson, step, style, facts)
            answer = _answer(asked, mark)
            graded = grade(asked, answer, earlier)
            graded_steps.append(_worth(answer, graded))
            if step.part == "tape":
                earlier[step.id] = earlier_answer(facts, step, graded.cells, strayed=graded.strayed)
    return graded_steps


def _answer(asked: Exercise, mark: Mark) -> Answer:
    formula = mark.product if asks_product(asked.step, "all") else None
    if not has_value(asked.step):
        return Answer(formula)
    positions = asked_cells(asked.step, asked.sizes())
    count = len(positions)
    cells = mark.cells if len(mark.cells) == count else [""] * count
    return Answer(formula, cells, positions)


def _worth(answer: Answer, graded: Graded) -> Worth:
    halves: list[float] = []
    if answer.cells is not None:
        halves.append(float(np.mean([_share(cell.verdict) for cell in graded.cells])))
    if answer.formula is not None:
        # Of a text, as of an order, half is none.
        halves.append(float(graded.formula is not None and passed(graded.formula.verdict)))
    points = sum(halves) / len(halves)
    if points == 1 and not graded.strayed:
        return Worth(graded, points, "right", None)
    if points == 1:
        return Worth(graded, points, "carried", Message("Right, given your earlier answer."))
    message = graded.message
    if graded.formula is None and not any(text.strip() for text in answer.cells or ()):
        message = Message("You gave no answer.")
    return Worth(graded, points, "partly" if points else "wrong", message)


def _share(verdict: Verdict | None) -> float:
    return TOO_FEW_FIGURES if verdict == "imprecise" else float(passed(verdict))
