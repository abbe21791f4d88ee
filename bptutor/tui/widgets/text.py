"""Text as it is, a line of two texts, and what stands on a terminal that is too small."""

from collections.abc import Mapping

from rich.cells import cell_len
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from bptutor.text import Message
from bptutor.tui.figures import fit
from bptutor.tui.symbols import look_of


class Words(Static):
    def __init__(
        self, text: str = "", *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(text, markup=False, id=id, classes=classes)
        self.display = bool(text)

    def show(self, text: str | Content) -> None:
        if text != self.content:
            self.update(text)
        self.display = bool(text)

    def height_at(self, width: int) -> int:
        """How many lines the text takes in that width; none where there is no text."""
        return self.visual.get_height({}, width) if self.content else 0


class ScrolledText(VerticalScroll):
    """A text that scrolls where it has no room, and takes no more lines than it has."""

    def __init__(self, *, id: str | None = None) -> None:
        self.text = Words()
        super().__init__(self.text, id=id)

    def show(self, text: str) -> None:
        self.text.show(text)
        self.scroll_home(animate=False)
        self.on_resize()

    def on_resize(self) -> None:
        if width := self.content_size.width:
            self.styles.max_height = max(1, self.text.height_at(width))


class Bar(Widget, can_focus=False):
    """A line of two texts; a rule runs between them where one is wanted."""

    def __init__(self, *, rule: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rule = rule
        self._corners: tuple[str, str] | None = None
        self._left = ""
        self._right: tuple[str, ...] = ()

    def show(self, left: str, *right: str) -> None:
        """Show these; of several texts on the right the last go where they would cut the left."""
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.refresh()

    def top_of(self, frame: Mapping[str, str] | None) -> None:
        """Be the upper side of a frame, or of none."""
        corners = (frame["top left"], frame["top right"]) if frame else None
        if corners != self._corners:
            self._corners = corners
            self.refresh()

    def render(self) -> Content:
        left, right = self._corners or ("", "")
        return Content(left + self._between(self.content_size.width - len(left + right)) + right)

    def _between(self, width: int) -> str:
        symbols = look_of(self).symbols
        fill = symbols.rule if self._rule else " "
        before = fill * (1 if self._corners else 2)
        left = f"{before} {self._left}" if self._rule and self._left else self._left
        rights = [*self._right]
        while len(rights) > 1 and cell_len(f"{left}  {symbols.dotted(*rights)}") > width:
            rights.pop()
        shown = symbols.dotted(*rights)
        right = f" {shown}" + f" {fill}" * bool(self._corners) if shown else ""
        room = max(0, width - cell_len(right))
        if cell_len(left) >= room:
            left = fit(left, room, symbols.ellipsis)
        elif left:
            left += " "
        return left + fill * (room - cell_len(left)) + right


COLUMNS, ROWS = 40, 12
"""From this size on everything can be done."""


class TooSmall(Widget, can_focus=False):
    """One sentence over the whole screen, which goes on living beneath it."""

    def render(self) -> Content:
        return Content(
            look_of(self).words(
                Message(
                    "Make the terminal larger: bptutor needs {columns} columns and {rows} lines. "
                    "Nothing is lost.",
                    columns=COLUMNS,
                    rows=ROWS,
                )
            )
        )
