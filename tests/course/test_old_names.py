"""What was kept of the course when its names were `Y` and `L`, and what is asked by them still."""

from pathlib import Path

import pytest

from bptutor.course.answers import Answers
from bptutor.course.iterations import answered, in_changed_lesson
from bptutor.lesson.lesson import Lesson
from bptutor.literals import Part
from bptutor.quiz.assigned import required_step
from bptutor.quiz.codes import asked_again, read_code
from bptutor.quiz.items import make_item
from bptutor.record.sittings import Sittings, part_key
from tests.course.conftest import Begin, begin_part, verdict

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
