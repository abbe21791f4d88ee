"""How much support a step gets: it fades with what the learner has shown of that kind of step."""

from typing import TypeAlias

from bptutor.literals import Support

Practised: TypeAlias = dict[str, int]
"""By kind of step that was met, how many were right at the first attempt and without a hint."""

ALONE_AFTER = 2  # right first attempts at a kind of step after which its question stands alone


def support(right: int | None) -> Support:
    """The support for a kind of step, by its right first attempts; None where it was never met."""
    if right is None:
        return "example"
    return "line" if right < ALONE_AFTER else "alone"
