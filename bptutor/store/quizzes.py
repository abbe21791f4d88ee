"""A quiz or an exam that is going on, with all that it takes to go on from there."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from bptutor.locale import Message
from bptutor.store.attempts import Met, Purpose
from bptutor.store.directory import data_directory
from bptutor.store.shelf import Kept, Shelf
from bptutor.store.sittings import Mark, Part, further

Why: TypeAlias = Literal["", "new", "due", "again", "easier", "ahead"]
"""Why an item comes: its kind of step is new, or due; it went wrong a while ago and comes back, in
an easier form first; or nothing is due, and what is weakest is practised ahead."""


class AskedItem(Struct):
    """A step that is asked, on numbers of its own."""

    lesson: str
    """Its name, or the path of its file."""
    digest: str
    """Of the lesson's file: with another one the numbers may be others."""
    step: str
    skill: str
    seed: int | None = None
    """Of the numbers; None for the lesson's own."""
    made_for: str = ""
    """The step that the numbers were made for, where it is another one of the same question."""
    iteration: int = 0
    """Of the lesson's own numbers: after how many iterations."""
    part: Part = "tape"
    mark: Mark = field(default_factory=Mark)
    why: Why = ""
    group: int = 0
    """Of an exam: steps of one group are on the same numbers, one after another."""
    flagged: bool = False
    skipped: bool = False
    points: float | None = None
    """What it was worth, from 0 to 1, once it is over."""
    said: str = ""
    """What was said of the last wrong answer."""
    seconds: float = 0.0
    """Spent on it since its last attempt was recorded; of an exam in all."""

    @property
    def typed(self) -> bool:
        """Has anything been typed as an answer?"""
        return any(text.strip() for text in (self.mark.product, *self.mark.cells))

    @property
    def answered(self) -> bool:
        """Is the whole value typed? A product alone, or half a matrix, is still to be finished."""
        return bool(self.mark.cells) and all(text.strip() for text in self.mark.cells)


class QuizSitting(Kept):
    """A quiz, an exam, or one item that is asked again."""

    purpose: Purpose
    seed: int
    lessons: list[str]
    """Those that were asked for; none for all that come with bptutor."""
    length: int
    """How many items there are in all."""
    minutes: float
    """The time there is for an exam; 0 for as long as it takes."""
    begun: float
    """Seconds since 1970, UTC."""
    items: list[AskedItem]
    index: int = 0
    handed_in: float = 0.0
    """When an exam was, in seconds since 1970, UTC; it is then to be graded, and answers stay."""
    finished: bool = False
    """Is there nothing left to do? The end of a quiz has been reached; an exam is handed in, and
    graded, and all that came of it on record."""
    cards: dict[str, str] = {}
    """What the record knew of the learner when the quiz began, by skill; nothing where a seed was
    given, so that everybody has the same quiz."""
    met: dict[str, Met] = {}
    """The same by misconception."""


def copied(sitting: QuizSitting) -> QuizSitting:
    """A copy that later changes of the quiz do not reach."""
    return replace(
        sitting, items=[replace(item, mark=replace(item.mark)) for item in sitting.items]
    )


class QuizSittings(Shelf[QuizSitting]):
    """The quiz and the exam of one learner, by their purpose."""

    def __init__(self, directory: Path | None = None) -> None:
        """Keep them in `directory`, else in the learner's data directory."""
        directory = directory or data_directory() / "quizzes"
        super().__init__(QuizSitting, directory, ".quiz", Message("this quiz"))

    def take_in(self, ours: QuizSitting, theirs: QuizSitting) -> bool:
        """Of one quiz every answer stays, whoever gave it; else the one that was begun later."""
        if (ours.purpose, ours.seed, ours.begun) != (theirs.purpose, theirs.seed, theirs.begun):
            return ours.begun >= theirs.begun
        same = 0
        for mine, other in zip(ours.items, theirs.items, strict=False):
            if (mine.lesson, mine.step, mine.seed) != (other.lesson, other.step, other.seed):
                break
            _take_in(mine, other)
            same += 1
        if same == len(ours.items):
            ours.items += theirs.items[same:]
        ours.handed_in = min(filter(None, (ours.handed_in, theirs.handed_in)), default=0.0)
        ours.finished = ours.finished or theirs.finished
        return True


def _take_in(ours: AskedItem, theirs: AskedItem) -> None:
    """Both marks in one; ours is looked at meanwhile, and stays the same object."""
    mark = further(ours.mark, theirs.mark)
    for name in Mark.__struct_fields__:
        setattr(ours.mark, name, getattr(mark, name))
    ours.flagged = ours.flagged or theirs.flagged
    if ours.points is None:
        ours.points, ours.said = theirs.points, theirs.said
