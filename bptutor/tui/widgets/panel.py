"""A frame with a title."""

from textual.containers import Vertical
from textual.content import Content
from textual.widget import Widget


class Panel(Vertical):
    def __init__(self, *parts: Widget, id: str | None = None) -> None:
        super().__init__(*parts, id=id)
        self._title = ""

    def entitle(self, title: str) -> None:
        """Show the title; the text is no markup."""
        if title != self._title:
            self._title = title
            self.border_title = Content(title)
