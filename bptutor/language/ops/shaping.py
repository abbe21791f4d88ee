"""What changes the shape of a tensor, or makes one from the shape of another."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bptutor.language.algebra import ONE, ZERO, transposed
from bptutor.language.broadcast import full, total
from bptutor.language.errors import ShapeError
from bptutor.language.ops.base import (
    Backward,
    Cell,
    Operation,
    Parameter,
    Read,
    Tensor,
    written_shape,
)
from bptutor.language.tree import Apply, Expression, Number, Shape
from bptutor.locale import Message


class Transpose(Operation):
    """The transpose: the axes in reverse order"""

    key = "transpose"
    forward = Message("Rows become columns.")
    code = "tf.transpose"
    broadcasts = False
    rule = Message("A transpose passes the upstream gradient on transposed.")

    def shape(self, node: Apply, shapes: Sequence[Shape]) -> Shape:
        return shapes[0][::-1]

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.transpose(operands[0])

    def pullback(self, backward: Backward, index: int) -> Expression:
        return transposed(full(backward.upstream, backward.node, backward.shape_of))

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        return read(0, at[::-1])


class ExpandDims(Operation):
    """A new axis of size 1"""

    key = "expand_dims"
    forward = Message("The numbers stay; the shape gets an axis of size 1.")
    options = {"axis": Parameter("axis", example="0")}
    code = "tf.expand_dims"
    broadcasts = False
    rule = Message("A new axis of size 1 changes no number; the gradient loses that axis again.")

    def shape(self, node: Apply, shapes: Sequence[Shape]) -> Shape:
        (shape,) = shapes
        axis = self._axis(node, len(shape) + 1)
        return (*shape[:axis], 1, *shape[axis:])

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.expand_dims(operands[0], self._axis(node, len(operands[0].shape) + 1))

    def pullback(self, backward: Backward, index: int) -> Expression:
        shape = backward.shape_of(backward.node)
        axis = self._axis(backward.node, len(shape))
        return total(backward.upstream, shape, [axis], False, backward.shape_of)

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        axis = self._axis(node, len(at))
        return read(0, (*at[:axis], *at[axis + 1 :]))

    def _axis(self, node: Apply, rank: int) -> int:
        axis = node.option("axis")
        if not isinstance(axis, int) or not -rank <= axis < rank:
            raise ShapeError(
                Message("expand_dims: there is no place {axis} for an axis", axis=str(axis))
            )
        return axis % rank


class OnesLike(Operation):
    """Ones in the shape of x"""

    key = "ones_like"
    forward = Message("Ones in that shape.")
    code = "tf.ones_like"
    rule = Message("This depends on a shape alone: its slope is 0, and no gradient passes.")

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.ones_like(operands[0])

    def pullback(self, backward: Backward, index: int) -> None:
        return None

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        return ONE


class ZerosLike(OnesLike):
    """Zeros in the shape of x"""

    key = "zeros_like"
    forward = Message("Zeros in that shape.")
    code = "tf.zeros_like"

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.zeros_like(operands[0])

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        return ZERO


class OneHot(Operation):
    """Class numbers 0, 1, 2, ... as rows with a single 1"""

    key = "one_hot"
    forward = Message("A row for each class number: 1 in that place, 0 elsewhere.")
    options = {"depth": Parameter("count", example="3")}
    code = "tf.one_hot"
    broadcasts = False
    rule = Message(
        "A class number cannot be moved a little: its slope is 0, and no gradient passes."
    )

    def shape(self, node: Apply, shapes: Sequence[Shape]) -> Shape:
        depth = node.option("depth")
        if not isinstance(depth, int) or depth < 1:
            raise ShapeError(
                Message(
                    "one_hot needs the number of classes after labels of shape {shape}:"
                    " one_hot(labels, 3)",
                    shape=written_shape(shapes[0]),
                )
            )
        return (*shapes[0], depth)

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.one_hot(tf.cast(operands[0], tf.int32), node.option("depth"), dtype=dtype)

    def pullback(self, backward: Backward, index: int) -> None:
        return None

    def written_code(
        self, node: Apply, operands: Sequence[str], options: Sequence[str], dtype: str
    ) -> str:
        labels = f"tf.cast({operands[0]}, tf.int32)"
        return super().written_code(node, [labels], [*options, f"dtype=tf.{dtype}"], dtype)

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        return Apply("equal", (read(0, at[:-1]), Number(at[-1])))
