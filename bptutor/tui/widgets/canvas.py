"""A canvas of characters, and a page that shows what is drawn on it."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from typing import ClassVar, Literal, Protocol, TypeAlias

from rich.cells import cell_len
from rich.segment import Segment
from textual.strip import Strip

from bptutor.tui.widgets.list import LineView
from bptutor.tui.widgets.plot import BLANK, DOTS

Look: TypeAlias = Literal["faint", "plain", "down", "up", "here", "minus"]
"""How a character looks; none is told by its colour alone."""
Point: TypeAlias = tuple[int, int]
"""Column and row."""
STRENGTH: dict[Look, int] = {"faint": 0, "plain": 1, "minus": 2, "down": 3, "up": 4, "here": 5}
"""Where lines cross, the last of these is seen."""

_PARTS = ("top left", "top right", "low left", "low right", "level", "upright")
FRAMES = {
    True: dict(zip(_PARTS, "╭╮╰╯─│", strict=True)),
    False: dict(zip(_PARTS, "++++-|", strict=True)),
}
"""Frames, in Unicode and in ASCII."""


class Canvas:
    """Cells of one character each; a line's dots lie under every text."""

    def __init__(self, width: int, height: int, braille: bool) -> None:
        self.width, self.height, self.braille = width, height, braille
        self.focus = (0, 0)
        """The cell that must be in sight, where not all is."""
        self._texts: dict[Point, tuple[str, Look]] = {}
        self._dots: dict[Point, tuple[int, Look]] = {}

    def text(self, x: int, y: int, text: str, look: Look = "plain") -> None:
        """Text from a cell on; what does not fit on the page is left out."""
        for character in text:
            size = cell_len(character)
            if 0 <= y < self.height and x >= 0 and x + size <= self.width:
                self._texts[x, y] = (character, look)
                for covered in range(x + 1, x + size):
                    self._texts[covered, y] = ("", look)
            x += size

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
                self.text(x, y, sign, look)

    def rows(self) -> Iterator[list[tuple[str, Look]]]:
        """Each row as runs of one look."""
        for y in range(self.height):
            cells = [self._cell(x, y) for x in range(self.width)]
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


class Page(LineView, can_focus=False):
    DEFAULT_CSS = """
    Page { height: 1fr; scrollbar-size: 1 1; }
    Page > .page--faint { color: $faint; text-style: $faint-style; }
    Page > .page--down { color: $forward; }
    Page > .page--up { color: $backward; text-style: bold; }
    Page > .page--minus { color: $layer-2; }
    Page > .page--here { color: $here; text-style: bold; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "page--faint",
        "page--plain",
        "page--down",
        "page--up",
        "page--minus",
        "page--here",
    }

    def __init__(self) -> None:
        super().__init__()
        self._drawing: Drawing | None = None
        self._rows: list[Strip] = []

    def show(self, drawing: Drawing | None) -> None:
        self._drawing = drawing
        self.display = drawing is not None
        self._draw()

    def on_resize(self) -> None:
        self._draw()

    def _draw(self) -> None:
        width, height = self.size
        if self._drawing is None or not width or not height:
            return
        canvas = self._drawing.draw(width, height)
        self._rows = [
            Strip(
                [
                    Segment(text, self.get_component_rich_style(f"page--{look}"))
                    for text, look in row
                ]
            )
            for row in canvas.rows()
        ]
        self.resize_to(canvas.width, canvas.height)
        x, y = canvas.focus
        self.scroll_to(x - width // 2, y - height // 2, animate=False, force=True, immediate=True)

    def line(self, index: int) -> Strip:
        return self._rows[index]
