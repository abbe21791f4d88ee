"""What a step asks, how its answers are judged, and what there is to say; one class a kind.

This is the exercise of a step of the part `tape`. The other parts' are made of the same pieces.
"""

from __future__ import annotations

from collections.abc import Sequence

from bptutor.grading.diagnosis import Named
from bptutor.grading.product import JudgedProduct
from bptutor.language.ops.base import Style
from bptutor.language.render import display_name, write
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step
from bptutor.locale import Message
from bptutor.tutoring import questions
from bptutor.tutoring.facts import Array, Facts
from bptutor.tutoring.grader import (
    GradedCell,
    diagnose_cells,
    diagnose_product,
    grade_cells,
    grade_product,
)
from bptutor.tutoring.hints import RUNGS, Hints
from bptutor.tutoring.why import Why
from bptutor.tutoring.worked import code


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
