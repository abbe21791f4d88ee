"""Pictures of a lesson: what to draw, as numbers and names. Where is for the screen to say."""

from msgspec import Struct

from bptutor.literals import Direction, Life, Role, Signal
from bptutor.views import Matrix


class Unit(Struct, frozen=True):
    """One unit of a network. NaN stands for a number that there is not, or not yet."""

    name: str  # its own name, where its column is several scalars
    total: float  # the sum before the activation, where it has a name
    value: float
    gradient: float
    bias: float
    life: Life


class UnitColumn(Struct, frozen=True):
    """Units side by side: the data, a layer, or the loss."""

    role: Role
    names: list[str]  # the quantities in the units, as they are shown
    gradient: str  # the name of the gradient in the units; nothing before there is one
    units: list[Unit]  # the first ones of `count`
    count: int
    current: bool
    layer: int | None = None  # the layer that these quantities are in, from 0; None of data


class Wires(Struct, frozen=True):
    """The lines between two columns: for each unit on the left one to each unit on the right."""

    names: list[str]  # the parameters that the lines are; none on the lines into the loss
    weights: list[list[float]]  # NaN on the lines into the loss
    signals: list[list[Signal]]
    current: bool


class NetworkView(Struct, frozen=True):
    """A stack of layers, from the data to the loss."""

    columns: list[UnitColumn]
    wires: list[Wires]  # one fewer than columns
    example: int  # which example of the batch is in the units, from 0
    examples: int


class Node(Struct, frozen=True):
    """A place in a row of a graph: a quantity, or a line that passes on its way further down."""

    name: str
    passing: bool
    leaf: bool
    current: bool
    shape: list[int]
    value: Matrix | None  # the first few numbers under the whole shape, once they may be seen
    gradient: Matrix | None


class Link(Struct, frozen=True):
    """A line from a place in one row to a place in the next."""

    row: int
    source: int
    target: int
    signal: Signal


class GraphView(Struct, frozen=True):
    """A program as a graph; what is computed stands below what it is computed from."""

    rows: list[list[Node]]
    links: list[Link]


class Quantity(Struct, frozen=True):
    """A quantity of which there is a heat map."""

    id: str
    name: str  # as it is shown
    shape: list[int]
    current: bool  # is the current step about it?
    gradient: str = ""  # the id of the loss' gradient by it, where this may be seen


class Element(Struct, frozen=True):
    """An element that is asked, where it is in the picture and what it is computed from."""

    arithmetic: str  # without its result; nothing before the formula is found or help asked for
    wires: list[tuple[int, int, int]] = []  # of the network: gap, left unit, right unit
    example: int | None = None  # of a value that has a row for each example: which one it is of


class Norm(Struct, frozen=True):
    """How large a gradient is, where the learner has it."""

    name: str
    norm: float  # NaN before the learner has it
    current: bool
    layer: int | None = None  # the layer that it is of, from 0


class Pictured(Struct, frozen=True):
    """The picture of a lesson at the current step: its graph, and its network where it is one."""

    step: str  # the current step's name as it is shown
    direction: Direction
    open: bool  # is the step's answer still to be found?
    network: NetworkView | None
    graph: GraphView
    quantities: list[Quantity]
    elements: list[Element] = []  # one for each cell that is asked
    all_back: bool = False  # does the backward pass end with this step?
    norms: list[Norm] = []  # by layer, in the order of the backward pass


class HeatMap(Struct, frozen=True):
    """A quantity as rows and columns; of a large one a cell stands for a block of numbers."""

    id: str
    shape: list[int]
    rows: int
    columns: int
    values: list[float]  # row after row; of a block the number that is furthest from 0
    block: tuple[int, int]  # rows and columns of numbers in a cell: (1, 1) where each has its own
    largest: float  # how far from 0 the furthest number is
