"""What an app may ask of its tutor. The same interface is the tutor itself, and a service far away.

A method is called by its name with its arguments over the wire (see `wire`); its annotations say
what may come, and what comes back. Each raises UserError where it cannot be done (over the wire:
RequestRefused): one sentence that says why and what to do.
"""

from typing import Literal, Protocol, TypeAlias

from msgspec import Struct

from bptutor.literals import Ask, Judged, Part, Target
from bptutor.text.numbers import SHOWN
from bptutor.views.assignments import AssignmentCover, Assignments
from bptutor.views.lesson import (
    Code,
    Explained,
    Known,
    LessonChanged,
    Lessons,
    Nudged,
    Opened,
    Outlook,
    StepName,
    StepView,
    SummaryView,
)
from bptutor.views.picture import HeatMap, Pictured
from bptutor.views.quiz import AttemptLine, ExamCover, ExamResult, ProgressView, QuizSpec, QuizView

Screen: TypeAlias = StepView | SummaryView | ExamCover | AssignmentCover | QuizView
"""Where the learner is: at a step or an item, after an iteration, before an exam or an assignment,
or at the end of a quiz."""


class QuizOpened(Struct, frozen=True):
    """A quiz is open; `screen` is where the learner is in it."""

    resumed: bool
    screen: Screen
    remark: str  # what to say on opening, or nothing
    past: str = ""  # the key of an exam that is saved: with it, it is opened again (see QuizSpec)


class Hello(Struct, frozen=True):
    """Who asks: the app's version, and how its learner reads."""

    version: str
    language: str
    notation: Literal["unicode", "ascii"]
    figures: int = SHOWN  # significant figures that known quantities are shown to


PING = "menu"  # the request that shows whether the service is there, whatever it is busy with

# ── what is told unasked ──────────────────────────────────────────────────────────────────────


class EngineState(Struct, frozen=True, tag=True):
    state: Literal["loading", "ready", "failed"]
    detail: str  # TensorFlow's version, or the sentence that says what failed


class Keeping(Struct, frozen=True, tag=True):
    """All that was answered is kept, or some of it could not be."""

    whole: bool


class Training(Struct, frozen=True, tag=True):
    """How far a training has come; a later one replaces an earlier one."""

    done: int
    total: int
    losses: list[float]  # at most a few hundred losses, evenly taken, the latest last


class HostState(Struct, frozen=True, tag=True):
    """The class host serves this app, or is away and an own service does; the app's end tells."""

    away: str  # why it is away, as a part of a sentence; empty where it is there


Why: TypeAlias = Literal[
    "each",
    "all",
    "often",
    "idle",
    "silent",
    "time",
    "end",
    "another",
    "unnamed",
    "unlisted",
    "unread",
]
"""each, all: too many connections, of one user or of everybody. often: too many in a short time.
idle: nothing was asked for long. silent: no hello. time: a request took too much processor time.
end: the service ended without a word. another: this user may not speak for a learner. unnamed: the
user of the web server has named no learner. unlisted: the learner is not on the roster, which
cannot be read where it is unread."""


class Farewell(Struct, frozen=True, tag=True):
    """Why a class host or its service closes the connection; the app has the words."""

    why: Why


class TimeLeft(Struct, frozen=True, tag=True):
    """The time of the assignment that is open has changed: it was extended, or it is over."""

    seconds: float | None  # None: nothing ends it; 0: it is submitted, or is to be


Event: TypeAlias = EngineState | Keeping | Training | HostState | Farewell | TimeLeft


# ── what is asked ────────────────────────────────────────────────────────────────────────


