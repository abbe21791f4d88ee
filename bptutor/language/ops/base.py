"""What an operation is: one class says everything that the tutor knows about it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, ClassVar, Literal, TypeAlias

from bptutor.language.errors import ShapeError
from bptutor.language.tree import Apply, Expression, Option, Shape
from bptutor.locale import Message

Tensor: TypeAlias = Any
"""A TensorFlow tensor; TensorFlow has no types to name it by."""

ShapeOf: TypeAlias = Callable[[Expression], Shape]
Style: TypeAlias = Literal["unicode", "ascii", "tensorflow"]
Cell: TypeAlias = tuple[int, ...]
"""The index of one cell of a tensor; () of a scalar."""

Read: TypeAlias = Callable[[int, Cell], Expression]
"""Reads one cell of one operand, as a formula of numbers."""


@dataclass(frozen=True)
class Parameter:
    """An option of an operation.

    Attributes:
        kind: what it is: an axis, one or several axes, True or False, a count from 1, a number.
        default: what it is where it is not given.
        example: how it is written where there is no default.
    """

    kind: Literal["axis", "axes", "flag", "count", "number"]
    default: Option = None
    example: str = ""

    @property
    def shown(self) -> str:
        """Its value where a call is shown as it is to be written."""
        return self.example or repr(self.default)

    def read(self, given: Option) -> Option:
        """A value as it is kept; None where it is not of this kind."""
        if self.kind == "flag":
            return bool(given) if given in (0, 1) else None
        if isinstance(given, bool):
            return None
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

    sign: Mapping[Style, str]
    """The sign in each style that has one; elsewhere it is written as a function."""
    binds: int

    @classmethod
    def same(cls, sign: str, binds: int) -> Infix:
        """One sign in every style."""
        return cls({"unicode": sign, "ascii": sign, "tensorflow": sign}, binds)


@dataclass(frozen=True)
class Backward:
    """What a derivative rule is given.

    Attributes:
        node: the operation applied to its operands.
        upstream: the gradient of the loss by the node's value. It may have fewer or smaller axes
            than the value: it then stands for itself broadcast to the value's shape.
        shape_of: the shape of any expression here.
    """

    node: Apply
    upstream: Expression
    shape_of: ShapeOf

    def operand(self, index: int) -> Expression:
        """The operand of that index."""
        return self.node.operands[index]

    def operand_shape(self, index: int) -> Shape:
        """The shape of the operand of that index."""
        return self.shape_of(self.node.operands[index])


class Operation:
    """An operation of the grammar; the defaults are those of an elementwise function of one x."""

    key: ClassVar[str]
    """Its name in the tree and, for a function, in a text."""
    arity: ClassVar[int] = 1
    """How many operands it takes; its options may follow them by position."""
    operand_names: ClassVar[tuple[str, ...]] = ("x", "y")
    """What its operands are called where a call is shown as it is to be written."""
    spellings: ClassVar[tuple[str, ...]] = ()
    """Other names of the function, without `tf.` or `np.`."""
    options: ClassVar[Mapping[str, Parameter]] = {}
    """Its options, in the order in which they follow the operands."""
    code: ClassVar[str] = ""
    """The function's name in TensorFlow."""
    infix: ClassVar[Infix | None] = None
    """How it is written between its operands, if it is."""
    forward: ClassVar[Message]
    """What it computes, in words."""
    rule: ClassVar[Message]
    """Its derivative in words."""
    rules: ClassVar[tuple[Message, ...]] = ()
    """The same operand by operand, where there is a difference."""
    broadcasts: ClassVar[bool] = True
    """Are operands broadcast to the value's shape, so that a gradient is summed back to theirs?"""

    @property
    def elementwise(self) -> bool:
        """Does each number of the value come from the numbers in its own place alone?"""
        return self.broadcasts

    def rule_for(self, operand: int) -> Message:
        """The derivative by one operand in words."""
        return self.rules[operand] if self.rules else self.rule

    def shape(self, node: Apply, shapes: Sequence[Shape]) -> Shape:
        """The value's shape from the operands' shapes.

        Raises:
            ShapeError: they do not fit together.
        """
        return broadcast_shape(*shapes)

    def meaning(self, node: Apply, shapes: Sequence[Shape]) -> Expression | None:
        """What it is short for, given its operands' shapes; None for an operation of its own.

        Raises:
            ShapeError: the operands do not fit.
        """
        return None

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        """The value in TensorFlow."""
        raise NotImplementedError(self.key)

    def pullback(self, backward: Backward, index: int) -> Expression | None:
        """The upstream gradient times the slope by one operand; None where there is no slope."""
        raise NotImplementedError(self.key)

    def written_code(
        self, node: Apply, operands: Sequence[str], options: Sequence[str], dtype: str
    ) -> str:
        """The call in TensorFlow code, of operands in code; `dtype` is the type of its numbers."""
        return f"{self.code}({', '.join([*operands, *options])})"

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        """One cell of the value, by cells of the operands (`read(operand, cell)`)."""
        operands = (read(index, broadcast_cell(at, shape)) for index, shape in enumerate(shapes))
        return Apply(self.key, tuple(operands), node.options)


@lru_cache(maxsize=4096)
def broadcast_shape(*shapes: Shape) -> Shape:
    """The shape to which shapes broadcast, by NumPy's rule.

    Raises:
        ShapeError: they do not fit together.
    """
    rank = max(len(shape) for shape in shapes)
    padded = [(1,) * (rank - len(shape)) + shape for shape in shapes]
    result = []
    for sizes in zip(*padded, strict=True):
        wide = {size for size in sizes if size != 1}
        if len(wide) > 1:
            raise ShapeError(
                Message(
                    "the shapes {shapes} do not fit together: cell by cell, every axis must have "
                    "the same size on both sides, or 1",
                    shapes=written_shapes(shapes),
                )
            )
        result.append(wide.pop() if wide else 1)
    return tuple(result)


def broadcast_cell(at: Cell, shape: Shape) -> Cell:
    """The cell of an operand of `shape` that meets cell `at` of the broadcast value."""
    tail = at[len(at) - len(shape) :]
    return tuple(0 if size == 1 else index for index, size in zip(tail, shape, strict=True))


def written_shape(shape: Shape) -> str:
    """A shape as text: (2, 3), (3), ()."""
    return "(" + ", ".join(map(str, shape)) + ")"


def written_shapes(shapes: Sequence[Shape]) -> str:
    """Shapes as text, one after the other: (2, 3), (3)."""
    return ", ".join(map(written_shape, shapes))


def no_axis(axis: Option, shape: Shape) -> Message:
    """What is wrong with an axis that a shape does not have."""
    return Message(
        "there is no axis {axis} in the shape {shape}", axis=str(axis), shape=written_shape(shape)
    )
