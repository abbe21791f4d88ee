r"""Text from people and files, made fit for a terminal or a page, and lines that fit.

A control character may drive a terminal; a bidirectional override or a zero-width character makes
text look like another text. Each is shown as its escape: `\x1b`, `\u202e`. The zero-width joiner
is no exception: no Korean needs it, and of an emoji it costs the ligature only. Of a long run of
combining marks, which would cover the lines around it, the first few are shown.
A record's address may hold a password, which is not shown.
"""

import re
from collections.abc import Iterator
from unicodedata import category, east_asian_width, normalize


def printable(text: str) -> str:
    """The text on one line, invisible characters as escapes, every blank as a space."""
    return text if _is_plain(text) else "".join(_shown(text))


def printable_lines(text: str) -> str:
    """The same for a text of several lines."""
    return "\n".join(map(printable, text.split("\n")))


def printable_json(text: str) -> str:
    """JSON of the same value, with the invisible characters in its strings escaped.

    Encoders escape only those below U+0020. The JSON must be on one line, so that only strings have
    invisible characters.
    """
    return text if text.isprintable() else _ANY.sub(_escaped, text)


def shown_address(url: str) -> str:
    """An address without its secrets: the path of a file, else only the kind of database.

    Where an address is not written as it should be, nobody can tell which part is the password.
    """
    kind, separator, _ = url.partition("://")
    if not separator or not _SCHEME.fullmatch(kind):
        return "..."
    return url.partition("?")[0] if kind.startswith("sqlite") else f"{kind}://..."


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
    """The width of the text on a terminal, where Hangul takes two cells."""
    return sum(1 + (east_asian_width(mark) in "WF") for mark in normalize("NFC", text))


def without_unseen(text: str) -> str:
    """A piece of a screen without characters that take no cell; their escapes would take some."""
    return text if text.isprintable() else text.translate(_UNSEEN)


class _Unseen(dict[int, int | None]):
    """A table for `str.translate`, filled in as characters occur."""

    def __missing__(self, code: int) -> int | None:
        hidden = category(chr(code)) in ("Cc", "Cf")
        self[code] = kept = None if hidden else code
        return kept


_UNSEEN = _Unseen()
_SCHEME = re.compile(r"[a-z][a-z0-9+]{0,40}", re.ASCII)
_ANY = re.compile(r"[^ -~]")
_FILLERS = "\u034f\u3164\uffa0"  # letters and marks of which nothing is seen; text has none
MOST_MARKS = 8  # combining marks on a character; Hebrew with all its points has four


def _is_plain(text: str) -> bool:
    if not text.isprintable():
        return False
    return text.isascii() or not any(
        mark in _FILLERS or category(mark) in ("Mn", "Me") for mark in text
    )


def _shown(text: str) -> Iterator[str]:
    marks = 0
    for mark in text:
        kind = category(mark)
        marks = marks + 1 if kind in ("Mn", "Me") else 0
        if mark == "\t" or kind == "Zs":
            yield " "
        elif mark in _FILLERS:
            yield f"\\u{ord(mark):04x}"
        elif not mark.isprintable():
            yield repr(mark)[1:-1]
        elif marks <= MOST_MARKS:
            yield mark
        elif marks == MOST_MARKS + 1:
            yield "…"


def _escaped(match: re.Match[str]) -> str:
    mark = match[0]
    if mark.isprintable():
        return mark
    units = mark.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
