"""A drawing that is as large as the room for it, and scrolls where it is larger."""

from __future__ import annotations

from typing import ClassVar, Protocol

from rich.segment import Segment
from textual.strip import Strip

from bptutor.tui.widgets.canvas import Canvas
from bptutor.tui.widgets.line_view import LineView


class Drawing(Protocol):
    """Something that can be drawn at any size."""

    def draw(self, width: int, height: int) -> Canvas: ...


class Page(LineView, can_focus=False):
    """Shows one drawing."""

    DEFAULT_CSS = """
    Page { height: 1fr; scrollbar-size: 1 1; }
    Page > .page--faint { text-style: dim; }
    Page > .page--down { color: ansi_cyan; }
    Page > .page--up { color: ansi_magenta; text-style: bold; }
    Page > .page--minus { color: ansi_yellow; }
    Page > .page--here { text-style: bold; }
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
        """Show this drawing instead, or none."""
        self._drawing = drawing
        self.display = drawing is not None
        self._draw()

    def on_resize(self) -> None:
        """The drawing takes the room that there is."""
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
