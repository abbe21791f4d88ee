"""Numbers a learner types, judged as the design table says; what rounding leaves of a 0 is 0."""

import math
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from bptutor.course.answers import Answers
from bptutor.engine.trace import work_out
from bptutor.grading.judge import (
    Typed,
    figures_needed,
    judge,
    judge_update,
    magnitude,
    off_by,
    without_residue,
)
from bptutor.language.parse import parse_expression
from bptutor.lesson.load import load
from bptutor.text import shortest, significant

numbers = st.floats(min_value=1e-30, max_value=1e30)
signed = st.builds(math.copysign, numbers, st.sampled_from([-1.0, 1.0]))


def typed(text: str) -> Typed:
    """A plain decimal as answer.py reads it."""
    mantissa = text.lower().lstrip("+-").partition("e")[0]
    return Typed(float(text), len(mantissa.replace(".", "").lstrip("0")), text)


def as_float32(value: float) -> float:
    return float(struct.unpack("f", struct.pack("f", value))[0])


@pytest.mark.parametrize(
    ("text", "truth", "verdict"),
    [
        ("0.0316789", 0.0316789, "exact"),
        ("0.031679", 0.0316789, "exact"),
        ("3.1679e-2", 0.0316789, "exact"),
        ("0.5", 0.5, "exact"),
        ("1.4", 1.4000001, "exact"),
        ("0.0317", 0.0316789, "right"),
        ("0.0316", 0.0316789, "right"),
        ("0.032", 0.0316789, "imprecise"),
        ("0.03", 0.0316789, "imprecise"),
        ("0.031", 0.0316789, "wrong"),
        ("0.0318", 0.0316, "wrong"),
        ("100", 99.5, "right"),
        ("1e2", 99.4, "imprecise"),
        ("-0.0317", 0.0316789, "wrong"),
        ("0", 0.0, "exact"),
        ("0.000", -0.0, "exact"),
        ("0", 1e-9, "wrong"),
        ("0.00", 0.5, "wrong"),
        ("1e-300", 0.0, "wrong"),
        ("-1e-300", 0.0, "wrong"),
        ("1", math.inf, "wrong"),
        ("1", math.nan, "wrong"),
    ],
)
def test_the_table(text: str, truth: float, verdict: str) -> None:
    assert judge(typed(text), truth).verdict == verdict


def test_honest_arithmetic_is_right_where_cancellation_costs_more() -> None:
    truth, honest = 2.4e-5, 2.0e-5  # 0.13602 - 0.136 where the knowns show five figures
    assert judge(typed("2.00e-5"), truth).verdict == "wrong"
    assert judge(typed("2.00e-5"), truth, honest).verdict == "right"


def test_zero_is_right_where_the_numbers_shown_give_exactly_zero() -> None:
    judged = judge(typed("0"), 4.93e-32, 0.0)  # (2 - 2) ** 2 of 1.9999999999999998
    assert judged.verdict == "right"
    assert judged.note is not None
    assert "4.93e-32" in str(judged.note)
    assert judge(typed("0"), 4.93e-32, 4.93e-32).verdict == "wrong"
    assert judge(typed("1e-9"), 4.93e-32, 0.0).verdict == "wrong"


@pytest.mark.parametrize("honest", [2e-5, -2e-5, math.nan, math.inf])
def test_the_sign_and_zero_count_against_honest_arithmetic_too(honest: float) -> None:
    assert judge(typed("0"), 2.4e-5, honest).verdict == "wrong"
    assert judge(typed("-2.4e-5"), 2.4e-5, honest).verdict == "wrong"


def test_notes_say_what_helps_and_not_the_answer() -> None:
    assert "not 0" in str(judge(typed("0"), 3.1e-6).note)
    assert "three" in str(judge(typed("0.03"), 0.0317).note)
    assert "sign" in str(judge(typed("-0.0317"), 0.0317).note)
    assert judge(typed("7"), 0.0317).note is None
    residue = Typed(0.3 - 3 * 0.1, None, "0.3-3*0.1")
    judged = judge(residue, 0.0)
    assert judged.verdict == "wrong"
    assert "exactly 0" in str(judged.note)


@given(signed)
def test_the_truth_to_five_figures_is_exact(truth: float) -> None:
    assert judge(typed(significant(truth)), truth).verdict == "exact"
    assert judge(typed(shortest(truth)), truth).verdict == "exact"
    assert judge(Typed(truth, None, "2*3"), truth).verdict == "exact"


@given(signed, st.integers(min_value=3, max_value=12))
def test_the_truth_rounded_to_three_figures_or_more_is_right(truth: float, figures: int) -> None:
    text = f"{truth:.{figures - 1}e}"
    assert judge(typed(text), truth).verdict in ("exact", "right")


