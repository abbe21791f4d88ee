"""The settings in words: what each is called and about, and what its values are called."""

from __future__ import annotations

from typing import Any

from bptutor.config.settings import shown_address
from bptutor.locale import Message, significant

NAMES: dict[str, Message] = {
    "language": Message("Language"),
    "theme": Message("Colours"),
    "notation": Message("Notation"),
    "mouse": Message("Mouse"),
    "profile": Message("Link"),
    "idle_minutes": Message("Rest after"),
    "record": Message("Record"),
    "precision": Message("Figures"),
    "keys": Message("Other keys"),
}
ABOUT: dict[str, Message] = {
    "language": Message("By itself, it is that of your locale."),
    "theme": Message(
        "The terminal's own colours suit every background. Dark and light ones need 256 colours; "
        "where there are fewer, and under NO_COLOR, the terminal's own stay."
    ),
    "notation": Message(
        "How formulas are written: with the signs of mathematics, or as dL_dW where the terminal "
        "has none or draws them too wide. By itself, it is what the locale allows."
    ),
    "mouse": Message("Without it, the terminal's own selection of text works as everywhere."),
    "profile": Message(
        "On a slow link less is drawn, and less often: no curves while TensorFlow trains, and the "
        "terminal's own colours, which are the shortest to send."
    ),
    "idle_minutes": Message(
        "After so long without a key TensorFlow's memory is given back, until you go on."
    ),
    "record": Message(
        "Where your answers are kept. Another place is named in the file, as README.md tells."
    ),
    "precision": Message(
        "How many significant figures known numbers are shown to. Arithmetic on what is shown is "
        "right; of your answer three are enough."
    ),
    "keys": Message('They are set in the file, as in: keys.help = "f11,ctrl+g"'),
}
VALUES: dict[str, tuple[Any, ...]] = {
    "language": ("auto", "en", "ko"),
    "theme": ("terminal", "dark", "light"),
    "notation": ("auto", "unicode", "ascii"),
    "mouse": (True, False),
    "profile": ("normal", "slow"),
    "idle_minutes": (5.0, 10.0, 30.0, 60.0, 0.0),
    "precision": (4, 5, 6, 7, 8),
}
"""What can be chosen from a list; the file takes more, and what is not here is set in it alone."""
WORDS: dict[Any, Message | str] = {
    "auto": Message("by itself"),
    "en": "English",
    "ko": "한국어",
    "terminal": Message("the terminal's own"),
    "dark": Message("dark"),
    "light": Message("light"),
    "unicode": "∂L/∂W",
    "ascii": "dL_dW",
    True: Message("taken"),
    False: Message("left to the terminal"),
    "normal": Message("normal"),
    "slow": Message("slow"),
}


def value_words(key: str, value: Any, *, symbols: bool) -> Message | str:
    """A setting's value; without `symbols` in ASCII, or as it is written in the file."""
    match key:
        case "keys":
            return " ".join(f"{name}={keys}" for name, keys in value.items()) or "-"
        case "record":
            return shown_address(value) if value else Message("in your data folder")
        case "idle_minutes":
            if not value:
                return Message("never")
            return Message("{minutes} minutes", minutes=significant(value))
        case "precision":
            return str(value)
    known = WORDS[value]
    if isinstance(known, Message) or known.isascii() or symbols:
        return known
    return str(value)
