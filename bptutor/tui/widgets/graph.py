"""The graph of a lesson: where its nodes stand, and how it is drawn."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from math import prod

from rich.cells import cell_len

from bptutor.literals import Direction, Signal
from bptutor.text.numbers import size_of
from bptutor.tui.figures import block, inline, shape_text
from bptutor.tui.symbols import Symbols
from bptutor.tui.widgets.canvas import FRAMES, Canvas, Look, Way, box
from bptutor.tui.widgets.network import LOOKS, short
from bptutor.tui.widgets.placing import APART, Placed, place, ports, widest
from bptutor.views import Matrix
from bptutor.views.picture import GraphView, Node, Pictured


def _beside(
    label: str, look: Look, numbers: Sequence[str], other: Look
) -> Iterator[list[tuple[str, Look]]]:
    """Lines of numbers with a label at their middle one."""
    blank = " " * cell_len(label)
    for at, text in enumerate(numbers):
        yield [(label if at == (len(numbers) - 1) // 2 else blank, look), (f" {text}", other)]


NUMBERS = 22
"""Cells for the numbers of a quantity, at the most."""
FORMS = ((2, True), (1, True), (2, False), (1, False))
"""Lines of a node and whether it has a frame: the first one that fits. Many numbers take lines."""
WHOLE = 4
"""Numbers of a matrix that may have a line a row, in a node that is high enough."""
NORTH, SOUTH, WEST, EAST = 1, 2, 4, 8
LEVEL = WEST | EAST
LINES: dict[bool, dict[Signal, str]] = {
    True: {
        "waiting": " ┆┆┆┄╯╮┤┄╰╭├┄┴┬┼",
        "silent": " │││─╯╮┤─╰╭├─┴┬┼",
        "down": " │││─╯╮┤─╰╭├─┴┬┼",
        "up": " ┃┃┃━┛┓┫━┗┏┣━┻┳╋",
    },
    False: {
        "waiting": " :::.'.:.'.:....",
        "silent": " |||-+++-+++-+++",
        "down": " |||-+++-+++-+++",
        "up": " ###=###=###=###",
    },
}
"""A sign for each set of the ways that a line leaves its cell, by what has come along it."""
SIGNALS: tuple[Signal, ...] = ("waiting", "silent", "down", "up")


@dataclass
class Net:
    """All lines that leave one place: a stem down, a bar across, and branches down from it."""

    stem: int
    branches: list[tuple[int, Signal]]
    track: int = 0

    @property
    def signal(self) -> Signal:
        """What has come along its stem."""
        return max((signal for _, signal in self.branches), key=SIGNALS.index)

    @property
    def span(self) -> tuple[int, int]:
        """From where to where its bar goes."""
        ends = [self.stem, *(x for x, _ in self.branches)]
        return min(ends), max(ends)

    def ways(self, top: int, bar: int, end: int) -> dict[tuple[int, int], tuple[int, Signal]]:
        """For each cell: the ways that the line leaves it, and what has come along it."""
        cells: dict[tuple[int, int], tuple[int, Signal]] = {}

        def add(x: int, y: int, way: int, signal: Signal) -> None:
            before, other = cells.get((x, y), (0, signal))
            cells[x, y] = before | way, max(signal, other, key=SIGNALS.index)

        for y in range(top, bar):
            add(self.stem, y, NORTH | SOUTH, self.signal)
        add(self.stem, bar, NORTH, self.signal)
        for x, signal in self.branches:
            step, onward, back = (1, EAST, WEST) if x > self.stem else (-1, WEST, EAST)
            for cell in range(self.stem, x, step):
                add(cell, bar, onward, signal)
                add(cell + step, bar, back, signal)
            add(x, bar, SOUTH, signal)
            for y in range(bar + 1, end):
                add(x, y, NORTH | SOUTH, signal)
        return cells


@dataclass
class Gap:
    nets: list[Net] = field(default_factory=list)

    @property
    def tracks(self) -> int:
        """How many lines high it must be."""
        return 1 + max((net.track for net in self.nets), default=0)


class GraphDrawing:
    def __init__(self, view: GraphView, symbols: Symbols, pictured: Pictured) -> None:
        self.view, self.symbols = view, symbols
        self.asks: Direction = pictured.direction if pictured.open else ""

    def draw(self, width: int, height: int) -> Canvas:
        """The drawing, at least that wide and high, and larger where it must be."""
        nodes = [node for row in self.view.rows for node in row if not node.passing]
        single = all(prod(node.shape) == 1 for node in nodes)
        high = 2 * max(size_of(n.shape)[0] if prod(n.shape) <= WHOLE else 1 for n in nodes)
        higher = [(high, True), (high, False)] if high > 2 else []
        for lines, framed in FORMS if single else [*higher, *sorted(FORMS, reverse=True)]:
            rows = [self._row(row, lines, framed, width) for row in self.view.rows]
            wide = max(width, *(widest(row) for row in rows))
            high = lines + 2 * framed
            last = (lines, framed) == FORMS[-1]
            if not last and (wide > width or (high + 1) * len(rows) - 1 > height):
                continue  # whatever its lines take, it is too large
            place(self.view, rows, wide)
            gaps = [self._gap(rows, index) for index in range(len(rows) - 1)]
            needed = high * len(rows) + sum(gap.tracks for gap in gaps)
            if needed <= height and wide == width:
                break
        canvas = Canvas(wide, max(needed, height), self.symbols.braille)
        spare = min(len(gaps) and (height - needed) // len(gaps), 2) if height > needed else 0
        y = max(0, height - needed - spare * len(gaps)) // 2
        for index, row in enumerate(rows):
            for at, placed in enumerate(row):
                self._node(canvas, placed, (y, high), framed, self._leaving(index, at))
                if placed.node.current:
                    canvas.focus = (int(placed.middle), y)
                    canvas.way = Way(False, canvas.height, y)
            y += high
            if index < len(gaps):
                self._lines(canvas, gaps[index], y, gaps[index].tracks + spare)
                y += gaps[index].tracks + spare
        return canvas

    # ── nodes ─────────────────────────────────────────────────────────────────────────────────

    def _row(self, row: Sequence[Node], lines: int, framed: bool, width: int) -> list[Placed]:
        """The words of a row's nodes, each in its share of the width."""
        real = sum(not node.passing for node in row)
        free = width - (len(row) - real) * (1 + APART) - real * (APART + 2 + 2 * framed)
        share = max(5, free // max(1, real))
        placed = []
        for node in row:
            words = [] if node.passing else self._words(node, lines, share)
            size = 1 if node.passing else self._size(node, words, share)
            width = size + (0 if node.passing else 2 + 2 * framed)
            placed.append(Placed(node, words, width, framed and not node.passing))
        return placed

    @staticmethod
    def _size(node: Node, words: list[list[tuple[str, Look]]], share: int) -> int:
        """The cells of a node, those for numbers that are to come among them: nothing jumps."""
        written = max(sum(cell_len(text) for text, _ in line) for line in words)
        count = prod(node.shape) if len(words) <= 2 else size_of(node.shape)[1]
        numbers = min(NUMBERS, 6 * count)
        coming = cell_len(node.name) + 3 + numbers + (4 + numbers) * (len(words) == 1)
        return max(written, min(coming, share))

    def _words(self, node: Node, lines: int, share: int) -> list[list[tuple[str, Look]]]:
        look: Look = "here" if node.current else "plain"
        mark = f"{self.symbols.here} " if node.current else ""
        name = f"{mark}{node.name}"
        room = share - cell_len(name) - 1
        back = f"{self.symbols.up} "
        open_down = node.current and self.asks == "down" and not node.value
        open_up = node.current and self.asks == "up" and not node.gradient
        if lines == 1 and (node.gradient or open_up):
            room = max(3, (room - 3) // 2)
        unknown = "?" if open_down else self.symbols.dot
        if lines > 2:
            values = self._rows(node.value) or [unknown]
            gradients = self._rows(node.gradient) or ["?"] * open_up
            words = [*_beside(name, look, values, "down")]
            words += _beside(self.symbols.up, "up", gradients, "up")
            return [*words, *([] for _ in range(lines - len(words)))]
        value = self._numbers(node.value, min(NUMBERS, room)) if node.value else unknown
        room = room if lines == 1 else share - 2
        gradient = self._numbers(node.gradient, min(NUMBERS, room)) or ("?" if open_up else "")
        head: list[tuple[str, Look]] = [(name, look)]
        if value:
            head.append((f" {value}", "down"))
        if lines == 1:
            return [head + ([(f" {back}{gradient}", "up")] if gradient else [])]
        return [head, [(f"{back}{gradient}", "up")] if gradient else []]

    def _rows(self, matrix: Matrix | None) -> list[str]:
        """A line a row of a matrix that is there whole; else one line, or none."""
        if not matrix:
            return []
        if matrix.shape and len(matrix.values) == prod(matrix.shape) > 1:
            return block(matrix, self.symbols, 3)
        return [self._numbers(matrix, NUMBERS)]

    def _numbers(self, matrix: Matrix | None, room: int) -> str:
        if matrix and prod(matrix.shape) == 1:
            return short(matrix.values[0], room)
        text = inline(matrix, self.symbols.ellipsis, room, figures=3) if matrix else ""
        if matrix and text == self.symbols.ellipsis:  # not one number fits
            shape = shape_text(matrix.shape).replace(", ", ",")
            return shape if len(shape) <= room else text
        return text

    def _leaving(self, row: int, place: int) -> Signal | None:
        """What has come along the lines that leave a place; None where there are none."""
        leaving = [
            link.signal for link in self.view.links if (link.row, link.source) == (row, place)
        ]
        return max(leaving, key=SIGNALS.index, default=None)

    def _node(
        self,
        canvas: Canvas,
        placed: Placed,
        lines: tuple[int, int],
        framed: bool,
        leaving: Signal | None,
    ) -> None:
        """A node, or a line that passes; `lines` are its first one and how many there are."""
        node, x, (y, height) = placed.node, round(placed.left), lines
        blank = range(y, y + height) if node.passing else ()
        if not node.passing and not framed:
            blank = range(y + sum(map(bool, placed.lines)), y + height)
        if leaving:
            sign = LINES[self.symbols.braille][leaving][NORTH | SOUTH]
            for row in blank:
                canvas.text(int(placed.middle), row, sign, LOOKS[leaving])
        look: Look = "here" if node.current else "faint" if node.leaf else "plain"
        if framed and not node.passing:
            box(canvas, x, y, (placed.width, height), FRAMES[self.symbols.braille], look)
        for row, line in enumerate(placed.lines, y + framed):
            size = sum(cell_len(text) for text, _ in line)
            start = x + (placed.width - size) // 2
            for text, look in line:
                canvas.text(start, row, text, look)
                start += cell_len(text)

    # ── lines ─────────────────────────────────────────────────────────────────────────────────

    def _gap(self, rows: list[list[Placed]], index: int) -> Gap:
        """The lines below a row, each bar on a track where it touches no other."""
        above, below = rows[index], rows[index + 1]
        links = [link for link in self.view.links if link.row == index]
        stems = {place: int(above[place].middle) for place in {link.source for link in links}}
        nets = {place: Net(stem, []) for place, stem in stems.items()}
        for target, placed in enumerate(below):
            mine = [link for link in links if link.target == target]
            mine.sort(key=lambda link: stems[link.source])
            ins = ports(placed, [stems[link.source] for link in mine], stems)
            for link, x in zip(mine, ins, strict=True):
                nets[link.source].branches.append((x, link.signal))
        gap = Gap(sorted(nets.values(), key=lambda net: net.span))
        ends: list[int] = []
        for net in gap.nets:
            left, right = net.span
            if left == right:
                continue
            net.track = next((t for t, end in enumerate(ends) if end + 1 < left), len(ends))
            ends[net.track : net.track + 1] = [right]
        return gap

    def _lines(self, canvas: Canvas, gap: Gap, y: int, height: int) -> None:
        """Draw the lines of a gap; where two cross, the upright one passes over the other."""
        signs = LINES[self.symbols.braille]
        for net in sorted(gap.nets, key=lambda net: SIGNALS.index(net.signal)):
            bar = y + net.track + (height - gap.tracks) // 2
            ways = net.ways(y, bar, y + height)
            for (x, row), (way, signal) in ways.items():
                level = not way & (NORTH | SOUTH)
                if canvas.free(x, row, 1) or not level:
                    canvas.wire(x, row, signs[signal][way], LOOKS[signal])
