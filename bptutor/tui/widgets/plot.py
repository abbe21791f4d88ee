"""A small line plot of the loss, in braille dots or in plain characters."""

from collections.abc import Sequence
from math import ceil, floor, isfinite, log10

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from bptutor.text import Message, significant
from bptutor.tui.symbols import look_of
from bptutor.tui.widgets.rows import entitle

DOTS = ((0x01, 0x02, 0x04, 0x40), (0x08, 0x10, 0x20, 0x80))
"""The bits of a braille character: its left column and its right one, from top to bottom."""
BLANK = 0x2800


DECADES = 100.0
"""From this ratio of the largest loss to the smallest the axis is logarithmic."""


def positive(losses: Sequence[float]) -> list[float]:
    """The losses for a logarithmic axis, which has no 0: in its place the smallest of the others.

    Empty where the axis is linear: the losses are close, or some are negative.
    """
    above = [loss for loss in losses if loss > 0]
    if min(losses, default=0.0) < 0 or not above or max(above) < DECADES * min(above):
        return []
    return [loss or min(above) for loss in losses]


def curve(values: Sequence[float], width: int, height: int) -> list[int]:
    """The values as heights from 0 (smallest) to `height - 1` at `width` even places."""
    low, high = min(values), max(values)
    spread = high - low or 1.0
    last = len(values) - 1
    picked = [values[round(place * last / max(1, width - 1))] for place in range(width)]
    return [round((value - low) / spread * (height - 1)) for value in picked]


def braille(values: Sequence[float], width: int, height: int) -> list[str]:
    """A connected line of dots, two by four in a character."""
    heights = curve(values, width * 2, height * 4)
    bits = [[0] * width for _ in range(height)]
    previous = heights[0]
    for x, level in enumerate(heights):
        for dot in range(min(level, previous), max(level, previous) + 1):
            y = height * 4 - 1 - dot
            bits[y // 4][x // 2] |= DOTS[x % 2][y % 4]
        previous = level
    return ["".join(chr(BLANK + bit) if bit else " " for bit in row) for row in bits]


def stars(values: Sequence[float], width: int, height: int) -> list[str]:
    """The same with one star a column."""
    heights = curve(values, width, height)
    return [
        "".join("*" if level == height - 1 - row else " " for level in heights)
        for row in range(height)
    ]


def decades(values: Sequence[float], height: int) -> dict[int, str]:
    """The powers of ten between the ends of a logarithmic axis, by the line that each is at.

    Args:
        values: the logarithms that are drawn.
        height: lines; those at the ends name the largest and the smallest value.
    """
    low, high = min(values), max(values)
    every = max(1, ceil((high - low) / (height / 2)))
    found = {}
    for power in range(ceil(low), floor(high) + 1):
        line = height - 1 - round((power - low) / (high - low) * (height - 1))
        if power % every == 0 and 0 < line < height - 1:
            found[line] = significant(10.0**power, 1)
    return found


class Plot(Widget, can_focus=False):
    """Losses from left to right, the largest and the smallest named on the left."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._losses: list[float] = []
        self._last = 0
        self._by_hand = 0
        self._rate: float | None = None

    def show(
        self, losses: Sequence[float], last: int, by_hand: int = 0, rate: float | None = None
    ) -> None:
        """Show these losses up to iteration `last`, with a mark after those by hand.

        Where they come from another learning rate than the lesson's, that `rate` is told.
        """
        self._losses = [loss for loss in losses if isfinite(loss)]
        self._last = last
        self._rate = rate
        self._by_hand = by_hand if by_hand < len(self._losses) == len(losses) else 0
        self.display = len(self._losses) > 1
        self.refresh()

    def on_resize(self) -> None:
        entitle(self, look_of(self).words(Message("Loss")))

    def render(self) -> Content:
        symbols = look_of(self).symbols
        losses = self._losses
        height = self.content_size.height - 1
        if len(losses) < 2 or height < 2:
            return Content()
        clipped = positive(losses)
        marks = [significant(max(losses), 3), significant(min(clipped or losses), 3)]
        if clipped and 0 in losses:
            marks[1] = f"{symbols.at_most}{marks[1]}"
        drawn = [*map(log10, clipped)] or losses
        ticks = decades(drawn, height) if clipped else {}
        labels = [marks[0], *(ticks.get(line, "") for line in range(1, height - 1)), marks[1]]
        room = max(map(cell_len, labels))
        width = max(1, self.content_size.width - room - 2)
        curved = (braille if symbols.braille else stars)(drawn, width, height)
        lines = [f"{' ' * (room - cell_len(label))}{label} {symbols.rail}" for label in labels]
        shown = [Content(line + part) for line, part in zip(lines, curved, strict=True)]
        if self._by_hand:
            x, y = self._place(drawn, width, height)
            line = curved[y][:x] + symbols.point + curved[y][x + 1 :].rstrip()
            by_hand = look_of(self).words(Message("by hand"))
            legend = f"  {symbols.point} {by_hand}"
            fits = cell_len(line + legend) <= width
            shown[y] = Content(lines[y] + line + (legend if fits else ""))
        word = look_of(self).words(Message("iteration {number}", number=self._last))
        told = self._told(logarithmic=bool(clipped))
        scale = f"0  {told}" if told else "0"
        below = " " * (room + 2) + scale + " " * (width - cell_len(scale + word)) + word
        return Content("\n").join([*shown, Content(below).stylize("$aside")])

    def _told(self, *, logarithmic: bool) -> str:
        """What has to be known of the axis and of the losses."""
        look, rate = look_of(self), self._rate
        return look.symbols.dotted(
            look.words(Message("logarithmic")) if logarithmic else "",
            look.words(Message("learning rate {rate}", rate=significant(rate))) if rate else "",
        )

    def _place(self, drawn: Sequence[float], width: int, height: int) -> tuple[int, int]:
        """Column and line of the loss after the last iteration by hand."""
        low, spread = min(drawn), max(drawn) - min(drawn) or 1.0
        dots = height * 4 if look_of(self).symbols.braille else height
        level = round((drawn[self._by_hand] - low) / spread * (dots - 1))
        x = round(self._by_hand * (width - 1) / (len(drawn) - 1))
        return x, (dots - 1 - level) * height // dots
