"""The app's look: one meaning to each colour, on dark grounds and on light ones.

A style names a role (`$forward`), and a theme gives each role a colour: of a fixed palette, chosen
to be read, or of the terminal's own sixteen.

    forward    values, and the signal on its way down
    backward   gradients, and the signal on its way back
    here       the learner's place, and what is typed there
    right, wrong   verdicts, always beside their marks
    layer-1 .. layer-5   the names of one layer of a program, in turn
    raised     the ground of a field and of the current row; a field has `field-style` beside it
    faint      what stands in the background; `faint-style` beside it. `aside` is both, for Content
"""

from collections.abc import Mapping, Sequence
from typing import Any

from rich.color import ColorSystem
from rich.segment import Segment, Segments
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.app import App
from textual.color import BLACK, WHITE, Color
from textual.scrollbar import ScrollBar, ScrollBarRender
from textual.theme import Theme

from bptutor.config.settings import Settings
from bptutor.tui.background import Rgb
from bptutor.tui.symbols import LAYERS, UNICODE, Symbols

FEW = (None, "standard")
"""What a terminal of sixteen colours or none is called; shades would be lost on it."""

Roles = Mapping[str, str]

DARK_ROLES: Roles = {
    "ground": "#181a1f",
    "raised": "#343946",
    "text": "#e2e2e2",
    "faint": "#a5abb7",
    "line": "#7d8493",
    "blue": "#7eb6fa",
    "forward": "#62cde1",
    "backward": "#daa0f2",
    "here": "#f2c85c",
    "right": "#86ce80",
    "wrong": "#fa868c",
    "layer-1": "#7eb6fa",
    "layer-2": "#f2915a",
    "layer-3": "#b2ce5a",
    "layer-4": "#aca6ff",
    "layer-5": "#d6bea0",
}
LIGHT_ROLES: Roles = {
    "ground": "#fcfcfa",
    "raised": "#d6ddea",
    "text": "#242424",
    "faint": "#5c5c5c",
    "line": "#858585",
    "blue": "#1450aa",
    "forward": "#005c70",
    "backward": "#82288c",
    "here": "#6b4600",
    "right": "#106424",
    "wrong": "#aa141c",
    "layer-1": "#1450aa",
    "layer-2": "#963400",
    "layer-3": "#505e00",
    "layer-4": "#553ebe",
    "layer-5": "#6a503a",
}


def _own(forward: str, backward: str, here: str) -> Roles:
    """The terminal's own colours: too few, and too uncertain, for layers and for grounds."""
    layers = (f"layer-{number}" for number in range(1, LAYERS + 1))
    return {
        **dict.fromkeys(["ground", "raised", "text", "faint", *layers], "ansi_default"),
        "line": "ansi_bright_black",
        "blue": "ansi_bright_blue",
        "forward": forward,
        "backward": backward,
        "here": here,
        "right": "ansi_green",
        "wrong": "ansi_red",
    }


OWN_ROLES: Mapping[str, Roles] = {
    "": _own("ansi_cyan", "ansi_magenta", "ansi_default"),
    "-on-dark": _own("ansi_bright_cyan", "ansi_bright_magenta", "ansi_yellow"),
    "-on-light": _own("ansi_blue", "ansi_magenta", "ansi_default"),
}
"""By the kind of ground that they stand on, as far as it is known. On a dark one the plain magenta
of many palettes is hardly seen, on a light one cyan and yellow."""


def _palette(roles: Roles) -> TerminalTheme:
    """The sixteen colours of a fixed palette, for what Textual itself names by them."""
    names = ("wrong", "right", "here", "blue", "backward", "forward")
    ground, text, faint = (Color.parse(roles[name]).rgb for name in ("ground", "text", "faint"))
    colours = [Color.parse(roles[name]).rgb for name in names]
    return TerminalTheme(ground, text, [ground, *colours, text], [faint, *colours, text])


DARK, LIGHT = _palette(DARK_ROLES), _palette(LIGHT_ROLES)


def _theme(name: str, roles: Roles, *, dark: bool = True, painted: bool = False) -> Theme:
    """A theme of these colours; one that is not `painted` stands on the terminal's own ground."""
    few = roles["raised"] == "ansi_default"
    ground, text = (roles["ground"], roles["text"]) if painted else ("ansi_default",) * 2
    return Theme(
        name=name,
        ansi=not painted,
        dark=dark,
        primary=roles["here"],
        secondary=roles["backward"],
        warning=roles["here"],
        error=roles["wrong"],
        success=roles["right"],
        accent=roles["here"],
        foreground=text,
        background=ground,
        surface=ground,
        panel=ground,
        boost=ground,
        variables={
            **roles,
            "ground": ground,
            "text": text,
            "field-style": "underline" if few else "none",
            "faint-style": "dim" if few else "none",
            "aside": f"{roles['faint']}{' dim' if few else ''}",
            "input-cursor-background": roles["here"] if painted else "ansi_default",
            "input-cursor-foreground": ground,
            "input-cursor-text-style": "underline" if painted else "reverse underline",
            "ansi-background": ground,
            "ansi-foreground": text,
            "border": roles["line"],
            "border-blurred": roles["line"],
            "scrollbar": roles["line"],
            "scrollbar-hover": roles["line"],
            "scrollbar-active": roles["here"],
            "scrollbar-background": ground,
            "scrollbar-background-hover": ground,
            "scrollbar-background-active": ground,
            "scrollbar-corner-color": ground,
            "screen-selection-background": roles["blue"],
            "screen-selection-foreground": roles["ground"] if painted else "ansi_black",
        },
    )


