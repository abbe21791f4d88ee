"""What the app and the service say to each other.

A request carries an id that its reply repeats; an event has none. Numbers travel as numbers, so
that what is shown is formatted where it is shown; texts travel in the learner's language.
"""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

Kind: TypeAlias = Literal["forward", "local", "backward", "update"]
Ask: TypeAlias = Literal["all", "backward", "products", "values"]
Verdict: TypeAlias = Literal["exact", "right", "imprecise", "wrong", "unreadable"]
Stage: TypeAlias = Literal["open", "solved", "shown", "worked", "waiting"]
"""open: being asked; solved: by the learner; shown: the answer was asked for; worked: not asked,
worked out by the tutor; waiting: to be worked out once TensorFlow is there."""


class Matrix(Struct, frozen=True):
    """Numbers in their shape, row after row. NaN stands for a number that may not be seen yet."""

    shape: list[int]
    values: list[float]
    dtype: str


# ── what a step's screen shows ────────────────────────────────────────────────────────────────


class TapeLine(Struct, frozen=True):
    """One assignment of the program, with what has come down and what has gone back up."""

    target: str
    text: str
    section: str | None
    value: Matrix | None
    """The value once the forward pass has been here; of a large one the first few numbers only,
    under its whole shape."""
    gradient: Matrix | None
    """The gradient of the loss by the target once the backward pass has been here; cut likewise."""
    current: bool
    direction: Literal["down", "up", ""]
    """On the current line: which way the signal travels at this step."""


class Known(Struct, frozen=True):
    """A quantity that is known at this step."""

    name: str
    matrix: Matrix
    relevant: bool
    """Is it needed for this step (the others are for whoever has the room)?"""


class AskedCell(Struct, frozen=True):
    """A cell that the learner fills in."""

    row: int
    column: int
    text: str
    verdict: Verdict | None
    note: str
    """A word on this cell's verdict, or nothing."""


class Grid(Struct, frozen=True):
    """The value asked for, as rows and columns (a vector is one row, a scalar one cell)."""

    rows: int
    columns: int
    asked: list[AskedCell]
    """All cells of a small matrix, row after row; of a large one a few telling ones."""
    filled: Matrix | None
    """Of a large one the rest, with NaN at the asked cells; else nothing."""


class UpdateTable(Struct, frozen=True):
    """An update's numbers side by side; all four have one shape."""

    name: str
    old: Matrix
    gradient: Matrix
    change: Matrix
    new: Matrix


class Result(Struct, frozen=True):
    """What TensorFlow says once a step has been answered."""

    product: str | None
    """The product as the tutor would write it (backward steps)."""
    code: str
    """The line of TensorFlow that computes it."""
    says: str
    """What TensorFlow prints for it."""
    value: Matrix
    update: UpdateTable | None


class StepView(Struct, frozen=True):
    """A step's screen."""

    session: str
    lesson: str
    """The lesson's title."""
    iteration: int
    index: int
    total: int
    step: str
    kind: Kind
    section: str | None
    name: str
    question: str
    """The question in words."""
    formula: str
    """The question in mathematics, in the learner's notation."""
    remarks: list[str]
    """What to know before answering: how many figures, what is summed, the lesson's note."""
    tape: list[TapeLine]
    knowns: list[Known]
    asks_product: bool
    asks_value: bool
    product: str
    """What has been typed as the product."""
    product_verdict: Verdict | None
    grid: Grid
    stage: Stage
    message: str
    """The last verdict in words, or nothing."""
    hints: list[str]
    """The hints given so far, first one first."""
    result: Result | None
    code: list[str]
    """The TensorFlow code up to here, for whoever has the room."""
    furthest: int
    """The index of the furthest step that may be opened."""
    product_fault: int | None = None
    """The character of the product (from 0) at which it cannot be read."""
    offers_numbers: bool = False
    """The product is right and this kind of step is mastered: FillIn may spare the arithmetic."""
    nudgeable: str = ""
    """The leaf whose gradient this step is about, once it may be tried out by Nudge."""


class StepName(Struct, frozen=True):
    """A step in the list of steps."""

    step: str
    kind: Kind
    section: str | None
    name: str
    stage: Stage


