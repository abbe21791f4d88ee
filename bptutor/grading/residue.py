"""What rounding leaves of a 0: 0.3 + 0.1 - 0.4 comes to 5.6e-17, and means 0."""

from __future__ import annotations

from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bptutor.language.ops import build, operation_of
from bptutor.language.tree import Expression, Name, Number

Array: TypeAlias = NDArray[Any]

FAINT = {"float64": 1e-9, "float32": 1e-5}
"""Below this a number may be a residue; above it nobody would take it for 0."""
ROUNDINGS = 16
"""Rounding errors that may add up in one cell."""


def without_residue(value: Array, magnitude: Array) -> Array:
    """A value with exact zeros where rounding alone kept it from 0.

    Args:
        value: what a formula comes to.
        magnitude: what its `magnitude` comes to on the same numbers, broadcastable to the value.
    """
    kept = np.abs(value)
    # A value beyond its own magnitude was worked out from residues that count as 0 there.
    residue = (kept <= threshold(magnitude, value.dtype)) | (kept > 2 * magnitude)
    return np.where(residue, np.zeros_like(value), value)


def threshold(magnitude: Array, dtype: Any = "float64") -> Array:
    """The size below which nothing is left but rounding."""
    return np.asarray(ROUNDINGS * float(np.finfo(dtype).eps) * magnitude)


def magnitude(expression: Expression) -> Expression:
    """A formula's terms without their signs, so that nothing in it cancels."""
    if isinstance(expression, Number):
        return Number(abs(expression.value))
    if isinstance(expression, Name):
        return build.absolute(expression)
    sizes = [magnitude(operand) for operand in expression.operands]
    return operation_of(expression).magnitude(expression, sizes)
