"""The shape of every expression, known before anything is computed."""

from __future__ import annotations

from collections.abc import Mapping
from math import prod

from bptutor.language.errors import ShapeError, shortened
from bptutor.language.ops import operations
from bptutor.language.ops.base import written_shapes
from bptutor.language.tree import Apply, Expression, Name, Number, Program, Shape
from bptutor.locale import Message

MOST_ELEMENTS = 10_000_000
"""The largest tensor that a formula may make."""


def infer_shape(expression: Expression, shapes: Mapping[str, Shape]) -> Shape:
    """The shape of an expression, given the shapes of its names.

    Raises:
        ShapeError: shapes that do not fit, a name without a value, or a tensor too large.
    """
    if isinstance(expression, Number):
        return ()
    if isinstance(expression, Name):
        if expression.id not in shapes:
            raise ShapeError(Message("{name} has no value here", name=shortened(expression.id)))
        return shapes[expression.id]
    operands = [infer_shape(operand, shapes) for operand in expression.operands]
    operation = operations()[expression.operation]
    if (meaning := operation.meaning(expression, operands)) is not None:
        return infer_shape(meaning, shapes)
    shape = operation.shape(expression, operands)
    if prod(shape) > MOST_ELEMENTS:
        raise ShapeError(
            Message("a tensor of shape {shape} is too large here", shape=written_shapes([shape]))
        )
    return shape


def resolved(expression: Expression, shapes: Mapping[str, Shape]) -> Expression:
    """An expression with what is short for another (`x · y`) put as that other.

    Raises:
        ShapeError: shapes that do not fit, or a name without a value.
    """
    if not isinstance(expression, Apply):
        return expression
    operands = tuple(resolved(operand, shapes) for operand in expression.operands)
    plain = Apply(expression.operation, operands, expression.options)
    given = [infer_shape(operand, shapes) for operand in operands]
    meaning = operations()[plain.operation].meaning(plain, given)
    return plain if meaning is None else resolved(meaning, shapes)


def program_shapes(program: Program, leaves: Mapping[str, Shape]) -> dict[str, Shape]:
    """The shapes of all of a program's names, given those of its leaves.

    Raises:
        ShapeError: an assignment whose shapes do not fit; the sentence names it.
    """
    shapes = dict(leaves)
    for assignment in program.assignments:
        try:
            shapes[assignment.target] = infer_shape(assignment.expression, shapes)
        except ShapeError as error:
            raise ShapeError(
                Message(
                    "{target} (line {line} of the program): {problem}. The shapes are {shapes}.",
                    target=assignment.target,
                    line=assignment.line,
                    problem=error.message,
                    shapes=", ".join(
                        f"{name} {written_shapes([shapes[name]])}"
                        for name in assignment.inputs
                        if name in shapes
                    ),
                ),
                assignment.line,
            ) from error
    return shapes
