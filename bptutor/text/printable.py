r"""Text from people and files, made fit for a terminal or a page.

A control character may drive a terminal; a bidirectional override or a zero-width character makes
text look like another text. Each is shown as its escape: `\x1b`, `\u202e`. The zero-width joiner
is no exception: no Korean needs it, and of an emoji it costs the ligature only.
"""

import re
from unicodedata import category


def printable(text: str) -> str:
    """The text on one line, what cannot be seen in it as escapes; every blank is a space."""
    return text if text.isprintable() else "".join(map(_shown, text))


def printable_lines(text: str) -> str:
    """The same for a text of several lines."""
    return "\n".join(map(printable, text.split("\n")))


def printable_json(text: str) -> str:
    """JSON of the same value, with nothing in its strings that cannot be seen.

    Encoders escape the control characters below U+0020 alone. The JSON must be on one line, so that
    all that cannot be seen is in strings.
    """
    return text if text.isprintable() else _ANY.sub(_escaped, text)


def without_unseen(text: str) -> str:
    """A screen's output without characters that take no cell, and whose escapes would take some.

    The sequences that drive the terminal begin with ESC and are ASCII; they stay.
    """
    return text if text.isascii() else text.translate(_UNSEEN)


class _Unseen(dict[int, int | None]):
    """What becomes of each character, found out when it is met first."""

    def __missing__(self, code: int) -> int | None:
        hidden = category(chr(code)) == "Cf" or 0x7F <= code < 0xA0
        self[code] = found = None if hidden else code
        return found


_UNSEEN = _Unseen()
_ANY = re.compile(r"[^ -~]")


def _shown(mark: str) -> str:
    if mark.isprintable():
        return mark
    return " " if mark == "\t" or category(mark) == "Zs" else repr(mark)[1:-1]


def _escaped(found: re.Match[str]) -> str:
    mark = found[0]
    if mark.isprintable():
        return mark
    units = mark.encode("utf-16-be", "surrogatepass")
    return "".join(f"\\u{units[at]:02x}{units[at + 1]:02x}" for at in range(0, len(units), 2))
