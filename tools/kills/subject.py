"""What is walked while it is killed: a lesson, a quiz or an exam on it; and what is kept of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias

from bptutor.record.sittings import AskedItem, Mark, QuizSittings, Sittings
from tools.kills.ledger import Fields
from tools.kills.lesson import ANSWERS

ITEMS = 5
WRONG_ANSWER = "7.5"
PRODUCTS = {answer.step: bool(answer.product) for answer in ANSWERS}
"""Is a product asked there, above the value?"""


@dataclass(frozen=True)
class Kept:
    """What is kept of a lesson or a quiz, as the next start finds it; steps are counted from 1."""

    step: int
    fields: Fields
    """What is typed at that step, from above."""
    closed: set[int]
    """The steps that are over."""
    begun: bool


class Lesson:
    """The lesson, step after step."""

    length = len(ANSWERS)

    def __init__(self, file: Path) -> None:
        self.file = file

    @property
    def command(self) -> Sequence[str]:
        return ("learn", str(self.file))

    def answer(self, step: int) -> Fields | None:
        """What is right there; None where nobody knows."""
        return ANSWERS[step - 1].fields

    def kept(self, data: Path) -> Kept:
        sitting = Sittings(data / "sittings").load(str(self.file.resolve()))
        if sitting is None:
            return Kept(1, ("",), set(), begun=False)
        marks = [sitting.marks.get(answer.step, Mark()) for answer in ANSWERS]
        return Kept(
            step=sitting.index + 1,
            fields=_fields(ANSWERS[sitting.index].step, marks[sitting.index]),
            closed={step for step, mark in enumerate(marks, 1) if mark.stage != "open"},
            begun=bool(sitting.furthest or sitting.marks),
        )


class Quiz:
    """A quiz on the lesson, on numbers that nobody knows before."""

    length = ITEMS
    purpose = "quiz"

    def __init__(self, file: Path, seed: int) -> None:
        self.file = file
        self._seed = seed

    @property
    def command(self) -> Sequence[str]:
        return ("quiz", str(self.file), "--items", str(ITEMS), "--seed", str(self._seed))

    def answer(self, step: int) -> Fields | None:
        """What is right there; None where nobody knows."""
        return None

    def kept(self, data: Path) -> Kept:
        saved = QuizSittings(data / "quizzes").every()
        asked = self.purpose, self._seed
        sitting = next(
            (each for _, each in saved if each and (each.purpose, each.seed) == asked), None
        )
        if sitting is None:
            return Kept(1, ("",), set(), begun=False)
        item = sitting.items[min(sitting.index, len(sitting.items) - 1)]
        return Kept(
            step=sitting.index + 1,
            fields=_fields(item.step, item.mark),
            closed={
                number
                for number, each in enumerate(sitting.items, 1)
                if self._is_over(each) and (self.purpose == "quiz" or each is not item)
            },
            begun=True,
        )

    def _is_over(self, item: AskedItem) -> bool:
        return item.mark.stage != "open"


class Exam(Quiz):
    """An exam on the lesson, in which every answer is noted, and is always the same."""

    purpose = "exam"

    @property
    def command(self) -> Sequence[str]:
        return (*super().command, "--exam")

    def _is_over(self, item: AskedItem) -> bool:
        return set(_fields(item.step, item.mark)) == {WRONG_ANSWER}


Subject: TypeAlias = Lesson | Quiz | Exam


def attempts(file: Path, data: Path) -> int:
    """How many attempts at a lesson are in the record."""
    record = data / "record.sqlite"
    if not record.exists():
        return 0
    connection = sqlite3.connect(record)
    try:
        wanted = (str(file.resolve()),)
        found = connection.execute("SELECT count(*) FROM attempts WHERE lesson = ?", wanted)
        return int(found.fetchone()[0])
    finally:
        connection.close()


def _fields(step: str, mark: Mark) -> Fields:
    value = mark.cells[0] if mark.cells else ""
    return (mark.product, value) if PRODUCTS[step] else (value,)
