"""What expressions make of one another, worked out many at a time.

Values of one shape are a stack: an array with one axis more, and the expression of each. An
expression is built only when it is asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from itertools import product
from math import prod
from typing import TypeAlias

import numpy as np

from bptutor.engine.trace import Array
from bptutor.language.algebra import (
    ZERO,
    constant_factor,
    matrix_product,
    minus,
    plus,
    times,
    transposed,
)
from bptutor.language.errors import ShapeError
from bptutor.language.ops import build, joining, operation_of, operations
from bptutor.language.ops.base import broadcast_shape
from bptutor.language.tree import Apply, Expression, Name, Number, Shape, names, replaced

CHUNK = 1 << 16  # elements that are worked out at a time

Form: TypeAlias = Callable[[Expression], Expression]
Join: TypeAlias = Callable[[Expression, Expression], Expression]


@dataclass(frozen=True)
class Stack:
    """Values of one shape, and the expression of each."""

    values: Array
    write: Callable[[int], Expression]

    @property
    def shape(self) -> Shape:
        return self.values.shape[1:]

    def __len__(self) -> int:
        return len(self.values)

    @property
    def rows(self) -> Array:
        """The elements of each value in a row."""
        return self.values.reshape(len(self), prod(self.shape))

    def chosen(self, index: Array) -> Stack:
        return Stack(self.values[index], lambda k: self.write(int(index[k])))

    def mapped(self, values: Array, form: Form) -> Stack:
        """Other values, of a form that is made of each expression."""
        return Stack(values, lambda k: form(self.write(k)))

    def parts(self, elements: int) -> Iterator[Stack]:
        """Some at a time, where so many elements are made of each."""
        step = max(1, CHUNK // max(1, elements))
        for start in range(0, len(self), step):
            yield Stack(self.values[start : start + step], partial(self._write_from, start))

    def _write_from(self, start: int, k: int) -> Expression:
        return self.write(start + k)


def joined(stacks: Sequence[Stack]) -> Stack:
    ends = np.cumsum([len(stack) for stack in stacks])

    def write(k: int) -> Expression:
        which = int(np.searchsorted(ends, k, "right"))
        return stacks[which].write(k - int(ends[which]) + len(stacks[which]))

    return Stack(np.concatenate([stack.values for stack in stacks]), write)


@dataclass(frozen=True)
class Job:
    """Values of one shape that can be made, some at a time."""

    shape: Shape
    count: int
    make: Callable[[], Iterator[Stack]]


# ── of one ────────────────────────────────────────────────────────────────────────────────────────


def slopes(stack: Stack) -> Iterator[Job]:
    """Derivatives of functions whose argument or value it is."""

    def make(slope: Expression) -> Iterator[Stack]:
        for part in stack.parts(prod(stack.shape)):
            values = np.asarray(_worked_out(slope, part.values), "float64")
            made = part.mapped(values, partial(_put, slope))
            # A mask that is 1 everywhere is no factor.
            yield made.chosen(np.flatnonzero(np.ptp(made.rows, axis=1) > 0))

    for slope in _slopes() if prod(stack.shape) > 1 else ():
        yield Job(stack.shape, len(stack), partial(make, slope))


@cache
def _slopes() -> tuple[Expression, ...]:
    """The derivatives of functions by a quantity x that is their argument or their value."""
    x, found = Name("x"), list[Expression]()
    for operation in operations().values():
        traits = operation.traits
        common = operation.arity == 1 and not traits.saturates
        if not operation.elementwise or not (traits.activation or common):
            continue
        node = Apply(operation.key, (x, ZERO)[: operation.arity])
        near = traits.near_slopes(x, node) if traits.near_slopes else ()
        for slope in (operation.slope(node, 0), *near):
            by_value = slope and replaced(slope, partial(_called, node))
            if by_value and len(set(names(by_value))) == 1:
                found.append(constant_factor(_put(by_value, x))[1])
    return tuple(each for each in dict.fromkeys(found) if each != x)


def _called(node: Apply, part: Expression) -> Expression | None:
    """A name for the value of an operation."""
    return Name("value") if part == node else None


def _put(slope: Expression, x: Expression) -> Expression:
    """A derivative by one name, with an expression in the place of the name."""
    return replaced(slope, lambda part: x if isinstance(part, Name) else None)


def _worked_out(slope: Expression, x: Array) -> Array:
    if isinstance(slope, Name):
        return x
    if isinstance(slope, Number):
        return np.asarray(slope.value)
    operands = [_worked_out(operand, x) for operand in slope.operands]
    return np.asarray(operation_of(slope).in_numpy(np, slope, operands))


def _first_row(x: Expression) -> Expression:
    return joining.part(x, 0, None, 1)


def _last_row(x: Expression) -> Expression:
    return joining.part(x, 0, -1, None)


_OF_A_MATRIX: tuple[tuple[Callable[[Array], Array], Form], ...] = (
    (lambda values: values.sum(axis=1), lambda x: build.total(x, 0)),
    (lambda values: values.sum(axis=2, keepdims=True), lambda x: build.total(x, 1, keepdims=True)),
    (lambda values: values[:, :1], _first_row),
    (lambda values: values[:, -1:], _last_row),
    (lambda values: values.swapaxes(1, 2), transposed),
)


def slices(stack: Stack, allowed: Collection[Shape]) -> Iterator[Job]:
    """Sums over an axis, the first and the last row, and the transpose where it is allowed."""

    def make(compute: Callable[[Array], Array], form: Form) -> Iterator[Stack]:
        for part in stack.parts(prod(stack.shape)):
            yield part.mapped(compute(part.values), form)

    for compute, form in _OF_A_MATRIX if len(stack.shape) == 2 else ():
        shape = compute(stack.values[:1]).shape[1:]
        if shape in allowed if form is transposed else prod(shape) < prod(stack.shape):
            yield Job(shape, len(stack), partial(make, compute, form))


# ── of two ────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Way:
    """How two values make another."""

    shape: Shape
    compute: Callable[[Array, Array], Array]  # from n and m values their n x m values
    form: Join


Ways: TypeAlias = Callable[[Shape, Shape], Iterator[Way]]


def joint(ways: Ways, left: Stack, right: Stack) -> Iterator[Job]:
    """Each value of one stack with each of another."""

    def make(way: Way) -> Iterator[Stack]:
        elements = prod(way.shape)
        for lefts in left.parts(elements):
            for rights in right.parts(elements * len(lefts)):
                values = way.compute(lefts.values, rights.values)
                write = partial(_written, way.form, lefts, rights)
                yield Stack(values.reshape(-1, *way.shape), write)

    for way in _ways(ways, left.shape, right.shape):
        yield Job(way.shape, len(left) * len(right), partial(make, way))


@lru_cache(maxsize=4096)
def _ways(ways: Ways, left: Shape, right: Shape) -> tuple[Way, ...]:
    return tuple(ways(left, right))


def _written(form: Join, lefts: Stack, rights: Stack, k: int) -> Expression:
    left, right = divmod(k, len(rights))
    return form(lefts.write(left), rights.write(right))


def products(left: Shape, right: Shape) -> Iterator[Way]:
    if (shape := _wider(left, right)) is not None:
        yield Way(shape, partial(_element_wise, np.multiply), times)


def sums(left: Shape, right: Shape) -> Iterator[Way]:
    """Sums and differences, but none of a scalar and something else."""
    shape = _wider(left, right)
    if shape is not None and bool(left) == bool(right):
        yield Way(shape, partial(_element_wise, np.add), plus)
        yield Way(shape, partial(_element_wise, np.subtract), minus)


def _wider(left: Shape, right: Shape) -> Shape | None:
    """The shape to which one of them is broadcast, if it is the other's."""
    try:
        shape = broadcast_shape(left, right)
    except ShapeError:
        return None
    return shape if shape in (left, right) else None


