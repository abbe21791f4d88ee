"""The stage, on which a front shows the learner where they are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, TypeAlias

from bptutor.service.protocol import Screen
from bptutor.text import Message
from bptutor.views.lesson import LessonItem
from bptutor.views.quiz import QuizLeft

Draft: TypeAlias = tuple[str, list[str]]  # what is typed as the formula, and into the cells
Done: TypeAlias = Literal["", "check", "hint", "show", "fill-in", "flag", "items"]
"""What a screen came of, where that is to be told."""


@dataclass(frozen=True)
class QuizChoice:
    """What there is to choose from before a quiz."""

    left: list[QuizLeft]  # the quiz and the exam that can be gone on with
    lesson: LessonItem | None  # the lesson that can be asked alone


class Stage(Protocol):
    """What shows the learner where they are."""

    async def present(self, screen: Screen, done: Done = "", remark: str = "") -> None:
        """Go to a step, a summary or the end of a quiz; `remark` is said there."""

    async def show(self, place: str, view: object, argument: str = "") -> None:
        """Go to another place, or show over this one what it is named after.

        `menu` shows Lessons, `introduction` Opened, `quiz` QuizChoice, `progress` ProgressView;
        `changed` LessonChanged, `steps` a list of StepName, `values` of Known, `why` Explained,
        `code` Code, `picture` Pictured, `signal` the tape, `attempts` a list of AttemptLine,
        `exams` of ExamResult. `argument` is what was typed after the command; of `attempts` the id
        of the one before which these were.
        """

    def say(self, message: Message) -> None:
        """Say a sentence where the learner is."""

    def draft(self) -> Draft | None:
        """What has been typed since the tutor heard of it."""

    def kept(self, draft: Draft) -> None:
        """The tutor has heard of it."""
