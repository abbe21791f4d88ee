"""What the environment says of a terminal."""

from collections.abc import Mapping
from typing import Literal

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