@given(signed, st.integers(min_value=1, max_value=2))
def test_the_truth_rounded_to_fewer_figures_is_never_wrong(truth: float, figures: int) -> None:
    text = f"{truth:.{figures - 1}e}"
    assert judge(typed(text), truth).verdict in ("exact", "right", "imprecise")


@given(signed, st.floats(min_value=-0.00499, max_value=0.00499))
def test_half_a_percent_is_right(truth: float, off: float) -> None:
    assert judge(Typed(truth * (1 + off), None, ""), truth).verdict in ("exact", "right")


@given(signed, st.floats(min_value=0.0051, max_value=10), st.booleans())
def test_more_than_half_a_percent_is_wrong(truth: float, off: float, above: bool) -> None:
    value = truth * (1 + off) if above else truth * (1 - off)
    assume(value != 0)
    assert judge(Typed(value, None, ""), truth).verdict == "wrong"


@given(signed)
def test_the_other_sign_is_wrong(truth: float) -> None:
    assert judge(typed(shortest(-truth)), truth).verdict == "wrong"
    assert judge(typed("0"), truth).verdict == "wrong"
    assert judge(typed(shortest(truth)), 0.0).verdict == "wrong"


OLD = as_float32(0.1)
GRADIENT = as_float32(0.03168)
DECREASE = 0.001 * GRADIENT
NEW = as_float32(OLD - as_float32(as_float32(0.001) * GRADIENT))


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("0.09996832", "exact"),
        ("0.0999683", "right"),
        ("0.099968", "right"),
        ("0.09997", "imprecise"),
        ("0.1", "wrong"),
        ("0.1000000", "wrong"),
        ("0.1000", "wrong"),  # the old weight, however it is written
        ("0.0999", "imprecise"),  # cut off
        ("0.10003168", "wrong"),
        ("0.0968", "wrong"),
        ("0.0998", "wrong"),
        ("0", "wrong"),
        ("-0.09996832", "wrong"),
    ],
)
def test_an_update_is_judged_by_its_change(text: str, verdict: str) -> None:
    assert judge_update(typed(text), OLD, DECREASE, NEW, "float32").verdict == verdict


def test_an_update_takes_arithmetic_on_the_weight_as_displayed() -> None:
    arithmetic = Typed(0.1 - 0.001 * 0.03168, None, "0.1 - 0.001*0.03168")
    assert judge_update(arithmetic, OLD, DECREASE, NEW, "float32").verdict == "exact"
    rounded = Typed(0.1 - 0.001 * 0.0317, None, "0.1 - 0.001*0.0317")
    assert judge_update(rounded, OLD, DECREASE, NEW, "float32").verdict == "right"
    assert judge_update(rounded, 0.1, 0.03168 * 0.001, 0.09996832, "float64").verdict == "right"


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_a_weight_whose_gradient_is_zero_stays_exactly(dtype: str) -> None:
    old = OLD if dtype == "float32" else 0.1
    assert judge_update(typed("0.1"), old, 0.0, old, dtype).verdict == "exact"
    assert judge_update(typed("0.10"), old, 0.0, old, dtype).verdict == "exact"
    arithmetic = Typed(6 * 10**-1, None, "6*10**-1")
    assert judge_update(arithmetic, 0.6, 0.0, 0.6, "float64").verdict == "exact"
    assert judge_update(typed("0.1000001"), old, 0.0, old, dtype).verdict == "wrong"
    assert judge_update(typed("0.09996832"), old, 0.0, old, dtype).verdict == "wrong"


def test_a_change_too_small_for_the_dtype_is_right_both_ways() -> None:
    stays = judge_update(typed("1"), 1.0, 1e-9, 1.0, "float32")
    assert stays.verdict == "exact"
    assert stays.note is not None
    arithmetic = Typed(1 - 1e-9, None, "1 - 1e-9")
    verdict = judge_update(arithmetic, 1.0, 1e-9, 1.0, "float32").verdict
    assert verdict in ("exact", "right")


def test_what_no_float32_holds_is_wrong() -> None:
    assert judge_update(typed("1e300"), OLD, DECREASE, NEW, "float32").verdict == "wrong"


weights = st.floats(min_value=-10, max_value=10, width=32)
gradients = st.floats(min_value=-100, max_value=100, width=32).filter(lambda g: abs(g) > 1e-2)


