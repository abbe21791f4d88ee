"""What the screens show, as data: numbers as numbers, texts in the learner's language."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct

Kind: TypeAlias = Literal["forward", "local", "backward", "update", "order", "memory", "code"]
Part: TypeAlias = Literal["derive", "tape", "keras"]
"""The parts of the course: in symbols, in numbers with the tape, in Keras."""
Ask: TypeAlias = Literal["all", "backward", "products", "values"]
Verdict: TypeAlias = Literal["exact", "right", "imprecise", "wrong", "unreadable"]
Stage: TypeAlias = Literal["open", "solved", "shown", "worked", "waiting"]
"""open: being asked; solved: by the learner; shown: the answer was asked for; worked: not asked,
worked out by the tutor; waiting: to be worked out once TensorFlow is there."""


class Matrix(Struct, frozen=True):
    """Numbers in their shape, row after row. NaN stands for a number that may not be seen yet.

    In the part in symbols there are none, and the shape is all there is.
    """

    shape: list[int]
    values: list[float]
    dtype: str


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
    typed: str = ""
    """The name as it is typed: dL_dY."""


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
    """The text that was asked, as the tutor would write it: a product, an order, code."""
    code: str
    """The line of TensorFlow that computes it, or nothing."""
    says: str
    """What TensorFlow prints for it, or what there is to know now."""
    value: Matrix
    update: UpdateTable | None


class QuizPlace(Struct, frozen=True):
    """Where in a quiz a step's screen is; the step's own index and total are the quiz' then."""

    exam: bool
    seed: int | None
    """Of the whole quiz; None for an item that is asked again, which has its code."""
    code: str
    """Of this item: with it, the same numbers can be had again. Nothing during an exam, where it
    would lead to the answer."""
    skill: str
    """What kind of step it is, in words."""
    why: str
    """A word on why this item comes now (it is due, it comes back), or nothing."""
    credit: float
    """What a right answer is worth by now, from 0 to 1."""
    part: str
    """Of a question of several steps which one this is (a, b, c); else nothing."""
    flagged: bool
    answered: int
    """How many of the items have an answer."""
    seconds_left: float | None
    """Of an exam with a limit that is not over."""
    reviewing: bool
    """Is it over, so that answers and diagnoses may be seen?"""


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
    """What the step needs, then what has become known last; ListKnowns has all of it, whole."""
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
    """The last lines of the TensorFlow code up to here, for whoever has the room."""
    furthest: int
    """The index of the furthest step that may be opened."""
    product_fault: int | None = None
    """The character of the product (from 0) at which it cannot be read."""
    offers_numbers: bool = False
    """The product is right and this kind of step is mastered: FillIn may spare the arithmetic."""
    nudgeable: str = ""
    """The leaf whose gradient this step is about, once it may be tried out by Nudge."""
    part: Part = "tape"
    quiz: QuizPlace | None = None
    """Where in a quiz this is; None in a lesson."""


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
    part: Part = "tape"
    """Of the parts without numbers of their own only the score and `closing` count."""


class Place(Struct, frozen=True):
    """How far one part of a lesson has come."""

    steps: int
    answered: int


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
    derive: Place | None = None
    """The part in symbols; `steps` and `answered` are of the part with numbers."""
    keras: Place | None = None
    """The part in Keras; None where the lesson has none."""
