"""A table of any size: only the cells in sight are ever made into text."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual.geometry import Size
from textual.strip import Strip

from bptutor.tui.figures import fit
from bptutor.tui.screens.room import tutor_of
from bptutor.tui.widgets.line_view import LineView

GAP = 2


class Table(LineView):
    """Headings that stay, and rows below them."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"table--head"}

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._columns = self._rows = 0
        self._width = 1
        self._heading: Callable[[int], str] = str
        self._cell: Callable[[int, int], str] = lambda row, column: ""

    def fill(
        self,
        rows: int,
        columns: int,
        heading: Callable[[int], str],
        cell: Callable[[int, int], str],
        sample: int = 12,
    ) -> None:
        """Show this table. All columns are as wide as the widest of a sample of its cells."""
        self._rows, self._columns, self._heading, self._cell = rows, columns, heading, cell
        shown = [heading(column) for column in range(min(columns, sample))]
        shown += [
            cell(row, column)
            for row in [*range(min(rows, sample)), *range(max(sample, rows - sample), rows)]
            for column in range(min(columns, sample))
        ]
        self._width = max(map(cell_len, shown), default=0) + GAP
        self.resize_to(self._width * columns, rows + 1)
        self.scroll_to(0, 0, animate=False, force=True)

    def render_line(self, y: int) -> Strip:
        """The headings stay on top of the rows."""
        row = y - 1 + self.scroll_offset.y
        if y > 0 and row >= self._rows:
            return Strip.blank(self.size.width, self.rich_style)
        left = self.scroll_offset.x
        first = left // self._width
        last = min(self._columns, (left + self.size.width) // self._width + 1)
        style = self.get_component_rich_style("table--head") if y == 0 else self.rich_style
        ellipsis = tutor_of(self).symbols.ellipsis
        texts = (self._heading(c) if y == 0 else self._cell(row, c) for c in range(first, last))
        cells = [fit(text, self._width - GAP, ellipsis) for text in texts]
        line = "".join(" " * (self._width - GAP - cell_len(c.rstrip())) + c.rstrip() + " " * GAP for c in cells)
        strip = Strip([Segment(line, style)])
        return strip.crop_extend(left - first * self._width, left - first * self._width + self.size.width, style)
