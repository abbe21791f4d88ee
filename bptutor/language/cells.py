"""One cell of a formula, written out in numbers: how it would be worked on paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bptutor.language.ops import operation_of
from bptutor.language.ops.base import Cell, ShapeOf
from bptutor.language.shapes import Outlines
from bptutor.language.tree import Expression, Name, Number, Shape

ReadNumber = Callable[[str, Cell], float]
"""The number to write for one cell of a name."""


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
