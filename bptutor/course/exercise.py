"""A step as an exercise: its question, its right answer, its hints, its verdict."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import TypeAlias

import numpy as np

from bptutor.course import questions
from bptutor.course.example import Panel, worked_example
from bptutor.course.hints import RUNGS, Hints
from bptutor.course.parts import scope_of
from bptutor.course.tape_code import assertion
from bptutor.course.why import Why
from bptutor.course.worked import code
from bptutor.engine.trace import Array
from bptutor.grading.cells import GradedCell, Letters, diagnose_cells, grade_cells
from bptutor.grading.diagnosis import UNKNOWN, History
from bptutor.grading.facts import Facts
from bptutor.grading.formula import JudgedFormula, Scope, read_formula
from bptutor.grading.grade import RIGHT_BY_BROADCAST, diagnose_formula, grade_formula
from bptutor.grading.named import Named
from bptutor.language.errors import LanguageError
from bptutor.language.ops.base import Style
from bptutor.language.render import in_style, write
from bptutor.language.tree import Expression, names
from bptutor.lesson.lesson import Lesson, Texts
from bptutor.lesson.steps import Step, factors, shown_name, step_name, steps
from bptutor.record.sittings import Numbers
from bptutor.text import Message

Remark: TypeAlias = Message | Texts


class Exercise(ABC):
    """One step as it is put to a learner; a grading `Question` once it has facts."""

    rungs = RUNGS  # hints before the answer itself
    rule_hidden = False  # is the chain rule left out of the question, so that it is the first hint?
    answered = False
    formula_asked = False

    def __init__(self, lesson: Lesson, step: Step, style: Style, facts: Facts | None) -> None:
        """`facts` may be None until TensorFlow is loaded; grading needs them."""
        self.lesson = lesson
        self.step = step
        self.style = style
        self._facts = facts

    @property
    def facts(self) -> Facts:
        """Only for callers that have prepared the session."""
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
    def question(self) -> Message: ...

    def formula(self) -> str:
        return ""

    def chain_rule(self) -> str:
        return ""

    def remarks(self, language: str) -> list[str]:
        return [
            in_style(remark.to(language), self.style)
            if isinstance(remark, Texts)
            else remark.to(language)
            for remark in self._remarks()
        ]

    @abstractmethod
    def _remarks(self) -> Sequence[Remark]: ...

    def relevant(self) -> list[str]:
        return []

    # ── the answer ────────────────────────────────────────────────────────────────────────────

    def truth(self) -> Array | None:
        """The value in the step's shape; None where none is asked, or without facts."""
        return None

    def sizes(self) -> Array | None:
        """What the elements to ask are chosen by; None where there is no value yet."""
        return self.truth()

    def judge(self, text: str) -> JudgedFormula:
        try:
            return self._judge(text)
        except LanguageError as error:
            return JudgedFormula("unreadable", error.message, error.column)

    def _judge(self, text: str) -> JudgedFormula:
        """The verdict on a text answer; raises LanguageError where it cannot be read."""
        raise NotImplementedError

    def diagnose_formula(self, text: str, history: History = UNKNOWN) -> Sequence[Named]:
        return []

    def labels(self) -> Sequence[Message]:
        """What each cell of the value holds, where that differs from cell to cell."""
        return ()

    def grade_cells(
        self, texts: Sequence[str], positions: Sequence[int], *, letters: bool = False
    ) -> list[GradedCell]:
        raise NotImplementedError

    def diagnose_cells(
        self, graded: Sequence[GradedCell], positions: Sequence[int], history: History = UNKNOWN
    ) -> Sequence[Named]:
        return []

    # ── hints, and what is shown with the answer ──────────────────────────────────────────────

    def hints(self, rungs: int, asked: Sequence[int]) -> list[Message]:
        """The first hints; `asked` are the positions of the cells that are asked."""
        return list(islice(self._hints(asked), rungs))

    @abstractmethod
    def _hints(self, asked: Sequence[int]) -> Iterator[Message]:
        """All hints, the most general one first."""

    def written(self) -> Message | str | None:
        return None

    @property
    def updates(self) -> bool:
        """Is it about a parameter after its update?"""
        return False

    def code(self) -> str:
        return ""

    def says(self, language: str) -> str:
        return ""

    def line(self) -> str | None:
        """The step's line in the program as code, once it is done."""
        return None

    def why(self) -> Why | None:
        return None

    def example(self) -> list[Panel]:
        return []

    def equation(self, step: Step) -> str:
        return f"{step_name(self.lesson, step, self.style)} = {write(step.product, self.style)}"


