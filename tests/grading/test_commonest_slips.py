"""The slips that learners make most, each named; one diagnosis, in words that give nothing away."""

import re

import pytest

from bptutor.course.answers import STYLE
from bptutor.course.exercise import OnTape
from bptutor.grading.candidates import Candidate
from bptutor.grading.carried import Earlier
from bptutor.grading.diagnosis import History
from bptutor.grading.facts import Facts
from bptutor.grading.grade import Graded, grade
from bptutor.grading.question import Answer
from bptutor.language.render import write
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.lesson.steps import Step, places, steps
from bptutor.text import significant
from tests.examples import every
from tests.grading.asking import COURSE, NEURON, formula, value
from tools.feedback.lessons import lessons

VALUES = [
    # b = -0.3 taken as 0.3, x = -2 taken as 2
    (NEURON, "z", "1.8", "input-sign", "b = -0.3"),
    ("circuit", "q", "9", "input-sign", "x = -2"),
    # |z - y|, and z - y
    (NEURON, "L", "0.8", "square-missing", "square"),
    (NEURON, "L", "-0.8", "square-missing", "square"),
    # Z1 @ W2 + b2, where a1 @ W2 + b2 is asked
    (
        COURSE,
        "Z2",
        "[[0.64, -1.16, 1.66]]",
        "preactivation-for-activation",
        "0.64 in row 1, column 1",
    ),
    # the largest probability is 0.599, T has the class of 0.180
    ("softmax", "L", "0.5125", "class-for-target", "largest probability"),
    # -2 is not -1.6 rounded, but -y
    (NEURON, "dL_dz", "-2", "target-for-gradient", "-2"),
]


@pytest.mark.parametrize(("lesson", "step", "text", "id_", "says"), VALUES)
def test_a_value_is_told_its_slip(lesson: str, step: str, text: str, id_: str, says: str) -> None:
    checked = value(lesson, step, text)
    assert (checked.verdict, checked.misconceptions[0]) == ("wrong", id_)
    assert says in checked.message
    assert " Or: " not in checked.message


@pytest.mark.parametrize(
    ("step", "text", "id_"),
    [
        ("dz_db", "-0.3", "bias-for-derivative"),
        ("dz_dw", "1.5", "value-for-derivative"),  # w * x
        ("dz_dw", "1.2", "value-for-derivative"),  # z
    ],
)
def test_a_local_derivative_is_not_the_value(step: str, text: str, id_: str) -> None:
    assert value(NEURON, step, text).misconceptions[:1] == [id_]


@pytest.mark.parametrize(
    ("lesson", "step", "text", "id_", "says"),
    [
        ("batch", "dL_db", "dL_dZ", "batch-sum-missing", "Sum over the examples"),
        (COURSE, "dLoss_dW2", "a1 @ dLoss_dZ2", "transpose-missing", "Transpose a1."),
        (COURSE, "dLoss_dW2", "a1.T @ dLoss_dZ2.T", "transpose-missing", "without its"),
        (COURSE, "dLoss_da1", "W2 @ dLoss_dZ2", "factor-order", "Transpose W2."),
        (COURSE, "dLoss_dY_pred", "2*Y_pred - Y_true", "parentheses-missing", "parentheses"),
    ],
)
def test_a_formula_is_told_its_slip(lesson: str, step: str, text: str, id_: str, says: str) -> None:
    checked = formula(lesson, step, text)
    assert (checked.verdict, checked.misconceptions[0]) == ("wrong", id_)
    assert says in checked.message


def test_a_shape_that_does_not_fit_is_held_against_the_parameter() -> None:
    message = formula(COURSE, "dLoss_dW1", "X").message
    assert "the shape of W1, (2, 3)" in message


def test_too_few_decimals_in_an_update_are_no_mistake() -> None:
    checked = value(COURSE, "W3_new", "[[0.0999], [0.5], [-0.3001]]")
    assert (checked.verdict, checked.misconceptions) == ("imprecise", [])
    assert "6 decimals" in checked.message


# ── one diagnosis ─────────────────────────────────────────────────────────────────────────────


def graded(
    lesson: str, step: str, answer: Answer, earlier: dict[str, Earlier] | None = None
) -> Graded:
    loaded = load(lesson)
    asked = steps(loaded)[places(loaded)[step]]
    return grade(OnTape(loaded, asked, STYLE, Facts(loaded)), answer, earlier)


def test_a_step_that_was_right_is_not_accused() -> None:
    """4.8 for -1.6 * 3: y - z at dL_dz gives it too, but dL_dz was right."""
    known = Answer(cells=["4.8"], positions=[0], history=History(right=["dL_dz"]))
    assert graded(NEURON, "dL_dw", known).mistake_ids == ("sign-slip",)
    beside = Answer(formula="dL_dz * x", cells=["4.8"], positions=[0])
    found = graded(NEURON, "dL_dw", beside)
    assert found.mistake_ids == ("sign-slip",)
    assert found.tone == "wrong"


