"""A matrix as a heat map: how dark a cell is, is how large its number is; its sign is beside it."""

from math import ceil

from bptutor.text import significant
from bptutor.tui.symbols import Symbols
from bptutor.tui.widgets.canvas import Canvas, Look
from bptutor.tui.widgets.network import short
from bptutor.views.picture import HeatMap

TILE = (10, 3)
"""Cells and lines of a number with room around it."""
NUMBER = 9
"""Cells of a number beside its shade."""
SMALL = 3
"""Cells of a shade with a sign."""
MARGIN = 6
"""Cells for the rows' numbers on the left."""


def most(width: int, height: int) -> tuple[int, int]:
    """The most rows and columns that there is room for."""
    return max(1, height - 1), max(1, (width - MARGIN) // SMALL)


def scale(largest: float, symbols: Symbols) -> str:
    """What the shades stand for: up to which size each goes."""
    steps = enumerate(symbols.shades, 1)
    parts = [
        f"{shade * 2} {significant(largest * n / len(symbols.shades), 3)}" for n, shade in steps
    ]
    return "0   " + "   ".join(parts)


class HeatDrawing:
    def __init__(self, heat: HeatMap, symbols: Symbols) -> None:
        self.heat, self.symbols = heat, symbols

    def draw(self, width: int, height: int) -> Canvas:
        """The map at that size, its cells as large as there is room for."""
        heat = self.heat
        canvas = Canvas(width, height, self.symbols.braille)
        whole = heat.block == (1, 1)
        room = width - MARGIN
        if whole and heat.columns * TILE[0] <= room and heat.rows * (TILE[1] + 1) < height:
            across, down, draw = TILE[0], TILE[1] + 1, self._tile
        elif whole and heat.columns * NUMBER <= room:
            across, down, draw = NUMBER, 1, self._number
        else:
            across, down, draw = SMALL, 1, self._shade
        left = MARGIN + max(0, (room - MARGIN - heat.columns * across) // 2)
        top = 1 + max(0, (height - 1 - heat.rows * down) // 2)
        self._headings(canvas, left, top, across, down)
        for place, value in enumerate(heat.values):
            row, column = divmod(place, heat.columns)
            draw(canvas, left + column * across, top + row * down, value)
        return canvas

    def _headings(self, canvas: Canvas, left: int, top: int, across: int, down: int) -> None:
        """Where a row and a column begin, counted from 1; as many as there is room for."""
        high, wide = self.heat.block
        every = ceil(6 / across)
        for column in range(0, self.heat.columns, every):
            text = str(column * wide + 1)
            shift = (across - len(text)) // 2 if every == 1 else 0
            canvas.text(left + column * across + shift, top - 1, text, "faint")
        for row in range(self.heat.rows):
            canvas.text(left - MARGIN, top + row * down + down // 3, str(row * high + 1), "faint")

    def _look(self, value: float) -> Look:
        return "faint" if not value else "down" if value > 0 else "minus"

    def _sign(self, value: float) -> str:
        """The shade of a number."""
        shades = self.symbols.shades
        if not value or not self.heat.largest:
            return "0"
        return shades[min(len(shades), ceil(abs(value) / self.heat.largest * len(shades))) - 1]

    def _tile(self, canvas: Canvas, x: int, y: int, value: float) -> None:
        look, shade = self._look(value), self._sign(value) if value else " "
        width = TILE[0] - 1
        for row in range(TILE[1]):
            canvas.text(x, y + row, shade * width, look)
        canvas.centred(x, width, y + 1, f" {short(value, width - 2)} ", look)

    def _number(self, canvas: Canvas, x: int, y: int, value: float) -> None:
        shade = self._sign(value) if value else " "
        canvas.text(x, y, shade + short(value, NUMBER - 2), self._look(value))

    def _shade(self, canvas: Canvas, x: int, y: int, value: float) -> None:
        sign = "+" if value > 0 else "-" if value < 0 else " "
        canvas.text(x, y, self._sign(value) + sign, self._look(value))
