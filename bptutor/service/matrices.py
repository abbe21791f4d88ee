"""Arrays as they travel."""

from __future__ import annotations

from math import prod

from bptutor.course.questions import MOST_SEEN
from bptutor.grading.facts import Array
from bptutor.language.tree import Shape
from bptutor.service.messages import Matrix


def matrix(array: Array, dtype: str, most: int = MOST_SEEN) -> Matrix:
    """An array, or the first numbers of it under its whole shape."""
    return Matrix(list(array.shape), array.reshape(-1)[:most].astype("float64").tolist(), dtype)


def rows_and_columns(shape: Shape) -> tuple[int, int]:
    """A value's rows and columns on the screen: a vector is one row, a scalar one cell."""
    return prod(shape[:-1]), shape[-1] if shape else 1