@given(weights, gradients, st.sampled_from([0.001, 0.01, 0.1, 0.5]))
def test_the_decimals_that_are_asked_for_are_enough(
    old: float, gradient: float, rate: float
) -> None:
    wanted = float(shortest(old, "float32")) - rate * gradient
    new = as_float32(old - as_float32(rate * gradient))
    text = f"{wanted:.{figures_needed(old, rate * gradient, 'float32')}f}"
    assert judge_update(typed(text), old, rate * gradient, new, "float32").verdict in (
        "exact",
        "right",
    )
    back = shortest(new, "float32")
    assert judge_update(typed(back), old, rate * gradient, new, "float32").verdict == "exact"
    wrong = Typed(wanted + 2 * rate * gradient, None, "")
    assert judge_update(wrong, old, rate * gradient, new, "float32").verdict in ("wrong", "exact")


def test_how_many_decimals() -> None:
    assert figures_needed(0.1, 0.03168 * 0.001) == 6
    assert figures_needed(OLD, 0.0, "float32") == 1
    assert figures_needed(0.5, 0.5) == 2
    assert figures_needed(0.5, 1e6) == 0
    assert figures_needed(0.5, math.inf) == 0


@pytest.mark.parametrize(
    ("factor", "says"),
    [
        (1.09, "Close, but too large."),
        (1.4, "Too large, by a factor of about 1.4."),
        (2.5, "Too large, by a factor of about 2.5."),
        (16.0, "Too large, by a factor of about 16."),
        (0.95, "Close, but too small."),
        (0.7, "Too small, by a factor of about 1.4."),
        (0.05, "Too small, by a factor of about 20."),
        (-1.0, "The sign is wrong."),
        (-0.3, "The sign and the size are wrong."),
        (-0.0, "The sign and the size are wrong."),  # what is left of -1e-200 / 1e200
        (math.inf, "Too large, by a factor of about 1e300."),
    ],
)
def test_how_far_off_is_told_to_two_figures(factor: float, says: str) -> None:
    assert off_by(factor).to("en").replace("e+", "e") == says


def test_of_a_negative_number_the_size_is_told() -> None:
    for factor in (0.5, 0.95, 1.05, 2.0):
        assert "0" in str(off_by(factor, negative=True))
        assert off_by(factor, negative=True) != off_by(factor)


DATA = Path(__file__).parents[1] / "data" / "lessons"

sizes = st.floats(1e-9, 1e9)
either_sign = st.tuples(sizes, st.sampled_from((-1, 1))).map(lambda pair: pair[0] * pair[1])


def settled(formula: str, **numbers: object) -> np.ndarray:
    known = {name: np.asarray(number, "float64") for name, number in numbers.items()}
    expression = parse_expression(formula, set(known))
    return without_residue(work_out(expression, known), work_out(magnitude(expression), known))


def test_what_cancels_is_zero() -> None:
    assert 0.1 + 0.2 - 0.3 != 0
    assert settled("a + b - c", a=0.1, b=0.2, c=0.3) == 0
    softened = settled("p * (g - sum(g * p))", p=[0.7, 0.2, 0.1], g=[1.0, 1.0, 1.0])
    assert softened.tolist() == [0, 0, 0]


@given(either_sign, either_sign, either_sign)
def test_what_does_not_cancel_stays(a: float, b: float, c: float) -> None:
    """However small a product is, and however small a part of a sum."""
    assert settled("a * b / c", a=a, b=b, c=c) == a * b / c
    assert settled("a * a + b * b", a=a, b=b) == a * a + b * b


def test_what_follows_from_a_residue_is_zero_too() -> None:
    """Worked out in full from 5.6e-17, it is beyond all that its terms come to."""
    assert without_residue(np.asarray(5.6e-17 * 3), np.asarray(0.0)) == 0


@pytest.mark.parametrize(
    ("lesson", "step", "value"),
    [("soft_targets", "dP_dZ", "[[0, 0, 0], [0, 0, 0]]"), ("batch_norm", "dN_dinv", "[0, 0]")],
)
def test_zero_is_right_where_all_cancels(lesson: str, step: str, value: str) -> None:
    answers = Answers(replace(load(str(DATA / f"{lesson}.toml")), local="tape"))
    assert answers.check(step, value=value).verdict == "exact"


def test_what_the_displayed_numbers_leave_of_a_zero_is_right() -> None:
    """The knowns are shown to five figures: -6.7e-5 is what is left of 0 in honest arithmetic."""
    assert judge(Typed(-6.7e-5, 2, "-6.7e-5"), 0.0, -6.7e-5).verdict == "right"
    assert judge(Typed(6.7e-5, 2, "6.7e-5"), 0.0, -6.7e-5).verdict == "wrong"
    assert judge(Typed(-6.7e-5, 2, "-6.7e-5"), 0.0, 0.0).verdict == "wrong"
