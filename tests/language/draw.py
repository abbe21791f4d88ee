"""Draws operations with operands that fit, values with ties in them, and whole programs."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import prod
from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, broadcastable_shapes, mutually_broadcastable_shapes
from numpy.typing import NDArray

from bptutor.language.errors import ShapeError
from bptutor.language.ops import operations
from bptutor.language.ops.base import Operation, Parameter
from bptutor.language.shapes import infer_shape
from bptutor.language.tree import (
    Apply,
    Assignment,
    Expression,
    Name,
    Number,
    Option,
    Program,
    Shape,
)

Array = NDArray[Any]
Draw = Callable[[st.SearchStrategy[Any]], Any]

shapes = array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=4)
TIED = st.sampled_from([-2.0, -1.0, -0.5, 0.0, 0.0, 0.5, 1.0, 2.0])
POSITIVE = st.sampled_from([0.25, 0.5, 1.0, 1.5, 2.0]) | st.integers(100, 3000).map(
    lambda thousandths: thousandths / 1000
)
WHOLE = st.integers(-1, 4).map(float)
SIGNED = st.integers(-3000, 3000).map(lambda thousandths: thousandths / 1000)


@dataclass(frozen=True)
class Case:
    """An operation applied to operands that fit."""

    node: Apply
    shapes: dict[str, Shape]
    values: dict[str, Array]


def arrays(shape: Shape, elements: st.SearchStrategy[float]) -> st.SearchStrategy[Array]:
    """Arrays of a shape; every element is drawn by itself, so that ties are common."""
    size = prod(shape)
    lists = st.lists(elements, min_size=size, max_size=size)
    return lists.map(lambda numbers: np.array(numbers, "float64").reshape(shape))


@st.composite
def cases(draw: Draw, key: str) -> Case:
    """The operation `key` on names and numbers."""
    operation = operations()[key]
    kinds = [WHOLE] if key == "one_hot" else [TIED, POSITIVE, SIGNED]
    kind = draw(st.sampled_from(kinds))
    node, given = draw(_nodes(operation))
    values = {name: draw(arrays(shape, kind)) for name, shape in given.items()}
    if key == "gather":
        values["numbers"] = draw(arrays(given["numbers"], WHOLE))
    return Case(node, given, values)


@st.composite
def _nodes(draw: Draw, operation: Operation) -> tuple[Apply, dict[str, Shape]]:
    given = dict(zip(operation.operand_names, draw(_operand_shapes(operation)), strict=False))
    operands: list[Expression] = [Name(name) for name in given]
    if operation.key == "power" and draw(st.booleans()):
        operands[1] = Number(draw(st.sampled_from([-2, -1, 0, 0.5, 1, 1.5, 2, 3])))
        del given["y"]
    elif operation.elementwise and len(operands) > 1:
        place = draw(st.integers(0, 2 * len(operands)))
        if place < len(operands):
            operands[place] = Number(draw(st.sampled_from([0, 1, -0.5, 2])))
            del given[operation.operand_names[place]]
    first = given.get(operation.operand_names[0], ())
    options = {name: draw(_option(p, len(first))) for name, p in operation.options.items()}
    options |= draw(_fitting(operation, *given.values()))
    chosen = tuple(
        sorted(
            (name, value)
            for name, value in options.items()
            if value != operation.options[name].default
        )
    )
    return Apply(operation.key, tuple(operands), chosen), given


@st.composite
def _fitting(
    draw: Draw, operation: Operation, shape: Shape = (), other: Shape = (), *_: Shape
) -> dict[str, Option]:
    """The options that must fit the shapes."""
    if operation.key == "concat":
        axes = range(len(shape))
        fitting = [a for a in axes if all(shape[b] == other[b] for b in axes if b != a)]
        axis = draw(st.sampled_from(fitting))
        return {"axis": axis - draw(st.sampled_from([0, len(shape)]))}
    if operation.key == "reshape":
        sizes = list(shape)
        place = draw(st.integers(0, len(sizes)))
        kinds: list[Option] = [
            (prod(shape),),
            (*sizes[:place], 1, *sizes[place:]),
            (-1, *sizes[:1]),
        ]
        return {"shape": draw(st.sampled_from(kinds))}
    if operation.key == "slice":
        axis = draw(st.integers(-len(shape), len(shape) - 1))
        start = draw(st.integers(0, shape[axis] - 1))
        stop = draw(st.integers(start + 1, shape[axis]))
        from_end = draw(st.booleans())
        return {
            "axis": axis,
            "start": (start - shape[axis] if from_end else start) or None,
            "stop": (stop - shape[axis] or None) if from_end else stop,
        }
    return {}


def _operand_shapes(operation: Operation) -> st.SearchStrategy[tuple[Shape, ...]]:
    if operation.arity == 1:
        return shapes.map(lambda shape: (shape,)).filter(lambda given: _fits(operation, given))
    broadcast = mutually_broadcastable_shapes(
        num_shapes=operation.arity, max_dims=3, max_side=4, min_side=1
    ).map(lambda found: found.input_shapes)
    if operation.arity > 2:
        return broadcast
    sides = st.integers(1, 4)
    matrices = st.tuples(sides, sides, sides).map(lambda s: ((s[0], s[1]), (s[1], s[2])))
    vectors = st.tuples(sides, sides).map(lambda s: ((s[0], s[1]), (s[1],)))
    if operation.key == "concat":
        rows = st.lists(sides, max_size=2).map(tuple)
        joined = st.tuples(rows, sides, sides).map(lambda s: ((*s[0], s[1]), (*s[0], s[2])))
        upright = st.tuples(sides, sides, sides).map(lambda s: ((s[0], s[2]), (s[1], s[2])))
        return joined | upright
    if operation.key == "gather":
        return st.tuples(sides, sides, sides).map(lambda s: ((s[0], s[1]), (s[2],)))
    if not operation.elementwise:
        return matrices
    kinds = st.one_of(broadcast, matrices, vectors, vectors.map(lambda pair: pair[::-1]))
    return kinds.filter(lambda given: _fits(operation, given))


def _fits(operation: Operation, given: tuple[Shape, ...]) -> bool:
    names = operation.operand_names[: operation.arity]
    if len(given) != operation.arity:
        return False
    options: dict[str, Option] = {"axis": 0} if operation.key == "expand_dims" else {}
    options |= {"depth": 2} if operation.key == "one_hot" else {}
    options |= {"shape": (-1,)} if operation.key == "reshape" else {}
    node = Apply(operation.key, tuple(map(Name, names)), tuple(options.items()))
    try:
        infer_shape(node, dict(zip(names, given, strict=True)))
    except ShapeError:
        return False
    return True


def _option(parameter: Parameter, rank: int) -> st.SearchStrategy[Option]:
    axis = st.integers(-rank, max(rank - 1, -rank))
    kinds: Mapping[str, st.SearchStrategy[Option]] = {
        "axis": axis,
        "axes": st.none() | axis | st.sets(st.integers(0, rank - 1)).map(as_option)
        if rank
        else st.none(),
        "shape": st.none(),
        "place": st.none(),
        "flag": st.booleans(),
        "count": st.integers(1, 4),
        "number": st.integers(1, 128).map(lambda parts: parts / 64),
    }
    return kinds[parameter.kind]


def as_option(axes: set[int]) -> Option:
    """Axes as they are kept."""
    return axes.pop() if len(axes) == 1 else tuple(sorted(axes))


@st.composite
def upstreams(draw: Draw, shape: Shape) -> Array:
    """An upstream gradient that may stand for itself broadcast to `shape`."""
    small = draw(broadcastable_shapes(shape, max_dims=len(shape), max_side=4))
    fits = np.broadcast_shapes(small, shape) == shape
    return np.asarray(draw(arrays(small if fits else shape, SIGNED)))


@st.composite
def trees(draw: Draw, given: Mapping[str, Shape], depth: int = 3) -> Expression:
    """An expression over names whose shapes fit, and whose values stay tame."""
    names = st.sampled_from(sorted(given)).map(Name)
    if depth == 0 or draw(st.integers(0, 4)) == 0:
        name: Name = draw(names)
        return name
    operation = operations()[draw(st.sampled_from(_TAME))]
    operands: list[Expression] = [draw(trees(given, depth - 1)) for _ in range(operation.arity)]
    if operation.key == "power":
        operands[1] = Number(draw(st.sampled_from([2, 3])))
    elif operation.arity == 2 and operation.key != "dot" and draw(st.integers(0, 4)) == 0:
        operands[draw(st.integers(0, 1))] = Number(draw(st.sampled_from([0, 0.5, 2, 3, -2])))
    if operation.key in ("log", "sqrt", "divide"):
        operands[-1] = Apply("add", (Apply("square", (operands[-1],)), Number(0.5)))
    try:
        first = infer_shape(operands[0], given)
        options = tuple(
            (name, value)
            for name, parameter in sorted(operation.options.items())
            if (value := draw(_option(parameter, len(first)))) != parameter.default
        )
        node = Apply(operation.key, tuple(operands), options)
        if prod(infer_shape(node, given)) <= 64:
            return node
    except ShapeError:
        pass
    return next(operand for operand in operands if not isinstance(operand, Number))


_TAME = sorted(
    set(operations())
    - {"exp", "one_hot", "expand_dims", "where", "reshape", "slice", "gather", "argmax"}
)
_TAME += ["matmul", "add", "multiply", "matmul", "add", "multiply", "tanh", "mean", "sum"]


@dataclass(frozen=True)
class Drawn:
    """A program with its leaves' values."""

    program: Program
    leaves: dict[str, Array]
    shapes: dict[str, Shape]


@st.composite
def programs(draw: Draw) -> Drawn:
    """Programs in which names are read several times, and all that there is reaches the loss L."""
    rows, inner, columns = (draw(st.integers(1, 3)) for _ in range(3))
    leaves: dict[str, Shape] = {
        "X": (rows, inner),
        "W": (inner, columns),
        "V": (inner, inner),
        "b": (columns,),
        "s": (),
    }
    kind = draw(st.sampled_from([TIED, SIGNED]))
    values = {name: draw(arrays(shape, kind)) for name, shape in leaves.items()}
    known = dict(leaves)
    assignments: list[Assignment] = []
    for line in range(1, draw(st.integers(2, 5))):
        expression = draw(trees(known))
        assignments.append(Assignment(f"h{line}", expression, line))
        known[f"h{line}"] = infer_shape(expression, known)
    total: Expression = Number(0.5)
    for assignment in assignments:
        total = Apply("add", (total, Apply("mean", (Name(assignment.target),))))
    assignments.append(Assignment("L", total, len(assignments) + 1))
    known["L"] = ()
    return Drawn(Program(tuple(assignments)), values, known)
