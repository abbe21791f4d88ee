"""`bptutor check` as a function: verdicts, cells and sentences; names of before are taken."""

from pathlib import Path

import msgspec
import pytest

from bptutor.course.answers import Answers
from bptutor.course.iterations import answered, in_changed_lesson
from bptutor.lesson.lesson import Lesson
from bptutor.literals import Part
from bptutor.quiz.assigned import required_step
from bptutor.quiz.codes import asked_again, read_code
from bptutor.quiz.items import make_item
from bptutor.record.sittings import Sittings, part_key
from bptutor.text import UserError
from tests.course.conftest import Begin, begin_part, verdict


@pytest.fixture(scope="module")
def answers(course: Lesson) -> Answers:
    return Answers(course)


def test_the_json_is_the_contract(answers: Answers) -> None:
    checked = answers.check("dLoss_dW3", value="[[0.0317],[0.1],[0.0979]]")
    plain = msgspec.to_builtins(checked)
    assert list(plain) == [
        *("step", "asked", "correct", "verdict", "cells", "misconceptions", "message", "claims")
    ]
    assert plain["cells"] == [["right"], ["wrong"], ["right"]]
    assert plain["verdict"] == "wrong"
    assert plain["correct"] is False
    assert plain["asked"] == "value"


@pytest.mark.parametrize(
    ("product", "verdict"),
    [
        ("a2.T @ dLoss_dY_pred", "right"),
        ("transpose(a2) @ dLoss_dY_pred", "right"),
        ("tf.matmul(a2, dLoss_dY_pred, transpose_a=True)", "right"),
        ("np.dot(a2.T, dLoss_dY_pred)", "right"),
        ("a2.T.dot(dLoss_dY_pred)", "right"),
        ("a2ᵀ @ ∂Loss/∂Y_pred", "right"),
        ("dL/dY * dY/dW3", "right"),
        ("outer(a2, dLoss_dY_pred)", "right"),
        ("2 * (Y_pred - Y_true) * a2.T", "right"),
        ("a2.T @ dLoss_dY_pred * 1.0001", "wrong"),
        ("a2.T", "wrong"),
        ("a2 @ dLoss_dY_pred", "wrong"),
        ("dLoss_dW3", "wrong"),
        ("a2.T @ dLoss_dZ2", "wrong"),
        ("a2.T @ dL_dZ9", "unreadable"),
        ("a2.T · dLoss_dY_pred", "right"),
        ("2 · (Y_pred - Y_true) · a2.T", "right"),
        ("a2.T @", "unreadable"),
        ("", "unreadable"),
        ("__import__('os').system('true')", "unreadable"),
    ],
)
def test_products(answers: Answers, product: str, verdict: str) -> None:
    checked = answers.check("dLoss_dW3", product=product)
    assert checked.verdict == verdict, checked.message
    assert checked.correct == (verdict == "right")
    assert checked.cells is None
    assert checked.message


@pytest.mark.parametrize(
    ("step", "product", "says"),
    [
        (
            "dLoss_dW3",
            "a2.T @ dLoss_dY_pred / 5",
            "The gradient is 5 times what your formula gives.",
        ),
        ("dLoss_dW2", "-7 * a1.T @ dLoss_dZ2", "The sign and the size are wrong."),
        ("dLoss_dW2", "3 * a1.T @ dLoss_dZ2", "Your formula gives 3 times the gradient."),
        ("dLoss_dW2", "1.5 * a1.T @ dLoss_dZ2", "Your formula gives 1.5 times the gradient."),
        (
            "dLoss_dW3",
            "a2.T @ dLoss_dY_pred * 1.0001",
            "Your formula gives 1.0001 times the gradient.",
        ),
    ],
)
def test_of_a_wrong_product_the_sign_or_factor_is_told(
    answers: Answers, step: str, product: str, says: str
) -> None:
    checked = answers.check(step, product=product)
    assert (checked.verdict, checked.message) == ("wrong", says)


def test_a_bare_number_is_no_formula(answers: Answers) -> None:
    checked = answers.check("dLoss_db2", product="1")
    assert (checked.verdict, checked.misconceptions) == ("unreadable", [])
    assert "formula in letters" in checked.message
    assert "bias-one" in answers.check("dLoss_db2", value="[1, 1, 1]").misconceptions
    assert "bias-one" in answers.check("dLoss_db2", product="b2 / b2").misconceptions


def test_nobody_is_accused_while_a_cell_cannot_be_read(answers: Answers) -> None:
    checked = answers.check("dLoss_dZ2", value="[[1/0, 0, 1]]")
    assert (checked.verdict, checked.misconceptions) == ("unreadable", [])


