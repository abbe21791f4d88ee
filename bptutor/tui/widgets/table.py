"""Tables: of numbers, and of weights before and after."""

from bisect import bisect_right
from collections.abc import Callable, Sequence
from itertools import accumulate
from typing import ClassVar, TypeAlias

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from bptutor.text import Message, significant
from bptutor.text.numbers import (
    cell_words,
    element_words,
    figures_for_change,
    rows_there,
    size_of,
    weight,
)
from bptutor.tui.figures import (
    behind_point,
    faint,
    fit,
    number,
    place_words,
    shape_text,
    zeros_apart,
)
from bptutor.tui.symbols import Look, look_of
from bptutor.views import Matrix
from bptutor.views.lesson import UpdateTable

GAP = 2
SAMPLE = 12
"""Rows at the top and at the bottom that a column's width is taken from."""


class Table(ScrollView, can_focus=True):
    """Headings that stay, and rows below them: names on the left, then numbers."""

    DEFAULT_CSS = """
    Table { scrollbar-size: 1 1; }
    Table > .table--head { color: $faint; text-style: $faint-style; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--head"}

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._headings: Sequence[str] = ()
        self._rows = 0
        self._cell: Callable[[int, int], str] = lambda row, column: ""
        self._starts = [0]
        self._behind: list[int] = []
        """Cells of each column for what is behind the decimal point."""
        self._framed = False

    @property
    def height(self) -> int:
        """Lines of the whole table, its heading among them."""
        return self._rows + 1

    def fill(
        self,
        headings: Sequence[str],
        rows: int,
        cell: Callable[[int, int], str],
        *,
        framed: bool = False,
    ) -> None:
        """Show this table; `cell` gives the text at a row and a column.

        What is `framed` is one matrix, in its brackets beside the names of its rows.
        """
        self._headings, self._rows, self._cell, self._framed = headings, rows, cell, framed
        looked_at = [*range(min(rows, SAMPLE)), *range(max(SAMPLE, rows - SAMPLE), rows)]
        self._behind, widths = [], []
        for column, heading in enumerate(headings):
            texts = [cell(row, column) for row in looked_at]
            self._behind.append(max(map(behind_point, texts), default=0) if column else 0)
            sizes = map(cell_len, self._pointed(column, texts))
            widths.append(max([cell_len(heading), *sizes]) + GAP)
        self._starts = [0, *accumulate(widths)]
        self.virtual_size = Size(self._starts[-1], rows + 1)
        self.scroll_to(0, 0, animate=False, force=True, immediate=True)
        self.refresh()

    def _pointed(self, column: int, texts: Sequence[str]) -> list[str]:
        """Texts of a column with their decimal points under each other, once set to the right."""
        room = self._behind[column]
        return [text + " " * (room - behind_point(text) if text else 0) for text in texts]

    def render_line(self, y: int) -> Strip:
        """The headings stay on top of the rows, and the first column beside the others."""
        row = y - 1 + self.scroll_offset.y
        plain = self.rich_style
        if y > 0 and row >= self._rows:
            return Strip.blank(self.size.width, plain)
        frozen = self._starts[min(1, len(self._headings))]
        left, width = frozen + self.scroll_offset.x, max(0, self.size.width - frozen)
        first = max(1, bisect_right(self._starts, left) - 1)
        last = min(len(self._headings), bisect_right(self._starts, left + width))
        head = self.get_component_rich_style("table--head")
        name = self._text(y, row, 0) if frozen else ""
        line = "".join(self._text(y, row, column) for column in range(first, last))
        if self._framed and y:
            before, after = look_of(self).symbols.brackets(row, self._rows)
            name = name[:-GAP] + f"{before:>{GAP}}"
            line = line[:-GAP] + (f"{after:<{GAP}}" if last == len(self._headings) else " " * GAP)
        start = left - self._starts[min(first, len(self._starts) - 1)]
        parts = [
            Segment(part, head if not y else faint(plain, head) if at % 2 else plain)
            for at, part in enumerate(zeros_apart(line))
        ]
        rest = Strip(parts).crop_extend(start, start + width, plain)
        return Strip.join([Strip([Segment(name, head)]), rest])

    def _text(self, y: int, row: int, column: int) -> str:
        room = self._starts[column + 1] - self._starts[column] - GAP
        if y == 0:
            text = self._headings[column]
        else:
            (text,) = self._pointed(column, [self._cell(row, column)])
        if cell_len(text) > room:
            text = fit(text.rstrip(), room, look_of(self).symbols.ellipsis)
        blank = " " * (room - cell_len(text))
        return (blank + text if column else text + blank) + " " * GAP


def matrix_table(
    name: str, matrix: Matrix, look: Look, hidden: str = "?"
) -> tuple[list[str], int, Callable[[int, int], str]]:
    """Headings, number of lines and cells of one matrix; `hidden` for a number not seen yet."""
    rows, columns = size_of(matrix.shape)
    ellipsis = look.symbols.ellipsis

    def cell(row: int, column: int) -> str:
        if column == 0:
            return look.words(cell_words(rows, 1, row, 0)) if rows > 1 else ""
        position = row * columns + column - 1
        return (
            number(matrix.values[position], hidden) if position < len(matrix.values) else ellipsis
        )

    heading = " ".join(filter(None, (name, shape_text(matrix.shape))))
    if rows > 1:
        labels = [cell_words(1, columns, 0, column) for column in range(columns)]
    else:
        labels = [element_words([column]) for column in range(columns)] if matrix.shape else []
    texts = [look.words(label) for label in labels] or [""]
    return [heading, *texts], rows_there(matrix), cell


def update_table(
    update: UpdateTable, look: Look
) -> tuple[list[str], int, Callable[[int, int], str]]:
    """An update cell by cell: old weight, gradient, change, new weight, side by side."""
    figures = figures_for_change(update.old, update.new)

    def cell(row: int, column: int) -> str:
        if column == 0:
            place = place_words(update.old.shape, row)
            return look.words(place) if place else ""
        if column in (1, 4):
            matrix = update.old if column == 1 else update.new
            return weight(matrix.values[row], matrix.dtype, figures)
        return significant((update.gradient if column == 2 else update.change).values[row])

    headings = [Message("old"), Message("gradient"), Message("change"), Message("new")]
    texts = [update.name, *(look.words(heading) for heading in headings)]
    return texts, len(update.old.values), cell


COLUMNS = 4
"""Columns of a matrix that are shown; of a wider one the first ones."""


Pair: TypeAlias = tuple[str, Matrix, Matrix]
"""Two matrices of one shape, under one name."""


def pairs_table(
    groups: Sequence[tuple[tuple[str, str], Sequence[Pair]]], ellipsis: str
) -> tuple[list[str], int, Callable[[int, int], str]]:
    """Headings, number of lines and cells: on each line a row of two matrices, side by side.

    A group is two headings with the pairs below them; the first ones stay on top.
    """
    pairs = [pair for _, group in groups for pair in group]
    across = min(COLUMNS + 1, max((size_of(one.shape)[1] for _, one, _ in pairs), default=0))
    gap = [""] * across
    heads = [["", left, *gap, right, *gap][: 2 * across + 2] for (left, right), _ in groups]
    figures = [figures_for_change(left, right) for _, left, right in pairs]
    lines: list[tuple[int, int] | list[str]] = []
    """The index of a pair and a row of it; or headings."""
    first = 0
    for head, (_, group) in zip(heads, groups, strict=True):
        lines += [head] if lines else []
        lines += [
            (index, row)
            for index, (_, one, _) in enumerate(group, first)
            for row in range(rows_there(one))
        ]
        first += len(group)

    def cell(line: int, column: int) -> str:
        here = lines[line]
        if isinstance(here, list):
            return here[column]
        index, row = here
        name, *both = pairs[index]
        if column == 0:
            return name if row == 0 else ""
        side, column = divmod(column - 1, across + 1)
        matrix, columns = both[side], size_of(both[side].shape)[1]
        if column == across or column >= columns:
            return ""
        position = row * columns + column
        if column == COLUMNS or position >= len(matrix.values):
            return ellipsis
        return weight(matrix.values[position], matrix.dtype, figures[index])

    return heads[0] if heads else [], len(lines), cell
