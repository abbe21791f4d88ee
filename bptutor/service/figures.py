"""Numbers as every front shows them: a matrix' rows and columns, and a weight that has moved."""

import math
from collections.abc import Sequence

from bptutor.text import shortest, significant
from bptutor.text.numbers import shown
from bptutor.views.lesson import Grid, Result
from bptutor.views.matrix import Matrix


def size_of(shape: Sequence[int]) -> tuple[int, int]:
    """Rows and columns as they are shown: a vector is one row, a scalar one cell."""
    columns = shape[-1] if shape else 1
    return math.prod(shape[:-1]), columns


def rows_there(matrix: Matrix) -> int:
    """The rows to show: of a cut matrix those with numbers, and one more, which says that it is."""
    rows, columns = size_of(matrix.shape)
    there = len(matrix.values)
    return rows if there == rows * columns else there // columns + 1


def figures_for_change(before: Matrix, after: Matrix) -> int:
    """As many figures as it takes to see a change to three figures of its own; up to 17."""
    needed = shown()
    for old, new in zip(before.values, after.values, strict=True):
        if new != old and math.isfinite(new - old):
            gap = math.log10(max(abs(new), abs(old)) / abs(new - old))
            needed = max(needed, math.ceil(gap) + 3)
    return min(17, needed)


def weight(value: float, dtype: str, figures: int) -> str:
    """A weight to so many figures, or to the last bit where that is shorter."""
    return min(shortest(value, dtype), significant(value, figures), key=len)


def answer_texts(result: Result, grid: Grid) -> list[str]:
    """The answer as it could have been typed into the asked cells."""
    update = result.update
    figures = figures_for_change(update.old, update.new) if update else shown()
    at = [asked.row * grid.columns + asked.column for asked in grid.asked]
    return [significant(result.value.values[position], figures) for position in at]
