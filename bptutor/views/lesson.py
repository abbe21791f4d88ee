"""A lesson's screens as data: numbers as numbers, texts in the learner's language."""

from msgspec import Struct

from bptutor.literals import Ask, Direction, Kind, Part, Stage, Verdict
from bptutor.views import Matrix
from bptutor.views.assignments import AssignmentItem
from bptutor.views.picture import Norm, Pictured
from bptutor.views.quiz import AttemptLine, Day, ItemState, QuizLeft, QuizPlace, SkillProgress


class Place(Struct, frozen=True):
    """How far one part of a lesson has come."""

    steps: int
    answered: int  # steps answered in a sitting that can be gone on with; 0 where there is none
    done: bool = False  # has it been worked through to its end, now or before?


class TapeLine(Struct, frozen=True):
    """One assignment of the program, with what has come down and what has gone back up."""

    target: str
    text: str
    section: str | None
    value: Matrix | None
    """The value once the forward pass has been here; of a large one the first few numbers only,
    under its whole shape."""
    gradient: Matrix | None  # of the loss, once the backward pass has been here; cut likewise
    current: bool
    direction: Direction  # on the current line: forward or backward pass, at this step
    size: int = 1  # of how many numbers the value is


class Known(Struct, frozen=True):
    """A quantity that is known at this step."""

    name: str
    matrix: Matrix
    relevant: bool  # is it needed for this step (the others are for whoever has the room)?
    typed: str = ""  # the name as it is typed: dL_dY


class AskedCell(Struct, frozen=True):
    row: int
    column: int
    text: str
    verdict: Verdict | None
    note: str  # a word on this cell's verdict, or nothing
    label: str = ""  # what the cell holds, where that differs from cell to cell


class Grid(Struct, frozen=True):
    """The value asked for, as rows and columns (a vector is one row, a scalar one cell)."""

    rows: int
    columns: int
    asked: list[AskedCell]  # all of a small matrix, row after row; of a large one a few
    filled: Matrix | None  # of a large one the rest, with NaN at the asked cells; else nothing


class UpdateTable(Struct, frozen=True):
    """An update's numbers side by side; all four have one shape."""

    name: str
    old: Matrix
    gradient: Matrix
    change: Matrix
    new: Matrix


class Result(Struct, frozen=True):
    """What TensorFlow says once a step has been answered."""

    product: str | None  # the text that was asked, as the tutor would write it
    code: str  # the line of TensorFlow that computes it, or nothing
    says: str  # what TensorFlow prints for it, or what there is to know now
    value: Matrix
    update: UpdateTable | None


class StepView(Struct, frozen=True, tag=True):
    lesson: str
    iteration: int
    index: int
    total: int
    step: str
    kind: Kind
    section: str | None
    name: str
    question: str
    formula: str  # the question in mathematics, in the learner's notation
    remarks: list[str]  # what to know before answering: figures, sums, the lesson's note
    tape: list[TapeLine]
    knowns: list[Known]  # what the step needs, then the latest; `knowns` has all of it
    asks_product: bool
    asks_value: bool
    product: str  # what has been typed as the formula
    product_verdict: Verdict | None
    grid: Grid
    stage: Stage
    message: str  # the last verdict in words, or nothing
    hints: list[str]  # the hints given so far, first one first
    result: Result | None
    code: list[str]  # the last lines of the TensorFlow code up to here, for whoever has the room
    furthest: int  # the index of the furthest step that may be opened
    product_fault: int | None = None  # where the formula cannot be read, from 0
    focus: int | None = None  # which of the grid's asked cells the message is about
    tone: Verdict | None = None  # that the message is about; None: it is about none
    offers_numbers: bool = False  # the kind is mastered: `fill_in` spares the arithmetic
    last_hint: bool = False  # Are all hints given? The next one is the answer.
    nudgeable: str = ""  # the leaf that `nudge` can move here, once its gradient is known
    part: Part = "tape"
    quiz: QuizPlace | None = None  # where in a quiz this is; None in a lesson
    example: list[str] = []
    """Such a step worked out on other names and numbers, for who meets its kind for the first time:
    what each press of Enter adds before the question."""
    layers: dict[str, int] = {}  # of each computed quantity and parameter, from 0
    picture: Pictured | None = None  # where the app has room for it, and there is one
    shape: list[int] | None = None  # of what is computed; None where that is nothing of the program
    loss: str = ""


class StepName(Struct, frozen=True):
    step: str
    kind: Kind
    section: str | None
    name: str
    stage: Stage
    loss: str = ""


class Code(Struct, frozen=True):
    """The code of a lesson as far as it has been walked: a program that runs as it stands."""

    file: str  # what it is saved as, without a folder
    lines: list[str]


class ParameterChange(Struct, frozen=True):
    name: str
    before: Matrix
    after: Matrix


