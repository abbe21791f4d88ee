"""A scrolling view that makes only the lines that are seen."""

from __future__ import annotations

from textual.geometry import Size
from textual.scroll_view import ScrollView
from textual.strip import Strip


class LineView(ScrollView):
    """Lines made one at a time, by `line`, when they come into sight."""

    def resize_to(self, width: int, height: int) -> None:
        """There are so many lines, so wide."""
        self.virtual_size = Size(width, height)
        self.refresh()

    def line(self, index: int) -> Strip:
        """The line of that index, over the whole width. A class of its own says how."""
        return Strip.blank(self.virtual_size.width)

    def render_line(self, y: int) -> Strip:
        """The line that stands at row `y` of the window."""
        scroll_x, scroll_y = self.scroll_offset
        index = y + scroll_y
        width = self.size.width
        if not 0 <= index < self.virtual_size.height:
            return Strip.blank(width, self.rich_style)
        return self.line(index).crop_extend(scroll_x, scroll_x + width, self.rich_style)
