"""A stack of layers drawn from left to right: units in columns, weights as lines between them."""

from dataclasses import dataclass
from itertools import pairwise
from math import isnan

from rich.cells import cell_len

from bptutor.literals import Direction, Signal
from bptutor.text import Message, significant
from bptutor.tui.symbols import Symbols
from bptutor.tui.widgets.canvas import FRAMES, Canvas, Look, box
from bptutor.views.picture import NetworkView, Unit, UnitColumn, Wires

INNERS = (8, 7, 6)
"""Cells for a number in a unit, where there is room, and where there is less."""
FRAME = 2
NARROW, USUAL, WIDE = 6, 7, 24
"""Cells between columns: at the least, where smaller units would help, and at the most."""
ROOMY = 10
"""Cells between columns from which on lines of three thicknesses can be told apart."""
HEADER, FOOTER = 2, 1
"""Lines above the units and below them."""
LOOKS: dict[Signal, Look] = {"waiting": "faint", "silent": "faint", "down": "down", "up": "up"}
LIVES = {"off": Message("inactive"), "dead": Message("dead")}


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
    inner: int
    """Cells for a number in a unit."""
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

    def values(self, column: UnitColumn) -> int:
        """How many values a unit of a column shows: its sum and its value, or one of them."""
        return min(len(column.names) if column.role == "layer" else 1, self.height - 3)

    def middles(self, column: UnitColumn) -> list[int]:
        """The line of each unit drawn that has its value; lines start and end there."""
        shown = self.shown(column)
        used = shown * (self.height + self.air) - self.air + (column.count > shown)
        start = self.top + (self.room - used) // 2 + self.height - 3
        return [start + place * (self.height + self.air) for place in range(shown)]


