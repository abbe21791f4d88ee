"""Operations that change a shape or make a tensor of a shape, join tensors, or slice one."""

from collections.abc import Sequence
from typing import Any

from bptutor.language.algebra import ONE, ZERO
from bptutor.language.broadcast import full, total
from bptutor.language.errors import ShapeError
from bptutor.language.ops.base import (
    FLAT,
    Backward,
    Cell,
    Operation,
    Parameter,
    Read,
    Tensor,
    Traits,
    term_by_term,
    written_shape,
    written_shapes,
)
from bptutor.language.tree import Apply, Expression, Number, Shape
from bptutor.text import Message


class ExpandDims(Operation):
    key = "expand_dims"
    forward = Message("The numbers of {x} stay; the shape gets an axis of size 1.")
    options = {"axis": Parameter("axis", example="0")}
    code = "tf.expand_dims"
    elementwise = False
    rule = Message("{node} adds an axis of size 1: {operand} gets {upstream} without it.")
    traits = Traits(effort=0)

    def shape(self, node: Apply, shapes: Sequence[Shape]) -> Shape:
        (shape,) = shapes
        axis = self._axis(node, len(shape) + 1)
        return (*shape[:axis], 1, *shape[axis:])

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.expand_dims(operands[0], self._axis(node, len(operands[0].shape) + 1))

    def in_numpy(self, np: Any, node: Apply, operands: Sequence[Tensor]) -> Tensor:
        return self.compute(np, node, operands, "float64")

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
            problem = Message("expand_dims: there is no place {axis} for an axis", axis=str(axis))
            raise ShapeError(problem)
        return axis % rank


class OnesLike(Operation):
    key = "ones_like"
    forward = Message("Ones in the shape of {x}.")
    code = "tf.ones_like"
    rule = FLAT
    traits = Traits(shape_alone=True, effort=0)

    def pullback(self, backward: Backward, index: int) -> None:
        return None

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        return ONE


class ZerosLike(OnesLike):
    key = "zeros_like"
    forward = Message("Zeros in the shape of {x}.")
    code = "tf.zeros_like"

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        return ZERO


class OneHot(Operation):
    key = "one_hot"
    forward = Message("A row for each class number in {x}: 1 in that place, 0 elsewhere.")
    options = {"depth": Parameter("count", example="3")}
    code = "tf.one_hot"
    elementwise = False
    rule = FLAT
    traits = Traits(class_numbers=True, effort=0)

    def shape(self, node: Apply, shapes: Sequence[Shape]) -> Shape:
        depth = node.option("depth")
        if not isinstance(depth, int) or depth < 1:
            problem = Message(
                "one_hot needs the number of classes after labels of shape {shape}:"
                " one_hot(labels, 3)",
                shape=written_shape(shapes[0]),
            )
            raise ShapeError(problem)
        return (*shapes[0], depth)

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.one_hot(tf.cast(operands[0], tf.int32), node.option("depth"), dtype=dtype)

    def in_numpy(self, np: Any, node: Apply, operands: Sequence[Tensor]) -> Tensor:
        labels = np.expand_dims(operands[0].astype("int32"), -1)
        return (labels == np.arange(node.option("depth"))).astype("float64")

    def pullback(self, backward: Backward, index: int) -> None:
        return None

    def written_code(
        self, node: Apply, operands: Sequence[str], options: Sequence[str], dtype: str
    ) -> str:
        labels = f"tf.cast({operands[0]}, tf.int32)"
        return super().written_code(node, [labels], [*options, f"dtype=tf.{dtype}"], dtype)

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        return Apply("equal", (read(0, at[:-1]), Number(at[-1])))


