"""A canvas of characters, and a page that shows what is drawn on it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import ClassVar, Literal, Protocol, TypeAlias, cast, get_args

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.strip import Strip
from textual.timer import Timer

from bptutor.tui.symbols import layer_role
from bptutor.tui.widgets.list import LineView
from bptutor.tui.widgets.plot import BLANK, DOTS

Layer: TypeAlias = Literal["layer-1", "layer-2", "layer-3", "layer-4", "layer-5"]
Look: TypeAlias = Literal["faint", "plain", "down", "up", "here", "minus", "signal"] | Layer | Style
"""How a character looks, none of which is told by its colour alone; or its very colours."""
Point: TypeAlias = tuple[int, int]
"""Column and row."""


@dataclass(frozen=True)
class Way:
    """Across columns, or else up through rows: from one to another."""

    across: bool
    start: int
    end: int

    def passes(self, at: Point, part: float) -> bool:
        """Is a signal in that cell, when it has come so far?"""
        middle = self.start + (self.end - self.start) * part
        return abs(at[not self.across] - middle) <= (2 if self.across else 1)


STRENGTH: dict[Look, int] = {
    "faint": 0,
    "plain": 1,
    **dict.fromkeys(get_args(Layer), 1),
    "minus": 2,
    "down": 3,
    "up": 4,
    "here": 5,
    "signal": 6,
}
"""Where lines cross, the last of these is seen."""

_PARTS = ("top left", "top right", "low left", "low right", "level", "upright")
FRAMES = {
    True: dict(zip(_PARTS, "╭╮╰╯─│", strict=True)),
    False: dict(zip(_PARTS, "++++-|", strict=True)),
}
"""Frames, in Unicode and in ASCII."""


def layer_look(layer: int | None) -> Look:
    """How the names in a layer look."""
    return "plain" if layer is None else cast(Layer, layer_role(layer))


class Canvas:
    """Cells of one character each; a line's dots lie under every text."""

    def __init__(self, width: int, height: int, braille: bool) -> None:
        self.width, self.height, self.braille = width, height, braille
        self.focus = (0, 0)
        """The cell that must be in sight, where not all is."""
        self.way: Way | None = None
        """Along which a gradient comes to the step."""
        self._lines: set[Point] = set()
        """The cells of the lines that something has come along."""
        self._texts: dict[Point, tuple[str, Look]] = {}
        self._dots: dict[Point, tuple[int, Look]] = {}

    def text(self, x: int, y: int, text: str, look: Look = "plain") -> None:
        """Text from a cell on; what does not fit on the page is left out."""
        for character in text:
            size = cell_len(character)
            self._lines.discard((x, y))
            if 0 <= y < self.height and x >= 0 and x + size <= self.width:
                self._texts[x, y] = (character, look)
                for covered in range(x + 1, x + size):
                    self._texts[covered, y] = ("", look)
            x += size

    def wire(self, x: int, y: int, sign: str, look: Look) -> None:
        """A sign of a line."""
        self.text(x, y, sign, look)
        if look != "faint":
            self._lines.add((x, y))

    def centred(self, x: int, width: int, y: int, text: str, look: Look = "plain") -> None:
        self.text(x + max(0, width - cell_len(text)) // 2, y, text, look)

    def free(self, x: int, y: int, width: int) -> bool:
        """Is there no text in these cells?"""
        return not any((cell, y) in self._texts for cell in range(x, x + width))

    def line(self, start: Point, end: Point, thickness: int, dashed: bool, look: Look) -> None:
        """A line from the left edge of a cell to the right edge of one further right."""
        draw = self._braille_line if self.braille else self._plain_line
        draw(start, end, thickness, dashed, look)

    def _braille_line(
        self, start: Point, end: Point, thickness: int, dashed: bool, look: Look
    ) -> None:
        (left, top), (right, bottom) = start, end
        wide, high = (right - left + 1) * 2 - 1, (bottom - top) * 4
        points = max(wide, abs(high), 1)
        for point in range(points + 1):
            if dashed and point % 4 > 1:
                continue
            x, y = left * 2 + point * wide / points, top * 4 + 1 + point * high / points
            for more in range(thickness):
                shift = (more + 1) // 2 * (-1 if more % 2 else 1)
                across, along = (shift, 0) if abs(high) > wide else (0, shift)
                self._dot(round(x) + across, round(y) + along, look)

    def _dot(self, x: int, y: int, look: Look) -> None:
        cell = (x // 2, y // 4)
        if x >= 0 and y >= 0:
            bits, before = self._dots.get(cell, (0, look))
            stronger = max(before, look, key=STRENGTH.__getitem__)
            self._dots[cell] = (bits | DOTS[x % 2][y % 4], stronger)
            if look != "faint" and cell not in self._texts:
                self._lines.add(cell)

    def _plain_line(
        self, start: Point, end: Point, thickness: int, dashed: bool, look: Look
    ) -> None:
        (left, top), (right, bottom) = start, end
        points = max(right - left, abs(bottom - top), 1)
        level = "-" if thickness == 1 else "="
        before = top
        for point in range(points + 1):
            x = left + round(point * (right - left) / points)
            y = top + round(point * (bottom - top) / points)
            sign = level if y == before else "\\" if bottom > top else "/"
            before = y
            taken = self._texts.get((x, y))
            if dashed and point % 2:
                continue
            if taken is None or STRENGTH[taken[1]] <= STRENGTH[look]:
                self.wire(x, y, sign, look)

    def rows(
        self, part: float | None = None, whole: bool = False
    ) -> Iterator[list[tuple[str, Look]]]:
        """Each row as runs of one look; with `part`, a signal has come so far along its way.

        With `whole`, its way is all of the backward pass, from the loss to the data.
        """
        way = self.way
        if way and whole:
            way = Way(way.across, self.width if way.across else self.height, 0)
        for y in range(self.height):
            cells = [self._cell(x, y) for x in range(self.width)]
            if way and part is not None:
                cells = [
                    (
                        text,
                        "signal" if (x, y) in self._lines and way.passes((x, y), part) else look,
                    )
                    for x, (text, look) in enumerate(cells)
                ]
            yield [
                ("".join(text for text, _ in run), look)
                for look, run in groupby(cells, key=lambda cell: cell[1])
            ]

    def _cell(self, x: int, y: int) -> tuple[str, Look]:
        if (x, y) in self._texts:
            return self._texts[x, y]
        bits, look = self._dots.get((x, y), (0, "plain"))
        return (chr(BLANK + bits) if bits else " "), look


def box(
    canvas: Canvas, x: int, y: int, size: tuple[int, int], frame: Mapping[str, str], look: Look
) -> None:
    """A frame of that width and height, blank inside."""
    width, height = size
    level = frame["level"] * (width - 2)
    canvas.text(x, y, frame["top left"] + level + frame["top right"], look)
    for row in range(y + 1, y + height - 1):
        canvas.text(x, row, frame["upright"] + " " * (width - 2) + frame["upright"], look)
    canvas.text(x, y + height - 1, frame["low left"] + level + frame["low right"], look)


class Drawing(Protocol):
    def draw(self, width: int, height: int) -> Canvas: ...


PICTURES, ALL_THE_WAY = 12, 30
"""How often a signal is drawn on its way to a step, and on its way from the loss to the data."""
EVERY = 1 / 30
"""Seconds between two of them."""


class Page(LineView, can_focus=False):
    DEFAULT_CSS = """
    Page { height: 1fr; scrollbar-size: 1 1; }
    Page > .page--faint { color: $faint; text-style: $faint-style; }
    Page > .page--down { color: $forward; }
    Page > .page--up { color: $backward; text-style: bold; }
    Page > .page--signal { color: $backward; text-style: bold reverse; }
    Page > .page--minus { color: $layer-2; }
    Page > .page--here { color: $here; text-style: bold; }
    """ + "".join(f"Page > .page--{layer} {{ color: ${layer}; }}\n" for layer in get_args(Layer))
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"page--{look}" for look in STRENGTH}

    def __init__(self) -> None:
        super().__init__()
        self._drawing: Drawing | None = None
        self._canvas: Canvas | None = None
        self._rows: list[Strip] = []
        self._drawn_for = Size(0, 0)
        self._come = 0
        """Pictures of a signal on its way, so far; of so many:"""
        self._pictures = PICTURES
        self._timer: Timer | None = None

    def show(self, drawing: Drawing | None) -> None:
        self._drawing = drawing
        self.display = drawing is not None
        self._stop()
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def run_signal(self, whole: bool = False) -> None:
        """The gradient comes to the step along its lines, or goes the `whole` way back."""
        if self._canvas and self._canvas.way:
            self._stop()
            self._pictures = ALL_THE_WAY if whole else PICTURES
            self._timer = self.set_interval(EVERY, self._move)

    def _move(self) -> None:
        self._come += 1
        if self._come > self._pictures:
            self._stop()
        self._paint()

    def _stop(self) -> None:
        if self._timer:
            self._timer.stop()
        self._timer, self._come = None, 0

    def _draw(self) -> None:
        width, height = self.size
        if self._drawing is None or not width or not height:
            return
        before, known = self.virtual_size, self._drawn_for == self.size
        self._drawn_for = self.size
        canvas = self._canvas = self._drawing.draw(width, height)
        if not known or before != (canvas.width, canvas.height):
            self._rows = []
            self.resize_to(canvas.width, canvas.height)
        self._paint()
        x, y = canvas.focus
        self.scroll_to(x - width // 2, y - height // 2, animate=False, force=True, immediate=True)

    def _paint(self) -> None:
        """Draw the lines anew that look other than before."""
        if not self._canvas:
            return
        before = self._rows
        part = self._come / self._pictures if self._timer else None
        whole = self._pictures == ALL_THE_WAY
        self._rows = [
            Strip([Segment(text, self._style(look)) for text, look in row])
            for row in self._canvas.rows(part, whole)
        ]
        top = self.scroll_offset.y
        for y, (old, new) in enumerate(zip(before, self._rows, strict=False)):
            if old != new:
                self.refresh(Region(0, y - top, self.size.width, 1))

    def _style(self, look: Look) -> Style:
        if isinstance(look, Style):
            return look
        return self.get_component_rich_style(f"page--{look}")

    def line(self, index: int) -> Strip:
        """A line; of a drawing for another size none, for the right one is about to come."""
        fits = self._drawn_for == self.size
        return self._rows[index] if fits else Strip.blank(self.virtual_size.width)
