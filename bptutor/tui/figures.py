"""Matrices as text: a line of numbers, a small block of rows, a shape."""

import math
from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size

from bptutor.text import Message, significant
from bptutor.text.numbers import element_words, figures_for_change, shown, size_of
from bptutor.views import Matrix
from bptutor.views.lesson import Grid, Known, Result

SMALL = 12
"""A matrix of at most so many numbers is shown whole among the text."""


def shape_text(shape: Sequence[int]) -> str:
    """`(1, 3)` or `(3,)`, and nothing for a scalar."""
    return str((*shape,)) if shape else ""


def note_text(matrix: Matrix) -> str:
    """Beside a name in a list: the shape, or the value of a scalar."""
    if matrix.shape or not matrix.values:
        return shape_text(matrix.shape)
    return f"= {number(matrix.values[0])}"


def number(value: float, hidden: str = "?", figures: int | None = None) -> str:
    """A number to the figures that are shown; `hidden` where it may not be seen yet."""
    return hidden if math.isnan(value) else significant(value, figures)


def place_words(shape: Sequence[int], position: int) -> Message | None:
    """Where a number of a vector or a matrix stands; None for a scalar."""
    index: list[int] = []
    for length in reversed(shape):
        position, place = divmod(position, length)
        index.insert(0, place)
    return element_words(index) if index else None


def inline(
    matrix: Matrix, ellipsis: str, width: int, limit: int = SMALL, figures: int | None = None
) -> str:
    """The numbers in one line of at most `width` cells: as many whole ones as fit.

    Of a matrix in symbols, which has no numbers, the shape.
    """
    if not matrix.values:
        return shape_text(matrix.shape) or "()"
    total = math.prod(matrix.shape)
    texts = [number(value, figures=figures) for value in matrix.values[:limit]]
    while texts:
        line = " ".join(texts) + (f" {ellipsis}" if len(texts) < total else "")
        if len(line) <= width:
            return line
        texts.pop()
    return ellipsis


def fit(text: str, width: int, ellipsis: str) -> str:
    """`text` in exactly `width` cells, cut where it must be."""
    if cell_len(text) > width:
        text = set_cell_size(text, max(0, width - cell_len(ellipsis))).rstrip() + ellipsis
    return set_cell_size(text, max(0, width))


def aligned(rows: Sequence[Sequence[str]]) -> list[str]:
    """Rows of cells as lines, columns aligned to the right."""
    widths = [max(cell_len(cell) for cell in column) for column in zip(*rows, strict=True)]
    return [
        "  ".join(
            " " * (width - cell_len(cell)) + cell for cell, width in zip(row, widths, strict=True)
        )
        for row in rows
    ]


def matrix_lines(matrix: Matrix) -> list[str]:
    """A small matrix, a line a row."""
    rows, columns = size_of(matrix.shape)
    cells = [number(value) for value in matrix.values]
    return aligned([cells[row * columns : (row + 1) * columns] for row in range(rows)])


def known_head(known: Known) -> str:
    return " ".join(filter(None, (known.name, shape_text(known.matrix.shape), "=")))


def known_line(known: Known, ellipsis: str, width: int) -> str:
    """A known quantity in one line: its name and shape, and as many numbers as fit."""
    if not known.matrix.values:
        return f"{known.name} {shape_text(known.matrix.shape)}".strip()
    head = known_head(known)
    return f"{head} {inline(known.matrix, ellipsis, width - cell_len(head) - 1)}"


def known_lines(known: Known, ellipsis: str, width: int) -> list[str]:
    """A known quantity: its name and shape, and its numbers (of a large one the first few)."""
    rows, _ = size_of(known.matrix.shape)
    if rows == 1 or not known.matrix.values or math.prod(known.matrix.shape) > SMALL:
        return [known_line(known, ellipsis, width)]
    head = known_head(known)
    indent = " " * cell_len(head)
    return [
        f"{head if row == 0 else indent} {line}"
        for row, line in enumerate(matrix_lines(known.matrix))
    ]


def in_columns(lines: Sequence[str], columns: int, width: int) -> list[str]:
    """Lines set in so many columns, the second after the first."""
    height = -(-len(lines) // columns)
    parts = [lines[start : start + height] for start in range(0, len(lines), height or 1)]
    return [
        "".join(set_cell_size(part[row], width) for part in parts if row < len(part)).rstrip()
        for row in range(height)
    ]


def side_by_side(blocks: Sequence[Sequence[str]], width: int, gap: int = 4) -> list[str]:
    """Blocks of lines next to one another where they fit, on a new shelf where they do not.

    Blocks of one line are stacked, so that they share the height of a matrix beside them; they
    stand before the matrices, or after them where that takes fewer lines.
    """
    short = [block[0] for block in blocks if len(block) == 1]
    tall = [block for block in blocks if len(block) > 1]
    height = max(map(len, tall), default=1)
    stacks = [short[start : start + height] for start in range(0, len(short), height)]
    return min(
        (_shelved(order, width, gap) for order in ([*stacks, *tall], [*tall, *stacks])), key=len
    )


def _shelved(blocks: Sequence[Sequence[str]], width: int, gap: int) -> list[str]:
    """Blocks from left to right, shelf below shelf."""
    lines: list[str] = []
    shelf: list[str] = []
    for block in blocks:
        used = max(map(cell_len, shelf), default=0)
        if shelf and used + gap + max(map(cell_len, block)) > width:
            lines += shelf
            shelf, used = [], 0
        shelf += [""] * (len(block) - len(shelf))
        margin = used + gap if used else 0
        shelf = [
            set_cell_size(line, margin) + part
            for line, part in zip(shelf, [*block, *[""] * (len(shelf) - len(block))], strict=True)
        ]
    return [line.rstrip() for line in lines + shelf]


def answer_texts(result: Result, grid: Grid) -> list[str]:
    update = result.update
    figures = figures_for_change(update.old, update.new) if update else shown()
    at = [asked.row * grid.columns + asked.column for asked in grid.asked]
    return [significant(result.value.values[position], figures) for position in at]
