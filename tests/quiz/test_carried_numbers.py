"""Error carried forward: how near a number must be, and what counts where nothing follows."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from bptutor.course.questions import asked_of
from bptutor.grading.facts import Facts
from bptutor.language.render import write
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.lesson.steps import Step
from bptutor.quiz.carried import grade_question
from bptutor.record.sittings import Mark
from tests.examples import some
from tests.quiz.carried import grade, points, states, step_of

# ── by how much ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("typed", "worth"),
    [
        ("0.42", 1),  # 0.5 - 0.1 * 0.8
        ("0.5-0.1*0.8", 1),
        ("0.417", 1),  # a change of 0.083 for 0.08: within 5 %
        ("0.41", 0),  # 0.09: more
        ("0.58", 0),  # uphill
        ("0.5", 0),  # not at all
        ("0.34", 1),  # right in truth
    ],
)
def test_new_weights_go_by_their_change(layer: Facts, typed: str, worth: int) -> None:
    dw = "X.T @ dL_dZ | 0.8 0.1 0 1.6 0.2 0"
    got = grade(layer, dL_dW=dw, W_new=f"{typed} -0.31 -0.6 0.14 0.38 0.1")
    assert got[1].points == pytest.approx((5 + worth) / 6)


@pytest.mark.parametrize(("typed", "worth"), [("0.4992", 1), ("0.5", 0), ("0.499", 0.5)])
def test_however_small_the_change(layer: Facts, typed: str, worth: float) -> None:
    """0.5 - 0.001 * 0.8 is 0.4992: what is near the weight is not near its change."""
    slow = Facts(replace(layer.lesson, learning_rate=0.001))
    got = grade(
        slow,
        dL_dW="X.T @ dL_dZ | 0.8 0.1 0 1.6 0.2 0",
        W_new=f"{typed} -0.3001 -0.6 0.2984 0.3998 0.1",
    )
    assert got[1].points == pytest.approx((5 + worth) / 6)


def test_honest_arithmetic_on_rounded_answers(cancelling: Facts) -> None:
    """3.16 - 3.15 is 0.01, though the truth is 0.0147: nothing went wrong, nothing is carried."""
    got = grade(cancelling, p="3.16", q="0.01", L="0.0001")
    assert points(got) == [1, 1, 1]
    assert states(got) == ["right", "right", "right"]


def test_right_answers_leave_no_room(cancelling: Facts) -> None:
    """3.16 is right; 0.012 is neither 3.16 - 3.15 nor 3.1647 - 3.15."""
    assert points(grade(cancelling, p="3.16", q="0.012")) == [1, 0]


@pytest.mark.parametrize(("typed", "worth"), [("-1.15", 1), ("-1.4", 0)])
def test_a_bare_figure_counts_as_three(cancelling: Facts, typed: str, worth: int) -> None:
    """2 is 2.00, not anything from 1.5 to 2.5."""
    assert points(grade(cancelling, p="2", q=typed)) == [0, worth]


@pytest.mark.parametrize(
    ("typed", "worth"),
    [
        ("-0.23", 1),  # 2.92 - 3.15
        ("-0.232", 1),  # 1.37 * 2.13 = 2.9181 was typed as 2.92, and 2.9181 - 3.15 = -0.2319
        ("-0.237", 0),  # 2.92 may be anything up to 2.925, and this takes 2.913
        ("0.23", 0),
        ("0.0147", 1),  # the truth
    ],
)
def test_figures_that_were_not_typed(cancelling: Facts, typed: str, worth: int) -> None:
    got = grade(cancelling, p="2.92", q=typed)
    assert points(got) == [0, worth]


@pytest.mark.parametrize(
    ("cells", "says"),
    [
        (
            "1.2 0.3 -0.1",
            "Right: 2 of 3. In row 1, column 3: Too near to 0, by a factor of about 3.",
        ),
        ("1.2 0.3", "You gave no answer."),
        (
            "1.2 0.3 1,5",
            "Right: 2 of 3. In row 1, column 3: 1,5: write the decimal point as a dot, 1.5.",
        ),
    ],
)
def test_what_is_said_where_nothing_explains_it(layer: Facts, cells: str, says: str) -> None:
    (got,) = grade(layer, Z=cells)
    assert got.message
    assert got.message.to("en") == says


def test_a_cell_that_was_left_out(layer: Facts) -> None:
    asked = step_of(layer.lesson, "Z")
    (got,) = grade_question(layer, [asked], [Mark(cells=["1.2", "", "-0.3"])])
    assert got.points == pytest.approx(2 / 3)
    assert got.graded.verdict == "wrong"
    assert got.message
    assert got.message.to("en") == "Right: 2 of 3."


def test_too_few_figures_are_worth_half(layer: Facts) -> None:
    """Z would be 1.2, 0.3, -0.3; 1 is 1.2 to one figure."""
    got = grade(layer, Z="1 0.3 -0.3")
    assert points(got) == [pytest.approx(2.5 / 3)]
    assert got[0].state == "partly"
    assert got[0].graded.verdict == "imprecise"


# ── what leaves nothing to work out ───────────────────────────────────────────────────────────


@pytest.mark.parametrize("before", ["0 0 0", "0.8 0.1", "0.8 0.1 x", "0.8 0.1 -0.5 0", ""])
def test_nothing_is_carried_from_nothing(layer: Facts, before: str) -> None:
    """Zeros, a cell that is missing or cannot be read, too many: then the truth alone counts."""
    follows = "0 0 0" if before == "0 0 0" else "0.8 0.1 0"
    got = grade(layer, dL_dA=f"A - T | {before}", dL_dZ=f"dL_dA * (Z > 0) | {follows}")
    assert points(got)[1] == pytest.approx(0.5 + 0.5 / 3)  # the product, and the dead unit


@pytest.mark.parametrize(
    ("answers", "worth"),
    [
        # with the bias forgotten twice over all of Z would be below 0, and A nothing
        ({"Z": "-1.2 -0.5 -0.3", "A": "0 0 0"}, [pytest.approx(1 / 3), pytest.approx(1 / 3)]),
        # all of Z above 0: its mask is all 1, where the true one is not
        ({"Z": "1.4 0.5 0.3", "dA_dZ": "1 1 1"}, [0, pytest.approx(2 / 3)]),
        # A equal to T: the loss would be 0, where the true one is 0.9
        ({"A": "0.4 0.2 0.5", "L": "0"}, [0, 0]),
    ],
    ids=["every unit shut", "every unit open", "no loss"],
)
def test_a_mistake_that_leaves_nothing_to_work_out(
    layer: Facts, answers: dict[str, str], worth: list[Any]
) -> None:
    assert points(grade(layer, **answers)) == worth


def test_one_of_two_answers_is_missing(layer: Facts) -> None:
    """From their Z the third unit is on; but without their dL_dA nothing follows from it."""
    got = grade(layer, Z="1.4 0.5 0.3", dL_dA="", dL_dZ="dL_dA * (Z > 0) | 1.6 0.2 -1")
    assert points(got) == [0, 0, pytest.approx(0.5 + 0.5 * 2 / 3)]


def test_weights_that_stay_after_a_gradient_of_zero(layer: Facts) -> None:
    got = grade(layer, dL_dW="X.T @ dL_dZ | 0 0 0 0 0 0", W_new="0.5 -0.3 -0.6 0.3 0.4 0.1")
    assert got[1].points == pytest.approx(1 / 3)


def test_numbers_without_bounds(layer: Facts) -> None:
    """What comes of 1e308 is no number; the truth alone counts, and nothing breaks."""
    got = grade(
        layer,
        dL_dZ="dL_dA * (Z > 0) | 1e308 -1e308 1e308",
        dL_dW="X.T @ dL_dZ | 1.6 0.2 0 3.2 0.4 0",
        W_new="0.34 -0.32 -0.6 -0.02 0.36 0.1",
    )
    assert points(got) == [0.5, 1, 1]


def test_weights_without_bounds(layer: Facts) -> None:
    fast = Facts(replace(layer.lesson, learning_rate=10.0))
    got = grade(
        fast,
        dL_dW="X.T @ dL_dZ | 1e308 0.2 0 3.2 0.4 0",
        W_new="-15.5 -2.3 -0.6 -31.7 -3.6 0.1",  # 0.5 - 10 * 1.6, ...: right in truth
    )
    assert got[1].state == "right"


def test_nothing_is_answered(layer: Facts) -> None:
    got = grade(layer, dL_dA="", dL_dZ="")
    assert points(got) == [0, 0]
    assert [each.graded.verdict for each in got] == ["wrong", "wrong"]
    assert all(each.message for each in got)


# ── whatever the numbers ──────────────────────────────────────────────────────────────────────

Known = Mapping[str, Any]
COURSE: dict[str, Callable[[Known], Any]] = {
    "Z1": lambda v: v["X"] @ v["W1"] + v["b1"],
    "a1": lambda v: np.maximum(v["Z1"], 0),
    "Z2": lambda v: v["a1"] @ v["W2"] + v["b2"],
    "a2": lambda v: np.maximum(v["Z2"], 0),
    "Y_pred": lambda v: v["a2"] @ v["W3"] + v["b3"],
    "dLoss_dY_pred": lambda v: 2 * (v["Y_pred"] - v["Y_true"]),
    "dLoss_dW3": lambda v: v["a2"].T @ v["dLoss_dY_pred"],
    "dLoss_da2": lambda v: v["dLoss_dY_pred"] @ v["W3"].T,
    "W3_new": lambda v: v["W3"] - 0.001 * v["dLoss_dW3"],
    "dLoss_dZ2": lambda v: v["dLoss_da2"] * (v["Z2"] >= 0),
    "dLoss_dW2": lambda v: v["a1"].T @ v["dLoss_dZ2"],
    "dLoss_db2": lambda v: v["dLoss_dZ2"].sum(0),
    "W2_new": lambda v: v["W2"] - 0.001 * v["dLoss_dW2"],
}
"""The course's network, in NumPy."""
QUESTIONS = [
    ("Z1", "a1", "Z2"),
    ("Z2", "a2", "Y_pred"),
    ("dLoss_dY_pred", "dLoss_dW3", "W3_new"),
    ("dLoss_dY_pred", "dLoss_da2", "dLoss_dZ2"),
    ("dLoss_dZ2", "dLoss_dW2", "dLoss_db2"),
    ("dLoss_dZ2", "dLoss_dW2", "W2_new"),
]


