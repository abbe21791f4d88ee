"""Known mistakes, with numbers that were published or worked out by hand, and nothing else."""

from pathlib import Path

import pytest

from bptutor.course.answers import Answers
from bptutor.lesson.load import load
from tests.grading.asking import COURSE, formula, value

# The published example (Mazur) has dE/dout_o = -(target - out), dE/dnet_o1 = 0.138498562,
# dE/dw5 = 0.082167041 and out_o1 = 0.75136507, out_h1 = 0.593269992, w5+ = 0.35891648.
PUBLISHED = [
    # the 2 of the square kept although E has a half in front of it: 2 * 0.74136507, 2 * -0.21707
    ("two_layer_sigmoid", "dE_dout_o", "[[1.48273, -0.43414]]", "loss-factor-added"),
    # target - out, as in the print's own formula without its minus
    ("two_layer_sigmoid", "dE_dout_o", "[[-0.741365, 0.217072]]", "error-reversed"),
    # the output's slope forgotten: 0.74136507 in the place of 0.138498562
    ("two_layer_sigmoid", "dE_dnet_o", "[[0.741365, -0.217072]]", "output-slope-skipped"),
    # out * (1 - out) only: 0.186815602 and 0.175510053
    ("two_layer_sigmoid", "dE_dnet_o", "[[0.186816, 0.175510]]", "seed-missing"),
    # (1 - out) for the slope: 0.74136507 * 0.24863493 and -0.21707153 * 0.22707153
    ("two_layer_sigmoid", "dE_dnet_o", "[[0.184329, -0.0493]]", "slope-half"),
    # w5+ with a plus: 0.4 + 0.5 * 0.082167041
    ("two_layer_sigmoid", "V_new", "[[0.441084, 0.488699], [0.491334, 0.53863]]", "update-sign"),
    # w5+ without the learning rate: 0.4 - 0.082167041
    (
        "two_layer_sigmoid",
        "V_new",
        "[[0.317833, 0.522603], [0.367332, 0.57274]]",
        "learning-rate-missing",
    ),
]

# The course's own network: Y = 0.136, Y_true = 0.1, a2 = (0.44, 0, 1.36), W3 = (0.1, 0.5, -0.3),
# dLoss_dY_pred = 0.072, dLoss_da2 = (0.0072, 0.036, -0.0216), Z2 = (0.44, -0.76, 1.36).
BY_HAND = [
    (COURSE, "Loss", "0.036", "square-missing"),
    (COURSE, "dLoss_dY_pred", "0.036", "loss-factor-dropped"),
    (COURSE, "dLoss_dY_pred", "-0.072", "error-reversed"),
    (COURSE, "dLoss_dY_pred", "0.136", "output-for-gradient"),
    (COURSE, "dLoss_dY_pred", "0.0013", "loss-for-gradient"),
    (COURSE, "dLoss_dW3", "[[0.44], [0], [1.36]]", "seed-missing"),
    (COURSE, "dLoss_dW3", "[[0.0317], [-0.0547], [0.0979]]", "preactivation-for-activation"),
    (COURSE, "dLoss_dW3", "[[0.072], [0.072], [0.072]]", "input-missing"),
    (COURSE, "dLoss_dW3", "[[0.0072], [0.036], [-0.0216]]", "weight-for-input"),
    (COURSE, "dLoss_db3", "0", "bias-zero"),
    (COURSE, "dLoss_da2", "[[0.0072, 0.036, 0.0216]]", "weights-absolute"),
    (COURSE, "dLoss_da2", "[[0.072, 0.072, 0.072]]", "weights-omitted"),
    (COURSE, "dLoss_dZ2", "[[0.0072, 0.036, -0.0216]]", "relu-mask-missing"),
    (COURSE, "dLoss_dZ2", "[[0.0072, 0.036, 0]]", "mask-from-gradient"),
    (COURSE, "dLoss_dZ2", "[[0, 0.036, 0]]", "mask-inverted"),
    (COURSE, "dLoss_dZ2", "[[0.00317, 0, -0.0294]]", "activation-for-slope"),
    # dLoss_dZ2 = (0.0072, 0, -0.0216) times W2 rather than its transpose
    (COURSE, "dLoss_da1", "[[-0.0101, -0.00792, -0.00504]]", "transpose-missing"),
    (COURSE, "W3_new", "[[0.1], [0.5], [-0.3]]", "not-updated"),
    (COURSE, "W3_new", "[[0.06832], [0.5], [-0.39792]]", "learning-rate-missing"),
    (COURSE, "W3_new", "[[0.1000317], [0.5], [-0.2999021]]", "update-sign"),
    (COURSE, "W3_new", "[[0.0317], [0], [0.0979]]", "gradient-for-weight"),
]


@pytest.mark.parametrize(("lesson", "step", "text", "id_"), [*PUBLISHED, *BY_HAND])
def test_a_known_mistake_is_named_first(lesson: str, step: str, text: str, id_: str) -> None:
    checked = value(lesson, step, text)
    assert not checked.correct
    assert checked.misconceptions[0] == id_, checked


