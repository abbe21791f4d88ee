"""The quiz, the exam and the record as messages."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from bptutor.service.messages.views import Verdict
from bptutor.service.quiz_bounds import USUAL_ITEMS

# ── what the app asks ─────────────────────────────────────────────────────────────────────────


class StartQuiz(Struct, frozen=True, tag=True):
    """Begin a quiz, or go on with the one that was left. Reply: QuizOpened."""

    lessons: list[str] = []
    """Lessons by name or path to draw from; none for all that come with bptutor."""
    items: int = USUAL_ITEMS
    seed: int | None = None
    """The same numbers and questions again; None draws a seed. With a seed, what the record knows
    of the learner does not matter: everybody gets the same quiz."""
    exam: bool = False
    minutes: float = 0
    """Of an exam: the time there is; 0 for as long as it takes."""
    resume: bool = True
    """Go on with the quiz (the exam) that was left, if there is one and it has this seed and these
    lessons, where any are given; the rest is not read then. An exam that was handed in is shown at
    its end to whoever gives its seed."""
    back: bool = False
    """Go on even at its end: the service was lost there."""


class Replay(Struct, frozen=True, tag=True):
    """Ask a past item again, with the same numbers. Reply: QuizOpened."""

    code: str
    """As in AttemptLine and in QuizPlace: lesson, step, seed and the lesson's hash."""


class Skip(Struct, frozen=True, tag=True):
    """Put this item off until the others are done. Reply: StepReply."""

    session: str


class Flag(Struct, frozen=True, tag=True):
    """Mark this question to come back to, or take the mark away. Reply: StepReply."""

    session: str


class HandIn(Struct, frozen=True, tag=True):
    """The exam is over: grade it. Reply: QuizReply."""

    session: str


class ShowProgress(Struct, frozen=True, tag=True):
    """What the record knows of the learner. Reply: ProgressReply."""


class ListAttempts(Struct, frozen=True, tag=True):
    """Past attempts, the latest first. Reply: Attempts."""

    before: str = ""
    """Those before this one (its id); nothing for the latest ones."""
    count: int = 100


# ── what is shown ─────────────────────────────────────────────────────────────────────────────


class QuizLeft(Struct, frozen=True):
    """A quiz that can be gone on with."""

    exam: bool
    answered: int
    total: int
    seed: int


class SkillResult(Struct, frozen=True):
    """How a kind of step went."""

    skill: str
    points: float
    possible: float


ItemState: TypeAlias = Literal["open", "answered", "right", "carried", "partly", "wrong", "shown"]
"""open and answered: of an exam that is not handed in. carried: right, given an earlier wrong
answer. partly: right after a wrong attempt or with a hint, or some of it is right."""


class QuizItem(Struct, frozen=True):
    """One item in the list at the end."""

    index: int
    name: str
    """The quantity that is asked, as it is shown."""
    lesson: str
    skill: str
    state: ItemState
    flagged: bool
    points: float
    diagnosis: str
    """What went wrong, in a sentence, once it may be seen."""


class QuizView(Struct, frozen=True):
    """The end of a quiz or an exam, or the moment before an exam is handed in."""

    session: str
    exam: bool
    finished: bool
    """Is it over? Of an exam: handed in."""
    seed: int | None
    """None for an item that is asked again."""
    items: list[QuizItem]
    points: float
    possible: float
    skills: list[SkillResult]
    """The weakest first."""
    seconds_left: float | None
    closing: str
    """A sentence or two on how it went and what to do next."""


class LessonProgress(Struct, frozen=True):
    """How far a lesson has come, in all of its parts."""

    title: str
    steps: int
    answered: int


class SkillProgress(Struct, frozen=True):
    """How well a kind of step is known."""

    id: str
    skill: str
    strength: float
    """The probability of still remembering it in a week (FSRS' retrievability), from 0 to 1."""
    due: float
    """When it is to be practised again: seconds since 1970, UTC."""
    items: int
    """How often it was practised."""
    first_try: float
    """The share of it that was right at once, without a hint."""


class MistakeProgress(Struct, frozen=True):
    """A mistake that comes back."""

    id: str
    text: str
    """What it is, in words."""
    times: int
    days: int
    """On how many days."""
    last: float
    """Seconds since 1970, UTC."""


class Day(Struct, frozen=True):
    """A day of the calendar."""

    date: str
    """2026-11-24, in the learner's own time."""
    attempts: int
    right: int


class Week(Struct, frozen=True):
    """A point of the trend."""

    monday: str
    items: int
    first_try: float
    """The share of them that was right at once, without a hint."""


class ProgressView(Struct, frozen=True):
    """What the record knows of the learner."""

    learner: str
    attempts: int
    since: float | None
    """The first attempt: seconds since 1970, UTC."""
    lessons: list[LessonProgress]
    skills: list[SkillProgress]
    """The weakest first."""
    mistakes: list[MistakeProgress]
    """The most frequent first."""
    days: list[Day]
    """The last twelve weeks, those days alone on which there was practice."""
    weeks: list[Week]
    """The oldest first."""
    remark: str
    """What is wrong with the record, or nothing."""


Outcome: TypeAlias = Verdict | Literal["product", "shown"]
"""What came of an attempt: `product`, where a right one was typed alone, with no figures."""


class AttemptLine(Struct, frozen=True):
    """A past attempt."""

    id: str
    at: float
    """Seconds since 1970, UTC."""
    lesson: str
    name: str
    """The quantity that was asked, as it is shown."""
    typed: str
    verdict: Outcome
    mistakes: list[str]
    """Their ids."""
    code: str
    """With it the item can be had again (see Replay)."""


# ── what the service answers ──────────────────────────────────────────────────────────────────


class QuizReply(Struct, frozen=True, tag=True):
    """The end of a quiz, or the moment before an exam is handed in."""

    view: QuizView


class ProgressReply(Struct, frozen=True, tag=True):
    """The learner's progress."""

    view: ProgressView


class Attempts(Struct, frozen=True, tag=True):
    """Past attempts, the latest first."""

    items: list[AttemptLine]
