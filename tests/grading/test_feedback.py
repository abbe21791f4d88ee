"""What feedback must reach on every lesson, and that an explanation is true of its numbers."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
import pytest
from hypothesis import Phase, assume, given, settings

from bptutor.course.answers import Answers
from bptutor.grading.candidates import Candidates
from bptutor.grading.misconceptions import Cell
from bptutor.language.render import write_assignment
from bptutor.language.tree import Expression
from bptutor.lesson.find import available
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.lesson.steps import Step, steps
from bptutor.text import Message, UserError
from tests.examples import some
from tests.grading.asking import answers
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


DATA = Path(__file__).parents[1] / "data" / "lessons"
LESSONS = [*available(), *sorted(str(path) for path in DATA.glob("*.toml"))]

TRUE: dict[str, Callable[[float], bool]] = {
    "You passed {arriving} on unchanged, but {equation}: the unit is inactive.": lambda z: z <= 0,
    "You used the error without its sign: {equation}.": lambda error: error < 0,
    "You stepped uphill: {equation} is positive, so {weight} must decrease.": lambda g: g > 0,
    "You stepped uphill: {equation} is negative, so {weight} must increase.": lambda g: g < 0,
    "You used {size} for {name}, but {equation}.": lambda x: x < 0,
}
"""Each sentence with a number, and what must hold of that number."""
WITHOUT = {
    "You passed the upstream gradient at {a} on unchanged.",
    "You used the error without its sign.",
    "You added the step to {weight}.",
    "You used the absolute value of {name}.",
}
"""What is said instead where it does not hold."""


def spoken(reference: str) -> Iterator[tuple[Step, tuple[int, ...], Message]]:
    """Every explanation in numbers, in every element that its mistake changes."""
    facts = answers(reference).facts
    for step in steps(facts.lesson):
        known = facts.diagnostician(step).known
        for candidate in known.single:
            explanation = candidate.mistakes[0].explanation
            if isinstance(explanation, Message):
                continue
            changed = np.abs(candidate.value - known.truth) > known.least_change
            for index in zip(*np.nonzero(np.atleast_1d(changed)), strict=True):
                place = tuple(map(int, index)) if step.shape else ()
                number = partial(number_at, known, step, place)
                yield step, place, explanation(Cell(place, number))


def test_a_mask_of_another_shape_is_not_quoted(tmp_path: Path) -> None:
    path = tmp_path / "mask.toml"
    path.write_text(
        'title = "Columns"\nprogram = "h = maximum(b, W)\\nL = sum(h ** 2)"\nloss = "L"\n'
        'parameters = ["b", "W"]\nlearning_rate = 0.1\n'
        "[values]\nb = [1.0]\nW = [[0.5], [2.0], [3.0]]\n",
        encoding="utf-8",
    )
    # 2 * (1 + 2 + 3), where only the first row comes from b: 2 * 1.
    checked = Answers(load(str(path))).check("dL_db", value="[12]")
    assert not checked.correct
    assert "relu-mask-missing" in checked.misconceptions


def number_at(
    known: Candidates, step: Step, place: tuple[int, ...], expression: Expression
) -> float:
    return float(np.broadcast_to(known.number(expression), step.shape)[place])


@pytest.mark.parametrize("reference", LESSONS, ids=lambda each: Path(each).stem)
def test_a_number_in_an_explanation_is_what_it_is_said_to_be(reference: str) -> None:
    for step, place, words in spoken(reference):
        if words.text in WITHOUT:
            continue
        equation: Any = words.fields["equation"]
        value = float(equation.fields["value"])
        if equation.fields["name"] == "pages":  # of minimum(pages, 2.5)
            value = 2.5 - value
        assert TRUE[words.text](value), (step.id, place, words)


@pytest.mark.parametrize("reference", LESSONS, ids=lambda each: Path(each).stem)
def test_an_explanation_is_a_clause_that_fits_after_it_looks_as_if(reference: str) -> None:
    facts = answers(reference).facts
    said = {words.text for _, _, words in spoken(reference)}
    for step in steps(facts.lesson):
        for candidate in facts.diagnostician(step).known.single:
            explanation = candidate.mistakes[0].explanation
            if isinstance(explanation, Message):
                said.add(explanation.text)
    for text in said:
        assert re.fullmatch(r"(You|Your|The|There) [^.]+(tape\.gradient[^.]+)?\.", text), text


def test_an_explanation_names_the_matrix_the_square_and_the_factor() -> None:
    """Of what is no weight and no error, in lessons that have neither there."""
    for lesson, step, answer, said in (
        ("attention", "S", {"value": "[[1.237, -1.237], [3.182, -4.066]]"}, "Transpose K"),
        ("batch-normalisation", "v", {"value": "0"}, "Square d"),
        ("circuit", "df_dx", {"product": "df_dq + df_dr * x"}, "not the factor that x"),
        ("rnn", "dh1_dz1", {"value": "0.51309"}, "h1² as the derivative"),
    ):
        assert said in answers(lesson).check(step, **answer).message
