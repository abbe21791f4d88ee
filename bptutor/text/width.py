"""How wide text is on a terminal, where Hangul takes two cells, and lines that fit."""

from collections.abc import Iterator
from unicodedata import east_asian_width, normalize


def wrap(text: str, width: int) -> Iterator[str]:
    """The text in lines of at most `width` cells."""
    line = ""
    for word in text.split():
        if line and cells(line) + 1 + cells(word) > width:
            yield line
            line = word
        else:
            line = f"{line} {word}" if line else word
    yield line


def cells(text: str) -> int:
    """How wide the text is on a terminal."""
    return sum(1 + (east_asian_width(mark) in "WF") for mark in normalize("NFC", text))
