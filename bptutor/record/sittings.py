"""A learner's place in a lesson or a quiz, with all that it takes to go on from there."""

from __future__ import annotations

from itertools import takewhile
from math import prod
from pathlib import Path
from typing import Literal, TypeAlias, TypeVar

from msgspec import Struct, field
from msgspec.structs import replace

from bptutor.literals import Ask, Part, Stage, Verdict
from bptutor.record.attempts import Met, Purpose
from bptutor.record.files import FileStore, Stored, data_directory
from bptutor.text import Message

Why: TypeAlias = Literal["", "new", "due", "again", "easier", "ahead"]
"""Why an item comes: its kind of step is new, or due; it went wrong a while ago and comes back, in
an easier form first; or nothing is due, and what is weakest is practised ahead."""

SUFFIX = ".sitting"


class Numbers(Struct, frozen=True):
    """An array's numbers in their shape, row after row; a scalar's shape is empty."""

    shape: list[int]
    values: list[float]

    def __post_init__(self) -> None:
        if prod(self.shape) != len(self.values):
            raise ValueError(f"{len(self.values)} numbers in the shape {self.shape}")


class Mark(Struct):
    """What the learner did at a step."""

    stage: Stage = "open"
    product: str = ""
    cells: list[str] = []
    product_verdict: Verdict | None = None
    verdicts: list[Verdict | None] = []
    """A verdict a cell; empty or None where there is none yet."""
    hints: int = 0
    attempts: int = 0
    """Wrong ones, and the right one."""
    mistakes: list[str] = []
    """The ids of what went wrong, each once."""

    @property
    def wrong(self) -> int:
        """How many attempts went wrong."""
        return self.attempts - (self.stage == "solved")


class Sitting(Stored):
    """A learner's place in a lesson, with all that it takes to go on from there."""

    lesson: str
    digest: str
    """Of the lesson's file, to notice that it has changed since."""
    ask: Ask
    iterations: int
    """How many iterations are over."""
    index: int
    furthest: int
    leaves: dict[str, Numbers]
    """The parameters of this iteration; empty in the first, which has the lesson's own."""
    marks: dict[str, Mark]
    """By step, of this iteration."""
    losses: list[float]
    """The loss before each iteration that is over; of a long training some of them."""
    streaks: dict[str, int] = {}
    """How often in a row each kind of step went right at once."""
    trained: dict[str, Numbers] = {}
    """The parameters after training on from this iteration; empty where there was none."""
    part: Part = "tape"
    """Of the course. Each part of a lesson has a sitting of its own."""
    begun: float = 0.0
    """Seconds since 1970, UTC."""

    def copied(self) -> Sitting:
        """A copy that later changes of the sitting do not reach."""
        return replace(
            self,
            marks={step: replace(mark) for step, mark in self.marks.items()},
            losses=list(self.losses),
            streaks=dict(self.streaks),
        )


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


class QuizSitting(Stored):
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

    def copied(self) -> QuizSitting:
        """A copy that later changes of the quiz do not reach."""
        return replace(self, items=[replace(item, mark=replace(item.mark)) for item in self.items])


class Sittings(FileStore[Sitting]):
    """The lessons of one learner. A lesson's key is its name, or the absolute path of its file."""

    def __init__(self, directory: Path | None = None) -> None:
        """Keep sittings in `directory`, else in the learner's data directory."""
        directory = directory or data_directory() / "sittings"
        super().__init__(Sitting, directory, SUFFIX, Message("this lesson"), merge)


class QuizSittings(FileStore[QuizSitting]):
    """The quiz and the exam of one learner, by their purpose."""

    def __init__(self, directory: Path | None = None) -> None:
        """Keep them in `directory`, else in the learner's data directory."""
        directory = directory or data_directory() / "quizzes"
        super().__init__(QuizSitting, directory, ".quiz", Message("this quiz"), merge)


def part_key(key: str, part: Part) -> str:
    """The key of a part of a lesson; the part `tape` has the lesson's own."""
    return key if part == "tape" else f"{key} {part}"


def whole_key(key: str, part: Part) -> str:
    """The key of the lesson that a part's key belongs to."""
    return key if part == "tape" else key.removesuffix(f" {part}")


# ── what was done in two terminals ────────────────────────────────────────────────────────────

T = TypeVar("T", Sitting, QuizSitting)


def merge(ours: T, theirs: T) -> bool:
    """Take into ours what another process saved; False where theirs is to stay instead.

    Of two that were begun at different times the later one stays, of two iterations of a lesson the
    further. Of the same one every answer stays, whoever gave it.
    """
    if ours.begun != theirs.begun:
        return ours.begun > theirs.begun
    if isinstance(ours, Sitting):
        if ours.digest != theirs.digest:
            return True
        if ours.iterations != theirs.iterations:
            return ours.iterations > theirs.iterations
        for step in ours.marks.keys() & theirs.marks.keys():
            _merge_marks(ours.marks[step], theirs.marks[step])
        ours.marks = {**theirs.marks, **ours.marks}
        ours.furthest = max(ours.furthest, theirs.furthest)
        ours.trained = ours.trained or theirs.trained
    else:
        if (ours.purpose, ours.seed) != (theirs.purpose, theirs.seed):
            return True
        pairs = list(takewhile(_is_one_item, zip(ours.items, theirs.items, strict=False)))
        for mine, other in pairs:
            _merge_items(mine, other)
        if len(pairs) == len(ours.items):
            ours.items += theirs.items[len(pairs) :]
        ours.handed_in = min(filter(None, (ours.handed_in, theirs.handed_in)), default=0.0)
        ours.finished = ours.finished or theirs.finished
    return True


def _is_one_item(pair: tuple[AskedItem, AskedItem]) -> bool:
    ours, theirs = ((each.lesson, each.step, each.seed) for each in pair)
    return ours == theirs


def _merge_items(ours: AskedItem, theirs: AskedItem) -> None:
    _merge_marks(ours.mark, theirs.mark)
    ours.flagged = ours.flagged or theirs.flagged
    if ours.points is None:
        ours.points, ours.said = theirs.points, theirs.said


def _merge_marks(ours: Mark, theirs: Mark) -> None:
    """Keep the answer that there is, else what is typed, else ours; and all that it cost.

    Ours stays the same object, since it may be the one that is looked at.
    """
    empty = not (ours.product or any(ours.cells))
    kept = theirs if ours.stage == "open" and (theirs.stage != "open" or empty) else ours
    whole = replace(
        kept,
        hints=max(ours.hints, theirs.hints),
        attempts=max(ours.attempts, theirs.attempts),
        mistakes=list(dict.fromkeys((*ours.mistakes, *theirs.mistakes))),
    )
    for name in Mark.__struct_fields__:
        setattr(ours, name, getattr(whole, name))
