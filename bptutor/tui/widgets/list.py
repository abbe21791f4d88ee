"""A list to choose from, of which only the lines in sight are made."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Size
from textual.message import Message as Event
from textual.scroll_view import ScrollView
from textual.strip import Strip

from bptutor.tui.figures import fit
from bptutor.tui.keymap import bindings
from bptutor.tui.symbols import look_of

WIDEST = 76
"""Cells between the ends of a line: further apart the eye does not take them for one."""


class LineView(ScrollView):
    """Lines made one at a time, by `line`, when they come into sight."""

    def resize_to(self, width: int, height: int) -> None:
        self.virtual_size = Size(width, height)
        self.refresh()

    def line(self, index: int) -> Strip:
        """The line of that index, over the whole width. A class of its own says how."""
        return Strip.blank(self.virtual_size.width)

    def render_line(self, y: int) -> Strip:
        scroll_x, scroll_y = self.scroll_offset
        index = y + scroll_y
        width = self.size.width
        if not 0 <= index < self.virtual_size.height:
            return Strip.blank(width, self.rich_style)
        return self.line(index).crop_extend(scroll_x, scroll_x + width, self.rich_style)


@dataclass(frozen=True)
class Choice:
    text: str
    right: str = ""
    key: int | None = None
    """What is chosen with it; None on a heading and on what cannot be chosen yet."""
    heading: bool = False
    lead: str = ""
    """What stands before the text; faint on a heading."""


class Choices(LineView, can_focus=True):
    """The list; headings are passed over."""

    DEFAULT_CSS = """
    Choices { height: 1fr; scrollbar-size-vertical: 1; }
    Choices > .choices--here { background: $raised; color: $here; text-style: bold; }
    Choices > .choices--heading { text-style: bold; }
    Choices > .choices--closed { color: $faint; text-style: $faint-style; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"choices--here", "choices--heading", "choices--closed"}
    BINDINGS = bindings("list")

    class Moved(Event):
        """Another line is the chosen one."""

    class Scrolled(Event):
        """Other lines are in sight."""

    class Picked(Event):
        """A line has been clicked on twice, or once more."""

    def __init__(self, *, id: str | None = None, snug: bool = False) -> None:
        """A `snug` list takes no more lines than it has: what follows stands right below it."""
        super().__init__(id=id)
        self._snug = snug
        self._choices: list[Choice] = []
        self._here = 0

    @property
    def chosen(self) -> int | None:
        """The key of the line that the cursor is on."""
        return self._choices[self._here].key if self._choices else None

    @property
    def below(self) -> int:
        """How many choices there are below those in sight."""
        return self._open(self._choices[self.scroll_offset.y + self.size.height :])

    @property
    def above(self) -> int:
        """How many choices there are above those in sight."""
        return self._open(self._choices[: self.scroll_offset.y])

    @staticmethod
    def _open(choices: Sequence[Choice]) -> int:
        """How many of these lines can be chosen."""
        return sum(choice.key is not None for choice in choices)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The screen shows how many choices are out of sight."""
        super().watch_scroll_y(old_value, new_value)
        self.post_message(self.Scrolled())

    def on_resize(self) -> None:
        """The same; and the cursor stays in sight where there is less room now."""
        self.post_message(self.Scrolled())
        self.call_after_refresh(self._keep_in_sight)

    def show(self, choices: Sequence[Choice], key: int | None) -> None:
        """Show this list with the cursor on that key, or on the first line that can be chosen."""
        self._choices = list(choices)
        open_ones = [i for i, choice in enumerate(choices) if choice.key is not None]
        at_key = [i for i in open_ones if choices[i].key == key]
        self._here = (at_key or open_ones or [0])[0]
        if self._snug:
            self.styles.max_height = len(choices)
        self.resize_to(0, len(choices))
        self.call_after_refresh(self._keep_in_sight)

    def action_step(self, by: int) -> None:
        self._go(self._here + by, by)

    def action_page(self, by: int) -> None:
        self._go(self._here + by * max(1, self.size.height - 1), -by, edge=True)

    def action_end(self, by: int) -> None:
        self._go(len(self._choices) - 1 if by > 0 else 0, -by)

    def _go(self, index: int, by: int, edge: bool = False) -> None:
        """To that line, or from there to the first one that can be chosen."""
        if edge:
            index = max(0, min(len(self._choices) - 1, index))
        while 0 <= index < len(self._choices):
            if self._choices[index].key is not None:
                for line in (self._here, index):
                    self.refresh_line(line)
                self._here = index
                self._keep_in_sight()
                self.post_message(self.Moved())
                return
            index += by

    def _keep_in_sight(self) -> None:
        """Scroll by half a page where the cursor is out of sight: each time all lines are sent."""
        top, height = self.scroll_offset.y, self.size.height
        first = self._here
        while first > 0 and self._choices[first - 1].heading:
            first -= 1
        if first < top or self._here >= top + height:
            target = self._here - height // 2
            self.scroll_to(y=min(first, target), animate=False, force=True, immediate=True)

    def on_click(self, event: events.Click) -> None:
        """A click chooses; on the chosen line it is as good as Enter."""
        index = event.y + self.scroll_offset.y
        if index == self._here:
            self.post_message(self.Picked())
        elif index < len(self._choices):
            self._go(index, len(self._choices))

    def line(self, index: int) -> Strip:
        """A line: the cursor's mark, the text, what stands on the right."""
        choice = self._choices[index]
        symbols = look_of(self).symbols
        here = index == self._here and choice.key is not None
        look = "choices--closed"
        if choice.heading:
            look = "choices--heading"
        elif here:
            look = "choices--here"
        plain = choice.key is not None and not here
        style = self.rich_style if plain else self.get_component_rich_style(look)
        right = f" {choice.right}" if choice.right else ""
        room = self.scrollable_content_region.width
        if right:
            room = min(WIDEST, room)
        mark, lead = symbols.here if here else " ", f"{choice.lead} " if choice.lead else ""
        width = max(0, room - 3 - cell_len(lead + right))
        text = fit(choice.text, width, symbols.ellipsis)
        ground = Style(bgcolor=style.bgcolor)  # that a move of the cursor draws less again
        faint = self.get_component_rich_style("choices--closed") + ground
        end = style if choice.heading else self.rich_style + ground
        to_come = re.split(f"({re.escape(symbols.empty)}{{2,}})", f"{right} ")  # of a bar
        ends = (Segment(part, faint if odd % 2 else end) for odd, part in enumerate(to_come))
        before = [Segment(f"{mark} ", style), Segment(lead, faint if choice.heading else style)]
        return Strip([*before, Segment(text, style), *ends])