def plan(view: NetworkView, width: int, height: int) -> Plan:
    """The largest way to draw a network in that room."""
    columns = len(view.columns)
    inner = next((i for i in INNERS if _gap(columns, i + FRAME, width) >= USUAL), INNERS[-1])
    unit_width = inner + FRAME
    fitting = max(2, min(columns, (width + NARROW) // (unit_width + NARROW)))
    here = next((i for i, column in enumerate(view.columns) if column.current), None)
    if here is None:
        here = next((i for i, wires in enumerate(view.wires) if wires.current), 0)
    first = min(max(0, here - fitting // 2), columns - fitting)
    gap = min(WIDE, _gap(fitting, unit_width, width))
    margin = (width - fitting * unit_width - gap * (fitting - 1)) // 2
    starts = tuple(margin + place * (unit_width + gap) for place in range(fitting))
    room = height - HEADER - FOOTER
    most = max(column.count for column in view.columns)
    for unit, air in ((5, 2), (5, 1), (4, 1), (4, 0)):
        if most * (unit + air) - air <= room:
            return Plan(first, starts, inner, unit, air, most, HEADER, room)
    return Plan(first, starts, inner, 4, 0, max(1, (room - 1) // 4), HEADER, room)


def _gap(columns: int, unit_width: int, width: int) -> int:
    return (width - columns * unit_width) // (columns - 1)


class NetworkDrawing:
    def __init__(self, view: NetworkView, symbols: Symbols, language: str, asks: Direction) -> None:
        """A drawing; `asks` is which way the signal travels while the current step is open."""
        self.view, self.symbols, self.language, self.asks = view, symbols, language, asks
        self.back = symbols.back

    def draw(self, width: int, height: int) -> Canvas:
        canvas = Canvas(width, height, self.symbols.braille)
        self.plan = plan(self.view, width, height)
        self.width = self.plan.inner + FRAME
        last = self.plan.first + len(self.plan.starts)
        columns = self.view.columns[self.plan.first : last]
        placed = list(zip(columns, self.plan.starts, strict=True))
        labels = []
        wired = self.view.wires[self.plan.first : last - 1]
        for wires, (left, right) in zip(wired, pairwise(placed), strict=True):
            labels += self._lines(canvas, wires, left, right)
        for column, start in placed:
            self._column(canvas, column, start)
        self._hidden(canvas, self.plan.first, len(self.view.columns) - last)
        for x, y, text, look in labels:
            canvas.text(x, y, text, look)
        return canvas

    def _hidden(self, canvas: Canvas, before: int, after: int) -> None:
        """How many columns there is no room for, on the left and on the right."""
        for count, left in ((before, True), (after, False)):
            if count:
                more = f"{self.symbols.ellipsis} +{count}"
                canvas.text(0 if left else canvas.width - cell_len(more), 1, more, "faint")

    # ── lines ─────────────────────────────────────────────────────────────────────────────────

    def _lines(
        self,
        canvas: Canvas,
        wires: Wires,
        left: tuple[UnitColumn, int],
        right: tuple[UnitColumn, int],
    ) -> list[tuple[int, int, str, Look]]:
        """Draw the lines between two columns; what is to be written on them."""
        start, end = left[1] + self.width, right[1] - 1
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
                thickness = 1 + (size > 1 / 3) + (size > 2 / 3 and end - start >= ROOMY)
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
        canvas.centred(start - 2, self.width + 4, 0, mark + ", ".join(column.names[-2:]), look)
        middles = self.plan.middles(column)
        for unit, middle in zip(column.units, middles, strict=False):
            self._unit(canvas, column, unit, start, middle)
        hidden = column.count - len(middles)
        if hidden:
            more = Message("{count} more", count=hidden).to(self.language)
            below = middles[-1] + 3
            canvas.centred(
                start - 2, self.width + 4, below, f"{self.symbols.ellipsis} {more}", "faint"
            )
        if column.gradient:
            text = f"{self.back} {column.gradient}"
            canvas.centred(start - 3, self.width + 6, canvas.height - 1, text, "up")

    def _unit(self, canvas: Canvas, column: UnitColumn, unit: Unit, x: int, middle: int) -> None:
        look: Look = "here" if column.current else "faint" if unit.life else "plain"
        count = self.plan.values(column)
        y, last = middle - count, middle + 1 + (column.role != "loss")
        box(canvas, x, y, (self.width, last - y + 1), FRAMES[self.symbols.braille], look)
        head = LIVES[unit.life].to(self.language) if unit.life else unit.name
        if cell_len(head) > self.plan.inner:
            head = head[: self.plan.inner - 1] + "."
        bias = "" if isnan(unit.bias) else f"b {short(unit.bias, self.plan.inner - 2)}"
        for text, line in ((head, y), (bias, last)):
            spaced = f" {text} " if cell_len(text) + 2 <= self.plan.inner else text
            if text:
                canvas.text(x + 1, line, spaced, look)
        values = (
            [unit.total, unit.value]
            if len(column.names) > 1 and column.role == "layer"
            else [unit.value]
        )
        if count < len(values):
            values = [values[0] if isnan(values[1]) else values[1]]
        asked = self.asks == "down" and column.current
        for row, value in enumerate(values, y + 1):
            unknown = "?" if asked else self.symbols.dot
            text = short(value, self.plan.inner) if not isnan(value) else unknown
            canvas.centred(x + 1, self.plan.inner, row, text, "faint" if isnan(value) else "down")
            asked = asked and not isnan(value)
        if column.role != "loss":
            self._gradient(canvas, column, unit, x, middle + 1)

    def _gradient(self, canvas: Canvas, column: UnitColumn, unit: Unit, x: int, y: int) -> None:
        if not isnan(unit.gradient):
            space = " " if self.plan.inner == INNERS[0] else ""
            text = f"{self.back}{space}{short(unit.gradient, self.plan.inner - 1 - len(space))}"
        elif self.asks == "up" and column.current:
            text = f"{self.back} ?"
        else:
            return
        canvas.centred(x + 1, self.plan.inner, y, text, "up")
