"""What feedback must reach, on every lesson. `python -m tools.feedback` prints the whole table."""

from __future__ import annotations

import pytest

from bptutor.course.answers import Answers
from bptutor.lesson.lesson import Lesson
from tools.feedback.chance import accused_by_chance
from tools.feedback.known import IDS
from tools.feedback.lessons import lessons
from tools.feedback.right import refused
from tools.feedback.tally import Tally, table, tally
from tools.feedback.wrong import wrong_answers

pytestmark = pytest.mark.whole


@pytest.fixture(scope="module", params=[6])
def some_lessons(request: pytest.FixtureRequest) -> list[Lesson]:
    """Every sixth lesson."""
    return lessons()[:: request.param]


@pytest.fixture(scope="module")
def result(some_lessons: list[Lesson]) -> Tally:
    return tally(some_lessons, (3,))


@pytest.mark.whole
def test_every_misconception_is_made_somewhere() -> None:
    made = {
        wrong.id for lesson in lessons() for wrong in wrong_answers(Answers(lesson).facts, (3,))
    }
    assert made == IDS


def test_wrong_answers_are_told_what_went_wrong(result: Tally) -> None:
    assert result.among_two >= 0.97, table(result)
    assert result.first >= 0.85, table(result)


def test_wrong_answers_are_not_accepted(result: Tally) -> None:
    assert [found for found in result.found if found[0] == "accepted"] == []


def test_what_is_named_fits_what_was_typed(result: Tally) -> None:
    """Nobody is told of a mistake whose numbers are not those that were typed."""
    assert result.total("missed") <= 0.01 * result.distinguishable, table(result)


def test_right_answers_are_neither_refused_nor_accused(some_lessons: list[Lesson]) -> None:
    assert list(refused(some_lessons, 1_500, 3)) == []


@pytest.mark.whole
def test_numbers_drawn_at_random_are_hardly_ever_accused(some_lessons: list[Lesson]) -> None:
    """A single number of three figures may fit a mistake by chance; several numbers do not."""
    given, accused = accused_by_chance(some_lessons, 4, 4)
    assert accused[1] <= 0.03 * given[1]
    several = given.total() - given[1]
    assert several > 200
    assert accused.total() - accused[1] <= 0.002 * several
