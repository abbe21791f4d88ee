"""What can be wrong with a text or with the shapes in it, and which name was probably meant."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from bptutor.text import Message, UserError
from bptutor.text.message import Field

LONGEST_QUOTE = 40  # how much of a text an error sentence repeats, in characters
MOST_LISTED = 20  # how many names it lists


class LanguageError(UserError):
    """A text that is not in the notation; `line` is from 1, `column` as it was typed, from 0."""

    def __init__(self, message: Message, line: int = 1, column: int = 0) -> None:
        super().__init__(message)
        self.line = line
        self.column = column


def shortened(text: str, most: int = LONGEST_QUOTE) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def listed(names: Sequence[str]) -> str:
    shown = list(map(shortened, names[:MOST_LISTED]))
    return ", ".join([*shown, "…"] if len(names) > MOST_LISTED else shown)


class ShapeError(UserError):
    """Shapes that do not fit together, in a `line` of a program, from 1."""

    def __init__(self, message: Message, line: int = 1) -> None:
        super().__init__(message)
        self.line = line


class TooMuchError(ShapeError):
    """A formula or a program that asks for more memory or work than `limits` grants."""


def nearest(name: str, candidates: Iterable[str]) -> str | None:
    """The candidate most like `name`, or None where none is like it."""
    by_lower: dict[str, str] = {}
    for candidate in candidates:  # of `relu` and `ReLU` the first is the one to suggest
        by_lower.setdefault(candidate.lower(), candidate)
    found = get_close_matches(name.lower()[:80], by_lower, n=1, cutoff=0.65)
    return by_lower[found[0]] if found else None


def suggestion(
    word: str, candidates: Iterable[str], near: Message, otherwise: Message, /, **fields: Field
) -> Message:
    """The sentence for an unknown word: `near` with the nearest candidate, if any is near."""
    close = nearest(word, candidates)
    if close is None:
        return Message(otherwise.text, **fields)
    return Message(near.text, nearest=close, **fields)
