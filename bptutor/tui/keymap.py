"""Textual's bindings, made from the table of actions and the learner's own keys; keys by name."""

from collections import defaultdict
from collections.abc import Mapping, Sequence, Set

from textual.binding import Binding, BindingType

from bptutor.front.actions import TABLE
from bptutor.front.keys import action, keyed
from bptutor.text import Message

WIDGETS = ("list", "field")
NAMES = {
    "escape": "Esc",
    "enter": "Enter",
    "pageup": "PgUp",
    "pagedown": "PgDn",
    "slash": "/",
    "question_mark": "?",
    "fullwidth_question_mark": "？",
    "ctrl+underscore": "Ctrl+/",
}
WORDS = {
    "up": Message("Up"),
    "down": Message("Down"),
    "left": Message("Left"),
    "right": Message("Right"),
    "space": Message("Space"),
}
"""Keys that bear a sign, or nothing, and are called by a word."""


_FUNCTION = frozenset(f"f{number}" for number in range(1, 13))
_BROWSER = _FUNCTION | {"ctrl+n", "ctrl+q", "ctrl+t", "ctrl+w"}
_EDITOR = _FUNCTION | {"ctrl+b", "ctrl+e", "ctrl+f", "ctrl+k", "ctrl+p", "ctrl+q"}
"""What Visual Studio Code does not hand on to its terminal."""


def kept_keys(environment: Mapping[str, str], in_browser: bool) -> Set[str]:
    """The keys that what surrounds the app is likely to keep to itself."""
    if in_browser or any(name.startswith("JUPYTER") for name in environment):
        return _BROWSER
    return _EDITOR if environment.get("TERM_PROGRAM") == "vscode" else frozenset()


def told_keys(keys: Sequence[str], kept: Set[str]) -> list[str]:
    """The keys of an action that are worth telling: those that arrive, Alt only for want of others.

    What has two codes, depending on the terminal, is told once.
    """
    arriving = [key for key in keys if key not in kept] or [*keys]
    plain = [key for key in arriving if not key.startswith("alt+") and key != "ctrl+slash"]
    return plain or arriving


def key_of(place: str, name: str, keys: Mapping[str, str], kept: Set[str]) -> str:
    """The key to press for an action, given the learner's own keys."""
    return told_keys(keys.get(name, action(place, name).key).split(","), kept)[0]


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
    for each in TABLE:
        if each.key:
            own[each.id].add(each.key)
    kept = {name: key for name, (key, *more) in own.items() if not more}
    return {**kept, **keys}


def key_name(key: str, language: str = "en") -> str:
    """A key as it is written on it, or called: F1, Ctrl+Q, Esc, Right."""
    return NAMES.get(key) or "+".join(
        WORDS[part].to(language) if part in WORDS else part.capitalize() for part in key.split("+")
    )
