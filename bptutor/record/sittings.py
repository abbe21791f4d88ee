"""A learner's saved state in a lesson or a quiz."""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from hashlib import blake2b
from itertools import takewhile
from math import prod
from pathlib import Path
from typing import Literal, Self, TypeAlias

from msgspec import Struct, field
from msgspec.structs import replace

from bptutor.literals import Ask, Part, Stage, Support, Verdict
from bptutor.record.attempts import Met, Purpose
from bptutor.record.files import Drawer, FileStore, Stored, drawer_of
from bptutor.text import Message, UserError

Why: TypeAlias = Literal["", "new", "due", "again", "easier", "ahead"]
"""Why an item is asked: its kind of step is new, or due; it went wrong a while ago and is asked
again, in an easier form first; or nothing is due, and the weakest is practised ahead."""

SUFFIX = ".sitting"


class Numbers(Struct, frozen=True):
    """An array: its shape and its numbers in row-major order."""

    shape: list[int]
    values: list[float]

    def __post_init__(self) -> None:
        if prod(self.shape) != len(self.values):
            raise ValueError(f"{len(self.values)} numbers in the shape {self.shape}")


class Mark(Struct):
    stage: Stage = "open"
    product: str = ""
    cells: list[str] = []
    product_verdict: Verdict | None = None
    verdicts: list[Verdict | None] = []  # one per cell; empty or None where there is none yet
    hints: int = 0
    attempts: int = 0  # wrong ones, and the right one
    mistakes: list[str] = []
    possible: list[str] = []  # those that may explain wrong answers, and were never sure
    support: Support | None = None  # what the question came with; None before, and in a quiz

    def note(self, seen: Iterable[str], possible: Iterable[str]) -> None:
        """Take down misconceptions that were seen for sure, and all that may have been made."""
        self.mistakes = list(dict.fromkeys((*self.mistakes, *seen)))
        others = dict.fromkeys((*self.possible, *possible))
        self.possible = [id_ for id_ in others if id_ not in self.mistakes]

    @property
    def wrong(self) -> int:
        return self.attempts - (self.stage == "solved")


LONG_ANSWER = 2_000
LONGEST_ANSWER = 30_000  # characters; a formula has at most 4,000, a matrix some dozens of numbers


def is_long(product: str, cells: Sequence[str]) -> bool:
    """Is so much typed that it counts how often?"""
    return len(product) + sum(map(len, cells)) > LONG_ANSWER


def require_short(product: str, cells: Sequence[str]) -> None:
    """Raises UserError: more is typed than anybody has to, and the disk may be everybody's."""
    if len(product) + sum(map(len, cells)) > LONGEST_ANSWER:
        raise UserError("This answer is too long to save. Shorten it.")


class Sitting(Stored):
    """A learner's state in a part of a lesson."""

    lesson: str
    digest: str
    ask: Ask
    iterations: int  # how many iterations by hand are finished before this one
    index: int
    furthest: int
    leaves: dict[str, Numbers]  # of this iteration; empty in the first, which has the lesson's
    marks: dict[str, Mark]  # by step, of this iteration
    losses: list[float]  # the loss before each finished iteration; of a long training, some of them
    streaks: dict[str, int] = {}  # right at the first attempt in a row, by kind of step
    trained: dict[str, Numbers] = {}  # the parameters after training on from here
    trained_for: int = 0  # how many iterations that training took
    trained_losses: list[float] = []  # before each of them; of a long training some
    part: Part = "tape"  # each part of a lesson has its own sitting
    begun: float = 0.0  # seconds since 1970, UTC

    def __post_init__(self) -> None:
        """Take the training apart from what was done by hand, which were counted together once."""
        if self.trained and not self.trained_for:
            by_hand = max(0, self.iterations - 2) if self.leaves else 0
            self.trained_for = max(1, self.iterations - 1 - by_hand)
            self.trained_losses = self.losses[by_hand + 1 :]
            self.losses, self.iterations = self.losses[:by_hand], by_hand

    @property
    def solved(self) -> frozenset[str]:
        return frozenset(step for step, mark in self.marks.items() if mark.stage == "solved")

    @property
    def mistakes(self) -> Counter[str]:
        return Counter(id_ for mark in self.marks.values() for id_ in mark.mistakes)

    def copied(self) -> Self:
        """A copy that later changes of the sitting do not reach."""
        return replace(
            self,
            marks={step: replace(mark) for step, mark in self.marks.items()},
            losses=list(self.losses),
            trained_losses=list(self.trained_losses),
            streaks=dict(self.streaks),
        )


class Standing(Stored):
    finished: list[str] = []  # keys of the parts (`part_key`) worked through to the end
    lesson: str = ""  # the one that was open last
    part: Part = "tape"  # chosen last in the menu, or opened last; `ask` likewise
    ask: Ask = "all"