@pytest.fixture(scope="module")
def course() -> Facts:
    return Facts(load("two-hidden-layers"))


def numpy_course(lesson: Lesson) -> dict[str, Any]:
    known: dict[str, Any] = {name: np.asarray(each) for name, each in lesson.values.items()}
    for name, formula in COURSE.items():
        known[name] = formula(known)
    return known


def marked(facts: Facts, step: Step, value: Any) -> Mark:
    product = write(step.product, "ascii") if step.kind == "backward" else ""
    elements = np.ravel(value)[asked_of(facts, step)]
    return Mark(product=product, cells=[repr(float(each)) for each in elements])


def idle(value: Any, truth: Any) -> bool:
    """Is it all 0, or all alike, where the truth is not?"""
    return bool((not value.any() and truth.any()) or (np.ptp(value) < 1e-5 < np.ptp(truth)))


@pytest.mark.parametrize("question", QUESTIONS)
@settings(max_examples=some(15))
@given(data=st.data())
def test_one_wrong_step_costs_one_step(
    course: Facts, question: tuple[str, ...], data: st.DataObject
) -> None:
    known = numpy_course(course.lesson)
    asked = [step_of(course.lesson, id_) for id_ in question]
    off = data.draw(
        arrays("float64", asked[0].shape, elements=st.floats(0.1, 2).map(lambda x: round(x, 3)))
    )
    own = known | {question[0]: np.round(known[question[0]] + off, 3)}
    marks = [Mark(product="1", cells=marked(course, asked[0], own[question[0]]).cells)]
    for step in asked[1:]:
        own[step.id] = COURSE[step.id](own)
        assume(not idle(own[step.id], known[step.id]))
        marks.append(marked(course, step, own[step.id]))
    got = grade_question(course, asked, marks)
    assert points(got) == [0, 1, 1]
    assert got[0].state == "wrong"
    assert {each.state for each in got[1:]} <= {"right", "carried"}


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_truth_gets_full_marks(course: Facts, question: tuple[str, ...]) -> None:
    known = numpy_course(course.lesson)
    asked = [step_of(course.lesson, id_) for id_ in question]
    got = grade_question(course, asked, [marked(course, step, known[step.id]) for step in asked])
    assert points(got) == [1, 1, 1]
    assert states(got) == ["right"] * 3


