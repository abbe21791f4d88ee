"""Hints say the rule, the factors, one cell; and never more than their rung."""

import re

import numpy as np
import pytest

from bptutor.course.hints import RUNGS, Hints
from bptutor.text import LANGUAGES
from tests.course.conftest import Begin


@pytest.mark.parametrize("index", range(35))
def test_the_cell_that_is_worked_out_comes_to_what_it_says(begin: Begin, index: int) -> None:
    session = begin()
    step, facts = session.steps[index], session.prepare()
    _, _, third = Hints(facts, step, "ascii", session.cells(step)).all()
    text = str(third).removesuffix(".")
    sides = text.removeprefix("One cell: ").split(" = ")
    place = re.search(r"\[([\d, ]+)\]", sides[0])
    at = tuple(int(number) for number in place.group(1).split(",")) if place else ()
    truth = float(np.asarray(facts.truth(step), "float64")[at])
    assert float(sides[-1]) == pytest.approx(truth, rel=1e-4)
    for middle in sides[1:-1]:
        worked = eval(middle, {"maximum": max, "mean": lambda x: x})
        assert float(worked) == pytest.approx(truth, rel=2e-3)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_step_has_its_ladder_in_every_language(begin: Begin, language: str) -> None:
    session = begin()
    for step in session.steps:
        hints = Hints(session.prepare(), step, "unicode", session.cells(step)).all()
        said = [hint.to(language) for hint in hints]
        assert len(set(said)) == RUNGS
        assert not any("{" in hint for hint in said)


def test_the_first_rungs_hold_no_number_of_the_answer(begin: Begin) -> None:
    session = begin()
    step = next(step for step in session.steps if step.id == "dL_dW3")
    first, second, _ = Hints(session.prepare(), step, "ascii", session.cells(step)).all()
    assert "0.03168" not in str(first) + str(second)
    assert "dL_dY (1, 1)" in str(second)
