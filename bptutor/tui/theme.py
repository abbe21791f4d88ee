"""The app's look: the terminal's own colours, so that it is calm on dark and on light ones."""

from __future__ import annotations

from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.theme import Theme

THEME = Theme(
    name="bptutor",
    ansi=True,
    primary="ansi_cyan",
    secondary="ansi_magenta",
    warning="ansi_yellow",
    error="ansi_red",
    success="ansi_green",
    accent="ansi_cyan",
    foreground="ansi_default",
    background="ansi_default",
    surface="ansi_default",
    panel="ansi_default",
    boost="ansi_default",
    variables={
        "ansi-background": "ansi_default",
        "ansi-foreground": "ansi_default",
        "border": "ansi_bright_black",
        "border-blurred": "ansi_bright_black",
        "scrollbar": "ansi_bright_black",
        "scrollbar-hover": "ansi_bright_black",
        "scrollbar-active": "ansi_cyan",
        "scrollbar-background": "ansi_default",
        "scrollbar-background-hover": "ansi_default",
        "scrollbar-background-active": "ansi_default",
        "scrollbar-corner-color": "ansi_default",
        "screen-selection-background": "ansi_bright_blue",
        "screen-selection-foreground": "ansi_black",
    },
)
"""Under NO_COLOR everything is still told apart: by marks, bold, dim and reverse."""


class PlainBar(ScrollBarRender):
    """A scrollbar without the eighths of a block, which not every terminal has."""

    VERTICAL_BARS = [" "] * 8
    HORIZONTAL_BARS = [" "] * 8


def scrollbars(plain: bool) -> None:
    """Draw the scrollbars of this process in ASCII, or as Textual does."""
    ScrollBar.renderer = PlainBar if plain else ScrollBarRender
