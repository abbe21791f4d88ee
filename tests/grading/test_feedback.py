"""What feedback must reach, on every lesson and on programs that nobody wrote."""

from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import Phase, assume, given, settings

from bptutor.course.answers import Answers
from bptutor.language.render import write_assignment
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.text import UserError
from tests.examples import some
from tests.language.draw import Drawn, programs
from tools.feedback.chance import accused_by_chance
from tools.feedback.known import IDS
from tools.feedback.lessons import lessons
from tools.feedback.right import refused
from tools.feedback.tally import Outcome, Tally, table, tally
from tools.feedback.wrong import wrong_answers


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


@pytest.mark.whole
def test_wrong_answers_are_told_what_went_wrong(result: Tally) -> None:
    assert result.among_two >= 0.97, table(result)
    assert result.first >= 0.85, table(result)


@pytest.mark.whole
def test_wrong_answers_are_not_accepted(result: Tally) -> None:
    assert [found for found in result.found if found[0] == "accepted"] == []


@pytest.mark.whole
def test_what_is_named_fits_what_was_typed(result: Tally) -> None:
    """Nobody is told of a mistake whose numbers are not those that were typed."""
    assert result.total("missed") <= 0.01 * result.distinguishable, table(result)


@pytest.mark.whole
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


@pytest.mark.whole
@pytest.mark.timeout(600)
@settings(max_examples=some(3), phases=[Phase.generate])  # a smaller program would take its time
@given(programs())
def test_what_went_wrong_is_told(drawn: Drawn) -> None:
    lesson = _lesson(drawn)
    try:
        Answers(lesson)
    except UserError:  # a number is not finite
        assume(False)
    result = tally([lesson], (4,))
    outcomes: Counter[Outcome] = sum(result.counts.values(), Counter())
    assert outcomes["accepted"] == 0, outcomes
    assert outcomes["missed"] <= 0.05 * outcomes.total(), outcomes


def _lesson(drawn: Drawn) -> Lesson:
    """The program as a lesson, its first two leaves parameters."""
    program = "\n".join(write_assignment(each, "ascii") for each in drawn.program.assignments)
    leaves = drawn.program.leaves
    parameters = ", ".join(f'"{name}"' for name in leaves[:2])
    values = "\n".join(f"{name} = {drawn.leaves[name].tolist()}" for name in leaves)
    text = (
        f'title = "Drawn"\nprogram = """\n{program}\n"""\nloss = "L"\n'
        f"parameters = [{parameters}]\nlearning_rate = 0.1\n[values]\n{values}\n"
    )
    with TemporaryDirectory() as folder:
        path = Path(folder) / "drawn.toml"
        path.write_text(text, encoding="utf-8")
        try:
            return load(str(path))
        except UserError:  # a lesson must be smaller, or needs a gradient
            assume(False)
            raise
