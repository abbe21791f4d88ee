"""Broadcasting undone: a gradient that stands for a larger one, spelled out or summed back."""

from collections.abc import Sequence
from math import prod

from bptutor.language.algebra import constant_factor, times
from bptutor.language.ops import build
from bptutor.language.ops.base import ShapeOf
from bptutor.language.tree import Expression, Number, Shape


def full(gradient: Expression, like: Expression, shape_of: ShapeOf) -> Expression:
    """`gradient` spelled out in the shape of `like`."""
    if shape_of(gradient) == shape_of(like):
        return gradient
    return times(gradient, build.ones_like(like))


def total(
    gradient: Expression, shape: Shape, axes: Sequence[int], keepdims: bool, shape_of: ShapeOf
) -> Expression:
    """The sum over `axes` of a gradient that stands for one of `shape`.

    Along an axis on which it is constant the sum is a multiple, so nothing need be spelled out.
    """
    constant, rest = constant_factor(gradient)
    actual = shape_of(rest)
    missing = len(shape) - len(actual)
    multiple = prod(shape[axis] for axis in axes if axis < missing or actual[axis - missing] == 1)
    summed = [
        axis - missing
        for axis in axes
        if axis >= missing and (not keepdims or actual[axis - missing] != 1)
    ]
    if summed:
        axis = summed[0] if len(summed) == 1 else tuple(summed)
        everything = len(summed) == len(actual) and not keepdims
        rest = build.total(rest, None if everything else axis, keepdims=keepdims)
    return times(constant, Number(multiple), rest)


def unbroadcast(
    gradient: Expression, shape: Shape, operand: Shape, shape_of: ShapeOf
) -> Expression:
    """The gradient by an operand that was broadcast from `operand` to `shape`: summed back.

    That this is one rule, apart from the operations, is taken from HIPS/autograd.

    A gradient may be smaller than the value it belongs to and then stands for itself broadcast (the
    slope of a mean over 6 cells is 1 / 6 for each of them); it is spelled out only where an
    operation needs its true shape.
    """
    if operand == shape:
        return gradient
    missing = len(shape) - len(operand)
    stretched = [
        axis + missing
        for axis, size in enumerate(operand)
        if size == 1 and shape[axis + missing] != 1
    ]
    if stretched:
        gradient = total(gradient, shape, stretched, True, shape_of)
        shape = tuple(1 if axis in stretched else size for axis, size in enumerate(shape))
    if missing:
        gradient = total(gradient, shape, range(missing), False, shape_of)
    return gradient
