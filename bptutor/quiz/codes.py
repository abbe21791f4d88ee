"""The code of an item: text from which the same item can be made again.

`two-hidden-layers:dLoss_dW3:4815:1a2b3c4d` is the lesson, the step, the numbers, and the first
characters of the file's hash. The numbers are a seed (with `@` and another step where they were
made for that one), or the lesson's own: `i0` before any update, `i2` after two; `derive` and
`keras` stand for the parts of these names.
"""

import re
from dataclasses import dataclass
from typing import Protocol

from bptutor.course.parts import PARTS, places_of, steps_of
from bptutor.course.skills import skill
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.names import named
from bptutor.literals import Part
from bptutor.record.sittings import AskedItem
from bptutor.text import UserError

HASH = 8  # characters of the hash: two files share them by chance once in four thousand million
_NUMBERS = re.compile(r"(?P<seed>\d{1,12})(@(?P<made_for>\w+))?|i(?P<iteration>\d{1,6})")


class Coded(Protocol):
    """An item of a quiz, or an attempt on record."""

    @property
    def lesson(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def step(self) -> str: ...
    @property
    def part(self) -> Part: ...
    @property
    def seed(self) -> int | None: ...
    @property
    def made_for(self) -> str: ...
    @property
    def iteration(self) -> int: ...


@dataclass(frozen=True)
class Code:
    lesson: str
    digest: str  # the beginning of the hash
    step: str
    part: Part = "tape"
    seed: int | None = None
    made_for: str = ""
    iteration: int = 0


def write_code(item: Coded) -> str:
    numbers: str = item.part
    if item.seed is not None:
        numbers = f"{item.seed}@{item.made_for}" if item.made_for else str(item.seed)
    elif item.part == "tape":
        numbers = f"i{item.iteration}"
    return f"{item.lesson}:{item.step}:{numbers}:{item.digest[:HASH]}"


def read_code(text: str) -> Code:
    """Read a code. Raises UserError: the text is no code."""
    head, *rest = text.strip().rsplit(":", 2)
    lesson, _, step = head.partition(":")
    if len(rest) == 2 and lesson and step and rest[1]:
        numbers, digest = rest
        part = next((part for part in PARTS if part == numbers and part != "tape"), None)
        if part:
            return Code(lesson, digest, step, part)
        if match := _NUMBERS.fullmatch(numbers):
            seed = int(match["seed"]) if match["seed"] else None
            return Code(
                lesson,
                digest,
                step,
                seed=seed,
                made_for=match["made_for"] or "",
                iteration=int(match["iteration"] or 0),
            )
    raise UserError(
        "{code} is not the code of an item. A code looks like this: {example}.",
        code=text,
        example="two-hidden-layers:dLoss_dW3:4815:1a2b3c4d",
    )


def asked_again(code: Code, lesson: Lesson) -> AskedItem:
    """The item of a code, to be asked again.

    Raises UserError: the lesson has no such step (any more), or the step no numbers.
    """
    id_, made_for = named(lesson, code.step), named(lesson, code.made_for)
    step = next((s for s in steps_of(lesson, code.part) if s.id == id_), None)
    missing = code.step if step is None else made_for
    if step is None or (missing and missing not in places_of(lesson, code.part)):
        raise UserError("{lesson} no longer has a step {step}.", lesson=lesson.name, step=missing)
    return AskedItem(
        lesson=code.lesson,
        digest=lesson.digest,
        step=step.id,
        skill=skill(lesson, step),
        seed=code.seed,
        made_for=made_for,
        iteration=code.iteration,
        part=code.part,
    )
