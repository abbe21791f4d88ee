"""Text as it is: never read as markup, redrawn only when it changes, gone when there is none."""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static


class Words(Static):
    """A few words or lines."""

    def __init__(
        self, text: str = "", *, id: str | None = None, classes: str | None = None
    ) -> None:
        super().__init__(text, markup=False, id=id, classes=classes)
        self.display = bool(text)

    def show(self, text: str | Content) -> None:
        """Show this text instead."""
        if text != self.content:
            self.update(text)
        self.display = bool(text)

    def height_at(self, width: int) -> int:
        """How many lines the text takes in that width; none where there is no text."""
        return self.visual.get_height({}, width) if self.content else 0
