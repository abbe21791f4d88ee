"""A quiz or an exam that is going on, with all that it takes to go on from there."""

from __future__ import annotations

from typing import Literal, TypeAlias

from msgspec import Struct, field

from bptutor.store.sittings import Mark, Part

Why: TypeAlias = Literal["", "new", "due", "again", "easier", "ahead"]
"""Why an item comes: its kind of step is new, or due; it went wrong a while ago and comes back, in
an easier form first; or nothing is due, and what is weakest is practised ahead."""
Purpose: TypeAlias = Literal["quiz", "exam", "replay"]


class AskedItem(Struct):
    """A step that is asked, on numbers of its own."""

    lesson: str
    """Its name, or the path of its file."""
    digest: str
    """Of the lesson's file: with another one the numbers may be others."""
    step: str
    skill: str
    seed: int | None = None
    """Of the numbers; None for the lesson's own."""
    iteration: int = 0
    """Of the lesson's own numbers: after how many iterations."""
    part: Part = "tape"
    mark: Mark = field(default_factory=Mark)
    why: Why = ""
    group: int = 0
    """Of an exam: steps of one group are on the same numbers, one after another."""
    flagged: bool = False
    skipped: bool = False
    wrong: int = 0
    """Wrong attempts."""
    points: float | None = None
    """What it was worth, from 0 to 1, once it is over."""
    carried: bool = False
    """Of an exam: right, given an earlier wrong answer."""
    mistakes: list[str] = []
    """The ids of what went wrong."""


class QuizSitting(Struct):
    """A quiz, an exam, or one item that is asked again."""

    purpose: Purpose
    seed: int
    lessons: list[str]
    """Those that were asked for; none for all that come with bptutor."""
    length: int
    """How many items there are in all."""
    adaptive: bool
    """Does it go by what the record knows of the learner?"""
    minutes: float
    """The time there is for an exam; 0 for as long as it takes."""
    begun: float
    """Seconds since 1970, UTC."""
    items: list[AskedItem]
    index: int = 0
    finished: bool = False
    """Is an exam handed in?"""