class Tutor(Protocol):
    """The tutor of one learner, who is at one place at a time: in a lesson, in a quiz, or in none.

    What is asked about the place is answered in order; what is not does not wait for it.
    """

    async def hello(self, hello: Hello, /) -> EngineState:
        """Say who asks, before anything else is asked."""

    # ── outside of a place ────────────────────────────────────────────────────────────────────

    async def menu(self) -> Lessons:
        """The lessons in the order of the menu, and what can be gone on with."""

    async def outlook(self) -> Outlook:
        """What the menu shows beside the lessons: where they go on, what is due, the last weeks."""

    async def sketch(self, lesson: str) -> Pictured:
        """The picture of a lesson before its first step, by its name or its file's path."""

    async def choose(self, part: Part, ask: Ask) -> None:
        """Remember what is to be asked in the next lesson."""

    async def progress(self) -> ProgressView:
        """What the record knows of the learner."""

    async def attempts(self, before: str = "", count: int = 100) -> list[AttemptLine]:
        """Past attempts, the latest first; those before one (its id), where one is given."""

    async def exams(self) -> list[ExamResult]:
        """Every exam that was begun, with what came of it; the last one first."""

    async def assignments(self) -> Assignments:
        """What the learner's class is to do."""

    # ── into a place, and out of it ───────────────────────────────────────────────────────────

    async def open(
        self,
        lesson: str,
        ask: Ask,
        resume: bool,
        part: Part = "tape",
        switch: bool = False,
        changed: bool = False,
    ) -> Opened | LessonChanged:
        """Open a lesson by name, or by path to a .toml or a Keras model.

        Args:
            lesson: its name or path.
            ask: what is asked in it.
            resume: go on where its last sitting was, if there is one (its `ask` then holds).
            part: of the course; each part has sittings of its own.
            switch: ask this in a sitting that goes on, too.
            changed: of a lesson that has changed since: go on with what still fits, and do not ask.
        """

    async def quiz(self, spec: QuizSpec) -> QuizOpened:
        """Begin a quiz, go on with the one that was left, or ask a past item again."""

    async def assignment(self, name: str, password: str = "", again: bool = False) -> QuizOpened:
        """Open an assignment: resume its paper; else its cover, or the end of what was submitted.

        With `again` the cover of another attempt, and not the end of the last one.
        """

    async def close(self) -> None:
        """Leave the place, and stop its training."""

    async def send(self, path: str, piece: bytes, more: bool) -> None:
        """Give a piece of a file that the service has asked for, and cannot read itself."""

    # ── the way ───────────────────────────────────────────────────────────────────────────────

    async def go(self, to: int | Target) -> Screen:
        """To a step that has been reached, to the next one, or to the next that asks something."""

    async def skip(self) -> Screen:
        """Put this item of a quiz off until the others are done."""

    async def flag(self) -> Screen:
        """Mark this item of an exam to come back to, or take the mark away."""

    async def begin(self) -> Screen:
        """Begin the exam or the assignment whose cover is shown: its clock starts."""

    async def hand_in(self) -> Screen:
        """The exam is over: grade it."""

    async def again(self) -> Screen:
        """Another iteration by hand, from the new weights."""

    async def reload(self) -> Screen:
        """Read the lesson's file again, which has changed."""

    async def train(self, iterations: int, larger: bool = False) -> Screen:
        """Let TensorFlow train on; `Training` tells meanwhile how far it has come.

        With the lesson's learning rate, or with the `larger` one that the summary offers.
        """

    async def cancel(self) -> None:
        """Stop the training where it is; this waits for nothing."""

    # ── at a step ─────────────────────────────────────────────────────────────────────────────

    async def check(self, product: str, cells: list[str], judge: Judged) -> Screen:
        """Keep all that has been typed, and check what of it is to be judged."""

    async def draft(self, product: str, cells: list[str]) -> QuizView | None:
        """Keep what has been typed and not checked; the end of an exam whose time is over."""

    async def hint(self) -> Screen:
        """The next hint; after the last one the answer itself."""

    async def show(self) -> Screen:
        """Show the answer; the step counts as shown."""

    async def fill_in(self) -> Screen:
        """Fill in the numbers, where the view offers it; the step is solved."""

    # ── looks, which change nothing ───────────────────────────────────────────────────────────

    async def steps(self) -> list[StepName]:
        """The list of steps, or of the items of a quiz."""

    async def code(self) -> Code:
        """The TensorFlow program of what has been done so far, which runs as it stands."""

    async def named(self, text: str) -> str:
        """The id of the step, or the name of the quantity, that is meant by what is typed."""

    async def knowns(self) -> list[Known]:
        """Everything that is known at this step, whole, what it needs first."""

    async def split(self, text: str, row: int | None = None) -> list[str]:
        """A pasted matrix into texts of the asked cells; of one row, from 0, where it is given."""

    async def afresh(self) -> str:
        """The code of this step on new numbers, with which `quiz` asks it again."""

    async def explain(self) -> Explained:
        """Why this step is as it is."""

    async def nudge(self, row: int, column: int, by: float) -> Nudged:
        """Move one number of the step's leaf and watch the loss."""

    async def draw(self, on: bool) -> Pictured | None:
        """Have the picture come with each step, or not; the one of the current step at once."""

    async def picture(self, example: int = 0) -> Pictured:
        """The picture of the lesson at this step, for one example of a batch."""

    async def heat(self, name: str, rows: int, columns: int) -> HeatMap:
        """A known quantity as a heat map of at most so many rows and columns."""


SAVING = frozenset(
    [
        "again",
        "begin",
        "check",
        "draft",
        "fill_in",
        "flag",
        "hand_in",
        "hint",
        "show",
        "skip",
        "split",
        "train",
    ]
)
"""Requests that change what is saved; of an answer in text mode `split` is the first part."""


def is_there(here: Screen, place: StepView) -> bool:
    """Is the learner where they were, or is the exam over in which that was?"""
    if isinstance(here, QuizView):
        quiz = place.quiz
        silent = quiz is not None and (quiz.exam or bool(quiz.assignment)) and not quiz.reviewing
        return here.finished and silent
    return isinstance(here, StepView) and here.index == place.index


def seed_of(screen: Screen) -> int | None:
    """The seed of the quiz that a screen belongs to."""
    if isinstance(screen, ExamCover | QuizView):
        return screen.seed
    return screen.quiz.seed if isinstance(screen, StepView) and screen.quiz else None


def is_done(name: str, before: StepView | None, restored: Screen) -> bool:
    """Had a call to a service that was lost been carried out, as it now turns out?"""
    if isinstance(restored, QuizView):
        return restored.finished and name in ("check", "flag", "skip", "hand_in")
    if not isinstance(restored, StepView):
        return False
    if name == "check":
        return restored.stage != "open"
    if before is None or before.quiz is None or restored.quiz is None:
        return False
    if name == "flag":
        return restored.quiz.flagged != before.quiz.flagged
    return name == "skip" and restored.index != before.index
