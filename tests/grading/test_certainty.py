"""How certain an explanation is: numbers worked by hand on the course's network and one neuron.

Y_pred = 0.136, Y_true = 0.1, W3 = (0.1, 0.5, -0.3), Z2 = (0.44, -0.76, 1.36), a2 = (0.44, 0, 1.36):
dLoss_dY_pred = 2 (Y_pred - Y_true) = 0.072, dLoss_da2 = dLoss_dY_pred W3 = (0.0072, 0.036,
-0.0216), and the second unit is inactive.
"""

from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptutor.course.answers import STYLE, Checked
from bptutor.course.exercise import OnTape
from bptutor.grading.diagnosis import History
from bptutor.grading.facts import Facts
from bptutor.grading.grade import Graded, grade
from bptutor.grading.question import Answer
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.lesson.steps import places, steps
from tests.grading.asking import COURSE, NEURON, answers


@cache
def lesson(name: str) -> tuple[Lesson, Facts]:
    loaded = load(name)
    return loaded, Facts(loaded)


def graded(name: str, step: str, answer: Answer) -> Graded:
    loaded, facts = lesson(name)
    return grade(OnTape(loaded, steps(loaded)[places(loaded)[step]], STYLE, facts), answer)


def typed(*cells: str, formula: str | None = None, history: History | None = None) -> Answer:
    return Answer(formula, cells, range(len(cells)), history=history or History())


def claims(checked: Checked) -> list[tuple[list[str], str]]:
    return [(claim.ids, claim.certainty) for claim in checked.claims]


# ── three grades ──────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(("text", "certainty"), [("1.5", "possible"), ("0.5 * 3", "certain")])
def test_one_number_at_three_digits_is_possible_and_its_arithmetic_certain(
    text: str, certainty: str
) -> None:
    """w x = 0.5 * 3 without the bias."""
    assert claims(answers(NEURON).check("z", value=text)) == [(["bias-missing"], certainty)]


def test_each_grade_has_its_words() -> None:
    possible = answers(NEURON).check("z", value="1.5").message
    assert possible == "Your 1.5 comes out if you left out b. Is that what you did? Add b."
    certain = answers(NEURON).check("z", value="0.5 * 3").message
    assert certain == "You left out b. That gives your 1.5. Add b."
    half = "[[0.01584], [0], [0.04896]]"  # all of it, which is one number
    checked = answers(COURSE).check("dLoss_dW3", value=half)
    assert checked.claims[0].certainty == "likely"
    assert checked.message.startswith(
        "It looks as if in ∂Loss/∂Y_pred, an earlier step, you left out"
    )


def test_only_what_is_certain_or_likely_is_recorded() -> None:
    assert graded(NEURON, "z", typed("1.5")).recorded == ()
    assert graded(NEURON, "z", typed("0.5 * 3")).recorded == ("bias-missing",)


# ── composed ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("step", "value", "ids"),
    [
        # dLoss_da2 / 2: no mask, and no 2 at the loss
        ("dLoss_dZ2", "[[0.0036, 0.018, -0.0108]]", {"relu-mask-missing", "loss-factor-dropped"}),
        # dLoss_da2, the sign of the last one lost
        ("dLoss_dZ2", "[[0.0072, 0.036, 0.0216]]", {"relu-mask-missing", "sign-slip"}),
        # dLoss_da2, the decimal point of the last one moved
        ("dLoss_dZ2", "[[0.0072, 0.036, -0.216]]", {"relu-mask-missing", "decimal-slip"}),
        # y - z, and no 2
        ("dLoss_dY_pred", "-0.0360000", {"error-reversed", "loss-factor-dropped"}),
    ],
)
def test_two_mistakes_are_one_claim(step: str, value: str, ids: set[str]) -> None:
    checked = answers(COURSE).check(step, value=value)
    assert set(checked.claims[0].ids) == ids