class AskedItem(Struct):
    """A step that is asked in a quiz, on numbers of its own."""

    lesson: str  # its name, or the path of its file
    digest: str
    step: str
    skill: str
    seed: int | None = None  # of the numbers; None for the lesson's own
    made_for: str = ""  # the step that the numbers were drawn for, if it is another one
    iteration: int = 0  # of the lesson's own numbers: after how many iterations
    part: Part = "tape"
    mark: Mark = field(default_factory=Mark)
    why: Why = ""
    group: int = 0  # in an exam, the steps of a group share their numbers and follow each other
    flagged: bool = False
    skipped: bool = False
    points: float | None = None  # from 0 to 1, once it is finished
    said: str = ""  # the feedback on the last wrong answer
    seconds: float = 0.0  # time spent since its last attempt was recorded; in an exam, in all

    @property
    def typed(self) -> bool:
        """Has any answer been typed?"""
        return any(text.strip() for text in (self.mark.product, *self.mark.cells))

    @property
    def answered(self) -> bool:
        """Has the whole value been typed? A formula alone, or half a matrix, is not enough.

        In the other parts most items ask for a text and for no value.
        """
        if self.part != "tape" and not self.mark.cells:
            return self.typed
        return bool(self.mark.cells) and all(text.strip() for text in self.mark.cells)


class QuizSitting(Stored):
    """The state of a quiz, an exam, or one item that is replayed."""

    purpose: Purpose
    seed: int
    lessons: list[str]  # those that were chosen; empty for all that come with bptutor
    length: int
    minutes: float  # the time limit of an exam; 0 for none
    begun: float  # seconds since 1970, UTC
    items: list[AskedItem]
    index: int = 0
    handed_in: float = 0.0  # when an exam was submitted (UTC); its answers stay from then on
    finished: bool = False  # of a quiz: at its end; of an exam: submitted, graded, recorded
    cards: dict[str, str] = {}  # by skill, when the quiz began; empty with a given seed
    met: dict[str, Met] = {}  # the same by misconception
    number: int = 1  # of an exam: how often it has been begun, with this one
    parts: list[Part] = field(default_factory=lambda: ["tape"])  # of the lessons, to ask about

    def copied(self) -> Self:
        return replace(self, items=[replace(item, mark=replace(item.mark)) for item in self.items])


class Sittings(FileStore[Sitting]):
    """The lessons of one learner. A lesson's key is its name, or the absolute path of its file."""

    def __init__(self, drawer: Drawer | Path | None = None) -> None:
        super().__init__(
            Sitting, drawer_of(drawer, "sittings"), SUFFIX, Message("this lesson"), merge_lessons
        )


class Standings(FileStore[Standing]):
    """The standing of one learner, in one file."""

    KEY = "lessons"

    def __init__(self, drawer: Drawer | Path | None = None) -> None:
        drawer = drawer_of(drawer, "standing")
        what = Message("your finished lessons")
        super().__init__(Standing, drawer, ".standing", what, merge_standings)

    def read(self) -> Standing:
        """What is saved; where that cannot be read, nothing."""
        return self.look(self.KEY) or Standing()

    def finish(self, key: str) -> None:
        """A part has been worked through to its end. Raises UserError: it cannot be saved."""
        standing = self.read()
        if key not in standing.finished:
            standing.finished.append(key)
            self.save(self.KEY, standing)

    def choose(self, lesson: str | None, part: Part, ask: Ask) -> None:
        """Where the learner is now (None: in no other lesson), and what is asked.

        Raises UserError: it cannot be saved.
        """
        before = self.read()
        ask = ask if part == "tape" else before.ask
        after = replace(before, lesson=before.lesson if lesson is None else lesson)
        after = replace(after, part=part, ask=ask)
        if after != before:
            self.save(self.KEY, after)


EXAM_DAMAGED = Message("An exam of yours is damaged. bptutor renamed its file to {path}.")


class QuizSittings(FileStore[QuizSitting]):
    """The quiz of one learner, which the next one replaces, and all of their exams, for good."""

    QUIZ = "quiz"
    EXAM = "exam"  # the key of the one exam of a folder that an older version made

    def __init__(self, drawer: Drawer | Path | None = None) -> None:
        super().__init__(
            QuizSitting, drawer_of(drawer, "quizzes"), ".quiz", Message("this quiz"), merge_quizzes
        )

    def exams(self) -> list[tuple[str, QuizSitting]]:
        """The exams that can be read, with their keys; the one that was begun last first."""
        found = []
        for name, exam in self.every():
            if exam and exam.purpose == "exam":
                keys = (exam_key(exam), self.EXAM)
                found += [(key, exam) for key in keys if self.name(key) == name]
        return sorted(found, key=lambda pair: pair[1].begun, reverse=True)

    def set_damaged_aside(self) -> Message | None:
        """Rename the exams that cannot be read; a sentence about the last of them."""
        said = None
        for name, exam in self.every():
            if exam is None and name.startswith(self.EXAM):
                with suppress(OSError):
                    path = self.drawer.put_aside(name)
                    said = Message(EXAM_DAMAGED.text, path=path)
        return said


