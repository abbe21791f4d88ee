"""What is said of the steps of an optimizer, on numbers that are worked by hand.

z = 2 * 1.5 - 0.4 = 2.6, so dL_dz = 2 * (2.6 - 1.1) = 3, dL_dw = 6 and dL_db = 3. Both norms are
within the bound of 9.
m_w_new = 0.8 * 1.2 + 0.2 * 6 = 2.16 and v_w_new = 0.95 * 0.7 + 0.05 * 36 = 2.465.
lr_t = 0.1 * sqrt(1 - 0.95 ** 3) / (1 - 0.8 ** 3) = 0.07739.
w_new = 1.5 - 0.1 * 0.5 * 1.5 - 0.07739 * 2.16 / sqrt(2.465) = 1.5 - 0.075 - 0.10647 = 1.31853.
"""

import pytest

from tests.grading.asking import formula, value

ADAM = "adam_with_options"
DECAYED = "w - lr * weight_decay * w"
VALUES = [
    ("norm_w", "6", ""),
    ("clipped_w", "6", ""),
    ("m_w_new", "2.16", ""),
    ("v_w_new", "2.465", ""),
    ("lr_t", "0.0774", ""),
    ("w_new", "1.3185", ""),
    ("norm_w", "36", "root-missing"),
    ("m_w_new", "5.04", "averaging-factors-swapped"),
    ("m_w_new", "6.96", "averaging-factor-missing"),
    ("m_w_new", "1.2", "moment-missing"),
    ("v_w_new", "0.965", "square-missing"),
    ("v_w_new", "7.76", "decay-rates-swapped"),
    ("lr_t", "0.1", "bias-correction-missing"),
    ("lr_t", "0.205", "bias-correction-partial"),
    ("lr_t", "0.0292", "root-missing"),
    ("lr_t", "0.112", "exponent-missing"),
    ("w_new", "1.28742", "bias-correction-missing"),
    ("w_new", "1.53147", "update-sign"),
    ("w_new", "1.39353", "decay-missing"),
    ("w_new", "0.64353", "decay-without-rate"),
]
FORMULAS = [
    ("clipped_w", "dL_dw * minimum(1, clipnorm / norm_w)", ""),
    ("m_w_new", "m_w + (clipped_w - m_w) * (1 - beta_1)", ""),
    ("m_w_new", "0.8 * m_w + (1 - 0.8) * clipped_w", ""),
    ("m_w_new", "0.8 * m_w + 0.2 * clipped_w", ""),
    ("v_w_new", "0.95 * v_w + 0.05 * clipped_w ** 2", ""),
    ("v_w_new", "β2 * v_w + (1 - β_2) * square(clipped_w)", ""),
    ("w_new", "w * (1 - λ * weight_decay) - lr_t * m_w_new / (ε + √(v_w_new))", ""),
    ("clipped_w", "dL_dw", "clipping-missing"),
    ("clipped_w", "dL_dw * clipnorm / norm_w", "clipping-always"),
    ("m_w_new", "beta_2 * v_w + (1 - beta_2) * clipped_w ** 2", "moments-swapped"),
    ("w_new", f"{DECAYED} - lr_t * v_w_new / (sqrt(m_w_new) + epsilon)", "moments-swapped"),
    ("w_new", f"{DECAYED} - lr_t * clipped_w / (sqrt(v_w_new) + epsilon)", "gradient-for-moment"),
    ("w_new", f"{DECAYED} - lr_t * m_w / (sqrt(v_w) + epsilon)", "old-moment"),
]
"""What is typed, and the mistake that is named of it; of what is right none."""


@pytest.mark.parametrize(("step", "typed", "mistake"), VALUES)
def test_a_value_is_right_or_its_mistake_is_named(step: str, typed: str, mistake: str) -> None:
    checked = value(ADAM, step, typed)
    assert checked.correct == (mistake == "")
    assert checked.misconceptions[:1] == [mistake] * (not checked.correct)


@pytest.mark.parametrize(("step", "typed", "mistake"), FORMULAS)
def test_a_formula_is_right_or_its_mistake_is_named(step: str, typed: str, mistake: str) -> None:
    checked = formula(ADAM, step, typed)
    assert checked.correct == (mistake == "")
    assert checked.correct or mistake in checked.misconceptions


@pytest.mark.parametrize(
    ("lesson", "right", "typed", "mistake"),
    [
        # dL_dw = 8, so m_w_new = 0.8 * -0.5 - 0.1 * 8 = -1.2
        ("nesterov", "-0.26", "w + m_w_new", "look-ahead-missing"),
        ("nesterov", "-0.26", "w + momentum * m_w - lr * dL_dw", "look-ahead-missing"),
        # v_w_new = 0.7 * 2 + 0.3 * 64 = 20.6
        ("rmsprop", "1.32374", "w - lr * dL_dw / (v_w_new + epsilon)", "root-missing"),
        ("rmsprop", "1.32374", "w - lr * dL_dw / sqrt(v_w + epsilon)", "old-moment"),
    ],
)
def test_nesterov_and_rmsprop(lesson: str, right: str, typed: str, mistake: str) -> None:
    assert value(lesson, "w_new", right).correct
    assert formula(lesson, "w_new", typed).misconceptions[0] == mistake


def test_what_is_no_gradient_is_not_called_one() -> None:
    for typed in ("2 * m_w", "m_w + epsilon", "beta_1 * m_w + 0.2 * norm_w"):
        checked = formula(ADAM, "m_w_new", typed)
        assert not checked.correct
        assert "gradient" not in checked.message.replace("∂L/∂w", ""), checked.message


def test_without_epsilon_a_formula_is_wrong() -> None:
    assert not formula(ADAM, "w_new", f"{DECAYED} - lr_t * m_w_new / sqrt(v_w_new)").correct