class OnTape(Exercise):
    """A step on the tape: a formula of the chain rule, a value, or both."""

    def name(self) -> Message | str:
        return step_name(self.lesson, self.step, self.style)

    def question(self) -> Message:
        return questions.question(self.lesson, self.step, self.style)

    def formula(self) -> str:
        rule = self.chain_rule() if self._shows_rule else ""
        return rule or questions.bare(
            self.lesson, self.step, self.style, formula_asked=self.formula_asked
        )

    def chain_rule(self) -> str:
        return questions.chain_rule(self.lesson, self.step, self.style)

    @property
    def _shows_rule(self) -> bool:
        return self.answered or not self.rule_hidden

    def _remarks(self) -> Sequence[Remark]:
        return questions.remarks(self.lesson, self.step, self._facts, rule=self._shows_rule)

    def relevant(self) -> list[str]:
        return questions.relevant(self.lesson, self.step)

    def truth(self) -> Array | None:
        return self._facts.truth(self.step) if self._facts else None

    def sizes(self) -> Array | None:
        return questions.sizes_in(self._facts, self.step) if self._facts else None

    def _judge(self, text: str) -> JudgedFormula:
        judged = grade_formula(self.facts, self.step, self.scope, text)
        if judged.verdict != "right" or judged.message not in (None, RIGHT_BY_BROADCAST):
            return judged
        by_a_sum = self._by_a_sum(read_formula(text, self.scope))
        return replace(judged, message=by_a_sum or judged.message)

    def _by_a_sum(self, formula: Expression) -> Message | None:
        """A word on a formula that takes a sum over the outputs for a factor: for one row it is."""
        slopes = {step.id for step in steps(self.lesson) if step.kind == "local"}
        summed = next((n for n in names(formula) if n in slopes - factors(self.lesson)), None)
        if summed is None:
            return None
        return Message(
            "Right, but only for a batch of one: {sum} is a sum over the outputs. In general:"
            " {rule}.",
            sum=shown_name(self.lesson, summed, self.style),
            rule=self.equation(self.step),
        )

    def diagnose_formula(self, text: str, history: History = UNKNOWN) -> Sequence[Named]:
        return diagnose_formula(self.facts, self.step, self.scope, text, self.style, history)

    def grade_cells(
        self, texts: Sequence[str], positions: Sequence[int], *, letters: bool = False
    ) -> list[GradedCell]:
        read = Letters(self.facts, self.step, self.scope) if letters else None
        return grade_cells(self.facts, self.step, texts, positions, read)

    def diagnose_cells(
        self, graded: Sequence[GradedCell], positions: Sequence[int], history: History = UNKNOWN
    ) -> Sequence[Named]:
        return diagnose_cells(self.facts, self.step, graded, positions, self.style, history)

    def _hints(self, asked: Sequence[int]) -> Iterator[Message]:
        line = self.chain_rule() if self.rule_hidden else ""
        return Hints(self.facts, self.step, self.style, asked, line, self.formula_asked).all()

    def written(self) -> str | None:
        return write(self.step.product, self.style) if self.step.asks_formula else None

    @property
    def updates(self) -> bool:
        return self.step.kind == "update"

    def code(self) -> str:
        return code(self.lesson, self.step)

    def says(self, language: str) -> str:
        said, line = self.facts.says(self.step), assertion(self.facts, self.step)
        if line is None:
            return said
        found = _EQUAL if "assert_equal" in line else _NEAR
        return f"{said}\n>>> {line}\n{found.to(language)}"

    def why(self) -> Why | None:
        return Why(self.facts, self.step, self.style)

    def example(self) -> list[Panel]:
        in_numbers = self.step.part == "tape"
        if not (in_numbers or self.step.kind == "backward"):
            return []
        return worked_example(self.lesson.form, self.step.id, self.style, numbers=in_numbers)


_EQUAL = Message("No error: the gradient of the tape equals the formula.")
_NEAR = Message("No error: the gradient of the tape equals the formula, up to rounding.")


def numbers(array: Array) -> Numbers:
    """An array as a sitting saves it."""
    return Numbers(list(array.shape), [float(value) for value in array.reshape(-1)])


def array(saved: Numbers) -> Array:
    return np.asarray(saved.values).reshape(saved.shape)


def arrays(saved: Mapping[str, Numbers]) -> dict[str, Array]:
    return {name: array(numbers) for name, numbers in saved.items()}
