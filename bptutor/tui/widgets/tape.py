"""The tape: the program, values coming down on it and gradients going back up."""

from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from bptutor.text import Message
from bptutor.tui.figures import fit, inline
from bptutor.tui.symbols import look_of
from bptutor.views import Matrix
from bptutor.views.lesson import TapeLine

MARK = 2
"""Width of the mark on the current line, and of each rail."""
GUTTER = 16
"""Width of the sections' names, where there is room for them."""
ROOMY = 96
"""From this width on there is."""
ROOMY_HEADS = 76
"""From this width on the heading says what the gradients are of."""
NARROW = 56
"""Below this width values and gradients take turns."""


class Tape(ScrollView, can_focus=False):
    """A line an assignment under a heading that stays; the current line is kept in sight.

    Two rails show how far the signal has come: one on the left of the values, growing down, and
    one on the left of the gradients, growing up.
    """

    COMPONENT_CLASSES: ClassVar[set[str]] = {"tape--head", "tape--here", "tape--down", "tape--up"}

    def __init__(self) -> None:
        super().__init__(id="tape")
        self.lines: list[TapeLine] = []
        self._longest = 0

    def show(self, lines: list[TapeLine]) -> None:
        """Show these lines; only those that changed are drawn again."""
        if len(lines) != len(self.lines):
            self.styles.height = len(lines) + 1
            self.virtual_size = Size(0, len(lines) + 1)
        changed = [index for index, line in enumerate(lines) if line != self._line(index)]
        self.lines = lines
        longest = max((cell_len(line.text) for line in lines), default=0)
        if longest != self._longest:
            self._longest = longest
            self.refresh()
        if not self._keep_current_in_sight():
            top = self.scroll_offset.y - 1
            for row in (index - top for index in changed):
                if 0 < row < self.size.height:
                    self.refresh(Region(0, row, self.size.width, 1))

    def on_resize(self) -> None:
        """A window of another height shows another part of the program."""
        self._keep_current_in_sight()

    def _keep_current_in_sight(self) -> bool:
        """Scroll where the current line, or one beside it, is out of sight. Has it scrolled?"""
        room = self.size.height - 1
        here = next((index for index, line in enumerate(self.lines) if line.current), 0)
        top = self.scroll_offset.y
        first, last = max(0, here - 1), min(len(self.lines) - 1, here + 1)
        if room < 1 or (top <= first and last < top + room):
            return False
        self.scroll_to(y=max(0, here - room // 2), animate=False, force=True, immediate=True)
        self.refresh()
        return True

    def _line(self, index: int) -> TapeLine | None:
        return self.lines[index] if index < len(self.lines) else None

    def render_line(self, y: int) -> Strip:
        """The heading stays on top of the lines."""
        if y == 0:
            return self._heading()
        index = y - 1 + self.scroll_offset.y
        if index < len(self.lines):
            return self._assignment(index)
        return Strip.blank(self.size.width, self.rich_style)

    def _heading(self) -> Strip:
        words, symbols = look_of(self).words, look_of(self).symbols
        look = self.get_component_rich_style("tape--head")
        section = words(Message("section"))
        program = words(Message("program"))
        value = words(Message("value"))
        whole = self.size.width >= ROOMY_HEADS
        gradient = words(Message("gradient of the loss") if whole else Message("gradient"))
        down, up = f"{value} {symbols.down}", f"{gradient} {symbols.up}"
        texts = [section, "", program, "", down, "", up]
        return self._columns([(text, look) for text in texts])

    def _assignment(self, index: int) -> Strip:
        """One assignment with its value and its gradient, and the two rails."""
        line, before = self.lines[index], self._line(index - 1) if index else None
        symbols = look_of(self).symbols
        plain = self.rich_style
        head = self.get_component_rich_style("tape--head")
        down = self.get_component_rich_style("tape--down")
        up = self.get_component_rich_style("tape--up")
        here = self.get_component_rich_style("tape--here") if line.current else plain
        new_section = before is None or before.section != line.section
        travelling = line.direction if line.current else ""
        downward = symbols.down if travelling == "down" else symbols.rail if line.value else ""
        upward = symbols.up if travelling == "up" else symbols.rail if line.gradient else ""
        return self._columns(
            [
                (line.section or "" if new_section else "", head),
                (symbols.here if line.current else "", here),
                (line.text, here),
                (downward, down),
                (line.value or "", here),
                (upward, up),
                (line.gradient or "", here),
            ]
        )

    def _columns(self, parts: list[tuple[str | Matrix, Style]]) -> Strip:
        """The parts of a line: section, mark, program, rail, value, rail, gradient."""
        width = self.size.width
        if width < NARROW:
            return self._narrow_columns(parts)
        gutter = GUTTER if width >= ROOMY else 0
        room = max(0, width - gutter - 3 * MARK)
        program = min(self._longest + 2, room * 2 // 5)
        value = (room - program) * 9 // 20
        widths = [gutter, MARK, program, MARK, value, MARK, room - program - value]
        return self._strip(parts, widths)

    def _narrow_columns(self, parts: list[tuple[str | Matrix, Style]]) -> Strip:
        """Without the section, and of value and gradient the one that the signal is at."""
        room = max(0, self.size.width - 2 * MARK)
        program = min(self._longest + 2, room // 2)
        upward = any(line.gradient for line in self.lines)
        shown = [*parts[1:3], *(parts[5:] if upward else parts[3:5])]
        return self._strip(shown, [MARK, program, MARK, room - program])

    def _strip(self, parts: list[tuple[str | Matrix, Style]], widths: list[int]) -> Strip:
        ellipsis = look_of(self).symbols.ellipsis
        segments = []
        for (part, look), size in zip(parts, widths, strict=True):
            text = inline(part, ellipsis, size - 1) if isinstance(part, Matrix) else part
            segments.append(Segment(fit(text, size - 1, ellipsis) + " " if size else "", look))
        return Strip(segments).crop_extend(0, self.size.width, self.rich_style)
