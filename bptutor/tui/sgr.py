"""Styles as a terminal is told them (SGR): which codes a style is, and the shortest change."""

import re
from functools import lru_cache
from typing import NamedTuple

DEFAULTS = ("", "0", "39", "49")
"""What sets nothing, after a reset."""
ON_BLANKS = {"4", "7", "9", "21", "53"}
"""Underlined, reversed, struck through: what shows on a blank, too."""
WEIGHTS = {"1", "2"}
OFF = {"1": "22", "2": "22", "3": "23", "4": "24", "7": "27", "9": "29"}
"""What takes an attribute back: bold and dim together."""
INKS = {str(code) for code in (*range(30, 38), *range(90, 98))}
GROUNDS = {str(code) for code in (*range(40, 48), *range(100, 108))}
LENGTHS = {"5": 1, "2": 3}
"""Numbers that name a colour, of 256 or of 24 bits."""


class Parts(NamedTuple):
    attributes: frozenset[str]
    ink: str
    ground: str


@lru_cache(maxsize=1024)
def parts(style: str) -> Parts:
    """What the codes of a style come to, after a reset."""
    attributes, ink, ground = set[str](), "", ""
    codes = iter(style.split(";"))
    for code in codes:
        if code in ("38", "48"):
            kind = next(codes, "")
            colour = [code, kind, *(next(codes, "") for _ in range(LENGTHS.get(kind, 0)))]
            ink, ground = (";".join(colour), ground) if code == "38" else (ink, ";".join(colour))
        elif code == "39" or code in INKS:
            ink = code.replace("39", "")
        elif code == "49" or code in GROUNDS:
            ground = code.replace("49", "")
        elif code not in DEFAULTS:
            attributes.add(code)
    return Parts(frozenset(attributes), ink, ground)


@lru_cache(maxsize=1024)
def on_blank(style: str) -> str:
    """Of a style what is seen of it on a blank."""
    attributes, _, ground = parts(style)
    return style if attributes & ON_BLANKS else ground


@lru_cache(maxsize=4096)
def change(before: str | None, after: str) -> str:
    """What leads from one style to another; from None, which is not known, a reset does first."""
    reset = "" if before == "" else "0;"
    whole = f"\x1b[{reset}{after}m" if after else "\x1b[m"
    if before is None:
        return whole
    (had, ink, ground), (has, new_ink, new_ground) = parts(before), parts(after)
    if not had - has <= OFF.keys():
        return whole
    off = {OFF[each] for each in had - has}
    on = has - had | (has & WEIGHTS if "22" in off else set())
    codes = [*sorted(off), *sorted(on)]
    codes += [new_ink or "39"] if ink != new_ink else []
    codes += [new_ground or "49"] if ground != new_ground else []
    return min(whole, f"\x1b[{';'.join(codes)}m", key=len) if codes else ""


def after(style: str, codes: str) -> str:
    """The style once these codes have been sent in it."""
    if codes.startswith("0;") or codes in ("", "0"):
        style, codes = "", codes[2:]
    several = codes.split(";")
    if not style and "38" not in several and "48" not in several:
        several = [each for each in several if each not in DEFAULTS]
    return ";".join(filter(None, [style, *several]))


@lru_cache(maxsize=256)
def plain(style: str) -> str:
    """Of a style what carries a meaning of its own: where a text is underlined or reversed."""
    bare = re.sub(r"[34]8;(?:5;\d+|2;\d+;\d+;\d+)", "", style)
    return ";".join(part for part in bare.split(";") if part in ("4", "7"))