TEXTS = st.one_of(
    st.sampled_from(
        ["", "0", "0.0317", "-1e308", "1e-320", "1/0", "[", "０．５", "0,5", "2*3", "W3"]
    ),
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
)


@settings(max_examples=some(60))
@given(
    question=st.sampled_from(QUESTIONS),
    answers=st.lists(st.tuples(TEXTS, st.lists(TEXTS, max_size=12)), min_size=3, max_size=3),
    filled=st.booleans(),
)
@example(question=QUESTIONS[2], answers=[("", ["-1e308"])] * 3, filled=True)
@example(question=QUESTIONS[2], answers=[("", ["2977"]), ("", ["1e-320"]), ("", [])], filled=True)
def test_points_are_neither_negative_nor_above_one(
    course: Facts, question: tuple[str, ...], answers: list[tuple[str, list[str]]], filled: bool
) -> None:
    asked = [step_of(course.lesson, id_) for id_ in question]
    marks = []
    for step, (product, cells) in zip(asked, answers, strict=True):
        count = len(asked_of(course, step))
        fitting = (cells * count)[:count] if filled and cells else cells
        marks.append(Mark(product=product, cells=fitting))
    for each in grade_question(course, asked, marks):
        assert 0 <= each.points <= 1
        assert (each.points == 1) == (each.state in ("right", "carried"))
        assert (each.points == 0) == (each.state == "wrong")
        assert bool(each.message) == (each.state != "right")
