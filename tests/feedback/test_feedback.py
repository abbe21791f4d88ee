"""What feedback must reach, on every lesson. `python -m tests.feedback` prints the whole table."""

from __future__ import annotations

import pytest

from bptutor.lesson.lesson import Lesson
from tests.feedback.chance import accused_by_chance
from tests.feedback.known import IDS
from tests.feedback.lessons import lessons
from tests.feedback.right import refused
from tests.feedback.tally import Tally, table, tally


@pytest.fixture(scope="module")
def every_lesson() -> list[Lesson]:
    return lessons()


@pytest.fixture(scope="module")
def result(every_lesson: list[Lesson]) -> Tally:
    return tally(every_lesson, (3,))


def test_every_misconception_is_made_somewhere(result: Tally) -> None:
    assert result.ids == IDS


def test_wrong_answers_are_told_what_went_wrong(result: Tally) -> None:
    assert result.among_two >= 0.97, table(result)
    assert result.first >= 0.85, table(result)


def test_wrong_answers_are_not_accepted(result: Tally) -> None:
    assert [found for found in result.found if found[0] == "accepted"] == []


def test_what_is_named_fits_what_was_typed(result: Tally) -> None:
    """Nobody is told of a mistake whose numbers are not those that were typed."""
    assert result.total("missed") <= 0.01 * result.distinguishable, table(result)


def test_right_answers_are_neither_refused_nor_accused(every_lesson: list[Lesson]) -> None:
    assert list(refused(every_lesson, 1_500, 3)) == []


def test_numbers_drawn_at_random_are_hardly_ever_accused(every_lesson: list[Lesson]) -> None:
    """A single number of three figures may fit a mistake by chance; several numbers do not."""
    given, accused = accused_by_chance(every_lesson[::3], 8, 4)
    assert accused[1] <= 0.03 * given[1]
    several = given.total() - given[1]
    assert several > 500
    assert accused.total() - accused[1] <= 0.002 * several
