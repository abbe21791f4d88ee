"""What the engine says when numbers leave the range in which there is anything to learn."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from bptutor.language.tree import Assignment
from bptutor.locale import Message, UserError


class EngineError(UserError):
    """A computation that comes to no finite number: where, and what to do."""


def require_finite_value(assignment: Assignment, value: NDArray[np.floating]) -> None:
    """Let only numbers through the forward pass.

    Raises:
        EngineError: it reaches NaN or infinity in this assignment.
    """
    if not np.isfinite(value).all():
        raise EngineError(
            Message(
                "The forward pass reaches {number} in {name} (line {line} of the program); choose "
                "values for which every assignment is a finite number.",
                number=_found(value),
                name=assignment.target,
                line=assignment.line,
            )
        )


def require_finite_slope(step: str, value: NDArray[np.floating]) -> None:
    """Let only numbers through the backward pass.

    Raises:
        EngineError: this slope, gradient or updated parameter holds NaN or infinity.
    """
    if not np.isfinite(value).all():
        raise EngineError(
            Message(
                "The backward pass reaches {number} in {step}, though the forward pass is finite; "
                "choose values at which every function has a finite slope.",
                number=_found(value),
                step=step,
            )
        )


def _found(value: NDArray[np.floating]) -> Message:
    return Message("NaN") if np.isnan(value).any() else Message("infinity")
