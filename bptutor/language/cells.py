"""One cell of a formula, written out in numbers: how it would be worked on paper."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bptutor.language.ops import operations
from bptutor.language.ops.base import Cell
from bptutor.language.shapes import infer_shape
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
    if isinstance(expression, Number):
        return expression
    if isinstance(expression, Name):
        return Number(number(expression.id, at))
    operation = operations()[expression.operation]
    operand_shapes = [infer_shape(operand, shapes) for operand in expression.operands]
    if (meaning := operation.meaning(expression, operand_shapes)) is not None:
        return cell(meaning, at, shapes, number)

    def read(index: int, place: Cell) -> Expression:
        return cell(expression.operands[index], place, shapes, number)

    return operation.cell(expression, at, read, operand_shapes)