def test_the_message_is_about_the_cell_that_is_wrong() -> None:
    cells = ["0.0072", "0.036", "-0.0216"]
    found = graded(COURSE, "dLoss_dZ2", Answer(cells=cells, positions=[0, 1, 2]))
    assert found.focus == 1
    assert "row 1, column 2" in str(found.message)
    empty = Answer(cells=["0.0072", "", "-0.0216"], positions=[0, 1, 2])
    assert graded(COURSE, "dLoss_dZ2", empty).focus == 1


def test_a_right_formula_is_good_news_while_the_value_is_open() -> None:
    found = graded(NEURON, "dL_dw", Answer(formula="dL_dz * x", cells=[""], positions=[0]))
    assert found.tone == "right"


def test_the_formula_comes_at_the_second_such_mistake() -> None:
    first = Answer(formula="y - z")
    again = Answer(formula="y - z", made=["error-reversed"])
    assert "2 * (z - y)" not in str(graded(NEURON, "dL_dz", first).message)
    assert "2 * (z - y)" in str(graded(NEURON, "dL_dz", again).message)


@pytest.mark.parametrize("lesson", every(4, lessons()[::5]), ids=lambda lesson: lesson.name)
def test_no_first_message_gives_the_answer_away(lesson: Lesson) -> None:
    """Neither the formula that is asked, nor a number of the value."""
    facts = Facts(lesson)
    told = 0
    for step in steps(lesson):
        exercise = OnTape(lesson, step, STYLE, facts)
        for candidate in facts.diagnostician(step, STYLE).candidates:
            for answer in _answers(step, candidate):
                found = grade(exercise, answer)
                if found.verdict == "wrong" and found.mistakes:
                    told += 1
                    _gives_nothing_away(facts, step, answer, found)
    assert told


def _answers(step: Step, candidate: Candidate) -> list[Answer]:
    flat = candidate.value.reshape(-1)[:12].tolist()
    cells = [significant(number, 6) for number in flat]
    typed = [Answer(cells=cells, positions=range(len(cells)))]
    if step.kind == "backward":
        typed.append(Answer(formula=write(candidate.expression, STYLE)))
    return typed


def _gives_nothing_away(facts: Facts, step: Step, answer: Answer, found: Graded) -> None:
    said = str(found.message)
    if step.kind in ("local", "backward"):
        right = re.escape(write(step.product, STYLE))
        # As a part of what the learner wrote, `w * x`, an x gives nothing away.
        given = re.search(rf"(?<![*/@+-] )(?<![\w/∂(-]){right}(?![\w/∂]|\.\d| ?[*/@+-])", said)
        assert not given, (step.id, found.mistake_ids, said)
    if found.focus is not None:
        truth = facts.truth(step).reshape(-1)[answer.positions[found.focus]]
        if float(truth) != int(truth):  # a 2 may be that of any square
            number = rf"(?<![\w.-]){re.escape(significant(float(truth)))}(?![\d])"
            assert not re.search(number, said), (step.id, found.mistake_ids, said)


# ── letters in a number cell ──────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("lesson", "step", "cells"),
    [
        (NEURON, "dz_dw", ["x"]),
        (NEURON, "dL_dw", ["dL_dz * 3"]),
        (NEURON, "w_new", ["old - lr*dL_dw"]),
        (COURSE, "W3_new", ["old - 0.001*dLoss_dW3"] * 3),
    ],
)
def test_a_cell_takes_names_that_are_known(lesson: str, step: str, cells: list[str]) -> None:
    positions = range(len(cells))
    assert graded(lesson, step, Answer(cells=cells, positions=positions)).verdict == "exact"
    for_an_exam = graded(lesson, step, Answer(cells=cells, positions=positions), {})
    assert {cell.verdict for cell in for_an_exam.cells} == {"unreadable"}


@pytest.mark.parametrize(
    ("step", "text", "says"),
    [
        ("dz_dw", "dz_dw", "is what the question asks for"),
        ("dz_dw", "dL_dz", "is not known yet"),
        ("dz_dw", "foo", "foo"),
        ("w_new", "old - lr*gradient", "gradient"),
        ("z", "w*x + b", "in place of w"),  # the line itself, typed off the screen
    ],
)
def test_a_cell_takes_no_other_names(step: str, text: str, says: str) -> None:
    found = graded(NEURON, step, Answer(cells=[text], positions=[0]))
    assert found.verdict == "unreadable"
    assert says in str(found.message)


@pytest.mark.parametrize(
    ("lesson", "step", "text"),
    [
        ("sigmoid-network", "dL_da1", "dL_dZ2 @ abs(W2).T"),
        (COURSE, "dLoss_dY_pred", "2 * abs(Y_pred - Y_true)"),
    ],
)
def test_a_formula_that_is_right_for_one_sign_only_is_wrong(
    lesson: str, step: str, text: str
) -> None:
    assert not formula(lesson, step, text).correct


