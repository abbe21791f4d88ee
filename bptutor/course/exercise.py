"""A step as an exercise: its question, its truth, its hints, its verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from bptutor.course import questions
from bptutor.course.grader import (
    GradedCell,
    diagnose_cells,
    diagnose_product,
    grade_cells,
    grade_product,
)
from bptutor.course.hints import RUNGS, Hints
from bptutor.course.why import Why
from bptutor.course.worked import code
from bptutor.grading.diagnosis import Named
from bptutor.grading.facts import Array, Facts
from bptutor.grading.formula import JudgedProduct
from bptutor.language.ops.base import Style
from bptutor.language.render import display_name, write
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step
from bptutor.record.sittings import Numbers
from bptutor.text import Message


class Exercise:
    """One step as it is put to a learner."""

    rungs = RUNGS
    """Hints before the answer itself."""

    def __init__(self, lesson: Lesson, step: Step, style: Style, facts: Facts | None) -> None:
        """A step of a lesson; `facts` once TensorFlow is there, which judging takes."""
        self.lesson = lesson
        self.step = step
        self.style = style
        self._facts = facts

    @property
    def facts(self) -> Facts:
        """The truth; whoever asks for it has seen to it that it is there."""
        assert self._facts is not None
        return self._facts

    # ── the question ──────────────────────────────────────────────────────────────────────────

    def name(self) -> Message | str:
        """What the step is about, as short as can be."""
        return display_name(self.step.id, self.style)

    def question(self) -> Message:
        """The question in words."""
        return questions.question(self.lesson, self.step, self.style)

    def formula(self) -> str:
        """The question in mathematics, or in code."""
        return questions.formula(self.lesson, self.step, self.style)

    def remarks(self, language: str) -> list[str]:
        """What to know before answering, in the learner's language."""
        return questions.remarks(self.lesson, self.step, language, self._facts)

    def relevant(self) -> list[str]:
        """The known quantities that it takes."""
        return questions.relevant(self.lesson, self.step)

    # ── the answer ────────────────────────────────────────────────────────────────────────────

    def judge(self, text: str) -> tuple[JudgedProduct, Sequence[Named]]:
        """Judge the text that is typed, and say what explains a wrong one."""
        judged = grade_product(self.facts, self.step, text)
        wrong = judged.verdict == "wrong"
        return judged, self._mistakes(text) if wrong else []

    def _mistakes(self, text: str) -> Sequence[Named]:
        return diagnose_product(self.facts, self.step, text, self.style)

    def grade(self, texts: Sequence[str], positions: Sequence[int]) -> list[GradedCell]:
        """Grade the cells at these positions, row after row."""
        return grade_cells(self.facts, self.step, texts, positions)

    def diagnose(self, graded: Sequence[GradedCell], positions: Sequence[int]) -> list[Named]:
        """What explains a value with wrong cells, likeliest first."""
        return diagnose_cells(self.facts, self.step, graded, positions, self.style)

    def truth(self) -> Array | None:
        """The value in the step's shape; None where it takes TensorFlow, which is not there."""
        return self._facts.truth(self.step) if self._facts else None

    # ── help, and what is said afterwards ─────────────────────────────────────────────────────

    def hints(self, rungs: int, asked: Sequence[int]) -> list[Message]:
        """The first hints; the cells that are asked are at these positions."""
        return Hints(self.facts, self.step, self.style, asked).upto(rungs)

    def written(self) -> str | None:
        """The text that is asked, as the tutor would write it."""
        return write(self.step.product, self.style) if self.step.kind == "backward" else None

    @property
    def updates(self) -> bool:
        """Is it about a parameter after its update?"""
        return self.step.kind == "update"

    def code(self) -> str:
        """The line of TensorFlow that computes it."""
        return code(self.lesson, self.step)

    def says(self, language: str) -> str:
        """What TensorFlow prints for it, or what there is to know now."""
        return self.facts.says(self.step)

    def line(self) -> str | None:
        """The step's line in the program as code, once it is done."""
        return self.code() if self.step.kind == "update" else f"{self.step.id} = {self.code()}"

    def why(self) -> Why | None:
        """The explanation of the step, where there is one."""
        return Why(self.facts, self.step, self.style)


def numbers(array: Array) -> Numbers:
    """An array as it is kept."""
    return Numbers(list(array.shape), [float(value) for value in array.reshape(-1)])


def array(kept: Numbers) -> Array:
    """A kept array, in float64."""
    return np.asarray(kept.values).reshape(kept.shape)


def arrays(kept: Mapping[str, Numbers]) -> dict[str, Array]:
    """Kept arrays by their names."""
    return {name: array(each) for name, each in kept.items()}
