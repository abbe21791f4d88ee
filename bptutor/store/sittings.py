"""A learner's place in a lesson, kept in one file a lesson, which is never half written."""

from __future__ import annotations

from math import prod
from pathlib import Path
from typing import Literal, TypeAlias

from msgspec import Struct

from bptutor.locale import Message
from bptutor.store.directory import data_directory
from bptutor.store.shelf import Shelf

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


class Sitting(Struct):
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


class Sittings(Shelf[Sitting]):
    """The sittings of one learner. A lesson's key is its name, or the absolute path of its file."""

    def __init__(self, directory: Path | None = None) -> None:
        """Keep sittings in `directory`, else in the learner's data directory."""
        directory = directory or data_directory() / "sittings"
        super().__init__(Sitting, directory, SUFFIX, Message("this lesson"))


def part_key(key: str, part: Part) -> str:
    """The key of a part of a lesson; the part `tape` has the lesson's own."""
    return key if part == "tape" else f"{key} {part}"


def whole_key(key: str, part: Part) -> str:
    """The key of the lesson that a part's key belongs to."""
    return key if part == "tape" else key.removesuffix(f" {part}")