def _element_wise(ufunc: np.ufunc, left: Array, right: Array) -> Array:
    rank = max(left.ndim, right.ndim) - 1
    lefts, rights = (
        array.reshape(len(array), *(1,) * (rank - array.ndim + 1), *array.shape[1:])
        for array in (left, right)
    )
    return np.asarray(ufunc(lefts[:, None], rights[None]))


def matrix_products(left: Shape, right: Shape) -> Iterator[Way]:
    """Of two matrices in either order, each of them transposed or not."""
    if len(left) != 2 or len(right) != 2:
        return
    for turns in product((False, True), repeat=3):
        turn_left, turn_right, turn = turns
        rows, inner = left[::-1] if turn_left else left
        fitting, columns = right[::-1] if turn_right else right
        if inner == fitting:
            shape = (columns, rows) if turn else (rows, columns)
            yield Way(shape, partial(_matrices, turns), partial(_matrix_product, turns))


def _matrices(turns: Sequence[bool], left: Array, right: Array) -> Array:
    turn_left, turn_right, turn = turns
    axes = (1 if turn_left else 2, 2 if turn_right else 1)
    found = np.tensordot(left, right, axes=axes)
    return found.transpose((0, 2, 3, 1) if turn else (0, 2, 1, 3))


def _matrix_product(turns: Sequence[bool], left: Expression, right: Expression) -> Expression:
    turn_left, turn_right, turn = turns
    first = transposed(left) if turn_left else left
    second = transposed(right) if turn_right else right
    made = matrix_product(first, second)
    return transposed(made) if turn else made
