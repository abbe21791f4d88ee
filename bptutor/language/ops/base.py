"""What an operation is: one class says everything that the tutor knows about it."""

import ast
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, reduce
from math import prod
from typing import Any, Literal, TypeAlias

from bptutor.language.errors import ShapeError
from bptutor.language.tree import Apply, Expression, Option, Shape
from bptutor.text import Message

Tensor: TypeAlias = Any  # a TensorFlow tensor; TensorFlow has no types to name it by

ShapeOf: TypeAlias = Callable[[Expression], Shape]
Style: TypeAlias = Literal["unicode", "ascii", "tensorflow"]
Cell: TypeAlias = tuple[int, ...]  # the index of one element of a tensor; () of a scalar

Read: TypeAlias = Callable[[int, Cell], Expression]
"""Reads one element of one operand, as a formula of numbers."""


@dataclass(frozen=True)
class Parameter:
    """An option of an operation."""

    kind: Literal["axis", "axes", "shape", "place", "flag", "count", "number"]
    """What it is: an axis, one or several axes, a shape, a place along an axis, True or False, a
    count from 1, a number."""
    default: Option = None  # what it is where it is not given
    example: str = ""  # how it is written where there is no default

    @property
    def shown(self) -> str:
        """Its value in a call that is shown as an example."""
        return self.example or repr(self.default)

    def read(self, given: Option) -> Option:
        """A value as the tree keeps it; None where it is not of this kind."""
        if self.kind == "flag":
            return bool(given) if given in (0, 1) else None
        if isinstance(given, bool):
            return None
        if self.kind == "shape":
            return (
                (given,) if isinstance(given, int) else given if isinstance(given, tuple) else None
            )
        if isinstance(given, tuple):
            if self.kind != "axes":
                return None
            return given[0] if len(given) == 1 else given
        if isinstance(given, float) and self.kind != "number":
            return None
        if self.kind == "count" and given is not None and given < 1:
            return None
        return given


@dataclass(frozen=True)
class Infix:
    """An operation written between its operands: its sign and how tightly it binds."""

    sign: Mapping[Style, str]  # in each style that has one; elsewhere it is written as a function
    binds: int
    python: type[ast.operator] | type[ast.cmpop]  # the operator that Python reads in its place

    @classmethod
    def same(cls, sign: str, binds: int, python: type[ast.operator] | type[ast.cmpop]) -> "Infix":
        return cls({"unicode": sign, "ascii": sign, "tensorflow": sign}, binds, python)


@dataclass(frozen=True)
class Backward:
    """What a derivative rule is given."""

    node: Apply  # the operation applied to its operands
    upstream: Expression
    """The gradient of the loss by the node's value. It may have fewer or smaller axes than the
    value: it then stands for itself broadcast to the value's shape."""
    shape_of: ShapeOf  # the shape of any expression here

    def operand(self, index: int) -> Expression:
        return self.node.operands[index]

    def operand_shape(self, index: int) -> Shape:
        return self.shape_of(self.node.operands[index])


HEAVY = 4.0  # the cost of a number of a function such as exp by hand, in multiplications


@dataclass(frozen=True, kw_only=True)
class Traits:
    """What others ask of an operation, in the place of lists of operations."""

    activation: bool = False  # applied to a layer's sum, it is called an activation
    gate: Literal["stops", "weakens"] | None = None
    """It stops or weakens the gradient of some elements and lets the others through."""
    saturates: bool = False  # it is flat far from 0
    normalises: bool = False  # each output depends on every number of its row
    logarithm: bool = False  # it takes a logarithm
    slope_from_value: bool = False
    """Its derivative follows from its value as well as from its operand."""
    keras: str | None = None  # Keras' name of this activation
    passes_at_tie: bool = False
    """A gradient passes at the kink itself, unlike in Keras' activations."""
    probabilities: Literal["each", "row"] | None = None
    """Its values are probabilities, each alone or row by row."""
    terms: Literal["plus", "minus"] | None = None
    """It adds or subtracts its operands: a gradient passes as it is."""
    product: Literal["cells", "matrices", "either"] | None = None
    """It multiplies its operands, element-wise, as matrices, or as they fit."""
    reduces: Literal["total", "average"] | None = None  # it sums or averages elements
    arithmetic: bool = False  # plain arithmetic, which explanations leave out beside anything else
    shape_alone: bool = False  # it reads only the shape of its operand
    class_numbers: bool = False  # it reads class numbers
    effort: float = HEAVY  # the cost of a number by hand, in multiplications
    near_slopes: Callable[[Expression, Expression], Sequence[Expression]] | None = None
    """By x and the value, derivatives that are mistaken for its own."""


FLAT = Message("A small change of {operand} does not change {node}: the derivative is 0.")
PASSES = Message(
    "{node} passes {upstream} to {operand} through the mask {slope}: unchanged where it is 1,"
    " else 0."
)
"""Of a gate: the derivative is a mask."""

Magnitude: TypeAlias = Callable[[Apply, Sequence[Expression]], Expression]
"""An operation's value without signs, given its operands without signs."""


def size_of_value(node: Apply, sizes: Sequence[Expression]) -> Expression:
    return Apply("abs", (node,))


def term_by_term(node: Apply, sizes: Sequence[Expression]) -> Expression:
    """The same operation on operands without signs: no terms cancel."""
    return Apply(node.operation, tuple(sizes), node.options)


