"""What the app asks of the service."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

from bptutor.service.messages.quiz import (
    Flag,
    HandIn,
    ListAttempts,
    Replay,
    ShowProgress,
    Skip,
    StartQuiz,
)
from bptutor.service.messages.views import Ask, Part
from bptutor.text.numbers import SHOWN


class Hello(Struct, frozen=True, tag=True):
    """The first request of a connection. Reply: Welcome."""

    version: str
    language: str
    notation: Literal["unicode", "ascii"]
    figures: int = SHOWN
    """Significant figures that known quantities are shown to."""


class ListLessons(Struct, frozen=True, tag=True):
    """Reply: Lessons."""


class Open(Struct, frozen=True, tag=True):
    """Open a lesson by name, or by path to a .toml or a Keras model.

    Reply: Opened, or LessonChanged.
    """

    lesson: str
    ask: Ask
    resume: bool
    """Go on where the last sitting of this lesson was, if there is one (its `ask` then holds)."""
    part: Part = "tape"
    """Of the course; each part has sittings of its own."""
    switch: bool = False
    """Ask this in a sitting that goes on, too."""
    changed: bool = False
    """Of a lesson that has changed since: go on with what still fits, and do not ask."""


class Go(Struct, frozen=True, tag=True):
    """Go to a step that has been reached, to `next`, or to the next one that asks something.

    Reply: StepReply, or SummaryReply after the last step.
    """

    session: str
    to: int | Literal["here", "next", "question", "summary"]


class Check(Struct, frozen=True, tag=True):
    """Check what has been typed. Reply: StepReply, with verdicts in its view."""

    session: str
    product: str | None
    cells: list[str] | None
    """The asked cells' texts in order; None where only the product is to be checked."""


class Draft(Struct, frozen=True, tag=True):
    """Keep what has been typed and not checked. Reply: Done."""

    session: str
    product: str
    cells: list[str]


class Hint(Struct, frozen=True, tag=True):
    """The next hint; after the last one the answer itself. Reply: StepReply."""

    session: str


class FillIn(Struct, frozen=True, tag=True):
    """Fill in the numbers, where the view offers it; the step is solved. Reply: StepReply."""

    session: str


class Why(Struct, frozen=True, tag=True):
    """Why this step is as it is. Reply: Explained."""

    session: str


class Nudge(Struct, frozen=True, tag=True):
    """Move one number of the step's leaf and watch the loss. Reply: Nudged."""

    session: str
    row: int
    column: int
    by: float


class Picture(Struct, frozen=True, tag=True):
    """The picture of the lesson at this step, for one example of a batch. Reply: Pictured."""

    session: str
    example: int = 0


class ShowHeat(Struct, frozen=True, tag=True):
    """A known quantity as a heat map of at most so many rows and columns. Reply: HeatMap."""

    session: str
    id: str
    rows: int
    columns: int


class Show(Struct, frozen=True, tag=True):
    """Show the answer; the step counts as shown. Reply: StepReply."""

    session: str


class Again(Struct, frozen=True, tag=True):
    """Another iteration by hand, from the new weights. Reply: StepReply."""

    session: str


class Train(Struct, frozen=True, tag=True):
    """Let TensorFlow train on. Events: Trained so far; reply: SummaryReply."""

    session: str
    iterations: int


class Cancel(Struct, frozen=True, tag=True):
    """Stop the session's training where it is. Reply: Done."""

    session: str


class Steps(Struct, frozen=True, tag=True):
    """The list of steps. Reply: StepNames."""

    session: str


class ListKnowns(Struct, frozen=True, tag=True):
    """Everything that is known at this step, whole. Reply: Knowns."""

    session: str


class SplitMatrix(Struct, frozen=True, tag=True):
    """A pasted matrix (brackets, rows, columns of a spreadsheet) into texts of the asked cells.

    Reply: Cells, or Refused where it does not fit.
    """

    session: str
    text: str
    row: int | None = None
    """Where the text is of one row only: its number, from 0; the reply has its asked cells."""


class Reload(Struct, frozen=True, tag=True):
    """Read the lesson's file again, which has changed. Reply: StepReply."""

    session: str


class Close(Struct, frozen=True, tag=True):
    """The learner leaves the lesson. Reply: Done."""

    session: str


Request: TypeAlias = (
    Hello
    | ListLessons
    | Open
    | Go
    | Check
    | Draft
    | Hint
    | FillIn
    | Why
    | Nudge
    | Picture
    | ShowHeat
    | Show
    | Again
    | Train
    | Cancel
    | Steps
    | ListKnowns
    | SplitMatrix
    | Reload
    | StartQuiz
    | Replay
    | Skip
    | Flag
    | HandIn
    | ShowProgress
    | ListAttempts
    | Close
)
