"""Items and steps that are on record, asked again with the numbers they had."""

import numpy as np
import pytest

from bptutor.lesson.load import load
from bptutor.lesson.steps import steps
from bptutor.text import UserError
from bptutor.views.lesson import StepView
from bptutor.views.quiz import QuizSpec
from tests.service.desk import EASY, Desk

pytestmark = pytest.mark.usefixtures("warm")


def test_a_past_item_comes_again_with_the_same_numbers(desk: Desk) -> None:
    view = desk.step(QuizSpec(lessons=EASY, items=2, seed=2))
    assert view.quiz
    again = Desk.anew().open(QuizSpec(replay=view.quiz.code))
    assert isinstance(again.screen, StepView)
    assert again.screen.knowns == view.knowns
    assert again.screen.quiz
    assert again.screen.quiz.seed is None, "with the item's seed another quiz would begin"
    assert not again.remark
    other = Desk.anew().open(QuizSpec(replay=view.quiz.code[:-3] + "000"))
    assert "changed" in other.remark
    for rubbish in ("", "a:b", "one-neuron:dL_dw:x:1", "none:dL_dw:1:1", "one-neuron:dL_dQ:1:1"):
        with pytest.raises(UserError):
            desk.step(QuizSpec(replay=rubbish or ":"))


def test_a_step_of_a_lesson_comes_again_as_it_was_after_updates(desk: Desk) -> None:
    view = desk.step(QuizSpec(replay="one-neuron:dL_dw:i2:00000000"))
    assert {"dL_dz", "x"} <= {known.typed for known in view.knowns if known.relevant}
    of = desk.quiz.session
    lesson = of.lesson
    w, x, b, y = (np.asarray(lesson.values[name], "float64") for name in "wxby")
    for _ in range(2):  # the update by hand: L = (w*x + b - y)**2
        slope = 2 * (w * x + b - y)
        w, b = w - lesson.learning_rate * slope * x, b - lesson.learning_rate * slope
    expected = 2 * (w * x + b - y) * x
    assert of.prepare().truth(of.step) == pytest.approx(expected, rel=1e-6)


def test_a_lesson_s_notes_are_about_its_own_numbers_and_not_told_with_others(desk: Desk) -> None:
    """With the chain rule, a quiz leaves out a gradient's note: it tells how to apply the rule."""
    lesson = load("one-neuron")
    kinds = set()
    for step in (step for step in steps(lesson) if step.id in lesson.notes):
        note = lesson.notes[step.id].to("en")
        try:
            view = desk.step(QuizSpec(replay=f"{lesson.name}:{step.id}:5:{lesson.digest[:8]}"))
        except UserError:
            continue
        assert note not in view.remarks
        own = desk.step(QuizSpec(replay=f"{lesson.name}:{step.id}:i0:{lesson.digest[:8]}"))
        assert (note in own.remarks) == (step.kind != "backward")
        kinds.add(step.kind)
    assert kinds > {"backward"}


def test_an_item_asks_all_elements_where_the_lesson_asks_one_beside_the_formula(desk: Desk) -> None:
    lesson = load("softmax")
    view = desk.step(QuizSpec(replay=f"softmax:dL_dW:5:{lesson.digest[:8]}"))
    assert view.asks_product
    assert len(view.grid.asked) == 6
