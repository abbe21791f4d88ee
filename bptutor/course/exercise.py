"""A step as an exercise: its question, its truth, its hints, its verdict."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

import numpy as np

from bptutor.course import questions
from bptutor.course.hints import RUNGS, Hints
from bptutor.course.parts import scope_of
from bptutor.course.why import Why
from bptutor.course.worked import code
from bptutor.engine.trace import Array
from bptutor.grading.cells import GradedCell, diagnose_cells, grade_cells
from bptutor.grading.diagnosis import Named
from bptutor.grading.facts import Facts
from bptutor.grading.formula import JudgedFormula, Scope
from bptutor.grading.grade import diagnose_formula, grade_formula
from bptutor.language.ops.base import Style
from bptutor.language.render import display_name, write
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step
from bptutor.record.sittings import Numbers
from bptutor.text import Message


class Exercise(ABC):
    """One step as it is put to a learner; a grading `Question` once its facts are there."""

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

    @property
    def scope(self) -> Scope:
        return scope_of(self.lesson, self.step)

    # ── the question ──────────────────────────────────────────────────────────────────────────

    @abstractmethod
    def name(self) -> Message | str:
        """What the step is about, as short as can be."""

    @abstractmethod
    def question(self) -> Message:
        """The question in words."""

    def formula(self) -> str:
        """The question in mathematics, or in code."""
        return ""

    @abstractmethod
    def remarks(self, language: str) -> list[str]:
        """What to know before answering, in the learner's language."""

    def relevant(self) -> list[str]:
        """The known quantities that it takes."""
        return []

    # ── the answer ────────────────────────────────────────────────────────────────────────────

    def truth(self) -> Array | None:
        """The value in the step's shape; None where none is asked, or TensorFlow is not there."""
        return None

    def judge(self, text: str) -> JudgedFormula:
        """The verdict on the text that is asked."""
        raise NotImplementedError

    def diagnose_formula(self, text: str) -> Sequence[Named]:
        """What explains a wrong text."""
        return []

    def grade_cells(self, texts: Sequence[str], positions: Sequence[int]) -> list[GradedCell]:
        """Grade the cells at these positions, row after row."""
        raise NotImplementedError

    def diagnose_cells(
        self, graded: Sequence[GradedCell], positions: Sequence[int]
    ) -> Sequence[Named]:
        """What explains a value with wrong cells, likeliest first."""
        return []

    # ── help, and what is said afterwards ─────────────────────────────────────────────────────

    @abstractmethod
    def hints(self, rungs: int, asked: Sequence[int]) -> list[Message]:
        """The first hints; the cells that are asked are at these positions."""

    def written(self) -> str | None:
        """The text that is asked, as the tutor would write it."""
        return None

    @property
    def updates(self) -> bool:
        """Is it about a parameter after its update?"""
        return False

    def code(self) -> str:
        """The line of TensorFlow that computes it."""
        return ""

    def says(self, language: str) -> str:
        """What TensorFlow prints for it, or what there is to know now."""
        return ""

    def line(self) -> str | None:
        """The step's line in the program as code, once it is done."""
        return None

    def why(self) -> Why | None:
        """The explanation of the step, where there is one."""
        return None


class OnTape(Exercise):
    """A step on the tape: a formula of the chain rule, a value, or both."""

    def name(self) -> Message | str:
        return display_name(self.step.id, self.style)

    def question(self) -> Message:
        return questions.question(self.lesson, self.step, self.style)

    def formula(self) -> str:
        return questions.formula(self.lesson, self.step, self.style)

    def remarks(self, language: str) -> list[str]:
        return questions.remarks(self.lesson, self.step, language, self._facts)

    def relevant(self) -> list[str]:
        return questions.relevant(self.lesson, self.step)

    def truth(self) -> Array | None:
        return self._facts.truth(self.step) if self._facts else None

    def judge(self, text: str) -> JudgedFormula:
        return grade_formula(self.facts, self.step, self.scope, text)

    def diagnose_formula(self, text: str) -> Sequence[Named]:
        return diagnose_formula(self.facts, self.step, self.scope, text, self.style)

    def grade_cells(self, texts: Sequence[str], positions: Sequence[int]) -> list[GradedCell]:
        return grade_cells(self.facts, self.step, texts, positions)

    def diagnose_cells(
        self, graded: Sequence[GradedCell], positions: Sequence[int]
    ) -> Sequence[Named]:
        return diagnose_cells(self.facts, self.step, graded, positions, self.style)

    def hints(self, rungs: int, asked: Sequence[int]) -> list[Message]:
        return Hints(self.facts, self.step, self.style, asked).upto(rungs)

    def written(self) -> str | None:
        return write(self.step.product, self.style) if self.step.kind == "backward" else None

    @property
    def updates(self) -> bool:
        return self.step.kind == "update"

    def code(self) -> str:
        return code(self.lesson, self.step)

    def says(self, language: str) -> str:
        return self.facts.says(self.step)

    def line(self) -> str | None:
        return self.code() if self.step.kind == "update" else f"{self.step.id} = {self.code()}"

    def why(self) -> Why | None:
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
