"""Which language, and which characters, this learner and this terminal are given."""

from collections.abc import Mapping
from typing import Literal

from bptutor.text.message import LANGUAGES

COERCED = ("C.UTF-8", "C.utf8", "UTF-8")  # Python's for an unknown locale in `LANG`


ASCII = ("C", "POSIX")
"""Locales of ASCII alone. In `LANG` it is what a machine without locales has and says nothing of
the terminal; in `LC_ALL` or `LC_CTYPE` somebody asked for it, and Python's UTF-8 is its own."""


def language(asked: str | None, environment: Mapping[str, str]) -> str:
    """The language asked for, else the locale's, else English."""
    if asked:
        return asked
    spoken = _locale(environment, "LC_MESSAGES").replace("-", "_").partition("_")[0].lower()
    return spoken if spoken in LANGUAGES else "en"


def takes_unicode(environment: Mapping[str, str], encoding: str | None) -> bool:
    """Can `∂` and Hangul be written there?

    The stream's encoding says so; where a locale is set and is not UTF-8 they cannot, whatever
    Python would do about it. The Linux console takes UTF-8, but its fonts have neither.
    """
    if environment.get("TERM") == CONSOLE:
        return False
    if (encoding or "utf-8").lower().replace("-", "") != "utf8":
        return False
    if (environment.get("LC_ALL") or environment.get("LC_CTYPE")) in ASCII:
        return False
    charset = _charset(_locale(environment, "LC_CTYPE"))
    if environment.get("LC_CTYPE") in COERCED and not environment.get("LC_ALL"):
        charset = _charset(environment.get("LANG", "")) or charset
    return not charset or charset.lower().replace("-", "") == "utf8"


def _charset(locale: str) -> str:
    """The part of a locale's name that tells how its characters are written."""
    return locale.partition(".")[2].partition("@")[0]


def _locale(environment: Mapping[str, str], category: str) -> str:
    """The locale of a category, in POSIX' order of precedence."""
    names = ("LC_ALL", category, "LANG")
    return next(filter(None, map(environment.get, names)), None) or ""


CONSOLE = "linux"  # the Linux console's `TERM`: its fonts lack mathematics and Hangul


def inside(environment: Mapping[str, str]) -> Literal["tmux", "screen"] | None:
    """What the terminal is in; a `TERM` of screen's alone comes over a link that drops the rest."""
    if environment.get("TMUX"):
        return "tmux"
    in_screen = environment.get("STY") or environment.get("TERM", "").startswith("screen")
    return "screen" if in_screen else None


def misleading(environment: Mapping[str, str]) -> list[str]:
    """Variables that claim too much: GNU screen hands this one on, and draws 24 bits in red."""
    claims = inside(environment) == "screen" and "COLORTERM" in environment
    return ["COLORTERM"] if claims else []
