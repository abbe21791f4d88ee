"""A frame with a title, and lines in it; what stays as it is, is not drawn again."""

from collections.abc import Iterable, Sequence
from typing import ClassVar, TypeAlias

from rich.cells import cell_len
from rich.segment import Segment
from textual.content import Content
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from bptutor.tui.figures import fit
from bptutor.tui.symbols import look_of

Row: TypeAlias = Sequence[tuple[str, str]]
"""Texts with their looks: `plain`, `bold`, `faint` or `here`."""


def entitle(frame: Widget, left: str, right: str = "") -> None:
    """Write into the upper edge of a frame: its title, and what stands at its other end."""
    symbols = look_of(frame).symbols
    room = frame.outer_size.width - 6
    text = fit(left, min(cell_len(left), max(0, room)), symbols.ellipsis)
    gap = room - cell_len(f"{text}{right}") - 2
    title = Content(text)
    if right and gap > 0:
        rule = (symbols.rule * gap, "not bold $line")
        title = Content.assemble(text, " ", rule, " ", right)
    if frame.border_title != title.markup:
        frame.border_title = title


class Rows(Widget, can_focus=False):
    DEFAULT_CSS = """
    Rows > .rows--bold { text-style: bold; }
    Rows > .rows--faint { color: $faint; text-style: $faint-style; }
    Rows > .rows--here { color: $here; text-style: bold; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "rows--plain",
        "rows--bold",
        "rows--faint",
        "rows--here",
    }

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._title = ""
        self._rows: list[Row] = []

    def on_resize(self) -> None:
        entitle(self, self._title)

    def show(self, title: str, rows: Iterable[Row]) -> None:
        """Show these rows under a title; of those there are already nothing is drawn."""
        self._title = title
        entitle(self, title)
        before, self._rows = self._rows, list(rows)
        for y in range(max(len(before), len(self._rows))):
            if before[y : y + 1] != self._rows[y : y + 1]:
                self.refresh(Region(0, y, self.size.width, 1))

    def render_line(self, y: int) -> Strip:
        if y >= len(self._rows):
            return Strip.blank(self.size.width, self.rich_style)
        segments = [
            Segment(text, self.get_component_rich_style(f"rows--{look}"))
            for text, look in self._rows[y]
        ]
        return Strip(segments).adjust_cell_length(self.size.width, self.rich_style)
