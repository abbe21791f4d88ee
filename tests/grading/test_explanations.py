"""What an explanation says of the lesson's numbers is so, in every element that it may speak of."""

import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bptutor.course.answers import Answers
from bptutor.grading.candidates import Candidates
from bptutor.grading.misconceptions import Cell
from bptutor.language.tree import Expression
from bptutor.lesson.find import available
from bptutor.lesson.load import load
from bptutor.lesson.steps import Step, steps
from bptutor.text import Message
from tests.grading.asking import answers

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