class ParameterChange(Struct, frozen=True):
    """A parameter before and after an iteration (or after training)."""

    name: str
    before: Matrix
    after: Matrix


class SummaryView(Struct, frozen=True):
    """The end of an iteration."""

    session: str
    lesson: str
    iteration: int
    loss_before: float
    loss_after: float
    parameters: list[ParameterChange]
    solved: int
    first_try: int
    shown: int
    asked: int
    closing: str
    losses: list[float]
    """The loss before each iteration so far and after the last one, trained ones included."""
    trains: bool
    """Has the lesson parameters to train?"""


class LessonItem(Struct, frozen=True):
    """A lesson in the menu."""

    name: str
    title: str
    summary: str
    steps: int
    answered: int
    """Steps answered in a sitting that can be gone on with; 0 where there is none."""
    ask: Ask | None
    """What that sitting asks."""
    problem: str
    """Why it cannot be opened, or nothing."""


# ── requests and their replies ────────────────────────────────────────────────────────────────


class Hello(Struct, frozen=True, tag=True):
    """The first request of a connection. Reply: Welcome."""

    version: str
    language: str
    notation: Literal["unicode", "ascii"]


class ListLessons(Struct, frozen=True, tag=True):
    """Reply: Lessons."""


class Open(Struct, frozen=True, tag=True):
    """Open a lesson by name or by path to a .toml. Reply: Opened."""

    lesson: str
    ask: Ask
    resume: bool
    """Go on where the last sitting of this lesson was, if there is one (its `ask` then holds)."""


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


class SplitMatrix(Struct, frozen=True, tag=True):
    """A pasted matrix (brackets, rows, columns of a spreadsheet) into texts of the asked cells.

    Reply: Cells, or Refused where it does not fit.
    """

    session: str
    text: str


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
    | Show
    | Again
    | Train
    | Cancel
    | Steps
    | SplitMatrix
    | Close
)


class Welcome(Struct, frozen=True, tag=True):
    """The service is there."""

    version: str
    engine: EngineState


class Lessons(Struct, frozen=True, tag=True):
    """The lessons in the order of the menu."""

    items: list[LessonItem]


class Opened(Struct, frozen=True, tag=True):
    """A lesson is open; `view` is its first screen, or where it was left."""

    session: str
    title: str
    introduction: str
    resumed: bool
    view: StepView
    remark: str
    """What to say on opening (the lesson has changed since, a sitting goes on), or nothing."""


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


class Cells(Struct, frozen=True, tag=True):
    """Texts for the asked cells, in order."""

    texts: list[str]


class Done(Struct, frozen=True, tag=True):
    """It is done; there is nothing more to say."""


class Refused(Struct, frozen=True, tag=True):
    """It cannot be done: one sentence that says why and what to do."""

    message: str


# ── events ────────────────────────────────────────────────────────────────────────────────────


class EngineState(Struct, frozen=True, tag=True):
    """TensorFlow is loading, is there, or cannot be had."""

    state: Literal["loading", "ready", "failed"]
    detail: str
    """TensorFlow's version, or the sentence that says what failed."""


class Training(Struct, frozen=True, tag=True):
    """How far a training has come; a later one replaces an earlier one."""

    session: str
    done: int
    total: int
    losses: list[float]
    """At most a few hundred losses, evenly taken, the latest last."""


Reply: TypeAlias = (
    Welcome
    | Lessons
    | Opened
    | StepReply
    | SummaryReply
    | StepNames
    | Cells
    | Explained
    | Nudged
    | Done
    | Refused
)
Event: TypeAlias = EngineState | Training


class Asked(Struct, frozen=True, tag=True):
    """A request on the wire."""

    id: int
    request: Request


class Answered(Struct, frozen=True, tag=True):
    """A reply on the wire."""

    id: int
    reply: Reply


class Told(Struct, frozen=True, tag=True):
    """An event on the wire."""

    event: Event


class Goodbye(Struct, frozen=True, tag=True):
    """The connection closes, and why."""

    reason: str


FromApp: TypeAlias = Asked
FromService: TypeAlias = Answered | Told | Goodbye