def test_a_fifth_of_a_value_is_called_a_fifth(answers: Answers) -> None:
    checked = answers.check("dLoss_dW3", value="[[0.006336],[0],[0.019584]]")
    assert "by a factor of about 5" in checked.message


def test_a_batch_of_one_is_accepted_with_a_word(answers: Answers) -> None:
    checked = answers.check("dLoss_db3", product="dLoss_dY_pred")
    assert checked.correct
    assert "shape" in checked.message


def test_right_only_for_these_numbers_is_told_so(answers: Answers) -> None:
    checked = answers.check("dLoss_dY_pred", product="2 * (Y - 0.1)")
    assert not checked.correct
    assert "other values" in checked.message


@pytest.mark.parametrize(
    ("step", "value", "verdict"),
    [
        ("Loss", "0.001296", "exact"),
        ("Loss", "0.001", "imprecise"),
        ("Loss", "0.00130", "right"),
        ("dLoss_dY_pred", "2*(0.136-0.1)", "exact"),
        ("Z1", "[[1.4, -1, 0.4]]", "exact"),
        ("Z1", "1.4 -1 0.4", "exact"),
        ("Z1", "[[1.4], [-1], [0.4]]", "unreadable"),
        ("Z1", "[[1.4, -1, x]]", "unreadable"),
        ("W3_new", "[[0.09996832], [0.5], [-0.30009794]]", "exact"),
        ("W3_new", "[[0.09997], [0.5], [-0.30009794]]", "imprecise"),
        ("W3_new", "[[0.1], [0.5], [-0.30009794]]", "wrong"),
        ("W3_new", "[[0.1 - 0.001*0.03168], [0.5], [-0.3 - 0.001*0.09792]]", "right"),
    ],
)
def test_values(answers: Answers, step: str, value: str, verdict: str) -> None:
    checked = answers.check(step, value=value)
    assert checked.verdict == verdict, checked.message


def test_a_step_by_the_name_that_the_screen_gives_it(answers: Answers) -> None:
    for name in ("dLoss_dW3", "dL/dW3", "∂Loss/∂W3"):
        assert answers.check(name, product="a2.T @ dLoss_dY_pred").step == "dLoss_dW3"


def test_what_cannot_be_checked_is_said(answers: Answers) -> None:
    with pytest.raises(UserError, match="did you mean dLoss_dW3"):
        answers.check("dL_dW4", value="1")
    with pytest.raises(UserError, match="not for a formula"):
        answers.check("Z1", product="X @ W1")
    with pytest.raises(UserError, match="either a value or a formula"):
        answers.check("Z1")


def test_sentences_come_in_the_learners_language(course: Lesson) -> None:
    english = Answers(course, "en").check("dLoss_dY_pred", value="0.036")
    korean = Answers(course, "ko").check("dLoss_dY_pred", value="0.036")
    assert english.misconceptions == korean.misconceptions == ["loss-factor-dropped"]
    assert english.message != korean.message


def test_rows_typed_as_columns_are_told_so(answers: Answers) -> None:
    turned = answers.check("dLoss_dW3", value="[[0.0317, 0, 0.0979]]")
    assert turned.verdict == "unreadable"
    assert turned.misconceptions == ["matrix-transposed"]
    assert "exchange rows and columns" in turned.message
    wrong = answers.check("dLoss_dW3", value="[[0.5, 0, 0.0979]]")
    assert wrong.misconceptions == []
    square = answers.check("dLoss_dW2", value="[[0.01008,0,0.00288],[0,0,0],[-0.03024,0,-0.00864]]")
    assert square.misconceptions[0] in ("outer-product-transposed", "matrix-transposed")


@pytest.mark.timeout(120)
@pytest.mark.parametrize(
    ("product", "message"),
    [
        (" · ".join(["Y"] * 40), "This has the shape (1, 1)"),
        ("outer(Y, " * 20 + "Y" + ")" * 20, "This has the shape (1, 1)"),
        (
            " @ ".join(["(one_hot(b1, 3000).T @ one_hot(b1, 3000))"] * 8),
            "this makes tensors with more than 20000000 elements in total; use smaller ones.",
        ),
        (
            "(one_hot(Y, 3000).T @ one_hot(Y, 3000)) @ one_hot(Y, 3000).T",
            "In one_hot(Y_pred, depth=3000).T @ one_hot(Y_pred, depth=3000): "
            "@ multiplies two matrices; the shapes here are (3000, 1, 1) and (1, 1, 3000).",
        ),
        (
            " @ ".join(["(one_hot(b1, 900).T @ one_hot(b1, 900))"] * 3),
            "this takes more than 1000000000 multiplications; use smaller matrices.",
        ),
    ],
)
def test_a_product_that_asks_for_much_is_answered_at_once(
    answers: Answers, product: str, message: str
) -> None:
    checked = answers.check("dLoss_dW3", product=product)
    assert not checked.correct
    assert checked.message.startswith(message)


