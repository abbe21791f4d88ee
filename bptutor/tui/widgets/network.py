"""A stack of layers drawn from left to right: units in columns, weights as lines between them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import isnan

from rich.cells import cell_len

from bptutor.locale import Message, significant
from bptutor.service.messages import NetworkView, Signal, Unit, UnitColumn, Wires
from bptutor.tui.symbols import Symbols
from bptutor.tui.widgets.canvas import Canvas, Look, box

INNER = 8
"""Cells for a number in a unit."""
WIDTH = INNER + 2
NARROW, WIDE = 6, 24
"""Cells between columns, at the least and at the most."""
HEADER, FOOTER = 2, 1
"""Lines above the units and below them."""
LOOKS: dict[Signal, Look] = {"waiting": "faint", "silent": "faint", "down": "down", "up": "up"}
LIVES = {"off": Message("off"), "dead": Message("dead")}
FRAMES = {
    True: dict(
        zip(
            ("top left", "top right", "low left", "low right", "level", "upright"),
            "╭╮╰╯─│",
            strict=True,
        )
    ),
    False: dict(
        zip(
            ("top left", "top right", "low left", "low right", "level", "upright"),
            "++++-|",
            strict=True,
        )
    ),
}
"""Frames of units, in Unicode and in ASCII."""


def short(value: float, width: int) -> str:
    """A number to three figures, or to as many as fit in so many cells."""
    texts = (significant(value, figures) for figures in (3, 2, 1))
    return next((text for text in texts if len(text) <= width), significant(value, 1))


@dataclass(frozen=True)
class Plan:
    """Where the units of a network stand."""

    first: int
    """The first column that is drawn, where there is no room for all."""
    starts: tuple[int, ...]
    """The left edge of each drawn column."""
    height: int
    """Lines of a unit, its frame among them."""
    air: int
    """Lines between units."""
    most: int
    """Units of a column that there is room for."""
    top: int
    room: int
    """Lines for units, from `top` on."""

    def shown(self, column: UnitColumn) -> int:
        """How many of a column's units are drawn: if not all, a line says how many more."""
        return len(column.units) if column.count <= self.most else self.most

    def tops(self, column: UnitColumn) -> list[int]:
        """The top line of each unit drawn."""
        shown = self.shown(column)
        used = shown * (self.height + self.air) - self.air + (column.count > shown)
        start = self.top + (self.room - used) // 2
        return [start + place * (self.height + self.air) for place in range(shown)]

    def middles(self, column: UnitColumn) -> list[int]:
        """The line of each unit that its lines start and end at."""
        return [top + self.height // 2 for top in self.tops(column)]


def plan(view: NetworkView, width: int, height: int) -> Plan:
    """The largest way to draw a network in that room."""
    columns = len(view.columns)
    fitting = max(2, min(columns, (width + NARROW) // (WIDTH + NARROW)))
    here = next((i for i, column in enumerate(view.columns) if column.current), None)
    if here is None:
        here = next((i for i, wires in enumerate(view.wires) if wires.current), 0)
    first = min(max(0, here - fitting // 2), columns - fitting)
    gap = min(WIDE, (width - fitting * WIDTH) // (fitting - 1))
    margin = (width - fitting * WIDTH - gap * (fitting - 1)) // 2
    starts = tuple(margin + place * (WIDTH + gap) for place in range(fitting))
    room = height - HEADER - FOOTER
    most = max(column.count for column in view.columns)
    for unit, air in ((5, 2), (5, 1), (4, 1), (4, 0)):
        if most * (unit + air) - air <= room:
            return Plan(first, starts, unit, air, most, HEADER, room)
    return Plan(first, starts, 4, 0, max(1, (room - 1) // 4), HEADER, room)


class NetworkDrawing:
    """Draws one network on a canvas."""

    def __init__(self, view: NetworkView, symbols: Symbols, language: str, back: str) -> None:
        self.view, self.symbols, self.language, self.back = view, symbols, language, back

    def draw(self, width: int, height: int) -> Canvas:
        """The drawing at that size."""
        canvas = Canvas(width, height, self.symbols.braille)
        self.plan = plan(self.view, width, height)
        last = self.plan.first + len(self.plan.starts)
        columns = self.view.columns[self.plan.first : last]
        placed = list(zip(columns, self.plan.starts, strict=True))
        labels = []
        for wires, (left, right) in zip(self.view.wires[self.plan.first :], pairwise(placed)):
            labels += self._lines(canvas, wires, left, right)
        for column, start in placed:
            self._column(canvas, column, start)
        for x, y, text, look in labels:
            canvas.text(x, y, text, look)
        return canvas

    # ── lines ─────────────────────────────────────────────────────────────────────────────────

    def _lines(
        self,
        canvas: Canvas,
        wires: Wires,
        left: tuple[UnitColumn, int],
        right: tuple[UnitColumn, int],
    ) -> list[tuple[int, int, str, Look]]:
        """Draw the lines between two columns; what is to be written on them."""
        start, end = left[1] + WIDTH, right[1] - 1
        froms, tos = self.plan.middles(left[0]), self.plan.middles(right[0])
        largest = max((abs(w) for row in wires.weights for w in row if not isnan(w)), default=0)
        name = ", ".join(wires.names)
        if name:
            mark = f"{self.symbols.here} " if wires.current else ""
            look: Look = "here" if wires.current else "plain"
            canvas.centred(start, end - start + 1, 0, mark + name, look)
        drawn = []
        for source, y in enumerate(froms):
            for target, z in enumerate(tos):
                weight, signal = wires.weights[source][target], wires.signals[source][target]
                size = 0.0 if isnan(weight) or not largest else abs(weight) / largest
                thickness = 1 + (size > 1 / 3) + (size > 2 / 3)
                look = LOOKS[signal]
                if weight != 0:
                    canvas.line((start, y), (end, z), thickness, weight < 0, look)
                if not isnan(weight):
                    drawn.append((y, z, weight, look))
        return self._labels(drawn, start, end - start + 1)

    @staticmethod
    def _labels(
        drawn: list[tuple[int, int, float, Look]], start: int, gap: int
    ) -> list[tuple[int, int, str, Look]]:
        """The weights, where they stand on their lines without touching; else only their signs."""
        numbers = [f"{'+' if weight > 0 else ''}{short(weight, 5)}" for _, _, weight, _ in drawn]
        for texts in (numbers, [text[0] if text != "0" else "0" for text in numbers]):
            size = max(map(len, texts), default=0)
            if size + 2 > gap:
                continue
            places = sorted(range(1, gap - size), key=lambda x: abs(x + size / 2 - gap / 4))
            for place in places:
                along = (place + size / 2) / gap
                rows = [round(y + (z - y) * along) for y, z, _, _ in drawn]
                if len(set(rows)) == len(rows):
                    return [
                        (start + place + (size - len(text)) // 2, row, text, look)
                        for row, text, (_, _, _, look) in zip(rows, texts, drawn, strict=True)
                    ]
        return []

    # ── units ─────────────────────────────────────────────────────────────────────────────────

    def _column(self, canvas: Canvas, column: UnitColumn, start: int) -> None:
        mark = f"{self.symbols.here} " if column.current else ""
        look: Look = "here" if column.current else "plain"
        canvas.centred(start - 2, WIDTH + 4, 0, mark + ", ".join(column.names[-2:]), look)
        tops = self.plan.tops(column)
        for unit, top in zip(column.units, tops, strict=False):
            self._unit(canvas, column, unit, start, top)
        hidden = column.count - len(tops)
        if hidden:
            more = Message("{count} more", count=hidden).to(self.language)
            below = tops[-1] + self.plan.height
            canvas.centred(start - 2, WIDTH + 4, below, f"{self.symbols.ellipsis} {more}", "faint")
        if column.gradient:
            text = f"{self.back} {column.gradient}"
            canvas.centred(start - 3, WIDTH + 6, canvas.height - 1, text, "up")

    def _unit(self, canvas: Canvas, column: UnitColumn, unit: Unit, x: int, y: int) -> None:
        look: Look = "here" if column.current else "faint" if unit.life else "plain"
        box(canvas, x, y, (WIDTH, self.plan.height), FRAMES[self.symbols.braille], look)
        life = LIVES[unit.life].to(self.language) if unit.life else unit.name
        if life:
            canvas.text(x + 2, y, f" {life} ", look)
        if not isnan(unit.bias):
            canvas.text(x + 2, y + self.plan.height - 1, f" b {short(unit.bias, 5)} ", look)
        values = [unit.total, unit.value] if len(column.names) > 1 else [unit.value]
        rows = self.plan.height - 2
        if len(values) == rows:
            values = [values[0] if isnan(values[1]) else values[1]]
        line = y + 1 + (rows - 1 - len(values)) // 2
        for value in values:
            text = self.symbols.dot if isnan(value) else short(value, INNER)
            canvas.centred(x + 1, INNER, line, text, "faint" if isnan(value) else "down")
            line += 1
        if not isnan(unit.gradient):
            text = f"{self.back} {short(unit.gradient, INNER - 2)}"
            canvas.centred(x + 1, INNER, y + rows, text[: max(INNER, cell_len(text))], "up")
