"""Sums, means, extremes and variances over everything or along axes, and running sums."""

from collections.abc import Iterator, Sequence
from itertools import product
from math import prod
from typing import Any

from bptutor.language.algebra import ZERO, minus, over, power, spelled, times
from bptutor.language.broadcast import full
from bptutor.language.errors import ShapeError
from bptutor.language.ops import build
from bptutor.language.ops.base import (
    FLAT,
    Backward,
    Cell,
    Operation,
    Parameter,
    Read,
    Tensor,
    Traits,
    counted_axis,
    no_axis,
    size_of_value,
    term_by_term,
)
from bptutor.language.tree import Apply, Expression, Number, Option, Shape
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
        reduced = getattr(tf, self.code.removeprefix("tf."))
        return reduced(operands[0], axis=axes, keepdims=self.keepdims(node))

    def in_numpy(self, np: Any, node: Apply, operands: Sequence[Tensor]) -> Tensor:
        axes = self.axes(node, operands[0].shape)
        reduced = getattr(np, self.code.removeprefix("tf.reduce_"))
        return reduced(operands[0], axis=axes, keepdims=self.keepdims(node))

    def effort(self, numbers: int, shapes: Sequence[Shape]) -> float:
        return 0.5 * prod(shapes[0])

    def additions(self, node: Apply, shapes: Sequence[Shape], value: Shape) -> int:
        return prod(shapes[0]) - prod(value)

    def axes(self, node: Apply, shape: Shape) -> tuple[int, ...]:
        """The axes that are reduced, counted from 0.

        Raises ShapeError: there is no such axis, or one is named twice.
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
        # of them broadcasts without help.
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
        return spelled(self._gathered(node, at, read, shapes))


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
        gathered = spelled(self._gathered(node, at, read, shapes))
        count = self.count(node, shapes[0])
        return gathered if count == 1 else Apply("divide", (gathered, Number(count)))


class Extreme(Reduction):
    """The largest or the smallest element; where several are, they share the gradient.

    So does TensorFlow (`_MinOrMaxGrad` in its math_grad.py).
    """

    magnitude = staticmethod(size_of_value)

    def __init__(self, key: str, of_two: str, spellings: tuple[str, ...], forward: Message) -> None:
        self.key, self.of_two, self.spellings, self.forward = key, of_two, spellings, forward
        self.code = f"tf.{key}"

    rule = Message(
        "The element of {operand} that is {node} gets {upstream}, and the others get 0. Where "
        "several are equal, they share it."
    )

    def pullback(self, backward: Backward, index: int) -> Expression:
        node = backward.node
        (operand,), shape = node.operands, backward.operand_shape(0)
        axes = self.axes(node, shape)
        along = axes[0] if len(axes) == 1 else axes
        everything = len(axes) == len(shape)
        kept = node if everything else Apply(self.key, (operand,), _kept(along))
        chosen = Apply("equal", (operand, kept))
        tied = build.total(chosen, None if everything else along, keepdims=not everything)
        return times(self.spread(backward), over(chosen, tied))

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        return spelled(self._gathered(node, at, read, shapes), self.of_two)


class Variance(Reduction):
    """The mean of the squared distances from the mean."""

    key = "var"
    forward = Message("For {node}, take the mean of the squared distances of {x} from their mean.")
    spellings = ("variance", "reduce_variance")
    code = "tf.math.reduce_variance"

    def meaning(self, node: Apply, shapes: Sequence[Shape]) -> Expression:
        (operand,), axis = node.operands, node.option("axis")
        self.axes(node, shapes[0])
        centre = build.mean(operand, axis, keepdims=axis is not None)
        squares = power(minus(operand, centre), 2)
        return build.mean(squares, axis, keepdims=self.keepdims(node))


class ArgMax(Operation):
    """The place of the largest element along an axis, from 0; of equal ones the first."""

    key = "argmax"
    forward = Message("For {node}, take the place of the largest element of {x}, from 0.")
    options = {"axis": Parameter("axis", 0)}
    code = "tf.argmax"
    elementwise = False
    rule = FLAT
    traits = Traits(effort=0.5)

    def shape(self, node: Apply, shapes: Sequence[Shape]) -> Shape:
        axis = counted_axis(self, node, shapes[0])
        return (*shapes[0][:axis], *shapes[0][axis + 1 :])

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        axis = counted_axis(self, node, tuple(operands[0].shape))
        return tf.cast(tf.argmax(operands[0], axis=axis), dtype)

    def in_numpy(self, np: Any, node: Apply, operands: Sequence[Tensor]) -> Tensor:
        axis = counted_axis(self, node, operands[0].shape)
        return np.argmax(operands[0], axis=axis).astype("float64")

    def pullback(self, backward: Backward, index: int) -> None:
        return None

    def written_code(
        self, node: Apply, operands: Sequence[str], options: Sequence[str], dtype: str
    ) -> str:
        return f"tf.cast({super().written_code(node, operands, options, dtype)}, tf.{dtype})"

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        axis = counted_axis(self, node, shapes[0])
        row = [read(0, (*at[:axis], i, *at[axis:])) for i in range(shapes[0][axis])]
        # It is past each place whose element and all before it are smaller than one behind them.
        passed = (
            Apply("less", (spelled(row[:place], "maximum"), spelled(row[place:], "maximum")))
            for place in range(1, len(row))
        )
        return spelled(passed) if len(row) > 1 else ZERO


class CumulativeSum(Operation):
    """The sum of an element and those before it along an axis, or of those behind it."""

    key = "cumsum"
    forward = Message("For {node}, add to each element of {x} those before it.")
    options = {"axis": Parameter("axis", 0), "reverse": Parameter("flag", False)}
    code = "tf.cumsum"
    elementwise = False
    rule = Message(
        "Each element of {operand} is in the sums from its own on: it gets the sum of {upstream}"
        " from there on."
    )
    traits = Traits(effort=0.5)
    magnitude = staticmethod(term_by_term)

    def shape(self, node: Apply, shapes: Sequence[Shape]) -> Shape:
        counted_axis(self, node, shapes[0])
        return shapes[0]

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        axis = counted_axis(self, node, tuple(operands[0].shape))
        return tf.cumsum(operands[0], axis=axis, reverse=self._reverse(node))

    def in_numpy(self, np: Any, node: Apply, operands: Sequence[Tensor]) -> Tensor:
        axis = counted_axis(self, node, operands[0].shape)
        if self._reverse(node):
            return np.flip(np.cumsum(np.flip(operands[0], axis), axis), axis)
        return np.cumsum(operands[0], axis)

    def pullback(self, backward: Backward, index: int) -> Expression:
        upstream = full(backward.upstream, backward.node, backward.shape_of)
        if upstream == ZERO:  # 0 is 0 everywhere
            return upstream
        options = dict(backward.node.options)
        options.pop("reverse", None)
        if not self._reverse(backward.node):
            options["reverse"] = True
        return Apply(self.key, (upstream,), tuple(sorted(options.items())))

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        axis = counted_axis(self, node, shapes[0])
        here, size = at[axis], shapes[0][axis]
        places = range(here, size) if self._reverse(node) else range(here + 1)
        return spelled(read(0, (*at[:axis], i, *at[axis + 1 :])) for i in places)

    def _reverse(self, node: Apply) -> bool:
        return bool(node.option("reverse", False))


def _kept(axis: int | tuple[int, ...]) -> tuple[tuple[str, Option], ...]:
    return (("axis", axis), ("keepdims", True))


OPERATIONS: tuple[Operation, ...] = (
    *(Sum(), Mean(), Variance()),
    Extreme(
        "reduce_max", "maximum", ("amax",), Message("For {node}, take the largest element of {x}.")
    ),
    Extreme(
        "reduce_min", "minimum", ("amin",), Message("For {node}, take the smallest element of {x}.")
    ),
    *(ArgMax(), CumulativeSum()),
)