def test_a_cell_that_asks_for_much_is_refused(answers: Answers) -> None:
    matrix = "outer(one_hot(1, 3000), one_hot(1, 3000))"
    checked = answers.check("dLoss_dW3", value=f"[[sum({' @ '.join([matrix] * 9)})], [1], [1]]")
    assert checked.cells == [["unreadable"], ["wrong"], ["wrong"]]


KEPT = Path(__file__).parents[1] / "data" / "kept" / "data" / "sittings"


@pytest.mark.parametrize(("part", "count"), [("tape", 20), ("derive", 2)])
def test_a_place_is_found_with_every_answer(course: Lesson, part: Part, count: int) -> None:
    kept = Sittings(KEPT).load(part_key(course.name, part))
    assert kept
    assert answered(kept) == count
    assert any(id_.startswith("dL_") for id_ in kept.marks) == (part == "tape")
    found = in_changed_lesson(kept, course, "unicode")
    assert answered(found.sitting) == count
    assert {step.id for step in found.steps} >= found.sitting.marks.keys()


@pytest.mark.parametrize("step", ["dL_dW3", "∂L/∂W3", "grad_Loss_W3", "dLoss_dW3"])
def test_a_step_by_any_of_its_names(course: Lesson, step: str) -> None:
    for formula in ("a2.T @ dL_dY", "a2ᵀ @ ∂L/∂Y", "grad_Loss_Ypred * grad_Ypred_W3"):
        checked = Answers(course).check(step, product=formula)
        assert (checked.step, checked.correct) == ("dLoss_dW3", True)
    assert required_step(course, step).id == "dLoss_dW3"


def test_the_code_of_an_item_from_before(course: Lesson) -> None:
    code = read_code("two-hidden-layers:W3_new:4815@dL_dW3:1a2b3c4d")
    asked = asked_again(code, course)
    assert (asked.step, asked.made_for) == ("W3_new", "dLoss_dW3")
    assert make_item(course, "dL_dW3", 4815).step.id == "dLoss_dW3"


def test_cells_orders_and_lines_of_code_take_other_names(course: Lesson, begin: Begin) -> None:
    session = begin()
    session.sitting.index = [step.id for step in session.steps].index("W3_new")
    session.sitting.furthest = session.sitting.index
    session.check(None, ["W3 - λ*∂L/∂W3", "old - lr*grad_Loss_W3", "W3 - lr*dLoss_dW3"])
    assert session.stage(session.index) == "solved"
    order = "Y a2 W3 b3 dL_dZ2 grad_L_W2 b2 a1 Z1 W1 b1 ∂Loss/∂X"
    assert verdict(begin_part(course, "order", part="derive"), order)[0] == "right"
    assert verdict(begin_part(course, "memory loss:", part="derive"), "Ypred, Y_true")[0] == "right"
    gradients = begin_part(course, "gradients", part="keras")
    assert verdict(gradients, "L, model.trainable_weights")[0] == "right"
    loss = begin_part(course, "loss", part="keras")
    assert verdict(loss, "tf.reduce_mean((Ypred - Y_true)**2)")[0] == "right"


@pytest.mark.parametrize(
    "typed",
    [
        "tape.gradient(Loss, W3)",
        "tape.gradient(L, W3)",
        "tape.gradient(Loss, model.trainable_weights)",
        "tape.gradient(target=Loss, sources=[W3, b3])",
    ],
)
def test_the_call_of_the_tape_is_no_answer_and_no_mistake(begin: Begin, typed: str) -> None:
    session = begin()
    session.sitting.index = [step.id for step in session.steps].index("dLoss_dW3")
    session.sitting.furthest = session.sitting.index
    session.check(typed, None)
    mark = session.mark(session.step)
    assert (mark.product_verdict, mark.attempts) == ("unreadable", 0)
    assert "write the chain rule" in str(session.said.message)
    session.check(None, [typed, "", ""])
    assert (mark.verdicts[0], mark.attempts) == ("unreadable", 0)
    assert "type it" in str(session.said.message)
    session.check("tape.gradient(Loss, Y_pred) * tape.gradient(Y_pred, W3)", None)
    assert mark.product_verdict == "right"