def exam_key(exam: QuizSitting) -> str:
    """What names an exam: its seed, lessons and parts, how many items, how often it was begun.

    The time limit is no part of it: its questions do not depend on that.
    """
    parts = [part for part in exam.parts if part != "tape"]
    lessons = "\n".join((*sorted(set(exam.lessons)), str(exam.length), *parts))
    chosen = blake2b(lessons.encode("utf-8", "surrogateescape"), digest_size=6).hexdigest()
    return f"exam {exam.seed} {chosen} {exam.number}"


def part_key(key: str, part: Part) -> str:
    """The key of a part of a lesson; the part `tape` has the lesson's key."""
    return key if part == "tape" else f"{key} {part}"


def whole_key(key: str, part: Part) -> str:
    """The lesson's key of a part's key."""
    return key if part == "tape" else key.removesuffix(f" {part}")


# ── merging the work of two terminals ─────────────────────────────────────────────────────────


def merge_lessons(ours: Sitting, theirs: Sitting, common: Sitting | None = None) -> bool:
    """Merge into ours what another process saved; False where theirs is to stay instead.

    Of two that were begun at different times the later one stays, else the one with more
    iterations. Of the same iteration every answer stays, from either process; of two answers to one
    step the last, which `common`, from which both come, tells apart.
    """
    if ours.begun != theirs.begun:
        return ours.begun > theirs.begun
    if ours.digest != theirs.digest:
        return True
    if ours.iterations != theirs.iterations:
        return ours.iterations > theirs.iterations
    for step in ours.marks.keys() & theirs.marks.keys():
        before = common.marks.get(step) if common else None
        _merge_marks(ours.marks[step], theirs.marks[step], before)
    ours.marks = {**theirs.marks, **ours.marks}
    ours.furthest = max(ours.furthest, theirs.furthest)
    if not ours.trained or (common and ours.trained == common.trained):
        ours.trained, ours.trained_for = theirs.trained, theirs.trained_for
        ours.trained_losses = theirs.trained_losses
    return True


def merge_standings(ours: Standing, theirs: Standing, _common: Standing | None = None) -> bool:
    """Everything that was finished stays; we were there last."""
    ours.finished = list(dict.fromkeys((*theirs.finished, *ours.finished)))
    return True


def merge_quizzes(
    ours: QuizSitting, theirs: QuizSitting, common: QuizSitting | None = None
) -> bool:
    """The same for a quiz: the one begun later stays, and of the same one every answer.

    An exam never replaces another one; where two windows began the same one, the clock is that of
    the first.
    """
    if ours.purpose == theirs.purpose == "exam":
        ours.begun = theirs.begun = min(ours.begun, theirs.begun)
    if ours.begun != theirs.begun:
        return ours.begun > theirs.begun
    if (ours.purpose, ours.seed) != (theirs.purpose, theirs.seed):
        return True
    pairs = list(takewhile(_is_one_item, zip(ours.items, theirs.items, strict=False)))
    before = dict(enumerate(common.items if common else ()))
    for index, (mine, other) in enumerate(pairs):
        _merge_items(mine, other, before.get(index))
    if len(pairs) == len(ours.items):
        ours.items += theirs.items[len(pairs) :]
    ours.handed_in = min(filter(None, (ours.handed_in, theirs.handed_in)), default=0.0)
    ours.finished = ours.finished or theirs.finished
    return True


def _is_one_item(pair: tuple[AskedItem, AskedItem]) -> bool:
    ours, theirs = ((item.lesson, item.step, item.seed) for item in pair)
    return ours == theirs


def _merge_items(ours: AskedItem, theirs: AskedItem, common: AskedItem | None) -> None:
    _merge_marks(ours.mark, theirs.mark, common.mark if common else None)
    if common is None:
        ours.flagged = ours.flagged or theirs.flagged
    elif ours.flagged == common.flagged:
        ours.flagged = theirs.flagged
    if ours.points is None:
        ours.points, ours.said = theirs.points, theirs.said


def _answer(mark: Mark) -> tuple[object, ...]:
    """What the learner has answered, or is typing."""
    return mark.stage, mark.product, mark.cells if any(mark.cells) else []


def _merge_marks(ours: Mark, theirs: Mark, common: Mark | None) -> None:
    """Prefer a finished answer, then the last one; keep all hints, mistakes and wrong attempts.

    Ours is the last where it is not what it was when we saved it; where that is not known, where
    there is any. It stays the same object, since the session may hold it.
    """
    if (ours.stage == "open") != (theirs.stage == "open"):
        better = theirs if ours.stage == "open" else ours
    else:
        better = ours if _answer(ours) != _answer(common or Mark()) else theirs
    attempts = max(ours.attempts, theirs.attempts)
    if common:  # wrong ones of both since then
        wrong = ours.wrong + theirs.wrong - common.wrong
        attempts = max(attempts, wrong + (better.stage == "solved"))
    merged = replace(
        better,
        hints=max(ours.hints, theirs.hints),
        attempts=attempts,
        mistakes=list(dict.fromkeys((*ours.mistakes, *theirs.mistakes))),
        possible=list(dict.fromkeys((*ours.possible, *theirs.possible))),
    )
    for name in Mark.__struct_fields__:
        setattr(ours, name, getattr(merged, name))