@pytest.mark.parametrize(
    ("step", "text", "id_"),
    [
        ("dLoss_dY_pred", "Y_pred - Y_true", "loss-factor-dropped"),
        ("dLoss_dY_pred", "2 * (Y_true - Y_pred)", "error-reversed"),
        ("dLoss_dY_pred", "2 * abs(Y_pred - Y_true)", "error-absolute"),
        ("dLoss_dW3", "Z2.T @ dLoss_dY_pred", "preactivation-for-activation"),
        ("dLoss_da2", "dLoss_dY_pred @ W3_new.T", "updated-weight"),
        ("dLoss_dZ2", "dLoss_da2", "relu-mask-missing"),
        ("dLoss_dZ2", "dLoss_da2 * (dLoss_da2 > 0)", "mask-from-gradient"),
        ("dLoss_da1", "dLoss_dZ2 @ W2", "transpose-missing"),
        ("dLoss_da1", "dLoss_dZ2 * dZ2_da1", "local-sum-as-jacobian"),
        ("dLoss_dW2", "X.T @ dLoss_dZ2", None),  # the shape alone says it
        ("dLoss_dZ1", "dLoss_da1 * a1", "activation-for-slope"),
    ],
)
def test_a_product_typed_wrong_is_told_as_its_value_is(
    step: str, text: str, id_: str | None
) -> None:
    checked = formula(COURSE, step, text)
    assert not checked.correct
    assert checked.misconceptions[:1] == ([id_] if id_ else [])
    assert checked.message


def test_two_mistakes_in_a_row_are_both_named() -> None:
    """2 (T - Y), where 2 (Y - T) over 8 cells is asked: turned round, and not divided by 8."""
    checked = value(
        "batch_dead_unit",
        "dloss_dE",
        "[[2.14, 0.3], [0.62, 1.324], [0.512, 1.896], [-1.832, 4.132]]",
    )
    assert set(checked.misconceptions[:2]) == {"batch-mean-dropped", "error-reversed"}
    assert "You did not divide by 8." in checked.message
    assert "the sign of the error is reversed" in checked.message


def test_two_mistakes_in_a_row_are_named_in_a_formula() -> None:
    checked = formula("batch_dead_unit", "dloss_dE", "2 * (T - Y)")
    assert set(checked.misconceptions[:2]) == {"batch-mean-dropped", "error-reversed"}


@pytest.mark.parametrize(
    ("lesson", "step", "text"),
    [
        (COURSE, "dLoss_dY_pred", "0.5"),
        (COURSE, "dLoss_dW3", "[[0.0317], [0], [0.5]]"),
        (COURSE, "dLoss_da2", "[[0.123, 4.56, -7.89]]"),
        ("two_layer_sigmoid", "dE_dnet_o", "[[0.1, 0.9]]"),
        ("two_layer_sigmoid", "V_new", "[[0.3, 0.6], [0.41, 0.57]]"),
    ],
)
def test_where_nothing_fits_nobody_is_accused(lesson: str, step: str, text: str) -> None:
    checked = value(lesson, step, text)
    assert checked.misconceptions == []
    assert checked.message


@pytest.mark.parametrize(
    ("step", "text", "id_"),
    [
        ("dLoss_dW3", "[[-0.0317], [0], [0.0979]]", "sign-slip"),
        ("dLoss_dW3", "[[0.317], [0], [0.0979]]", "decimal-slip"),
        ("dLoss_dW3", "[[0.0979], [0], [0.0317]]", "cells-swapped"),
        ("dLoss_dW3", "[[0.0317], [0.02], [0.0979]]", "tiny-for-zero"),
        ("dLoss_dZ2", "[[0, 0, -0.0216]]", "zero-for-tiny"),
    ],
)
def test_slips_are_told_from_misunderstandings(step: str, text: str, id_: str) -> None:
    assert value(COURSE, step, text).misconceptions == [id_]


def test_rows_typed_as_columns() -> None:
    """The published dE/dw5..8, read down where they should be read across."""
    checked = value("two_layer_sigmoid", "V_new", "[[0.358916, 0.408666], [0.511301, 0.56137]]")
    assert checked.misconceptions[0] == "matrix-transposed"


def test_a_step_through_which_no_gradient_passes(tmp_path: Path) -> None:
    path = tmp_path / "gate.toml"
    path.write_text(
        'title = "A gate"\nprogram = "y = (x > 0) * w\\nL = (y - t) ** 2"\nloss = "L"\n'
        'parameters = ["w"]\nwatch = ["x"]\nlearning_rate = 0.1\n'
        "[values]\nx = 1.0\nw = 2.0\nt = 0.5\n",
        encoding="utf-8",
    )
    gate = Answers(load(str(path)))
    assert gate.check("dL_dx", value="0").correct
    assert gate.check("dL_dx", value="1.5").misconceptions == ["tiny-for-zero"]
    assert gate.check("dL_dx", product="dL_dy * w").misconceptions == []


@pytest.mark.parametrize(
    ("step", "product", "mistake"),
    [
        ("dLoss_dW3", "a2.T @ (Y_pred - Y_true)", "loss-factor-dropped"),
        ("dLoss_dW3", "(2 * (Y_true - Y_pred)) * a2.T", "error-reversed"),
        (
            "dLoss_dW1",
            "X.T @ (((((Y_pred - Y_true) @ W3.T) * (Z2 >= 0)) @ W2.T) * (Z1 >= 0))",
            "loss-factor-dropped",
        ),
        ("dLoss_dW2", "a1.T @ dLoss_da2", "relu-mask-missing"),
        ("dLoss_dX", "dLoss_da1 @ W1.T", "relu-mask-missing"),
    ],
)
def test_a_mistake_made_further_up_is_named_where_it_comes_out(
    step: str, product: str, mistake: str
) -> None:
    assert formula(COURSE, step, product).misconceptions[:1] == [mistake]


def test_the_designs_own_example_is_named_for_values_too() -> None:
    checked = value(COURSE, "dLoss_dW3", "[[0.01584], [0], [0.04896]]")
    assert checked.misconceptions == ["loss-factor-dropped"]
