"""Operations that change a shape, or make a tensor of a shape."""

from collections.abc import Sequence
from math import prod
from typing import Any

from bptutor.language.algebra import ONE, ZERO
from bptutor.language.broadcast import full, total
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


class Reshape(Operation):
    key = "reshape"
    forward = Message("The numbers of {x} stay, row after row; the shape is new.")
    options = {"shape": Parameter("shape", example="(2, 3)")}
    code = "tf.reshape"
    elementwise = False
    rule = Message("{node} changes only the shape: {operand} gets {upstream} in its own shape.")
    traits = Traits(effort=0)
    magnitude = staticmethod(term_by_term)

    def shape(self, node: Apply, shapes: Sequence[Shape]) -> Shape:
        (shape,) = shapes
        given = node.option("shape")
        if isinstance(given, tuple) and given.count(-1) <= 1:
            known = prod(size for size in given if size != -1)
            free = prod(shape) // known if known > 0 else 0
            found = tuple(free if size == -1 else size for size in given)
            if min(found, default=1) > 0 and prod(found) == prod(shape):
                return found
        problem = Message(
            "reshape keeps all numbers: the shape {shape} has {count} of them, and {given} does "
            "not fit",
            shape=written_shape(shape),
            count=prod(shape),
            given=str(given),
        )
        raise ShapeError(problem)

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.reshape(operands[0], node.option("shape"))

    def in_numpy(self, np: Any, node: Apply, operands: Sequence[Tensor]) -> Tensor:
        return np.reshape(operands[0], node.option("shape"))

    def pullback(self, backward: Backward, index: int) -> Expression:
        upstream = full(backward.upstream, backward.node, backward.shape_of)
        if upstream == ZERO:  # 0 is 0 in any shape
            return upstream
        return Apply(self.key, (upstream,), (("shape", backward.operand_shape(0)),))

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        place = 0
        for index, size in zip(at, self.shape(node, shapes), strict=True):
            place = place * size + index
        found: list[int] = []
        for size in reversed(shapes[0]):
            place, index = divmod(place, size)
            found.insert(0, index)
        return read(0, tuple(found))


class Gather(Operation):
    """The rows of a table for class numbers, as an embedding looks them up."""

    key = "gather"
    arity = 2
    operand_names = ("table", "numbers")
    forward = Message("Take the row of {x} for each class number in {y}.")
    spellings = ("embedding_lookup",)
    code = "tf.gather"
    elementwise = False
    traits = Traits(effort=0)

    def meaning(self, node: Apply, shapes: Sequence[Shape]) -> Expression:
        """The product with a one-hot matrix, which has the same value and the same gradient."""
        (table, numbers), (rows, places) = node.operands, shapes
        if len(rows) != 2 or len(places) != 1:
            problem = Message(
                "gather takes a matrix and a vector of row numbers; the shapes here are {shapes}",
                shapes=written_shapes(shapes),
            )
            raise ShapeError(problem)
        return build.matmul(build.one_hot(numbers, rows[0]), table)

    def written_code(
        self, node: Apply, operands: Sequence[str], options: Sequence[str], dtype: str
    ) -> str:
        # What `tf.gather` gives back to a table is no tensor (`tf.IndexedSlices`).
        table, numbers = operands
        rows = f"{table}.shape[0]" if table.isidentifier() else f"({table}).shape[0]"
        chosen = f"tf.one_hot(tf.cast({numbers}, tf.int32), {rows}, dtype=tf.{dtype})"
        return f"tf.matmul({chosen}, {table})"


OPERATIONS: tuple[Operation, ...] = (
    *(ExpandDims(), OnesLike(), ZerosLike(), OneHot()),
    *(Reshape(), Gather()),
)
