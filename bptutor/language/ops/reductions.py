"""Sums and means over everything or along axes."""

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import Any

from bptutor.language.algebra import over, spelled_sum
from bptutor.language.errors import ShapeError
from bptutor.language.ops.base import (
    Backward,
    Cell,
    Operation,
    Parameter,
    Read,
    Tensor,
    Traits,
    no_axis,
    term_by_term,
)
from bptutor.language.tree import Apply, Expression, Number, Shape
from bptutor.text import Message


class Reduction(Operation):
    """Sums and means: over one axis, several or all of them, kept with size 1 or not."""

    options = {"axis": Parameter("axes"), "keepdims": Parameter("flag", False)}
    elementwise = False
    magnitude = staticmethod(term_by_term)

    def shape(self, node: Apply, shapes: Sequence[Shape]) -> Shape:
        (shape,) = shapes
        axes = self.axes(node, shape)
        if self.keepdims(node):
            return tuple(1 if axis in axes else size for axis, size in enumerate(shape))
        return tuple(size for axis, size in enumerate(shape) if axis not in axes)

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        axes = list(self.axes(node, tuple(operands[0].shape)))
        reduced = getattr(tf, f"reduce_{self.key}")
        return reduced(operands[0], axis=axes, keepdims=self.keepdims(node))

    def in_numpy(self, np: Any, node: Apply, operands: Sequence[Tensor]) -> Tensor:
        axes = self.axes(node, operands[0].shape)
        return getattr(np, self.key)(operands[0], axis=axes, keepdims=self.keepdims(node))

    def effort(self, numbers: int, shapes: Sequence[Shape]) -> float:
        return 0.5 * prod(shapes[0])

    def axes(self, node: Apply, shape: Shape) -> tuple[int, ...]:
        """The axes that are reduced, counted from 0.

        Raises:
            ShapeError: there is no such axis, or one is named twice.
        """
        given = node.option("axis")
        if given is None:
            return tuple(range(len(shape)))
        axes = given if isinstance(given, tuple) else (given,)
        for axis in axes:
            if not isinstance(axis, int) or not -len(shape) <= axis < len(shape):
                raise ShapeError(no_axis(axis, shape))
        counted = tuple(int(axis) % len(shape) for axis in axes)
        if len(set(counted)) < len(counted):
            raise ShapeError(Message("the same axis is named twice"))
        return counted

    def keepdims(self, node: Apply) -> bool:
        return bool(node.option("keepdims", False))

    def count(self, node: Apply, shape: Shape) -> int:
        """How many elements are reduced to one."""
        return prod(shape[axis] for axis in self.axes(node, shape))

    def spread(self, backward: Backward) -> Expression:
        """The upstream gradient, reshaped to broadcast over the reduced axes."""
        node, upstream = backward.node, backward.upstream
        rank = len(backward.shape_of(upstream))
        if self.keepdims(node) or rank == 0:
            return upstream
        shape = backward.operand_shape(0)
        gone = self.axes(node, shape)
        # The upstream gradient has the last `rank` of the kept axes; what went before the first
        # of them broadcasts by itself.
        first = [axis for axis in range(len(shape)) if axis not in gone][-rank]
        for axis in sorted(axis - first for axis in gone if axis > first):
            upstream = Apply("expand_dims", (upstream,), (("axis", axis),))
        return upstream

    def _gathered(
        self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]
    ) -> Iterator[Expression]:
        """The elements that are reduced to element `at`."""
        (shape,) = shapes
        axes = self.axes(node, shape)
        kept = iter([i for axis, i in enumerate(at) if not self.keepdims(node) or axis not in axes])
        ranges = [range(size) if axis in axes else [next(kept)] for axis, size in enumerate(shape)]
        return (read(0, cell) for cell in product(*ranges))


class Sum(Reduction):
    key = "sum"
    forward = Message("For {node}, add the elements of {x}.")
    spellings = ("reduce_sum",)
    code = "tf.reduce_sum"
    rule = Message("{node} is a sum: each element of {operand} gets {upstream}.")
    traits = Traits(reduces="total")

    def pullback(self, backward: Backward, index: int) -> Expression:
        return self.spread(backward)

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        return spelled_sum(self._gathered(node, at, read, shapes))


class Mean(Reduction):
    key = "mean"
    forward = Message("For {node}, add the elements of {x} and divide by how many there are.")
    spellings = ("reduce_mean", "average")
    code = "tf.reduce_mean"
    rule = Message(
        "{node} is a mean: each element of {operand} gets {upstream} divided by how many there are."
    )
    traits = Traits(reduces="average")

    def pullback(self, backward: Backward, index: int) -> Expression:
        count = self.count(backward.node, backward.operand_shape(0))
        return over(self.spread(backward), Number(count))

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        gathered = spelled_sum(self._gathered(node, at, read, shapes))
        count = self.count(node, shapes[0])
        return gathered if count == 1 else Apply("divide", (gathered, Number(count)))


OPERATIONS: tuple[Operation, ...] = (Sum(), Mean())
