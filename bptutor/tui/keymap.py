"""Textual's bindings, made from the table of actions and the learner's own keys; keys by name."""

from collections import defaultdict
from collections.abc import Mapping

from textual.binding import Binding, BindingType

from bptutor.front.actions import TABLE
from bptutor.front.keys import keyed
from bptutor.text import Message

WIDGETS = ("list", "field")
NAMES = {"escape": "Esc", "enter": "Enter", "pageup": "PgUp", "pagedown": "PgDn", "slash": "/"}
WORDS = {
    "up": Message("Up"),
    "down": Message("Down"),
    "left": Message("Left"),
    "right": Message("Right"),
    "space": Message("Space"),
}
"""Keys that bear a sign, or nothing, and are called by a word."""


def bindings(place: str) -> list[BindingType]:
    """The keys of a place. A screen is told what is to be done by its name in the table."""
    return [
        Binding(
            action.key,
            str(action.do) if place in ("app", *WIDGETS) else f"act('{action.id}')",
            action.label.text if action.label else "",
            show=action.label is not None,
            id=action.id,
            priority=action.priority and place not in WIDGETS,
        )
        for action in keyed(place)
    ]


def full_keymap(keys: Mapping[str, str]) -> dict[str, str]:
    """The keymap in which everything else keeps its keys.

    Where Textual moves a binding away from a key, it takes all others from that key too, unless
    they are in the keymap: of Enter, which checks, notes and goes on, nothing would be left.
    """
    own: dict[str, set[str]] = defaultdict(set)
    for action in TABLE:
        if action.key:
            own[action.id].add(action.key)
    kept = {name: key for name, (key, *more) in own.items() if not more}
    return {**kept, **keys}


def key_name(key: str, language: str = "en") -> str:
    """A key as it is written on it, or called: F1, Ctrl+Q, Esc, Right."""
    return NAMES.get(key) or "+".join(
        WORDS[part].to(language) if part in WORDS else part.capitalize() for part in key.split("+")
    )
