"""Operations that join tensors, and that take a part of one."""

from collections.abc import Sequence
from typing import Any

from bptutor.language.algebra import ZERO
from bptutor.language.broadcast import full
from bptutor.language.errors import ShapeError
from bptutor.language.ops.base import (
    Backward,
    Cell,
    Operation,
    Parameter,
    Read,
    Tensor,
    Traits,
    counted_axis,
    term_by_term,
    written_shape,
    written_shapes,
)
from bptutor.language.tree import Apply, Expression, Option, Shape
from bptutor.text import Message


class Concat(Operation):
    """x and y one after the other along an axis, the last one by default."""

    key = "concat"
    forward = Message("Join {x} and {y}, one after the other.")
    arity = 2
    options = {"axis": Parameter("axis", -1)}
    spellings = ("concatenate",)
    code = "tf.concat"
    elementwise = False
    rules = (
        Message("{node} joins two tensors: {operand} gets the first part of {upstream}."),
        Message("{node} joins two tensors: {operand} gets the last part of {upstream}."),
    )
    traits = Traits(effort=0)
    magnitude = staticmethod(term_by_term)

    def shape(self, node: Apply, shapes: Sequence[Shape]) -> Shape:
        first, second = shapes
        if first and second and len(first) == len(second):
            axis = counted_axis(self, node, first)
            if _without(axis, first) == _without(axis, second):
                return (*first[:axis], first[axis] + second[axis], *first[axis + 1 :])
        problem = Message(
            "concat joins tensors whose shapes are equal but for one axis, the last one by "
            "default; the shapes here are {shapes}",
            shapes=written_shapes(shapes),
        )
        raise ShapeError(problem)

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.concat(operands, axis=node.option("axis", -1))

    def in_numpy(self, np: Any, node: Apply, operands: Sequence[Tensor]) -> Tensor:
        return np.concatenate(operands, axis=node.option("axis", -1))

    def pullback(self, backward: Backward, index: int) -> Expression:
        node, upstream = backward.node, backward.upstream
        rank = len(backward.shape_of(node))
        axis = counted_axis(self, node, backward.operand_shape(0)) - rank
        shape = backward.shape_of(upstream)
        if len(shape) < -axis or shape[axis] == 1:  # it is the same along the axis
            return upstream
        at = backward.operand_shape(0)[axis]
        start, stop = (None, at) if index == 0 else (at, None)
        return part(upstream, axis + len(shape), start, stop)

    def written_code(
        self, node: Apply, operands: Sequence[str], options: Sequence[str], dtype: str
    ) -> str:
        return f"tf.concat([{', '.join(operands)}], axis={node.option('axis', -1)})"

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        axis = counted_axis(self, node, shapes[0])
        place, length = at[axis], shapes[0][axis]
        if place < length:
            return read(0, at)
        return read(1, (*at[:axis], place - length, *at[axis + 1 :]))


class Slice(Operation):
    """x[:, 1:4]: what lies from one place to another along an axis."""

    key = "slice"
    forward = Message("Take a part of {x}, as {node} says.")
    options = {
        "start": Parameter("place", None, example="0"),
        "stop": Parameter("place", None, example="2"),
        "axis": Parameter("axis", -1),
    }
    code = "tf.strided_slice"  # written with brackets
    elementwise = False
    rule = Message(
        "{node} takes a part of {operand}: this part gets {upstream}, and the rest gets 0."
    )
    traits = Traits(effort=0)
    magnitude = staticmethod(term_by_term)

    def shape(self, node: Apply, shapes: Sequence[Shape]) -> Shape:
        (shape,) = shapes
        axis, start, stop = self._bounds(node, shape)
        return (*shape[:axis], stop - start, *shape[axis + 1 :])

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        axis, start, stop = self._bounds(node, tuple(operands[0].shape))
        return operands[0][(slice(None),) * axis + (slice(start, stop),)]

    def in_numpy(self, np: Any, node: Apply, operands: Sequence[Tensor]) -> Tensor:
        return self.compute(np, node, operands, "float64")

    def pullback(self, backward: Backward, index: int) -> Expression:
        shape, operand = backward.operand_shape(0), backward.operand(0)
        axis, start, stop = self._bounds(backward.node, shape)
        gradient = full(backward.upstream, backward.node, backward.shape_of)
        if gradient == ZERO:  # 0 is 0 everywhere
            return gradient
        along = -1 if axis == len(shape) - 1 else axis
        if start:
            gradient = joined(_zeros(part(operand, axis, None, start)), gradient, along)
        if stop < shape[axis]:
            gradient = joined(gradient, _zeros(part(operand, axis, stop, None)), along)
        return gradient

    def in_brackets(self, node: Apply) -> str:
        start, stop, axis = node.option("start"), node.option("stop"), node.option("axis", -1)
        assert isinstance(axis, int)
        bounds = f"{'' if start is None else start}:{'' if stop is None else stop}"
        before = [":"] * axis if axis >= 0 else ["..."]
        return f"[{', '.join([*before, bounds, *[':'] * (-axis - 1)])}]"

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        axis, start, _ = self._bounds(node, shapes[0])
        return read(0, (*at[:axis], at[axis] + start, *at[axis + 1 :]))

    def _bounds(self, node: Apply, shape: Shape) -> tuple[int, int, int]:
        """The axis, where the part begins, and where it ends, all counted from 0.

        Raises ShapeError: there is no such axis, or no such part.
        """
        axis = counted_axis(self, node, shape)
        size = shape[axis]
        start, stop = (
            _counted(node.option(name), size, otherwise)
            for name, otherwise in (("start", 0), ("stop", size))
        )
        if not 0 <= start < stop <= size:
            problem = Message(
                "{part} is no part of the shape {shape}: along this axis there are the places 0 to"
                " {last}",
                part=self.in_brackets(node),
                shape=written_shape(shape),
                last=size - 1,
            )
            raise ShapeError(problem)
        return axis, start, stop


def part(operand: Expression, axis: int, start: int | None, stop: int | None) -> Apply:
    """x[..., start:stop] along an axis."""
    given: dict[str, Option] = {"axis": None if axis == -1 else axis, "start": start, "stop": stop}
    options = tuple(sorted((name, value) for name, value in given.items() if value is not None))
    return Apply("slice", (operand,), options)


def stacked(operands: Sequence[Expression], axis: int) -> Sequence[Expression]:
    """The operands with a new axis, along which they can be joined."""
    return [Apply("expand_dims", (operand,), (("axis", axis),)) for operand in operands]


def joined(first: Expression, second: Expression, axis: int) -> Apply:
    """Two tensors one after the other along an axis."""
    return Apply("concat", (first, second), () if axis == -1 else (("axis", axis),))


def _zeros(operand: Expression) -> Apply:
    return Apply("zeros_like", (operand,))


def _counted(place: Option, size: int, otherwise: int) -> int:
    if not isinstance(place, int):
        return otherwise
    return place + size if place < 0 else place


def _without(axis: int, shape: Shape) -> Shape:
    return (*shape[:axis], *shape[axis + 1 :])


OPERATIONS: tuple[Operation, ...] = (Concat(), Slice())
