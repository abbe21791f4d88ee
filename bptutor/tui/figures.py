"""Matrices as text: a line of numbers, a small block of rows, a shape."""

from __future__ import annotations

import math
from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

from bptutor.locale import shortest, significant
from bptutor.service.messages import Known, Matrix

SMALL = 12
"""A matrix of at most so many numbers is shown whole among the text."""


def shape_text(shape: Sequence[int]) -> str:
    """`(1,3)`, and nothing for a scalar."""
    return f"({','.join(map(str, shape))})" if shape else ""


def size_of(shape: Sequence[int]) -> tuple[int, int]:
    """Rows and columns on the screen: a vector is one row, a scalar one cell."""
    columns = shape[-1] if shape else 1
    return math.prod(shape[:-1]), columns


def number(value: float, hidden: str = "?") -> str:
    """A number to the figures that are shown; `hidden` where it may not be seen yet."""
    return hidden if math.isnan(value) else significant(value)


def whole(matrix: Matrix, position: int) -> str:
    """One number with every digit it takes to read it back."""
    return shortest(matrix.values[position], matrix.dtype)


def cell_name(name: str, shape: Sequence[int], position: int) -> str:
    """`W1[0,2]`, or the bare name of a scalar."""
    index: list[str] = []
    for length in reversed(shape):
        position, remainder = divmod(position, length)
        index.append(str(remainder))
    return f"{name}[{','.join(reversed(index))}]" if index else name


def inline(matrix: Matrix, ellipsis: str, limit: int = SMALL) -> str:
    """The numbers in one line; where there are more than `limit`, the first ones."""
    shown = " ".join(number(value) for value in matrix.values[:limit])
    return shown if math.prod(matrix.shape) <= min(limit, len(matrix.values)) else shown + ellipsis


def fit(text: str, width: int, ellipsis: str) -> str:
    """`text` in exactly `width` cells, cut where it must be."""
    if cell_len(text) > width:
        text = set_cell_size(text, max(0, width - cell_len(ellipsis))).rstrip() + ellipsis
    return set_cell_size(text, max(0, width))


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines, columns aligned to the right."""
    widths = [max(cell_len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(" " * (width - cell_len(cell)) + cell for cell, width in zip(row, widths, strict=True))
        for row in rows
    ]


def matrix_lines(matrix: Matrix) -> list[str]:
    """A small matrix, a line a row."""
    rows, columns = size_of(matrix.shape)
    cells = [number(value) for value in matrix.values]
    return aligned([cells[row * columns : (row + 1) * columns] for row in range(rows)])


def known_lines(known: Known, ellipsis: str) -> list[str]:
    """A known quantity: its name and shape, and its numbers (of a large one the first few)."""
    head = " ".join(filter(None, (known.name, shape_text(known.matrix.shape), "=")))
    rows, _ = size_of(known.matrix.shape)
    if len(known.matrix.values) > SMALL:
        return [f"{head} {inline(known.matrix, ellipsis, 4)}"]
    if rows <= 1:
        return [f"{head} {inline(known.matrix, ellipsis)}"]
    indent = " " * cell_len(head)
    return [
        f"{head if row == 0 else indent} {line}"
        for row, line in enumerate(matrix_lines(known.matrix))
    ]


def side_by_side(blocks: Sequence[Sequence[str]], width: int, gap: int = 4) -> list[str]:
    """Blocks of lines next to one another where they fit, on a new shelf where they do not.

    Blocks of one line are stacked first, so that they share the height of a matrix beside them.
    """
    short = [block[0] for block in blocks if len(block) == 1]
    tall = [block for block in blocks if len(block) > 1]
    height = max(map(len, tall), default=len(short) or 1)
    stacks = [short[start : start + height] for start in range(0, len(short), height)]
    lines: list[str] = []
    shelf: list[str] = []
    for block in [*stacks, *tall]:
        block_width = max(map(cell_len, block))
        used = max(map(cell_len, shelf), default=0)
        if shelf and used + gap + block_width > width:
            lines += shelf
            shelf, used = [], 0
        shelf += [""] * (len(block) - len(shelf))
        margin = used + gap if used else 0
        shelf = [
            set_cell_size(line, margin) + part
            for line, part in zip(shelf, [*block, *[""] * (len(shelf) - len(block))], strict=True)
        ]
    return [line.rstrip() for line in lines + shelf]
