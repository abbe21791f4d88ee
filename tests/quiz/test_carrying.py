"""Error carried forward: a mistake costs once, in a formula or in what follows from it."""

from dataclasses import replace

import pytest

from bptutor.grading.facts import Facts
from bptutor.quiz.carried import Worth
from tests.quiz.carried import grade, points, states


def verdict_on_formula(worth: Worth) -> str | None:
    return worth.graded.formula.verdict if worth.graded.formula else None


# ── a mistake costs once ──────────────────────────────────────────────────────────────────────


def test_what_is_right_is_right(layer: Facts) -> None:
    got = grade(
        layer,
        dL_dA="2 * (A - T) | 1.6 0.2 -1",
        dL_dZ="dL_dA * (Z > 0) | 1.6 0.2 0",
        dL_dW="X.T @ dL_dZ | 1.6 0.2 0 3.2 0.4 0",
    )
    assert states(got) == ["right"] * 3
    assert points(got) == [1, 1, 1]
    assert [each.message for each in got] == [None] * 3


def test_a_mistake_is_carried(layer: Facts) -> None:
    """Without the 2 everything below is half of what it should be."""
    got = grade(
        layer,
        dL_dA="A - T | 0.8 0.1 -0.5",
        dL_dZ="dL_dA * (Z > 0) | 0.8 0.1 0",
        dL_dW="X.T @ dL_dZ | 0.8 0.1 0 1.6 0.2 0",
    )
    assert points(got) == [0.5, 1, 1]
    assert states(got) == ["partly", "carried", "carried"]
    assert [each.graded.mistake_ids for each in got] == [("loss-factor-dropped",), (), ()]
    assert got[0].graded.verdict == "wrong"
    assert {each.graded.verdict for each in got[1:]} <= {"exact", "right"}


def test_a_mistake_is_carried_into_the_new_weights(layer: Facts) -> None:
    """Without the mask the third unit learns: its weights change by 0.1 and 0.2."""
    got = grade(
        layer,
        dL_dZ="dL_dA | 1.6 0.2 -1",
        dL_dW="X.T @ dL_dZ | 1.6 0.2 -1 3.2 0.4 -2",
        W_new="0.34 -0.32 -0.5 -0.02 0.36 0.3",
    )
    assert points(got) == [pytest.approx(1 / 3), 1, 1]  # of dL_dZ two cells in three, halved
    assert states(got) == ["partly", "carried", "carried"]
    assert got[0].graded.mistake_ids[0] == "relu-mask-missing"


def test_a_mistake_is_carried_into_the_one_element_that_an_update_asks(layer: Facts) -> None:
    """Row 2, column 1 changes most: by 0.1 * 3.2, and by 0.16 where the gradient is half of it."""
    one = Facts(replace(layer.lesson, updates="one"))
    half = "X.T @ dL_dZ | 0.8 0.1 0 1.6 0.2 0"
    for typed, value, state in (("0.14", 1, "carried"), ("0.46", 0, "wrong")):
        got = grade(one, dL_dW=half, W_new=typed)
        assert (got[1].points, got[1].state) == (value, state)
    assert got[1].graded.mistake_ids[0] == "update-sign"


def test_what_is_right_after_a_mistake_is_right(layer: Facts) -> None:
    got = grade(layer, dL_dA="A - T | 0.8 0.1 -0.5", dL_dZ="dL_dA * (Z > 0) | 1.6 0.2 0")
    assert points(got) == [0.5, 1]
    assert states(got) == ["partly", "right"]


def test_a_second_mistake_costs_too(layer: Facts) -> None:
    """Without the 2, and then without the mask: what is said of it speaks of their own numbers."""
    got = grade(
        layer,
        dL_dA="A - T | 0.8 0.1 -0.5",
        dL_dZ="dL_dA | 0.8 0.1 -0.5",
        dL_dW="X.T @ dL_dZ | 0.8 0.1 -0.5 1.6 0.2 -1",
    )
    assert points(got) == [0.5, pytest.approx(1 / 3), 1]
    assert states(got) == ["partly", "partly", "carried"]
    assert got[1].graded.mistake_ids[0] == "relu-mask-missing"


def test_what_is_said_speaks_of_their_own_numbers(layer: Facts) -> None:
    """Uphill from half of the gradients: 0.5 + 0.1 * 0.8 is 0.58."""
    got = grade(
        layer, dL_dW="X.T @ dL_dZ | 0.8 0.1 0 1.6 0.2 0", W_new="0.58 -0.29 -0.6 0.46 0.42 0.1"
    )
    assert got[1].graded.mistake_ids[0] == "update-sign"


def test_the_same_mistake_anew_costs_anew(layer: Facts) -> None:
    """Weights and bias go up instead of down, each by itself: neither follows from the other."""
    uphill_w = "0.66 -0.28 -0.6 0.62 0.44 0.1"
    uphill_b = "0.26 -0.18 0.1"  # b + 0.1 * [1.6, 0.2, 0]
    got = [*grade(layer, W_new=uphill_w), *grade(layer, b_new=uphill_b)]
    assert points(got) == [pytest.approx(1 / 3), pytest.approx(1 / 3)]  # the dead unit stays
    assert [each.graded.recorded for each in got] == [("update-sign",)] * 2


