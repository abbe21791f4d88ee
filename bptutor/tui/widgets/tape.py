"""The tape: the program, values coming down on it and gradients going back up."""

from __future__ import annotations

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from bptutor.locale import Message
from bptutor.service.messages import TapeLine
from bptutor.tui.figures import fit, inline
from bptutor.tui.screens.room import tutor_of
from bptutor.tui.widgets.line_view import LineView

MOST = 4
"""At most so many numbers of a value on its line."""


class Tape(LineView):
    """A line an assignment; the current one is kept in sight."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"tape--head", "tape--here", "tape--gradient"}

    def __init__(self) -> None:
        super().__init__(id="tape", can_focus=False)
        self.lines: list[TapeLine] = []

    def show(self, lines: list[TapeLine]) -> None:
        """Show these lines; only those that changed are drawn again."""
        if lines == self.lines:
            return
        self.lines = lines
        self.resize_to(0, len(lines) + 1)
        here = next((index for index, line in enumerate(lines) if line.current), 0)
        room = self.size.height
        if room and not self.scroll_offset.y <= here < self.scroll_offset.y + room - 1:
            self.scroll_to(y=max(0, here - room // 2), animate=False, force=True)

    def render_line(self, y: int) -> Strip:
        """The headings stay on top of the lines."""
        if y == 0:
            symbols = tutor_of(self).symbols
            headings = [Message("the program"), Message("value"), Message("gradient of the loss")]
            text, value, gradient = (tutor_of(self).words(heading) for heading in headings)
            return self.columns(
                "", text, f"{value} {symbols.down}", f"{gradient} {symbols.up}", "tape--head", "tape--head"
            )
        index = y - 1 + self.scroll_offset.y
        if index < len(self.lines):
            return self.line(index)
        return Strip.blank(self.size.width, self.rich_style)

    def line(self, index: int) -> Strip:
        """One assignment."""
        line = self.lines[index]
        symbols = tutor_of(self).symbols
        mark = ""
        if line.current:
            mark = symbols.here + {"down": symbols.down, "up": symbols.up, "": ""}[line.direction]
        value, gradient = (
            inline(matrix, symbols.ellipsis, MOST) if matrix else ""
            for matrix in (line.value, line.gradient)
        )
        return self.columns(mark, line.text, value, gradient, "tape--here" if line.current else "", "tape--gradient")

    def columns(self, mark: str, text: str, value: str, gradient: str, style: str, upward: str) -> Strip:
        """The parts of a line in their columns."""
        width = self.size.width - 3
        longest = max((cell_len(line.text) for line in self.lines), default=20) + 2
        left = min(longest, width * 2 // 5)
        middle = (width - left) // 2
        ellipsis = tutor_of(self).symbols.ellipsis
        plain = self.rich_style
        own = self.get_component_rich_style(style) if style else plain
        up = own + self.get_component_rich_style(upward)
        parts = [(mark, 3, own), (text, left, own), (value, middle, own), (gradient, width - left - middle, up)]
        return Strip([Segment(fit(part, room - 1, ellipsis) + " ", look) for part, room, look in parts if room > 0])