class Concat(Operation):
    """x and y side by side along the last axis."""

    key = "concat"
    forward = Message("Write the columns of {x}, then those of {y}.")
    arity = 2
    spellings = ("concatenate", "hstack")
    code = "tf.concat"
    elementwise = False
    rules = (
        Message("{node} joins columns: {operand} gets the first columns of {upstream}."),
        Message("{node} joins columns: {operand} gets the last columns of {upstream}."),
    )
    traits = Traits(effort=0)
    magnitude = staticmethod(term_by_term)

    def shape(self, node: Apply, shapes: Sequence[Shape]) -> Shape:
        first, second = shapes
        if not first or not second or first[:-1] != second[:-1]:
            problem = Message(
                "concat puts side by side what has the same rows; the shapes here are {shapes}",
                shapes=written_shapes(shapes),
            )
            raise ShapeError(problem)
        return (*first[:-1], first[-1] + second[-1])

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.concat(operands, axis=-1)

    def in_numpy(self, np: Any, node: Apply, operands: Sequence[Tensor]) -> Tensor:
        return np.concatenate(operands, axis=-1)

    def pullback(self, backward: Backward, index: int) -> Expression:
        upstream = backward.upstream
        if backward.shape_of(upstream)[-1:] in ((), (1,)):  # it is the same for every column
            return upstream
        count = backward.operand_shape(index)[-1]
        return Apply(("first", "last")[index], (upstream,), (("count", count),))

    def written_code(
        self, node: Apply, operands: Sequence[str], options: Sequence[str], dtype: str
    ) -> str:
        return f"tf.concat([{', '.join(operands)}], axis=-1)"

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        column, width = at[-1], shapes[0][-1]
        if column < width:
            return read(0, at)
        return read(1, (*at[:-1], column - width))


class First(Operation):
    """x[..., :count]"""

    key = "first"
    forward = Message("Take the first columns of {x}, as {node} says.")
    options = {"count": Parameter("count", example="2")}
    code = "tf.strided_slice"  # written with brackets
    elementwise = False
    rule = Message("{node} takes columns of {operand}: these get {upstream}, and the others get 0.")
    traits = Traits(effort=0)
    magnitude = staticmethod(term_by_term)

    def shape(self, node: Apply, shapes: Sequence[Shape]) -> Shape:
        (shape,) = shapes
        return (*shape[:-1], self._count(node, shape))

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return operands[0][..., : self._count(node, operands[0].shape)]

    def in_numpy(self, np: Any, node: Apply, operands: Sequence[Tensor]) -> Tensor:
        return self.compute(np, node, operands, "float64")

    def pullback(self, backward: Backward, index: int) -> Expression:
        shape = backward.operand_shape(0)
        upstream = full(backward.upstream, backward.node, backward.shape_of)
        others = shape[-1] - self._count(backward.node, shape)
        if not others or upstream == ZERO:  # 0 is 0 in every column
            return upstream
        return self._beside(upstream, backward.operand(0), others)

    def _beside(self, gradient: Expression, operand: Expression, others: int) -> Expression:
        """The gradient beside zeros for the columns that are not taken."""
        return Apply("concat", (gradient, _zeros("last", operand, others)))

    def written_code(
        self, node: Apply, operands: Sequence[str], options: Sequence[str], dtype: str
    ) -> str:
        return f"({operands[0]})[..., :{node.option('count')}]"

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        return read(0, at)

    def _count(self, node: Apply, shape: Sequence[int]) -> int:
        count = node.option("count")
        if not isinstance(count, int) or not shape or not 1 <= count <= shape[-1]:
            problem = Message(
                "{name} takes from 1 to as many columns as there are: not {count} of the shape"
                " {shape}",
                name=self.key,
                count=str(count),
                shape=written_shape(tuple(shape)),
            )
            raise ShapeError(problem)
        return count


class Last(First):
    """x[..., -count:]"""

    key = "last"
    forward = Message("Take the last columns of {x}, as {node} says.")

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return operands[0][..., -self._count(node, operands[0].shape) :]

    def _beside(self, gradient: Expression, operand: Expression, others: int) -> Expression:
        return Apply("concat", (_zeros("first", operand, others), gradient))

    def written_code(
        self, node: Apply, operands: Sequence[str], options: Sequence[str], dtype: str
    ) -> str:
        return f"({operands[0]})[..., -{node.option('count')}:]"

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        return read(0, (*at[:-1], at[-1] + shapes[0][-1] - self._count(node, shapes[0])))


def _zeros(end: str, operand: Expression, count: int) -> Expression:
    return Apply("zeros_like", (Apply(end, (operand,), (("count", count),)),))


OPERATIONS: tuple[Operation, ...] = (
    *(ExpandDims(), OnesLike(), ZerosLike(), OneHot()),
    *(Concat(), First(), Last()),
)