def test_within_a_question_too(layer: Facts) -> None:
    """dL_dW and dL_db both go back from dL_dZ; halving both is two mistakes, after none."""
    got = grade(
        layer,
        dL_dZ="dL_dA * (Z > 0) | 1.6 0.2 0",
        dL_dW="X.T @ dL_dZ / 2 | 0.8 0.1 0 1.6 0.2 0",
        dL_db="sum(dL_dZ, axis=0) / 2 | 0.8 0.1 0",
    )
    assert points(got) == [1, 0.5, 0.5]


def test_a_product_is_never_carried(layer: Facts) -> None:
    """A product is right or wrong whatever the numbers before it, and those after it."""
    got = grade(layer, dL_dA="2 * (A - T) | 0.8 0.1 -0.5", dL_dZ="dL_dA | 0.8 0.1 0")
    assert points(got) == [0.5, 0.5]
    assert states(got) == ["partly", "partly"]
    assert verdict_on_formula(got[1]) == "wrong"


# ── within one step ───────────────────────────────────────────────────────────────────────────


def test_a_value_that_follows_from_a_wrong_product(layer: Facts) -> None:
    """Without the 2: the product is wrong, and its value worked out as it should be."""
    (got,) = grade(layer, dL_dA="A - T | 0.8 0.1 -0.5")
    assert (got.points, got.state, verdict_on_formula(got)) == (0.5, "partly", "wrong")
    assert {cell.verdict for cell in got.graded.cells} <= {"exact", "right"}
    assert got.graded.verdict == "wrong"
    assert got.graded.mistake_ids == ("loss-factor-dropped",)
    assert got.message
    said = got.message.to("en")
    assert said.count("left out the factor 2") == 1
    assert said.endswith("The value is right, given your formula.")


@pytest.mark.parametrize(
    ("answer", "value"),
    [
        ("A - T | 0.8 0.1 -0.4", 2 / 3),  # A - T is -0.5 in the last cell
        ("A - T | 0.9 0.2 -1", 2 / 3),  # true in the two others
        ("(A - T) / 3 | 0.267 0.0333 -0.167", 1),  # rounded to three figures
        ("(A - T) / 3 | 0.27 0.033 -0.17", 0.5),  # too few of them
        ("2 * (A - T | 0.8 0.1 -0.5", 0),  # cannot be read
        ("(A - T) / 0 | 1.7 0.3 -0.9", 0),  # no number
        ("dL_dZ / 2 | 0.8 0.1 0", 0),  # not known yet
    ],
)
def test_how_far_it_follows(layer: Facts, answer: str, value: float) -> None:
    assert points(grade(layer, dL_dA=answer)) == [pytest.approx(value / 2)]


@pytest.mark.parametrize(
    "answer",
    [
        "A | 1.2 0.3 0",
        "1 * A | 1.2 0.3 0",
        "-A | -1.2 -0.3 0",
        "(A - T) * 0 | 0 0 0",
        "A - A + 3 | 3 3 3",
    ],
)
def test_a_product_that_leaves_nothing_to_work_out(layer: Facts, answer: str) -> None:
    assert points(grade(layer, dL_dA=answer)) == [0]


def test_a_product_of_numbers_alone(cancelling: Facts) -> None:
    """dL_dq is 2 * 0.0147; without the 2 it is 0.0147, a number that was given."""
    for answer in ("2 * 3 | 6", "q | 0.0147"):
        assert points(grade(cancelling, dL_dq=answer)) == [0]
    assert points(grade(cancelling, dL_dq="3 * q | 0.0441")) == [0.5]


def test_a_product_on_their_own_numbers(layer: Facts) -> None:
    """dL_dA without the 2, and a third of what follows from it: each costs its product."""
    own = grade(
        layer,
        dL_dA="A - T | 0.8 0.1 -0.5",
        dL_dZ="dL_dA * (Z > 0) / 3 | 0.267 0.0333 0",
        dL_db="sum(dL_dZ, axis=0) | 0.267 0.0333 0",
    )
    assert points(own) == [0.5, 0.5, 1]
    assert states(own) == ["partly", "partly", "carried"]
    true = grade(layer, dL_dA="A - T | 0.8 0.1 -0.5", dL_dZ="dL_dA * (Z > 0) / 3 | 0.533 0.0667 0")
    assert points(true)[1] == pytest.approx(0.5 / 3)  # the dead unit, which is true


def test_a_product_of_another_shape(layer: Facts) -> None:
    """A row in front is a batch of one; one row for two is not the value."""
    batch = grade(layer, dL_db="dL_dZ / 2 | 0.8 0.1 0")
    assert points(batch) == [0.5]
    row = grade(layer, dL_dW="dL_dZ * 3 | 4.8 0.6 0 4.8 0.6 0")
    assert points(row) == [pytest.approx(0.5 / 3)]  # the dead unit, which is true


def test_a_product_that_was_left_out(layer: Facts) -> None:
    (got,) = grade(layer, dL_dA="1.6 0.2 -1")
    assert (got.points, got.state, verdict_on_formula(got)) == (0.5, "partly", None)
    assert got.message
    said = "The formula is missing. The value is right, to every digit shown."
    assert got.message.to("en") == said


def test_a_value_that_was_left_out(layer: Facts) -> None:
    (got,) = grade(layer, dL_dA="2 * (A - T) |")
    assert (got.points, got.state, got.graded.verdict) == (0.5, "partly", "wrong")
    assert got.message
    assert got.message.to("en") == "The formula is right. The value is missing."
