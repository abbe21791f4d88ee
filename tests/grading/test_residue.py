"""What rounding leaves of a 0 is taken for 0, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptutor.course.answers import Answers
from bptutor.engine.trace import work_out
from bptutor.grading.judge import Typed, judge, magnitude, without_residue
from bptutor.language.parse import parse_expression
from bptutor.lesson.load import load

DATA = Path(__file__).parents[1] / "data" / "lessons"

sizes = st.floats(1e-9, 1e9)
signed = st.tuples(sizes, st.sampled_from((-1, 1))).map(lambda pair: pair[0] * pair[1])


def settled(formula: str, **numbers: object) -> np.ndarray:
    known = {name: np.asarray(number, "float64") for name, number in numbers.items()}
    expression = parse_expression(formula, set(known))
    return without_residue(work_out(expression, known), work_out(magnitude(expression), known))


def test_what_cancels_is_zero() -> None:
    assert 0.1 + 0.2 - 0.3 != 0
    assert settled("a + b - c", a=0.1, b=0.2, c=0.3) == 0
    softened = settled("p * (g - sum(g * p))", p=[0.7, 0.2, 0.1], g=[1.0, 1.0, 1.0])
    assert softened.tolist() == [0, 0, 0]


@given(signed, signed, signed)
def test_what_does_not_cancel_stays(a: float, b: float, c: float) -> None:
    """However small a product is, and however small a part of a sum."""
    assert settled("a * b / c", a=a, b=b, c=c) == a * b / c
    assert settled("a * a + b * b", a=a, b=b) == a * a + b * b


def test_what_follows_from_a_residue_is_zero_too() -> None:
    """Worked out in full from 5.6e-17, it is beyond all that its terms come to."""
    assert without_residue(np.asarray(5.6e-17 * 3), np.asarray(0.0)) == 0


@pytest.mark.parametrize(
    ("lesson", "step", "value"),
    [
        ("soft_targets", "dP_dZ", "[[0, 0, 0], [0, 0, 0]]"),
        ("batch_norm", "dN_dinv", "[0, 0]"),
    ],
)
def test_zero_is_right_where_all_cancels(lesson: str, step: str, value: str) -> None:
    answers = Answers(replace(load(str(DATA / f"{lesson}.toml")), local="tape"))
    assert answers.check(step, value=value).verdict == "exact"


def test_what_the_displayed_numbers_leave_of_a_zero_is_right() -> None:
    """The knowns are shown to five figures: -6.7e-5 is what is left of 0 in honest arithmetic."""
    assert judge(Typed(-6.7e-5, 2, "-6.7e-5"), 0.0, -6.7e-5).verdict == "right"
    assert judge(Typed(6.7e-5, 2, "6.7e-5"), 0.0, -6.7e-5).verdict == "wrong"
    assert judge(Typed(-6.7e-5, 2, "-6.7e-5"), 0.0, 0.0).verdict == "wrong"
