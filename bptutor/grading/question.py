"""A question and an answer to it, as they are graded."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

from bptutor.grading.cells import GradedCell
from bptutor.grading.diagnosis import UNKNOWN, History
from bptutor.grading.facts import Facts
from bptutor.grading.formula import JudgedFormula, Scope
from bptutor.grading.named import Named
from bptutor.language.ops.base import Style
from bptutor.lesson.steps import Step


class Question(Protocol):
    """A step, and how what is typed there is held against the truth."""

    @property
    def facts(self) -> Facts: ...
    @property
    def step(self) -> Step: ...
    @property
    def style(self) -> Style: ...
    @property
    def scope(self) -> Scope: ...

    def judge(self, text: str) -> JudgedFormula:
        """The verdict on a formula, or whatever text the step asks for."""

    def diagnose_formula(self, text: str, history: History = UNKNOWN) -> Sequence[Named]:
        """What explains a wrong one."""

    def grade_cells(
        self, texts: Sequence[str], positions: Sequence[int], *, letters: bool = False
    ) -> list[GradedCell]:
        """The verdicts on the cells at these positions, row after row.

        With `letters`, known names are taken as well as numbers.
        """

    def diagnose_cells(
        self, graded: Sequence[GradedCell], positions: Sequence[int], history: History = UNKNOWN
    ) -> Sequence[Named]:
        """What explains wrong ones, likeliest first."""


@dataclass(frozen=True)
class Answer:
    """What was typed at a step."""

    formula: str | None = None  # None where no formula is to be checked
    cells: Sequence[str] | None = None  # None where no value is to be checked
    positions: Sequence[int] = ()  # where these cells are in the value, row after row
    made: Collection[str] = ()  # ids of the mistakes that this learner has made here before
    history: History = UNKNOWN  # what else is known of this learner
