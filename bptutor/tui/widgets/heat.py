"""Matrices as heat maps, one beside another.

In colours a number stands on its place in a ramp from blue, below 0, to orange, above it. Without
them how dark a cell is, is how large its number is; its sign is beside it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from rich.color import Color
from rich.style import Style
from textual.app import App

from bptutor.tui.symbols import Symbols
from bptutor.tui.theme import FEW, MIDDLE, luminance
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
AROUND = 3
"""Lines for the name, the columns' numbers, and the scale."""
STEPS = 8
"""Cells of the scale on either side of 0."""
BELOW, ABOVE = (33, 118, 201), (226, 106, 36)
"""The ends of the ramp; these two hues are told apart by people who see few."""
NEUTRAL = {True: (46, 49, 56), False: (244, 243, 239)}
"""What 0 has, on a dark ground and on a light one."""


def most(width: int, height: int, maps: int) -> tuple[int, int]:
    """The most rows and columns that there is room for in each of so many maps."""
    return max(1, height - AROUND), max(1, (width // maps - MARGIN) // SMALL)


@dataclass(frozen=True)
class Ramp:
    dark: bool

    def style(self, share: float) -> Style:
        """The look of a number from -1 to 1: black or white, whichever reads better, on it."""
        end = ABOVE if share > 0 else BELOW
        ground = tuple(
            round(zero + (full - zero) * min(1.0, abs(share)))
            for zero, full in zip(NEUTRAL[self.dark], end, strict=True)
        )
        ink = (0, 0, 0) if luminance(ground) > MIDDLE else (255, 255, 255)
        return Style(color=Color.from_rgb(*ink), bgcolor=Color.from_rgb(*ground))


def ramp_of(app: App[Any], slow: bool) -> Ramp | None:
    """The ramp, where the terminal has its colours and the link is fast enough to send them."""
    if app.no_color or app.console.color_system in FEW or slow:
        return None
    return Ramp(app.current_theme.dark)


class HeatDrawing:
    def __init__(
        self, maps: Sequence[tuple[str, HeatMap]], symbols: Symbols, ramp: Ramp | None = None
    ) -> None:
        """A drawing of maps, each with its name."""
        self.maps, self.symbols, self.ramp = maps, symbols, ramp
        self._gap = int(ramp is None)
        """Cells between shades; colours lie side by side."""

    def draw(self, width: int, height: int) -> Canvas:
        """The maps at that size side by side, their cells as large as there is room for."""
        canvas = Canvas(width, height, self.symbols.braille)
        share = width // len(self.maps)
        for at, (name, heat) in enumerate(self.maps):
            self._map(canvas, name, heat, at * share, share)
        return canvas

    def _map(self, canvas: Canvas, name: str, heat: HeatMap, x: int, width: int) -> None:
        whole, room, height = heat.block == (1, 1), width - MARGIN, canvas.height - AROUND
        tall = TILE[1] + self._gap
        if whole and heat.columns * TILE[0] <= room and heat.rows * tall <= height:
            across, down, draw = TILE[0], tall, self._tile
        elif whole and heat.columns * NUMBER <= room:
            across, down, draw = NUMBER, 1, self._number
        else:
            across, down, draw = SMALL, 1, self._shade
        left = x + MARGIN + max(0, (room - MARGIN - heat.columns * across) // 2)
        top = 2 + max(0, (height - heat.rows * down) // 2)
        self._headings(canvas, heat, (left, top), (across, down))
        for place, value in enumerate(heat.values):
            row, column = divmod(place, heat.columns)
            share = value / heat.largest if heat.largest else 0.0
            draw(canvas, left + column * across, top + row * down, value, share)
        wide = heat.columns * across
        canvas.centred(left, wide, top - 2, name, "here")
        below = top + heat.rows * down
        self._scale(canvas, heat.largest, left, min(below + 1, canvas.height - 1))

    def _scale(self, canvas: Canvas, largest: float, x: int, y: int) -> None:
        """What the colours or the shades stand for."""
        end = short(largest, NUMBER)
        if self.ramp is None:
            shades = "".join(shade * 2 for shade in self.symbols.shades)
            canvas.text(x, y, f"0 {shades} {end}", "faint")
            return
        canvas.text(x, y, f"-{end}", "faint")
        x += len(end) + 2
        for step in range(-STEPS, STEPS + 1):
            text = "0" if step == 0 else " "
            canvas.text(x + STEPS + step, y, text, self.ramp.style(step / STEPS))
        canvas.text(x + 2 * STEPS + 2, y, end, "faint")

    @staticmethod
    def _headings(
        canvas: Canvas, heat: HeatMap, at: tuple[int, int], size: tuple[int, int]
    ) -> None:
        """Where a row and a column begin, counted from 1; as many as there is room for."""
        (high, wide), (left, top), (across, down) = heat.block, at, size
        every = ceil(6 / across)
        for column in range(0, heat.columns, every):
            text = str(column * wide + 1)
            shift = (across - len(text)) // 2 if every == 1 else 0
            canvas.text(left + column * across + shift, top - 1, text, "faint")
        for row in range(heat.rows):
            text = f"{row * high + 1:>{MARGIN - 1}}"
            canvas.text(left - MARGIN, top + row * down + down // 3, text, "faint")

    def _look(self, value: float, share: float) -> Look:
        if self.ramp:
            return self.ramp.style(share)
        return "faint" if not value else "down" if value > 0 else "minus"

    def _sign(self, share: float) -> str:
        """The shade of a number; blank where its colour says it."""
        shades = self.symbols.shades
        if self.ramp or not share:
            return " "
        return shades[min(len(shades), ceil(abs(share) * len(shades))) - 1]

    def _tile(self, canvas: Canvas, x: int, y: int, value: float, share: float) -> None:
        look, width = self._look(value, share), TILE[0] - self._gap
        for row in range(TILE[1]):
            canvas.text(x, y + row, self._sign(share) * width, look)
        canvas.centred(x, width, y + 1, f" {short(value, width - 2)} ", look)

    def _number(self, canvas: Canvas, x: int, y: int, value: float, share: float) -> None:
        text = self._sign(share) + short(value, NUMBER - 2)
        canvas.text(x, y, f"{text:{NUMBER - self._gap}}", self._look(value, share))

    def _shade(self, canvas: Canvas, x: int, y: int, value: float, share: float) -> None:
        sign = "+" if value > 0 else "-" if value < 0 else "0"
        text = f" {sign} " if self.ramp else f"{self._sign(share)}{sign}".strip()
        canvas.text(x, y, text, self._look(value, share))
