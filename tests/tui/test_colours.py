"""Colours can be read, wherever they are, and each has one meaning."""

from __future__ import annotations

import io
import os
from itertools import combinations

import pytest
from rich.color import Color, ColorSystem
from rich.color_triplet import ColorTriplet
from rich.style import Style
from rich.terminal_theme import TerminalTheme
from textual.color import Color as Ink

from bptutor.config.settings import Configuration, Settings, Theme
from bptutor.lesson.load import load
from bptutor.tui import BROWSER
from bptutor.tui.background import Background
from bptutor.tui.symbols import LAYERS
from bptutor.tui.theme import theme_for
from tests.tui.learner import Learner, learning
from tests.tui.seeing import cells_of, contrast, ground, ink

TEXT, LINE = 4.5, 3.0
"""What WCAG wants of a text, and of what is drawn."""
PAPER = TerminalTheme((255, 255, 255), (0, 0, 0), [(255, 0, 0)] * 16)
"""Colours of a terminal that a fixed theme must not lean on."""


def unreadable(learner: Learner) -> set[tuple[str, str, str]]:
    """Signs on the screen that are too near to their ground."""
    faults = set()
    for row, strip in enumerate(learner.app.screen._compositor.render_strips()):
        for letter, style in cells_of(strip):
            seen, behind = ink(style, PAPER), ground(style, PAPER)
            drawn = "\u2500" <= letter <= "\u259f" or "\u2800" <= letter <= "\u28ff"
            if letter != " " and contrast(seen, behind) < (LINE if drawn else TEXT):
                line = "".join(segment.text for segment in strip).rstrip()
                faults.add((f"{letter!r} in line {row}: {line}", seen.hex, behind.hex))
    return faults


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_all_that_is_written_can_be_read(
    theme: Theme, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", "truecolor")
    configuration = Configuration(Settings(theme=theme))
    async with learning(at="dLoss_dW2", size=(120, 40), configuration=configuration) as learner:
        assert unreadable(learner) == set()  # the placeholder among it
        await learner.type("a1.T", "1", "0", "x")
        assert unreadable(learner) == set()
        await learner.press("enter", "f2")
        assert unreadable(learner) == set()
        for key in ("f6", "f7", "f9", "f12", "f1"):
            await learner.press(key)
            assert unreadable(learner) == set(), key
            await learner.press("escape")
        await learner.press("escape")
        assert unreadable(learner) == set()
        for key in ("ctrl+e", "ctrl+d"):
            await learner.press(key)
            assert unreadable(learner) == set(), key
            await learner.press("escape")


def palette(ground: str, text: str, colours: str) -> TerminalTheme:
    """The background, the foreground, eight colours, eight bright ones; as hexadecimal numbers."""
    rgb = [tuple(bytes.fromhex(each)) for each in (ground, text, *colours.split())]
    return TerminalTheme(rgb[0], rgb[1], rgb[2:10], rgb[10:])  # type: ignore[arg-type]


XTERM = (
    "000000 cd0000 00cd00 cdcd00 0000ee cd00cd 00cdcd e5e5e5 "
    "7f7f7f ff0000 00ff00 ffff00 5c5cff ff00ff 00ffff ffffff"
)
TANGO = (
    "2e3436 cc0000 4e9a06 c4a000 3465a4 75507b 06989a d3d7cf "
    "555753 ef2929 8ae234 fce94f 729fcf ad7fa8 34e2e2 eeeeec"
)
SOLARIZED = (
    "073642 dc322f 859900 b58900 268bd2 d33682 2aa198 eee8d5 "
    "002b36 cb4b16 586e75 657b83 839496 6c71c4 93a1a1 fdf6e3"
)
VGA = (
    "000000 aa0000 00aa00 aa5500 0000aa aa00aa 00aaaa aaaaaa "
    "555555 ff5555 55ff55 ffff55 5555ff ff55ff 55ffff ffffff"
)
CAMPBELL = (
    "0c0c0c c50f1f 13a10e c19c00 0037da 881798 3a96dd cccccc "
    "767676 e74856 16c60c f9f1a5 3b78ff b4009e 61d6d6 f2f2f2"
)
BASIC = (  # of macOS
    "000000 990000 00a600 999900 0000b2 b200b2 00a6b2 bfbfbf "
    "666666 e60000 00d900 e5e500 0000ff e600e6 00e5e5 e5e5e5"
)
PALETTES = {
    "xterm": palette("000000", "e5e5e5", XTERM),
    "xterm on white": palette("ffffff", "000000", XTERM),
    "Linux console": palette("000000", "aaaaaa", VGA),
    "Campbell": palette("0c0c0c", "cccccc", CAMPBELL),
    "Tango dark": palette("2e3436", "d3d7cf", TANGO),
    "GNOME": palette("1e1e1e", "ffffff", TANGO),
    "Tango light": palette("eeeeec", "2e3436", TANGO),
    "Solarized dark": palette("002b36", "839496", SOLARIZED),
    "Solarized light": palette("fdf6e3", "657b83", SOLARIZED),
    "Basic": palette("ffffff", "000000", BASIC),
}


@pytest.mark.parametrize("name", PALETTES)
def test_values_and_gradients_can_be_read_by_default(name: str) -> None:
    terminal = PALETTES[name]
    own = tuple(terminal.background_color)
    sixteen = theme_for(Settings(), own, few=True).variables  # type: ignore[arg-type]
    for role in ("forward", "backward", "here"):
        seen = Ink.parse(sixteen[role]).rich_color.get_truecolor(terminal)
        assert contrast(seen, own) >= LINE, (role, seen.hex)
    many = theme_for(Settings(), own, few=False).variables  # type: ignore[arg-type]
    for role in ("forward", "backward", "here", "right", "wrong", "faint", "layer-1"):
        for seen in shown(many[role]):
            assert contrast(seen, own) >= TEXT, (role, seen.hex)
            assert contrast(seen, shown(many["raised"])[0]) >= TEXT, (role, seen.hex)


def shown(colour: str) -> list[ColorTriplet]:
    """A colour as a terminal of 24 bits shows it, and as one of 256 colours does."""
    whole = Ink.parse(colour).rich_color
    return [whole.get_truecolor(), whole.downgrade(ColorSystem.EIGHT_BIT).get_truecolor()]


@pytest.mark.parametrize("variable", [("TERM", "linux"), ("TEXTUAL_DRIVER", BROWSER)])
def test_a_console_and_a_browser_are_black(
    variable: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(*variable)
    monkeypatch.setattr("sys.stdin", io.StringIO())
    background = Background()
    with background.asked(os.environ):
        assert background.colour() == (0, 0, 0)


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_no_two_meanings_share_a_colour(theme: Theme) -> None:
    roles = theme_for(Settings(theme=theme), None, few=False).variables
    meant = ["forward", "backward", "here", "right", "wrong", "text"]
    meant += [f"layer-{number}" for number in range(1, LAYERS + 1)]
    for one, other in combinations(meant, 2):
        a, b = (Color.parse(roles[role].lower()).get_truecolor() for role in (one, other))
        assert sum(abs(x - y) for x, y in zip(a, b, strict=True)) > 45, (one, other)


async def test_the_names_of_a_layer_have_its_colour_everywhere(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("textual.constants.COLOR_SYSTEM", "truecolor")
    configuration = Configuration(Settings(theme="dark"))
    async with learning(at="dLoss_dW2", size=(120, 40), configuration=configuration) as learner:
        found: dict[str, set[ColorTriplet]] = {}
        for strip in learner.app.screen._compositor.render_strips():
            for text, style, _ in strip:
                for name in ("Z1", "W1", "Z1, a1", "Z2", "W2", "Z2, a2", "W3"):
                    if text.strip(" ▶") == name:
                        found.setdefault(name, set()).add(ink(style or Style(), PAPER))
        first, second, last = found["Z1"], found["Z2"], found["W3"]
        assert [len(each) for each in (first, second, last)] == [1, 1, 1]
        assert len(first | second | last) == 3
        assert found["W1"] == found["Z1, a1"] == first
        assert found["Z2, a2"] == second
        assert found["W2"] == second | {shown(learner.app.theme_variables["here"])[0]}


@pytest.mark.parametrize(
    ("lesson", "layers"),
    [
        ("two-hidden-layers", "Z1 W1 b1 a1 / Z2 W2 b2 a2 / Y_pred W3 b3 / Loss"),
        ("rnn", "z1 h1 w / z2 h2 u / z3 h3 / L"),
    ],
)
def test_a_parameter_is_in_the_layer_that_reads_it_first(lesson: str, layers: str) -> None:
    expected = {
        name: number for number, names in enumerate(layers.split("/")) for name in names.split()
    }
    assert load(lesson).layers == expected