def test_a_digit_that_is_off_besides_is_said_and_has_no_name() -> None:
    checked = answers(COURSE).check("dLoss_dZ2", value="[[0.00720, 0.0360, -0.0276]]")
    assert checked.claims[0].ids == ["relu-mask-missing"]
    assert "a digit of your -0.0276 in row 1, column 3" in checked.message


def test_cells_that_a_mistake_does_not_explain_are_told() -> None:
    """a1ᵀ dLoss_da2, unmasked: (1.4, 0, 0.4) times (0.0072, 0.036, -0.0216), and one is rubbish."""
    value = "[[0.01008, 0.0504, -0.03024], [0, 0, 0], [0.00288, 0.0144, -0.777]]"
    checked = answers(COURSE).check("dLoss_dW2", value=value)
    claim = checked.claims[0]
    assert claim.ids == ["relu-mask-missing"]
    assert claim.certainty != "certain"
    assert claim.cells is not None
    assert [2, 2] not in claim.cells
    assert [0, 1] in claim.cells


# ── carried on ────────────────────────────────────────────────────────────────────────────────────


HALVES = ("0.01584", "0", "0.04896")
"""a2 dLoss_dY_pred / 2, where dLoss_dW3 is asked."""


def test_a_mistake_is_carried_on_from_the_step_where_it_was_made() -> None:
    found = graded(COURSE, "dLoss_dW3", typed(*HALVES))
    assert found.mistake_ids[0] == "loss-factor-dropped"
    assert "in ∂Loss/∂Y_pred, an earlier step, you left out the factor 2" in str(found.message)


@pytest.mark.parametrize("right", [("dLoss_dY_pred",), None])
def test_nothing_is_carried_on_from_steps_that_were_right(right: tuple[str, ...] | None) -> None:
    known = typed(*HALVES, history=History(right=right))
    assert "loss-factor-dropped" not in graded(COURSE, "dLoss_dW3", known).mistake_ids


def test_a_mistake_of_the_forward_pass_is_followed_through_the_program() -> None:
    """Z2 without its bias is (0.34, -0.16, 0.86), a2 = (0.34, 0, 0.86), Y = 0.276, and dLoss_db3 is
    2 (Y - 0.1) = 0.352."""
    found = graded(COURSE, "dLoss_db3", typed("0.352000"))
    assert found.mistake_ids[:1] == ("bias-missing",)


# ── what fits as well ─────────────────────────────────────────────────────────────────────────────


def test_the_formula_decides_between_two_explanations() -> None:
    """y - z and |z - y| are both 0.8."""
    blank = graded(NEURON, "dL_dz", typed("1.6", formula=""))
    assert str(blank.message).endswith("Which was it? Type the formula that you used.")
    assert blank.tone == "wrong"
    told = graded(NEURON, "dL_dz", typed("1.6", formula="2 * abs(z - y)"))
    assert told.mistakes[0].ids == ("error-absolute",)
    assert told.mistakes[0].certainty == "certain"


def test_among_equals_what_the_learner_does_often_comes_first() -> None:
    often = History(often={"error-absolute": 3})
    assert graded(NEURON, "dL_dz", typed("1.6")).mistake_ids[0] == "error-reversed"
    known = graded(NEURON, "dL_dz", typed("1.6", history=often))
    assert known.mistake_ids[0] == "error-absolute"


def test_numbers_that_no_mistake_gives_are_described() -> None:
    """dLoss_da2 (1 - a2) = (0.0072 * 0.56, 0.036, -0.0216 * -0.36)."""
    checked = answers(COURSE).check("dLoss_dZ2", value="[[0.004032, 0.036, 0.007776]]")
    assert "Your numbers are ∂Loss/∂a2 * (1 - a2)." in checked.message
    assert checked.claims == []


@given(st.lists(st.floats(0.001, 9).map(lambda x: f"{x:.4g}"), min_size=3, max_size=3))
def test_random_numbers_are_not_explained(cells: list[str]) -> None:
    found = graded(COURSE, "dLoss_dZ2", typed(*cells))
    assert all(each.certainty != "certain" or each.fact for each in found.mistakes)
