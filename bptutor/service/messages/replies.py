"""What the service answers, and what it tells unasked."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from bptutor.service.messages.picture import HeatMap, Pictured
from bptutor.service.messages.quiz import Attempts, ProgressReply, QuizLeft, QuizReply
from bptutor.service.messages.views import Known, LessonItem, StepName, StepView, SummaryView


class EngineState(Struct, frozen=True, tag=True):
    """TensorFlow is loading, is there, or cannot be had."""

    state: Literal["loading", "ready", "failed"]
    detail: str
    """TensorFlow's version, or the sentence that says what failed."""


class Keeping(Struct, frozen=True, tag=True):
    """All that was answered is kept, or some of it could not be."""

    whole: bool


class Training(Struct, frozen=True, tag=True):
    """How far a training has come; a later one replaces an earlier one."""

    session: str
    done: int
    total: int
    losses: list[float]
    """At most a few hundred losses, evenly taken, the latest last."""


class Welcome(Struct, frozen=True, tag=True):
    """The service is there."""

    version: str
    engine: EngineState


class Lessons(Struct, frozen=True, tag=True):
    """The lessons in the order of the menu."""

    items: list[LessonItem]
    quizzes: list[QuizLeft] = []
    """The quiz and the exam that can be gone on with."""


class Opened(Struct, frozen=True, tag=True):
    """A lesson is open; `view` is its first screen, or where it was left."""

    session: str
    title: str
    introduction: str
    resumed: bool
    view: StepView
    remark: str
    """What to say on opening (the lesson has changed since, a sitting goes on), or nothing."""


class LessonChanged(Struct, frozen=True, tag=True):
    """The lesson is not open: it has changed since the learner was in it, who is to choose.

    Open with `changed` goes on, Open without `resume` begins anew. Until then all is kept.
    """

    title: str
    answered: int
    """How many steps have an answer."""


class QuizOpened(Struct, frozen=True, tag=True):
    """A quiz is open; `reply` is the screen at which the learner is."""

    session: str
    resumed: bool
    reply: StepReply | QuizReply
    remark: str
    """What to say on opening, or nothing."""


class Explained(Struct, frozen=True, tag=True):
    """Why a step is as it is."""

    name: str
    rule: str
    picture: list[str]
    """The lines of the program that the signal passes."""
    shapes: list[str]
    """What it is made of and what it is, a line each: name and shape, aligned."""
    story: list[str]
    """What one number does, sentence by sentence."""


class Nudged(Struct, frozen=True, tag=True):
    """A number was moved, for a look: nothing has changed in the lesson."""

    cell: str
    by: float
    loss_before: float
    loss_after: float
    slope: float
    """The change of the loss for each unit of the move."""
    gradient: float
    """What backpropagation says."""
    remark: str


class StepReply(Struct, frozen=True, tag=True):
    """A step's screen."""

    view: StepView


class SummaryReply(Struct, frozen=True, tag=True):
    """The end of an iteration."""

    view: SummaryView


class StepNames(Struct, frozen=True, tag=True):
    """The list of steps."""

    steps: list[StepName]


class Knowns(Struct, frozen=True, tag=True):
    """Everything that is known, what the step needs first."""

    knowns: list[Known]


class Cells(Struct, frozen=True, tag=True):
    """Texts for the asked cells, in order."""

    texts: list[str]


class Done(Struct, frozen=True, tag=True):
    """It is done; there is nothing more to say."""


class Refused(Struct, frozen=True, tag=True):
    """It cannot be done: one sentence that says why and what to do."""

    message: str


Reply: TypeAlias = (
    Welcome
    | Lessons
    | Opened
    | LessonChanged
    | StepReply
    | SummaryReply
    | StepNames
    | Knowns
    | Cells
    | Explained
    | Nudged
    | Pictured
    | HeatMap
    | QuizOpened
    | QuizReply
    | ProgressReply
    | Attempts
    | Done
    | Refused
)
Event: TypeAlias = EngineState | Keeping | Training
