"""The value of an expression in TensorFlow, and one cell of it written out in numbers."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from bptutor.language.ops import operation_of
from bptutor.language.ops.base import Cell, ShapeOf, Tensor
from bptutor.language.shapes import Outlines, resolved
from bptutor.language.tree import Expression, Name, Number, Shape

ReadNumber = Callable[[str, Cell], float]
"""The number to write for one cell of a name."""


def evaluate(expression: Expression, values: Mapping[str, Tensor], tf: Any, dtype: str) -> Tensor:
    """The value of an expression, given its names' values.

    Args:
        expression: what to compute.
        values: a tensor (or variable) of `dtype` for each name in it.
        tf: the tensorflow module; this package does not import it.
        dtype: "float32" or "float64"; numbers in the expression become constants of it.

    Raises:
        ShapeError: shapes that do not fit, a name without a value, or a tensor too large.
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
    expression: Expression, at: Cell, shapes: Mapping[str, Shape], number: ReadNumber
) -> Expression:
    """Cell `at` of an expression as a formula of numbers.

    A sum of very many terms is cut short with a `…`, which has no value.

    Raises:
        ShapeError: shapes that do not fit, or a name without a value.
    """
    outlines = Outlines(shapes)
    return _cell(outlines.of(expression).expression, at, outlines.shape, number)


def _cell(expression: Expression, at: Cell, shape_of: ShapeOf, number: ReadNumber) -> Expression:
    if isinstance(expression, Number):
        return expression
    if isinstance(expression, Name):
        return Number(number(expression.id, at))

    def read(index: int, place: Cell) -> Expression:
        return _cell(expression.operands[index], place, shape_of, number)

    operand_shapes = [shape_of(operand) for operand in expression.operands]
    return operation_of(expression).cell(expression, at, read, operand_shapes)
