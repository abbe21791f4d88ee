"""All weights before and after, matrix below matrix."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bptutor.locale import Message
from bptutor.service.figures import figures_for_change, rows_there, size_of, weight
from bptutor.service.messages import ParameterChange
from bptutor.tui.figures import shape_text

COLUMNS = 4
"""Columns of a matrix that are shown; of a wider one the first ones."""


def weights_table(
    changes: Sequence[ParameterChange], language: str, ellipsis: str
) -> tuple[list[str], int, Callable[[int, int], str]]:
    """Headings, number of lines and cells: on each line a row of a matrix, before and after."""
    sizes = [size_of(change.before.shape) for change in changes]
    lines = [
        (index, row) for index, each in enumerate(changes) for row in range(rows_there(each.before))
    ]
    widest = max((columns for _, columns in sizes), default=0)
    across = min(COLUMNS + 1, widest)
    figures = [figures_for_change(change.before, change.after) for change in changes]

    def cell(line: int, column: int) -> str:
        index, row = lines[line]
        change = changes[index]
        if column == 0:
            return f"{change.name} {shape_text(change.before.shape)}" if row == 0 else ""
        side, column = divmod(column - 1, across + 1)
        columns = sizes[index][1]
        if column == across or column >= columns:
            return ""
        if column == COLUMNS:
            return ellipsis
        matrix = (change.before, change.after)[side]
        position = row * columns + column
        if position >= len(matrix.values):
            return ellipsis
        value = matrix.values[position]
        return weight(value, matrix.dtype, figures[index])

    gap = [""] * across
    before, after = Message("before").to(language), Message("after").to(language)
    headings = ["", before, *gap, after, *gap][: 2 * across + 2]
    return headings, len(lines), cell