def luminance(colour: Sequence[int]) -> float:
    """Relative luminance as WCAG 2 defines it, of 8 bits each of red, green and blue."""
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in (part / 255 for part in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


MIDDLE = 0.179
"""The luminance from which on black is easier to read than white."""
READABLE = 4.5
"""The contrast that a text needs."""


def _readable(colour: str, ground: Color, towards: Color) -> str:
    """The colour, blended as far as it takes to be read on a ground; one of 256, too."""
    for part in range(8):
        blend = Color.parse(colour).blend(towards, part / 8)
        if min(_contrast(each, ground) for each in (blend, _of_256(blend))) >= READABLE:
            return blend.hex
    return towards.hex


def _contrast(one: Color, other: Color) -> float:
    dark, light = sorted((luminance(one.rgb), luminance(other.rgb)))
    return (light + 0.05) / (dark + 0.05)


def _of_256(colour: Color) -> Color:
    return Color(*colour.rich_color.downgrade(ColorSystem.EIGHT_BIT).get_truecolor())


def on_ground(ground: Rgb) -> Theme:
    """The dark or the light colours, on the ground that the terminal has."""
    own = Color(*ground)
    dark = luminance(ground) < MIDDLE
    roles, towards = (DARK_ROLES, WHITE) if dark else (LIGHT_ROLES, BLACK)
    raised = own.blend(towards, 0.13 if dark else 0.1)
    inks = roles.keys() - {"ground", "raised", "line"}
    readable = {name: _readable(roles[name], raised, towards) for name in inks}
    return _theme("bptutor-ground", {**roles, **readable, "raised": raised.hex}, dark=dark)


THEMES = {
    "dark": _theme("bptutor-dark", DARK_ROLES, painted=True),
    "light": _theme("bptutor-light", LIGHT_ROLES, dark=False, painted=True),
}
OWN = {kind: _theme(f"bptutor{kind}", roles) for kind, roles in OWN_ROLES.items()}


def theme_for(settings: Settings, ground: Rgb | None, *, few: bool) -> Theme:
    """The theme that is set, or the one nearest to it with `few` colours.

    The terminal's own are what is left under NO_COLOR, which strips them (everything is still told
    apart: by marks, bold, dim and reverse), on a terminal of sixteen, and on a slow link, for which
    they are the shortest to send.
    """
    if not few and settings.profile != "slow":
        if settings.theme in THEMES:
            return THEMES[settings.theme]
        if settings.theme == "auto" and ground:
            return on_ground(ground)
    if ground is None:
        return OWN[""]
    return OWN["-on-dark" if luminance(ground) < MIDDLE else "-on-light"]


def apply_theme(app: App[Any], settings: Settings, ground: Rgb | None) -> None:
    """Give the app the look that is set, where the terminal can show it."""
    few = app.no_color or app.console.color_system in FEW
    theme = theme_for(settings, ground, few=few)
    app.ansi_theme_dark, app.ansi_theme_light = DARK, LIGHT
    app.register_theme(theme)
    app.theme = theme.name


class SignBar(ScrollBarRender):
    """A scrollbar drawn with a sign, half as wide as a cell.

    Textual's is seen by its colour, and ends in eighths of a block; not every terminal has these.
    """

    VERTICAL_BARS = [" "] * 8
    HORIZONTAL_BARS = [" "] * 8
    THUMBS = UNICODE.thumbs

    @classmethod
    def render_bar(cls, *args: Any, **options: Any) -> Segments:
        """Textual's bar, with signs for what can be grabbed."""
        drawn = super().render_bar(*args, **options)
        sign = cls.THUMBS[not options["vertical"]]
        ground = Style(bgcolor=options["back_color"])
        drawn.segments = [
            Segment(sign * len(text), ground + Style(color=style.color, meta=style.meta))
            if style and style.meta.get("@mouse.down") == "grab"
            else Segment(text, style)
            for text, style, _ in drawn.segments
        ]
        return drawn


def scrollbars(symbols: Symbols) -> None:
    """Draw the scrollbars of this process with the signs of this notation."""
    SignBar.THUMBS = symbols.thumbs
    ScrollBar.renderer = SignBar