class Operation:
    """An operation of the grammar; the defaults are those of an elementwise function of one x."""

    key: str  # its name in the tree and, for a function, in a text
    arity: int = 1  # how many operands it takes; its options may follow them by position
    operand_names: tuple[str, ...] = ("x", "y")  # in a call that is shown as an example
    spellings: tuple[str, ...] = ()  # other names of the function, without `tf.` or `np.`
    of_one: str = ""  # what another name means with one operand alone: `max(x)` is a reduction
    options: Mapping[str, Parameter] = {}  # in the order in which they follow the operands
    code: str = ""
    infix: Infix | None = None  # how it is written between its operands, if it is
    prefix: str = ""  # the sign in front of its operand, if it is written so
    postfix: Mapping[Style, str] = {}  # the sign behind its operand, in each style that has one
    forward: Message  # what it computes, in words; for its fields see `language.wording`
    rule: Message = Message("The derivative of {node} with respect to {operand} is {slope}.")
    """How it passes a gradient to an operand, in words."""
    rules: tuple[Message, ...] = ()  # the same operand by operand, where there is a difference
    multiplies: bool = False  # does its rule name a factor that the upstream gradient gets?
    elementwise: bool = True  # operands are broadcast, gradients summed back to their shapes
    traits: Traits = Traits()

    def rule_for(self, operand: int) -> Message:
        return self.rules[operand] if self.rules else self.rule

    def shape(self, node: Apply, shapes: Sequence[Shape]) -> Shape:
        """The value's shape from the operands' shapes.

        Raises ShapeError: they do not fit together.
        """
        return broadcast_shape(*shapes)

    def meaning(self, node: Apply, shapes: Sequence[Shape]) -> Expression | None:
        """What it is short for, given its operands' shapes; None for an operation of its own.

        Raises ShapeError: the operands do not fit.
        """
        return None

    def other_meaning(self, node: Apply, shapes: Sequence[Shape]) -> Expression | None:
        """What else it may be short for, where its operands fit two meanings."""
        return None

    def work(self, node: Apply, shapes: Sequence[Shape], value: Shape) -> int:
        """How many multiplications or additions it takes, roughly."""
        return max(map(prod, (*shapes, value)))

    def additions(self, node: Apply, shapes: Sequence[Shape], value: Shape) -> int:
        """How many elements of an operand it adds to others of the same operand."""
        return 0

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return reduce(getattr, self.code.split(".")[1:], tf)(*operands)

    def in_numpy(self, np: Any, node: Apply, operands: Sequence[Tensor]) -> Tensor:
        """The value in NumPy, whose functions mostly have TensorFlow's names."""
        return getattr(np, self.code.rpartition(".")[2])(*operands)

    def pullback(self, backward: Backward, index: int) -> Expression | None:
        """The vector-Jacobian product by one operand; None where no gradient passes."""
        raise NotImplementedError(self.key)

    def slope(self, node: Apply, index: int) -> Expression | None:
        """The derivative by one operand, of an element-wise operation; None where it is 0."""
        return None

    def kink(self, node: Apply) -> Expression | None:
        """The comparison at whose tie the derivative jumps; None where it does not."""
        return None

    def probability(self, node: Apply) -> Apply:
        """The probability that comes out, or whose logarithm does."""
        return node

    def magnitude(self, node: Apply, sizes: Sequence[Expression]) -> Expression:
        """The value without signs, so that nothing in it cancels, by such operands."""
        return size_of_value(node, sizes)

    def effort(self, numbers: int, shapes: Sequence[Shape]) -> float:
        """What so many numbers of its value cost by hand, in multiplications."""
        return self.traits.effort * numbers

    def written_code(
        self, node: Apply, operands: Sequence[str], options: Sequence[str], dtype: str
    ) -> str:
        """The call in TensorFlow code, of operands in code; `dtype` is the type of its numbers."""
        return f"{self.code}({', '.join([*operands, *options])})"

    def in_brackets(self, node: Apply) -> str:
        """What is written in brackets behind its operand, if it is written so."""
        return ""

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        """One element of the value, from elements of the operands (`read(operand, index)`)."""
        operands = (read(index, broadcast_cell(at, shape)) for index, shape in enumerate(shapes))
        return Apply(self.key, tuple(operands), node.options)


@lru_cache(maxsize=4096)
def broadcast_shape(*shapes: Shape) -> Shape:
    """The shape to which shapes broadcast, by NumPy's rule.

    Raises ShapeError: they do not fit together.
    """
    rank = max(len(shape) for shape in shapes)
    padded = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    result = []
    for sizes in zip(*padded, strict=True):
        wide = {size for size in sizes if size != 1}
        if len(wide) > 1:
            problem = Message(
                "{shapes} do not fit: element-wise, each axis needs the same size on both sides, "
                "or 1",
                shapes=written_shapes(shapes),
            )
            raise ShapeError(problem)
        result.append(wide.pop() if wide else 1)
    return tuple(result)


def broadcast_cell(at: Cell, shape: Shape) -> Cell:
    """The element of an operand of `shape` that meets element `at` of the broadcast value."""
    tail = at[len(at) - len(shape) :]
    return tuple(0 if size == 1 else index for index, size in zip(tail, shape, strict=True))


def written_shape(shape: Shape) -> str:
    return str((*shape,))


def written_shapes(shapes: Sequence[Shape]) -> str:
    return ", ".join(map(written_shape, shapes))


def no_axis(axis: Option, shape: Shape) -> Message:
    return Message(
        "there is no axis {axis} in the shape {shape}", axis=str(axis), shape=written_shape(shape)
    )


def counted_axis(operation: Operation, node: Apply, shape: Shape) -> int:
    """The axis that an operation along one works on, counted from 0.

    Raises ShapeError: there is no such axis.
    """
    axis = node.option("axis", operation.options["axis"].default)
    if not isinstance(axis, int) or not -len(shape) <= axis < len(shape):
        raise ShapeError(no_axis(axis, shape))
    return axis % len(shape)
