"""Numbers as a learner types them into a matrix."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod

import numpy as np
from numpy.typing import NDArray

from bptutor.language.tree import Shape

LEFT_OVER = 1e-12
"""What rounding leaves of a 0, as a share of the largest number beside it."""


def texts(values: NDArray[np.float64], figures: int | None) -> list[str]:
    """Each number to so many significant figures, trailing zeros and all; None for all of them."""
    flat = values.reshape(-1).tolist()
    largest = max((abs(value) for value in flat), default=0.0)
    return [text(0.0 if abs(value) <= LEFT_OVER * largest else value, figures) for value in flat]


def text(value: float, figures: int | None) -> str:
    """One number to so many significant figures; three are always given."""
    if value == 0:
        return "0"
    if figures is None:
        whole, short = repr(float(value)), f"{value:#.3g}"
        return short if float(short) == float(value) else whole
    return f"{value:#.{figures}g}"


def matrix(cells: Sequence[str], shape: Shape) -> str:
    """Cells as a matrix, rows in brackets; a scalar bare."""
    if not shape:
        return cells[0]
    columns = shape[-1]
    assert len(cells) == prod(shape)
    rows = [cells[start : start + columns] for start in range(0, len(cells), columns)]
    return "[" + ", ".join("[" + ", ".join(row) + "]" for row in rows) + "]"
