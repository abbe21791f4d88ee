"""A key with its label, as the line of keys has it."""

from bptutor.front.keys import action
from bptutor.tui.keymap import key_name


def key_label(place: str, name: str, language: str = "en") -> str:
    """The first key of an action in a place, and what the line of keys calls it: Enter Check."""
    chosen = action(place, name)
    assert chosen.label
    return f"{key_name(chosen.keys[0], language)} {chosen.label.to(language)}"
