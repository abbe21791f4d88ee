"""The tape: the program, values coming down on it and gradients going back up."""

from collections.abc import Mapping
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from bptutor.text import Message
from bptutor.tui.figures import faint, fit, under_each_other, zeros_apart
from bptutor.tui.layers import by_name
from bptutor.tui.symbols import look_of
from bptutor.views.lesson import TapeLine

PROGRAM = 2
"""The column of the program."""
MARK = 2
"""Width of the mark on the current line, and of each rail."""
GUTTER = 16
"""Width of the sections' names, where there is room for them."""
NUMBER, HEADING = 12, 24
"""Cells for a number, and for the heading of the gradients, with what sets them apart."""
ROOMY = 96
"""From this width on there is."""
ROOMY_HEADS = 76
"""From this width on the heading says what the gradients are of."""
NARROW = 56
"""Below this width values and gradients take turns."""


MOST_LINES = 17
"""Its height, at most, on a tall terminal."""


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
        self._layers: Mapping[str, int] = {}
        self._numbers: list[tuple[str, str]] = []
        """The value and the gradient of each line, as they are written in `_room`."""
        self._room = 0, 0

    def show(self, lines: list[TapeLine], layers: Mapping[str, int]) -> None:
        """Show these lines; only those that changed are drawn again.

        `layers` are those of the names in them.
        """
        self._layers = layers
        if len(lines) != len(self.lines):
            self.styles.height = len(lines) + 1
            self.virtual_size = Size(0, len(lines) + 1)
        before = [*zip(self.lines, self._numbers, strict=True)]
        self.lines = lines
        longest = max((cell_len(line.text) for line in lines), default=0)
        self._write(*self._room)
        now = zip(lines, self._numbers, strict=True)
        changed = [index for index, line in enumerate(now) if [line] != before[index : index + 1]]
        if longest != self._longest:
            self._longest = longest
            self.refresh()
        if not self._keep_current_in_sight():
            top = self.scroll_offset.y - 1
            for row in (index - top for index in changed):
                if 0 < row < self.size.height:
                    self.refresh(Region(0, row, self.size.width, 1))

    @property
    def wanted(self) -> int:
        """The height that it has where there is room."""
        return min(MOST_LINES, len(self.lines) + 1)

    def _write(self, value: int, gradient: int) -> None:
        """Write the numbers into columns of these widths."""
        self._room, ellipsis = (value, gradient), look_of(self).symbols.ellipsis
        values = under_each_other([line.value for line in self.lines], ellipsis, value - 1)
        back = under_each_other([line.gradient for line in self.lines], ellipsis, gradient - 1)
        self._numbers = [*zip(values, back, strict=True)]

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
        return self._strip([(text, look) for text in texts], self._widths())

    def _assignment(self, index: int) -> Strip:
        """One assignment with its value and its gradient, and the two rails."""
        line, before = self.lines[index], self._line(index - 1) if index else None
        symbols = look_of(self).symbols
        plain = self.rich_style
        head = self.get_component_rich_style("tape--head")
        down = self.get_component_rich_style("tape--down")
        up = self.get_component_rich_style("tape--up")
        here = self.get_component_rich_style("tape--here") if line.current else plain
        ground = Style(bgcolor=here.bgcolor)
        new_section = before is None or before.section != line.section
        travelling = line.direction if line.current else ""
        downward = symbols.down if travelling == "down" else symbols.rail if line.value else ""
        upward = symbols.up if travelling == "up" else symbols.rail if line.gradient else ""
        widths = self._widths()
        if (widths[4], widths[6]) != self._room:
            self._write(widths[4], widths[6])
        value, gradient = self._numbers[index]
        return self._strip(
            [
                (line.section or "" if new_section else "", head),
                (symbols.here if line.current else "", here),
                (line.text, here),
                (downward, down + ground),
                (value, here + Style(color=down.color)),
                (upward, up + ground),
                (gradient, here + Style(color=up.color)),
            ],
            widths,
        )

    def _widths(self) -> list[int]:
        """Of the section, the mark, the program, rail and value, rail and gradient.

        Where there is little room the section goes, and of value and gradient the one that the
        signal is not at.
        """
        width = self.size.width
        if width < NARROW:
            room = max(0, width - 2 * MARK)
            program = min(self._longest + 2, room // 2)
            shown, hidden = [MARK, room - program], [0, 0]
            upward = any(line.gradient for line in self.lines)
            return [0, MARK, program, *(hidden + shown if upward else shown + hidden)]
        gutter = GUTTER if width >= ROOMY else 0
        room = max(0, width - gutter - 3 * MARK)
        value = NUMBER * max((line.size for line in self.lines), default=1)
        back = max(value, HEADING if width >= ROOMY_HEADS else 0)
        program = min(self._longest + 2, max(room * 2 // 5, room - value - back))
        longer = program > room * 2 // 5  # the numbers need less than the rest
        value = room - program - back if longer else (room - program) * 9 // 20
        return [gutter, MARK, program, MARK, value, MARK, room - program - value]

    def _strip(self, parts: list[tuple[str, Style]], widths: list[int]) -> Strip:
        app = look_of(self)
        segments, head = list[Segment](), self.get_component_rich_style("tape--head")
        for column, ((text, look), size) in enumerate(zip(parts, widths, strict=True)):
            written = fit(text, size - 1, app.symbols.ellipsis) + " " if size else ""
            if column == PROGRAM:
                names = by_name(written, self._layers)
                segments += [Segment(part, look + app.ink(role)) for part, role in names]
                continue
            for at, part in enumerate(zeros_apart(written)):
                segments.append(Segment(part, faint(look, head) if at % 2 else look))
        return Strip(segments).crop_extend(0, self.size.width, self.rich_style)
