"""A learner's place in a lesson, kept in one file a lesson, which is never half written."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from bptutor.locale import Message
from bptutor.store.directory import data_directory
from bptutor.store.shelf import Kept, Shelf

Ask: TypeAlias = Literal["all", "backward", "products", "values"]
Part: TypeAlias = Literal["derive", "tape", "keras"]
Stage: TypeAlias = Literal["open", "solved", "shown", "worked", "waiting"]
Verdict: TypeAlias = Literal["exact", "right", "imprecise", "wrong", "unreadable"]

SUFFIX = ".sitting"


class Numbers(Struct, frozen=True):
    """An array's numbers in their shape, row after row; a scalar's shape is empty."""

    shape: list[int]
    values: list[float]

    def __post_init__(self) -> None:
        if prod(self.shape) != len(self.values):
            raise ValueError(f"{len(self.values)} numbers in the shape {self.shape}")


class Mark(Struct):
    """What the learner did at a step."""

    stage: Stage = "open"
    product: str = ""
    cells: list[str] = []
    product_verdict: Verdict | None = None
    verdicts: list[Verdict | None] = []
    """A verdict a cell; empty or None where there is none yet."""
    hints: int = 0
    attempts: int = 0
    """Wrong ones, and the right one."""
    mistakes: list[str] = []
    """The ids of what went wrong, each once."""

    @property
    def wrong(self) -> int:
        """How many attempts went wrong."""
        return self.attempts - (self.stage == "solved")


class Sitting(Kept):
    """A learner's place in a lesson, with all that it takes to go on from there."""

    lesson: str
    digest: str
    """Of the lesson's file, to notice that it has changed since."""
    ask: Ask
    iterations: int
    """How many iterations are over."""
    index: int
    furthest: int
    leaves: dict[str, Numbers]
    """The parameters of this iteration; empty in the first, which has the lesson's own."""
    marks: dict[str, Mark]
    """By step, of this iteration."""
    losses: list[float]
    """The loss before each iteration that is over; of a long training some of them."""
    streaks: dict[str, int] = {}
    """How often in a row each kind of step went right at once."""
    trained: dict[str, Numbers] = {}
    """The parameters after training on from this iteration; empty where there was none."""
    part: Part = "tape"
    """Of the course. Each part of a lesson has a sitting of its own."""
    begun: float = 0.0
    """Seconds since 1970, UTC."""


def copied(sitting: Sitting) -> Sitting:
    """A copy that later changes of the sitting do not reach."""
    return replace(
        sitting,
        marks={step: replace(mark) for step, mark in sitting.marks.items()},
        losses=list(sitting.losses),
        streaks=dict(sitting.streaks),
    )


class Sittings(Shelf[Sitting]):
    """The sittings of one learner. A lesson's key is its name, or the absolute path of its file."""

    def __init__(self, directory: Path | None = None) -> None:
        """Keep sittings in `directory`, else in the learner's data directory."""
        directory = directory or data_directory() / "sittings"
        super().__init__(Sitting, directory, SUFFIX, Message("this lesson"))

    def take_in(self, ours: Sitting, theirs: Sitting) -> bool:
        kept = merged(ours, theirs)
        if kept is theirs:  # which is further on, or was begun later
            return False
        for name in Sitting.__struct_fields__:
            setattr(ours, name, getattr(kept, name))
        return True


def merged(ours: Sitting, theirs: Sitting) -> Sitting:
    """What to keep, where another process kept `theirs` since we read or kept ours.

    Of two sittings that were begun at different times the later one is kept, of two iterations of
    one the further. In the same iteration every answer stays, whoever gave it.
    """
    if ours.begun != theirs.begun:
        return max(ours, theirs, key=lambda each: each.begun)
    if ours.digest != theirs.digest:
        return ours
    if ours.iterations != theirs.iterations:
        return max(ours, theirs, key=lambda each: each.iterations)
    return replace(
        ours,
        furthest=max(ours.furthest, theirs.furthest),
        marks={
            step: further(ours.marks.get(step, Mark()), theirs.marks.get(step, Mark()))
            for step in {**theirs.marks, **ours.marks}
        },
        trained=ours.trained or theirs.trained,
    )


def further(ours: Mark, theirs: Mark) -> Mark:
    """The mark that has an answer, else the one with something typed, else ours.

    Nothing that it cost is forgotten.
    """
    empty = not (ours.product or any(ours.cells))
    kept = theirs if ours.stage == "open" and (theirs.stage != "open" or empty) else ours
    return replace(
        kept,
        hints=max(ours.hints, theirs.hints),
        attempts=max(ours.attempts, theirs.attempts),
        mistakes=list(dict.fromkeys((*ours.mistakes, *theirs.mistakes))),
    )


def part_key(key: str, part: Part) -> str:
    """The key of a part of a lesson; the part `tape` has the lesson's own."""
    return key if part == "tape" else f"{key} {part}"


def whole_key(key: str, part: Part) -> str:
    """The key of the lesson that a part's key belongs to."""
    return key if part == "tape" else key.removesuffix(f" {part}")
