"""The value of an expression in TensorFlow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from bptutor.language.ops import operation_of
from bptutor.language.ops.base import Tensor
from bptutor.language.shapes import resolved
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
    shapes = {name: tuple(value.shape) for name, value in values.items()}
    return _compute(resolved(expression, shapes), values, tf, dtype)


def _compute(expression: Expression, values: Mapping[str, Tensor], tf: Any, dtype: str) -> Tensor:
    if isinstance(expression, Number):
        return tf.constant(expression.value, dtype)
    if isinstance(expression, Name):
        return values[expression.id]
    operands = [_compute(operand, values, tf, dtype) for operand in expression.operands]
    return operation_of(expression).compute(tf, expression, operands, dtype)
