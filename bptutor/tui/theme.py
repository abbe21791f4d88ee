"""The app's look: the terminal's own colours, so that it is calm on dark and on light ones.

The styles name the terminal's sixteen colours and no others. A learner who wants a dark or a light
screen whatever the terminal has gets those sixteen as fixed ones, chosen to be read.
"""

from collections.abc import Sequence
from typing import Any

from rich.segment import Segment, Segments
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.app import App
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.theme import Theme

from bptutor.config.settings import Settings

NAMES = ("black", "red", "green", "yellow", "blue", "magenta", "cyan", "white")
FEW = (None, "standard")
"""What a terminal of sixteen colours or none is called; shades would be lost on it."""

Rgb = tuple[int, int, int]


def _palette(background: Rgb, foreground: Rgb, grey: Rgb, colours: Sequence[Rgb]) -> TerminalTheme:
    """Sixteen colours: black, six others and white; the bright ones are the same but for grey."""
    normal = [background, *colours, foreground]
    return TerminalTheme(background, foreground, normal, [grey, *colours, foreground])


DARK = _palette(
    (24, 26, 31),
    (222, 222, 222),
    (140, 146, 158),
    (
        (240, 113, 120),
        (126, 198, 120),
        (229, 192, 100),
        (110, 170, 245),
        (206, 147, 232),
        (86, 194, 214),
    ),
)
LIGHT = _palette(
    (252, 252, 250),
    (36, 36, 36),
    (105, 105, 105),
    ((176, 24, 32), (20, 105, 40), (125, 85, 0), (20, 80, 170), (130, 40, 140), (0, 95, 115)),
)


def _theme(name: str, palette: TerminalTheme | None) -> Theme:
    """A theme in the colours of a palette, or of the terminal itself."""

    def colour(ansi: str) -> str:
        if palette is None:
            return f"ansi_{ansi}"
        if ansi == "default":
            return palette.background_color.hex
        bright = ansi.startswith("bright_")
        number = NAMES.index(ansi.removeprefix("bright_")) + 8 * bright
        return "#{:02x}{:02x}{:02x}".format(*palette.ansi_colors[number])

    text = "ansi_default" if palette is None else colour("white")
    return Theme(
        name=name,
        ansi=palette is None,
        dark=palette is not LIGHT,
        primary=colour("cyan"),
        secondary=colour("magenta"),
        warning=colour("yellow"),
        error=colour("red"),
        success=colour("green"),
        accent=colour("cyan"),
        foreground=text,
        background=colour("default"),
        surface=colour("default"),
        panel=colour("default"),
        boost=colour("default"),
        variables={
            "ansi-background": colour("default"),
            "ansi-foreground": text,
            "border": colour("bright_black"),
            "border-blurred": colour("bright_black"),
            "scrollbar": colour("bright_black"),
            "scrollbar-hover": colour("bright_black"),
            "scrollbar-active": colour("cyan"),
            "scrollbar-background": colour("default"),
            "scrollbar-background-hover": colour("default"),
            "scrollbar-background-active": colour("default"),
            "scrollbar-corner-color": colour("default"),
            "screen-selection-background": colour("bright_blue"),
            "screen-selection-foreground": colour("black"),
        },
    )


THEMES = {
    "terminal": _theme("bptutor", None),
    "dark": _theme("bptutor-dark", DARK),
    "light": _theme("bptutor-light", LIGHT),
}


def apply_theme(app: App[Any], settings: Settings) -> None:
    """Give the app the look that is set, where the terminal can show it.

    The terminal's own colours are what is left under NO_COLOR, which strips them (everything is
    still told apart: by marks, bold, dim and reverse), on a terminal of sixteen colours, and on a
    slow link, for which they are the shortest to send.
    """
    for theme in THEMES.values():
        app.register_theme(theme)
    app.ansi_theme_dark = DARK
    app.ansi_theme_light = LIGHT
    own = app.no_color or app.console.color_system in FEW or settings.profile == "slow"
    app.theme = THEMES["terminal" if own else settings.theme].name


class SignBar(ScrollBarRender):
    """A scrollbar drawn with a sign.

    Textual's is seen by its colour, and ends in eighths of a block; not every terminal has these.
    """

    VERTICAL_BARS = [" "] * 8
    HORIZONTAL_BARS = [" "] * 8
    SIGN = ""

    @classmethod
    def render_bar(cls, *args: Any, **options: Any) -> Segments:
        """Textual's bar, with signs for what can be grabbed."""
        drawn = super().render_bar(*args, **options)
        drawn.segments = [
            Segment(cls.SIGN * len(text), Style(color=style.color, meta=style.meta))
            if style and style.meta.get("@mouse.down") == "grab"
            else Segment(text, style)
            for text, style, _ in drawn.segments
        ]
        return drawn


def scrollbars(sign: str) -> None:
    """Draw the scrollbars of this process with this sign; with none, as Textual does."""
    SignBar.SIGN = sign
    ScrollBar.renderer = SignBar if sign else ScrollBarRender
