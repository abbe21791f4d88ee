"""What an eye gets to see of a screen: colours as a terminal shows them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from rich.color import Color
from rich.color_triplet import ColorTriplet
from rich.segment import Segment
from rich.style import Style
from rich.terminal_theme import TerminalTheme


def luminance(colour: Iterable[int]) -> float:
    """WCAG's relative luminance."""
    parts = [part / 255 for part in colour]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: Iterable[int], other: Iterable[int]) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


def cells_of(strip: Iterable[Segment]) -> Iterator[tuple[str, Style]]:
    for segment in strip:
        yield from ((letter, segment.style or Style()) for letter in segment.text)


def ink(style: Style, terminal: TerminalTheme) -> ColorTriplet:
    """The colour of a letter."""
    colour = style.bgcolor if style.reverse else style.color
    return (colour or Color.default()).get_truecolor(terminal, foreground=not style.reverse)


def ground(style: Style, terminal: TerminalTheme) -> ColorTriplet:
    """The colour behind a letter."""
    colour = style.color if style.reverse else style.bgcolor
    return (colour or Color.default()).get_truecolor(terminal, foreground=bool(style.reverse))
