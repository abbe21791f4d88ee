"""The value of an expression in TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bptutor.language.ops import operations
from bptutor.language.ops.base import Tensor
from bptutor.language.shapes import infer_shape
from bptutor.language.tree import Expression, Name, Number


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
    infer_shape(expression, {name: tuple(value.shape) for name, value in values.items()})
    return _compute(expression, values, tf, dtype)


def _compute(expression: Expression, values: Mapping[str, Tensor], tf: Any, dtype: str) -> Tensor:
    if isinstance(expression, Number):
        return tf.constant(expression.value, dtype)
    if isinstance(expression, Name):
        return values[expression.id]
    operands = [_compute(operand, values, tf, dtype) for operand in expression.operands]
    operation = operations()[expression.operation]
    shapes = [tuple(operand.shape) for operand in operands]
    if (meaning := operation.meaning(expression, shapes)) is not None:
        return _compute(meaning, values, tf, dtype)
    return operation.compute(tf, expression, operands, dtype)