# ── what is said is true of the kind of step ──────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("lesson", "step", "text", "ids", "says", "never"),
    [
        (COURSE, "dZ1_db1", "0 0 0", ["bias-zero"], "did not depend", "gradient"),
        (NEURON, "dL_db", "0", ["bias-zero"], "upstream gradient at z", "examples"),
        ("batch", "dL_db", "0", ["bias-zero"], "over the examples", "changes per"),
        (COURSE, "dZ1_dW1", "2 2 2; 1 1 1", ["cells-swapped"], "row 1", "upstream"),
        (NEURON, "dz_dw", "0.5", ["weight-for-input"], "w itself", "multiplied"),
        (NEURON, "dz_dw", "-0.8", [], "The sign and the size are wrong.", "factor"),
        (NEURON, "L", "1.6", [], "factor of about 2.5", "Close"),
        (COURSE, "Z2", "0.44 -0.7 1.36", [], "too near to 0", "too small"),
        (COURSE, "dLoss_dX", "-0.006048 -0.009072", [], "2 times", "update"),
        ("batch-normalisation", "L", "1.3", [], "factor of about 2", "That gives"),
    ],
)
def test_a_wrong_value_is_told_nothing_that_is_not_so(
    lesson: str, step: str, text: str, ids: list[str], says: str, never: str
) -> None:
    checked = value(lesson, step, text)
    assert checked.misconceptions[:1] == ids
    assert says in checked.message
    assert never not in checked.message


@pytest.mark.parametrize(
    ("lesson", "step", "text", "id_"),
    [
        ("circuit", "df_dx", "df_dq - df_dr*z", "sign-slip"),
        (NEURON, "dL_db", "-dL_dz", "sign-slip"),
        (NEURON, "dL_db", "dz_db", "seed-missing"),
        (NEURON, "dL_dw", "x", "seed-missing"),
        (NEURON, "dL_dz", "2*(y - z)", "error-reversed"),
    ],
)
def test_a_sign_and_a_missing_upstream_gradient_are_named(
    lesson: str, step: str, text: str, id_: str
) -> None:
    assert formula(lesson, step, text).misconceptions[0] == id_


@pytest.mark.parametrize(
    ("step", "text"),
    [
        ("dLoss_dW2", "a1.T * dLoss_dZ2"),
        ("dLoss_dW3", "a2.T * dLoss_dY_pred"),
        ("dLoss_da2", "W3.T * dLoss_dY_pred"),
    ],
)
def test_a_product_that_only_broadcasts_is_right_with_a_word(step: str, text: str) -> None:
    checked = formula(COURSE, step, text)
    assert checked.correct
    assert "@" in checked.message


@pytest.mark.parametrize(
    ("step", "text"),
    [("dLoss_dY_pred", "mean(2*(Y_pred - Y_true))"), ("dLoss_db3", "sum(dLoss_dY_pred)")],
)
def test_another_shape_claims_no_sum(step: str, text: str) -> None:
    checked = formula(COURSE, step, text)
    assert checked.correct
    assert "shape" in checked.message
    assert "sum" not in checked.message


def test_semicolons_separate_the_rows_of_a_column() -> None:
    assert value(COURSE, "dY_pred_dW3", "0.44; 0; 1.36").correct


@pytest.mark.parametrize(
    ("step", "text", "says"),
    [
        ("dLoss_dZ2", "dLoss_da2 * mask", "(q > 0)"),
        ("dLoss_dZ2", "dLoss_da2 * relu'(Z2)", "(q > 0)"),
        ("dLoss_dW2", "a1' @ dLoss_dZ2", ".T"),
    ],
)
def test_what_cannot_be_read_is_told_how_to_write_it(step: str, text: str, says: str) -> None:
    assert says in formula(COURSE, step, text).message


def test_a_number_is_said_once() -> None:
    assert value(NEURON, "dL_db", "0").message.count("0") == 1
    exchanged = value(COURSE, "dY_pred_dW3", "[[1.36], [0], [0.44]]")
    assert exchanged.misconceptions == ["cells-swapped"]
    assert "row 1" in exchanged.message
    assert "row 3" in exchanged.message


def test_no_mistake_is_made_before_what_is_read_by_its_name() -> None:
    checked = formula("adam", "m_W_new", "beta_1 * m_W - (1 - beta_1) * dL_dW")
    assert "earlier step" not in checked.message


def test_a_part_whose_shapes_do_not_fit_is_quoted() -> None:
    checked = formula("weight-decay", "dL_dW", "X @ dL_dz + c * W")
    assert checked.message.startswith("In X @ dL_dz: (1, 2) @ (1, 1) does not fit")
