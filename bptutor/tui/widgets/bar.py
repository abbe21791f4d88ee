"""One line over the whole width: something on the left, something on the right."""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from bptutor.tui.figures import fit
from bptutor.tui.look import look_of


class Bar(Widget, can_focus=False):
    """A line of two texts; a rule runs between them where one is wanted."""

    def __init__(self, *, rule: bool = False, id: str | None = None) -> None:
        super().__init__(id=id)
        self._rule = rule
        self._left = self._right = ""

    def show(self, left: str, right: str = "") -> None:
        """Show these texts; where there is no room for both, the left one is cut."""
        if (left, right) != (self._left, self._right):
            self._left, self._right = left, right
            self.refresh()

    def render(self) -> Content:
        """The line at the width that there is."""
        symbols = look_of(self).symbols
        width = self.content_size.width
        fill = symbols.rule if self._rule else " "
        right = f" {self._right}" if self._right else ""
        room = max(0, width - cell_len(right))
        left = f"{fill * 2} {self._left}" if self._rule and self._left else self._left
        if cell_len(left) >= room:
            left = fit(left, room, symbols.ellipsis)
        elif left:
            left += " "
        return Content(left + fill * (room - cell_len(left)) + right)
