"""The value of an expression in TensorFlow, one element of it, and what the tree tells of it."""

from collections.abc import Callable, Iterator, Mapping
from math import prod
from typing import Any

from bptutor.language.algebra import CUT_SHORT
from bptutor.language.limits import MOST_NESTING
from bptutor.language.ops import operation_of
from bptutor.language.ops.base import Cell, ShapeOf, Tensor
from bptutor.language.ops.elementwise import Comparison
from bptutor.language.shapes import Outlines, resolved
from bptutor.language.tree import Apply, Expression, Name, Number, Shape, parts

MOST_PARTS = 200  # of an element that is written out

Element = Callable[[str, Cell], Name | float]  # for one element: its number, or its indexed name


def evaluate(expression: Expression, values: Mapping[str, Tensor], tf: Any, dtype: str) -> Tensor:
    """The value of an expression, given a tensor (or variable) of `dtype` for each name in it.

    `tf` is the tensorflow module, which this package does not import. Raises ShapeError: shapes
    that do not fit, a name without a value, or a tensor too large.
    """
    shapes = {name: tuple(value.shape) for name, value in values.items()}
    return _compute(resolved(expression, shapes), values, tf, dtype)


def _compute(expression: Expression, values: Mapping[str, Tensor], tf: Any, dtype: str) -> Tensor:
    if isinstance(expression, Number):
        return tf.constant(expression.value, dtype)
    if isinstance(expression, Name):
        return values[expression.id]
    operands = [_compute(operand, values, tf, dtype) for operand in expression.operands]
    return operation_of(expression).compute(tf, expression, operands, dtype)


def cell(
    expression: Expression, at: Cell, shapes: Mapping[str, Shape], element: Element
) -> Expression:
    """Element `at` of an expression as a formula of elements.

    What is very long or deep is cut short with a `…`, which has no value: a sum of many terms, and
    what comes after MOST_PARTS, which every factor of a chain of matrices multiplies. Raises
    ShapeError: shapes that do not fit, or a name without a value.
    """
    outlines = Outlines(shapes)
    left = MOST_PARTS

    def worked(part: Expression, place: Cell, depth: int = 0) -> Expression:
        nonlocal left
        if isinstance(part, Number):
            return part
        left -= 1
        if left < 0 or depth > MOST_NESTING:
            return CUT_SHORT
        if isinstance(part, Name):
            found = element(part.id, place)
            return found if isinstance(found, Name) else Number(float(found))
        operand_shapes = [outlines.shape(operand) for operand in part.operands]

        def read(index: int, at: Cell) -> Expression:
            return worked(part.operands[index], at, depth + 1)

        return operation_of(part).cell(part, place, read, operand_shapes)

    return worked(outlines.of(expression).expression, at)


def masks_in(expression: Expression) -> Iterator[Expression]:
    """The masks of a formula, each as a comparison."""
    for part in dict.fromkeys(parts(expression)):
        if isinstance(part, Apply):
            operation = operation_of(part)
            mask = part if isinstance(operation, Comparison) else operation.kink(part)
            if mask is not None:
                yield mask


def uniform(expression: Expression, shape_of: ShapeOf) -> bool:
    """Are all elements of the value one number, whatever the numbers of the names?"""
    if prod(shape_of(expression)) == 1:
        return True
    if not isinstance(expression, Apply):
        return False
    operation = operation_of(expression)
    return operation.traits.shape_alone or (
        operation.elementwise and all(uniform(each, shape_of) for each in expression.operands)
    )
