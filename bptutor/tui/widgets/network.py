"""A stack of layers drawn from left to right: units in columns, weights as lines between them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise, starmap
from math import isnan

from rich.cells import cell_len

from bptutor.literals import Direction, Signal
from bptutor.text import Message, significant
from bptutor.tui.symbols import Symbols
from bptutor.tui.widgets.canvas import FRAMES, Canvas, Look, Point, Way, box, layer_look
from bptutor.views.picture import NetworkView, Pictured, Unit, UnitColumn

INNERS = (8, 7, 6)
"""Cells for a number in a unit, where there is room, and where there is less."""
FRAME = 2
NARROW, USUAL, WIDE = 6, 7, 36
"""Cells between columns: at the least, where smaller units would help, and at the most."""
ROOMY = 10
"""Cells between columns from which on lines of three thicknesses can be told apart."""
COMFORTABLE = 5, 2
"""Lines of a unit, and between two of them, where there is room."""
STUB, STUB_GAP = 1, 3
"""Cells for a column of signs, and between it and the next column, at the least."""
HEADER, FOOTER = 2, 1
"""Lines above the units and below them."""
LOOKS: dict[Signal, Look] = {"waiting": "faint", "silent": "faint", "down": "down", "up": "up"}
LIVES = {"off": Message("inactive"), "dead": Message("dead")}


def short(value: float, width: int) -> str:
    """A number to three figures, or to as many as fit in so many cells."""
    texts = (significant(value, figures) for figures in (3, 2, 1))
    return next((text for text in texts if len(text) <= width), significant(value, 1))


@dataclass(frozen=True)
class Wire:
    """A line from one unit to another."""

    start: int
    """The line on which it leaves the unit on the left; `end` likewise on the right."""
    end: int
    weight: float
    look: Look


@dataclass(frozen=True)
class Slot:
    """Where a column stands."""

    index: int
    start: int
    width: int

    @property
    def stub(self) -> bool:
        """Has it room for nothing but a sign a unit?"""
        return self.width == STUB


@dataclass(frozen=True)
class Plan:
    """Where the units of a network stand."""

    slots: tuple[Slot, ...]
    """The columns that are drawn: those at work in full, others as stubs where room is short."""
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


def at_work(view: NetworkView, direction: Direction) -> int:
    """The left one of the two columns between which the signal is."""
    wired = next((i for i, wires in enumerate(view.wires) if wires.current), None)
    if wired is not None:
        return wired
    here = next((i for i, column in enumerate(view.columns) if column.current), 0)
    return min(max(0, here - (direction != "up")), len(view.wires) - 1)


def plans(view: NetworkView, width: int, height: int, direction: Direction) -> Iterator[Plan]:
    """The ways to draw a network in that room, that with the most columns in full first."""
    columns, left = len(view.columns), at_work(view, direction)
    room = height - HEADER - FOOTER
    most = max(column.count for column in view.columns)
    sizes = (*((5, air) for air in range(9, 0, -1)), (4, 1), (4, 0))
    unit, air = next((s for s in sizes if most * sum(s) - s[1] <= room), sizes[-1])
    most = most if most * (unit + air) - air <= room else max(1, (room - 1) // 4)
    for full in range(columns, 1, -1):
        fitting = [inner for inner in INNERS if _least(columns, full, inner) <= width]
        if fitting or full == 2:
            inner = fitting[0] if fitting else INNERS[-1]
            first = min(max(0, left - (full - 1) // 2), columns - full)
            slots = _slots(columns, range(first, first + full), inner + FRAME, width)
            yield Plan(slots, inner, unit, air, most, HEADER, room)


def comfortable(view: NetworkView) -> int:
    """Lines in which the units of a network stand well apart."""
    unit, air = COMFORTABLE
    return max(column.count for column in view.columns) * (unit + air) - air + HEADER + FOOTER


def _least(columns: int, full: int, inner: int) -> int:
    """The least width for so many columns, so many of them in full."""
    gap = USUAL if inner != INNERS[-1] else NARROW
    return full * (inner + FRAME) + (full - 1) * gap + (columns - full) * (STUB + STUB_GAP)


def _slots(columns: int, full: range, width: int, room: int) -> tuple[Slot, ...]:
    """Place the columns; stubs that there is no room for are left out, the furthest first."""
    before, after = full.start, columns - full.stop
    spare = room - len(full) * width - (len(full) - 1) * NARROW
    while 0 < before + after > spare // (STUB + STUB_GAP):
        before, after = (before - 1, after) if before > after else (before, after - 1)
    stubs = before + after
    spare -= stubs * (STUB + STUB_GAP)
    wider = min(spare // (len(full) - 1), WIDE - NARROW)
    spare -= wider * (len(full) - 1)
    stub_gap = STUB_GAP + (min(spare // stubs, STUB_GAP) if stubs else 0)
    spare -= stubs * (stub_gap - STUB_GAP)
    x, slots = spare // 2, list[Slot]()
    for index in range(full.start - before, full.stop + after):
        size = width if index in full else STUB
        if slots:
            x += NARROW + wider if index in full and index - 1 in full else stub_gap
        slots.append(Slot(index, x, size))
        x += size
    return tuple(slots)


TRIES = 500
"""Places that are tried for the labels of one gap, which could take for ever."""


def _apart(
    wires: list[tuple[str, Wire]], places: Sequence[int], start: int, gap: int, size: int
) -> list[tuple[int, int, str, Look]] | None:
    """Labels at some of these places on their lines, so that no two touch; None where they do."""
    tries = 0

    def rest(index: int, taken: frozenset[Point]) -> list[tuple[int, int, str, Look]] | None:
        nonlocal tries
        if index == len(wires):
            return []
        text, wire = wires[index]
        for place in places:
            tries += 1
            row = round(wire.start + (wire.end - wire.start) * (place + size / 2) / gap)
            x = start + place + (size - len(text)) // 2
            cells = {(cell, row) for cell in range(x - 1, x + len(text) + 1)}
            if tries > TRIES or cells & taken:
                continue
            found = rest(index + 1, taken | cells)
            if found is not None:
                return [(x, row, text, wire.look), *found]
        return None

    return rest(0, frozenset())


class NetworkDrawing:
    def __init__(
        self,
        view: NetworkView,
        symbols: Symbols,
        language: str,
        pictured: Pictured,
        here: Sequence[tuple[int, int, int]] | None = None,
    ) -> None:
        """A drawing of all of it; with `here` one of the layers at work, the others as they fit.

        `here` are the lines that the element is about at which the learner is.
        """
        self.view, self.symbols, self.language = view, symbols, language
        self.direction = pictured.direction
        self.asks: Direction = pictured.direction if pictured.open else ""
        self.back = symbols.back
        self.here = here

    def draw(self, width: int, height: int) -> Canvas:
        canvas = Canvas(width, height, self.symbols.braille)
        self._choose(list(plans(self.view, width, height, self.direction)))
        slots = self.plan.slots
        drawn = [self.view.columns[slot.index] for slot in slots]
        # Names stand close to the units: above the highest one, and below the lowest one.
        tops = (self.plan.middles(each)[0] - self.plan.values(each) for each in drawn)
        self.head = max(0, min(tops) - HEADER)
        ends = (self.plan.middles(each)[-1] + 3 + (each.count > self.plan.most) for each in drawn)
        self.foot = min(height - 1, max(ends))
        labels = []
        for left, right in pairwise(slots):
            labels += self._lines(canvas, left, right)
        for place, slot in enumerate(slots):
            column = self.view.columns[slot.index]
            if slot.stub:
                self._stub(canvas, column, slot, place % 2)
            else:
                self._column(canvas, column, slot.start)
        left, right = self._at_work()
        canvas.way = Way(True, right.start, left.start + left.width)
        self._hidden(canvas, slots[0].index, len(self.view.columns) - 1 - slots[-1].index)
        for x, y, text, look in labels:
            canvas.text(x, y, text, look)
        return canvas

    def _choose(self, ways: list[Plan]) -> None:
        """The first way in which the weights between full columns are numbers; else the first."""
        for self.plan in (*ways, ways[0]):
            self.width = self.plan.inner + FRAME
            if self.here is None or all(starmap(self._legible, pairwise(self.plan.slots))):
                return

    def _legible(self, left: Slot, right: Slot) -> bool:
        """Are the weights between two columns numbers, where both are full and have some?"""
        drawn = self._drawn(left, right)
        if left.stub or right.stub or all(isnan(wire.weight) for wire in drawn):
            return True
        start = left.start + self.width
        return any(
            len(text) > 1 for _, _, text, _ in self._labels(drawn, start, right.start - start)
        )

    def _at_work(self) -> tuple[Slot, Slot]:
        work = at_work(self.view, self.direction)
        slots = {slot.index: slot for slot in self.plan.slots}
        return slots[work], slots[work + 1]

    def _hidden(self, canvas: Canvas, before: int, after: int) -> None:
        """How many columns there is no room for, on the left and on the right."""
        for count, left in ((before, True), (after, False)):
            if count:
                more = f"{self.symbols.ellipsis} +{count}"
                canvas.text(
                    0 if left else canvas.width - cell_len(more), self.head + 1, more, "faint"
                )

    def _stub(self, canvas: Canvas, column: UnitColumn, slot: Slot, line: int) -> None:
        """A sign a unit: whether it has a value, and whether a gradient has come to it."""
        for unit, middle in zip(column.units, self.plan.middles(column), strict=False):
            known = not isnan(unit.value if isnan(unit.total) else unit.total)
            look: Look = "faint" if unit.life or not known else "down"
            look = look if isnan(unit.gradient) or unit.life else "up"
            sign = self.symbols.items["answered" if known else "open"]
            canvas.text(slot.start, middle, sign, look)
        name = column.names[-1]
        x = min(slot.start - (cell_len(name) - 1) // 2, canvas.width - cell_len(name))
        if canvas.free(max(0, x) - 1, self.head + line, cell_len(name) + 2):
            canvas.text(max(0, x), self.head + line, name, "faint")

    # ── lines ─────────────────────────────────────────────────────────────────────────────────

    def _lines(self, canvas: Canvas, left: Slot, right: Slot) -> list[tuple[int, int, str, Look]]:
        """Draw the lines between two columns; what is to be written on them."""
        wires = self.view.wires[left.index]
        start, end = left.start + left.width, right.start - 1
        name = ", ".join(wires.names)
        full = not (left.stub or right.stub)
        if name and full:
            mark = f"{self.symbols.here} " if wires.current else ""
            own = layer_look(self.view.columns[right.index].layer)
            look: Look = "here" if wires.current else own
            canvas.centred(start, end - start + 1, self.head, mark + name, look)
        drawn = self._drawn(left, right)
        known = [abs(wire.weight) for wire in drawn if not isnan(wire.weight)]
        largest = max(known, default=0)
        for wire in drawn:
            size = 0.0 if isnan(wire.weight) or not largest else abs(wire.weight) / largest
            thickness = 1 + (size > 1 / 3) + (size > 2 / 3 and end - start >= ROOMY)
            if wire.weight != 0 or wire.look == "here":
                ends = (start, wire.start), (end, wire.end)
                canvas.line(*ends, thickness if full else 1, wire.weight < 0, wire.look)
        return self._labels(drawn, start, end - start + 1) if full else []

    def _drawn(self, left: Slot, right: Slot) -> list[Wire]:
        """The lines between the units of two columns that are drawn."""
        wires = self.view.wires[left.index]
        tos = self.plan.middles(self.view.columns[right.index])
        return [
            Wire(
                y,
                z,
                wires.weights[source][target],
                "here"
                if (left.index, source, target) in (self.here or ())
                else LOOKS[wires.signals[source][target]],
            )
            for source, y in enumerate(self.plan.middles(self.view.columns[left.index]))
            for target, z in enumerate(tos)
        ]

    @staticmethod
    def _labels(wires: list[Wire], start: int, gap: int) -> list[tuple[int, int, str, Look]]:
        """The weights, where they stand on their lines without touching; else only their signs.

        All at one distance from the units where that can be, else each wherever it has room.
        """
        drawn = [wire for wire in wires if not isnan(wire.weight)]
        numbers = [f"{'+' if w.weight > 0 else ''}{short(w.weight, 5)}" for w in drawn]
        for texts in (numbers, [text[0] if text != "0" else "0" for text in numbers]):
            size = max(map(len, texts), default=0)
            places = sorted(range(1, gap - size), key=lambda x: abs(x + size / 2 - gap / 4))
            for choices in (*([place] for place in places), places):
                labels = _apart(list(zip(texts, drawn, strict=True)), choices, start, gap, size)
                if labels is not None:
                    return labels
        return []

    # ── units ─────────────────────────────────────────────────────────────────────────────────

    def _column(self, canvas: Canvas, column: UnitColumn, start: int) -> None:
        mark = f"{self.symbols.here} " if column.current else ""
        look = "here" if column.current else layer_look(column.layer)
        names = mark + ", ".join(column.names[-2:])
        canvas.centred(start - 2, self.width + 4, self.head, names, look)
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
            canvas.centred(start - 3, self.width + 6, self.foot, text, "up")

    def _unit(self, canvas: Canvas, column: UnitColumn, unit: Unit, x: int, middle: int) -> None:
        own = layer_look(column.layer)
        look: Look = "here" if column.current else "faint" if unit.life else own
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
