"""A network in outline: a sign a unit and a line a weight, for where there is little room."""

from itertools import pairwise

from rich.cells import cell_len

from bptutor.tui.symbols import Symbols
from bptutor.tui.widgets.canvas import Canvas, layer_look
from bptutor.views.picture import NetworkView, UnitColumn

FURTHEST, HIGHEST = 26, 6
"""Cells between columns, and lines from unit to unit, at the most."""
NAMES = 2
"""Lines above the units."""
LARGE = 2 / 3
"""The share of the largest weight from which on a line is thick."""
MARGIN = 6
"""Cells beside the outer columns, in which their names stand."""


class NetworkOutline:
    def __init__(self, view: NetworkView, symbols: Symbols) -> None:
        self.view, self.symbols = view, symbols

    def draw(self, width: int, height: int) -> Canvas:
        canvas, columns = Canvas(width, height, self.symbols.braille), self.view.columns
        gap = max(1, min(FURTHEST, (width - 2 * MARGIN) // max(1, len(columns) - 1)))
        left = max(0, (width - gap * (len(columns) - 1)) // 2)
        xs = [left + gap * place for place in range(len(columns))]
        room = max(1, height - NAMES)
        for place, (x, end) in enumerate(pairwise(xs)):
            self._wires(canvas, place, (x + 1, end - 1), room)
        for x, column in zip(xs, columns, strict=True):
            self._column(canvas, x, column, room)
        return canvas

    def _wires(self, canvas: Canvas, place: int, ends: tuple[int, int], room: int) -> None:
        """The weights between two columns; dashed ones are negative, thick ones large."""
        weights, (left, right) = self.view.wires[place].weights, ends
        largest = max((abs(each) for row in weights for each in row if each), default=0.0)
        for source, y in enumerate(self._lines(self.view.columns[place], room)):
            for target, z in enumerate(self._lines(self.view.columns[place + 1], room)):
                if weight := weights[source][target]:  # NaN into the loss
                    thickness = 1 + (abs(weight) > LARGE * largest)
                    canvas.line((left, y), (right, z), thickness, weight < 0, "faint")

    def _top(self, room: int) -> int:
        """The line of the first unit of the largest column."""
        return min(self._lines(column, room)[0] for column in self.view.columns)

    def _lines(self, column: UnitColumn, room: int) -> list[int]:
        """The line of each unit that is drawn, the column in the middle of the page."""
        most = max(each.count for each in self.view.columns)
        apart = max(1, min(HIGHEST, (room - 1) // max(1, most - 1)))
        shown = max(1, min(column.count, len(column.units), room - (column.count > room)))
        first = NAMES + max(0, room - 1 - apart * (shown - 1)) // 2
        return [first + apart * place for place in range(shown)]

    def _column(self, canvas: Canvas, x: int, column: UnitColumn, room: int) -> None:
        look = layer_look(column.layer)
        sign = self.symbols.point if column.role == "data" else self.symbols.items["open"]
        lines = self._lines(column, room)
        for y in lines:
            canvas.text(x, y, self.symbols.point if column.role == "loss" else sign, look)
        if column.count > len(lines):
            more = f"{self.symbols.ellipsis} {column.count}"
            canvas.text(max(0, x - cell_len(more) // 2), lines[-1] + 1, more, "faint")
        name, top = column.names[-1], self._top(room) - NAMES
        start = min(max(0, x - (cell_len(name) - 1) // 2), canvas.width - cell_len(name))
        canvas.text(
            start, top if canvas.free(start - 1, top, cell_len(name) + 2) else top + 1, name, look
        )