class BesideTape(Struct, frozen=True):
    """A gradient as the tape has it, and as Keras has it."""

    parameter: str
    tape: Matrix
    keras: Matrix


class Onward(Struct, frozen=True):
    """What comes after a part of a lesson."""

    lesson: str
    title: str
    part: Part
    same: bool  # is it another part of the lesson that is open?


class LargerRate(Struct, frozen=True):
    """A look at a larger learning rate, where the lesson's own hardly moves the loss."""

    own: float
    rate: float
    halved_after: int  # updates after which the loss is at most half
    losses: list[float]  # from the weights before: before the first update, after each


class Walked(Struct, frozen=True):
    """A step that was answered in an iteration."""

    name: str
    kind: Kind
    section: str | None
    state: ItemState  # right: at once; partly: right after a wrong attempt or with a hint; shown


class SummaryView(Struct, frozen=True, tag=True):
    """The end of an iteration."""

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
    losses: list[float]  # before each iteration so far and after the last, trained ones too
    trains: bool  # has the lesson parameters to train?
    part: Part = "tape"  # without numbers only the score and `closing` count
    larger: LargerRate | None = None
    onward: list[Onward] = []  # the next part, then the next lesson, not finished ones
    gradients: list[BesideTape] = []  # of the part in Keras: every gradient beside that of the tape
    difference: float = 0.0  # the largest difference between the two
    parts: dict[Part, Place] = {}  # how far each part of the lesson has come
    walk: list[Walked] = []  # the steps that were answered, in their order
    by_hand: int = 0  # so many of the losses after the first one were computed by hand
    norms: list[Norm] = []  # of the gradients of the last iteration by hand, by layer


class LessonItem(Struct, frozen=True):
    name: str
    title: str
    summary: str
    ask: Ask | None  # what the sitting with numbers asks that can be gone on with, if there is one
    problem: str = ""  # why it cannot be opened, or nothing
    parts: dict[Part, Place] = {}  # those that the lesson has; none where it cannot be opened
    group: str = ""  # the heading of its group in the menu, or nothing
    titles: list[str] = []  # its title in every language, to find it by
    of_course: bool = False  # is it the lesson of the course's own notebook?


class Lessons(Struct, frozen=True):
    """The lessons in the order of the menu."""

    items: list[LessonItem]
    quizzes: list[QuizLeft] = []  # the quiz and the exam that can be gone on with
    last: str = ""  # the lesson that was open last, or nothing
    part: Part = "tape"  # what was chosen last; `ask` likewise
    ask: Ask = "all"
    assignments: list[AssignmentItem] | None = None  # of the learner's class; None without a class


class Left(Struct, frozen=True):
    """Where a part of a lesson goes on."""

    lesson: str
    part: Part
    section: str | None
    kind: Kind
    name: str  # the quantity that the step asks, as it is shown
    minutes: int | None  # of its open steps at the learner's own pace; None: not known yet
    loss: str = ""


class Outlook(Struct, frozen=True):
    """What the menu shows beside the lessons."""

    left: list[Left] = []
    due: list[SkillProgress] = []  # the kinds of step to practise today, the weakest first
    days: list[Day] = []  # the last twelve weeks, those days alone on which there was practice
    latest: dict[str, AttemptLine] = {}  # the last attempt in each lesson, as far as they go back


class Opened(Struct, frozen=True, tag=True):
    """A lesson is open; `view` is its first screen, or where it was left."""

    title: str
    introduction: str
    resumed: bool
    view: StepView
    remark: str  # on opening (the lesson has changed, a sitting goes on), or nothing
    end: SummaryView | None = None  # where it was left at its end; `view` is its last step then
    parts: dict[Part, Place] = {}  # how far each part of the lesson has come

    @property
    def screen(self) -> StepView | SummaryView:
        return self.end or self.view


class LessonChanged(Struct, frozen=True, tag=True):
    """The lesson is not open: it has changed since the learner was in it, who is to choose.

    `open` with `changed` goes on, without `resume` it starts again. Until then all is kept.
    """

    title: str
    answered: int  # how many steps have an answer


class Explained(Struct, frozen=True):
    """Why a step is as it is."""

    name: str
    rule: str
    picture: list[str]  # the lines of the program that gradients pass
    shapes: list[str]  # what it is made of and what it is, a line each: name and shape, aligned
    story: list[str]  # what one number does, sentence by sentence
    example: list[str] = []  # such a step on other numbers, in parts of several lines


class Nudged(Struct, frozen=True):
    """A number was moved, for a look: nothing has changed in the lesson."""

    cell: str
    by: float
    loss_before: float
    loss_after: float
    slope: float  # the change of the loss for each unit of the move
    gradient: float  # what backpropagation says
    remark: str
