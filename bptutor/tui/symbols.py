"""The app's own signs, in Unicode and in ASCII, and how a widget asks the app for them."""

from __future__ import annotations

from collections.abc import Set
from typing import TYPE_CHECKING, Literal, Protocol, TypeAlias, cast

from msgspec import Struct

from bptutor.literals import Stage, Verdict
from bptutor.text import Message
from bptutor.views.quiz import ItemState

if TYPE_CHECKING:
    from rich.style import Style
    from textual.message_pump import MessagePump

Notation: TypeAlias = Literal["unicode", "ascii"]
LAYERS = 5
"""Colours for layers; from then on they come again."""


def layer_role(number: int) -> str:
    """The role of the names in a layer, counted from 0."""
    return f"layer-{number % LAYERS + 1}"


class Symbols(Struct, frozen=True):
    """One set of signs; no sign of it is wider than its text is long."""

    here: str
    down: str
    up: str
    arrow: str
    back: str
    dot: str
    at_most: str
    ellipsis: str
    rail: str
    rule: str
    full: str
    empty: str
    solid: str
    dashed: str
    shades: str
    """From the lightest to the darkest."""
    thumbs: str
    """Of an upright scrollbar, and of a level one."""
    spark: str
    """Bars from the lowest to the highest."""
    point: str
    """One place on a curve."""
    left: str
    """Brackets of a matrix: on a line alone, on the first of several, on the last, between."""
    right: str
    braille: bool
    """May a plot be drawn in braille dots?"""
    verdicts: dict[Verdict, str]
    stages: dict[Stage, str]
    done: str
    begun: str
    """Beside a lesson in the menu; `new` likewise."""
    new: str
    items: dict[ItemState, str]

    def bar(self, part: float, whole: float, width: int) -> str:
        """A bar of so many cells, as full as `part` is of `whole`: one cell from the first on."""
        full = max(part > 0, int(width * min(1.0, part / whole))) if whole else 0
        return self.full * full + self.empty * (width - full)

    def bracketed(self, text: str, row: int = 0, rows: int = 1) -> str:
        """A line of a matrix in its brackets."""
        left, right = self.brackets(row, rows)
        return left + text + right

    def brackets(self, row: int, rows: int) -> tuple[str, str]:
        sign = 0 if rows == 1 else 1 if row == 0 else 2 if row == rows - 1 else 3
        return self.left[sign], self.right[sign]

    def dotted(self, *texts: str | None) -> str:
        """Texts in a line, a dot between any two; empty ones are left out."""
        return f" {self.dot} ".join(filter(None, texts))

    def mark(self, verdict: Verdict | None) -> str:
        return self.verdicts[verdict] if verdict else ""


UNICODE = Symbols(
    here="▶",
    down="↓",
    up="↑",
    arrow="→",
    back="←",
    dot="·",
    at_most="≤",
    ellipsis="…",
    rail="│",
    rule="─",
    full="━",
    empty="─",
    solid="⠒⠒⠒",
    dashed="⠂⠂⠂",
    shades="░▒▓█",
    thumbs="▐▄",
    spark="▁▂▃▄▅▆▇█",
    point="●",
    left="[⎡⎣⎢",
    right="]⎤⎦⎥",
    braille=True,
    verdicts={"exact": "✓", "right": "≈", "imprecise": "~", "wrong": "✗", "unreadable": "?"},
    stages={"open": "○", "solved": "✓", "shown": "◦", "worked": "·", "waiting": "…"},
    done="✓",
    begun="◐",
    new="○",
    items={
        "open": "○",
        "answered": "●",
        "right": "✓",
        "carried": "→",
        "partly": "≈",
        "wrong": "✗",
        "shown": "◦",
    },
)
ASCII = Symbols(
    here=">",
    down="v",
    up="^",
    arrow="->",
    back="<",
    dot="-",
    at_most="<=",
    ellipsis="..",
    rail="|",
    rule="-",
    full="#",
    empty=".",
    solid="---",
    dashed="- -",
    shades=".:o#",
    thumbs="##",
    spark="_.:=+*%#",
    point="o",
    left="[[[[",
    right="]]]]",
    braille=False,
    verdicts={"exact": "=", "right": "~", "imprecise": "-", "wrong": "x", "unreadable": "?"},
    stages={"open": "o", "solved": "=", "shown": "s", "worked": ".", "waiting": ".."},
    done="=",
    begun="+",
    new="o",
    items={
        "open": "o",
        "answered": "*",
        "right": "=",
        "carried": ">",
        "partly": "~",
        "wrong": "x",
        "shown": "s",
    },
)

SYMBOLS: dict[Notation, Symbols] = {"unicode": UNICODE, "ascii": ASCII}


class Look(Protocol):
    """How things are written and drawn; the app is one."""

    language: str
    symbols: Symbols

    @property
    def slow(self) -> bool:
        """Is the link slow, so that what need not be drawn is not?"""

    @property
    def kept_keys(self) -> Set[str]:
        """The keys that do not arrive here, as far as is known."""

    def words(self, message: Message) -> str: ...

    def ink(self, role: str) -> Style:
        """The colour of a role (see theme.py), none for ""; in a Content, say `$role`."""


def look_of(node: MessagePump) -> Look:
    return cast(Look, node.app)
