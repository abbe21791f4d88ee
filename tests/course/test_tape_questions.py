"""The questions on the tape in the course's lesson; what they say is what TensorFlow does."""

import pytest
import tensorflow as tf

from bptutor.course.parts import steps_of
from bptutor.course.session import Session
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.lesson.steps import steps
from tests.course.conftest import Begin, begin_part, verdict

QUESTIONS = ["tape: variables", "tape: watched Z1", "tape: kept", "tape: watched Z2", "tape: one"]


def begin(course: Lesson, at: str) -> Session:
    return begin_part(course, at, part="tape")


def test_they_stand_between_the_steps_of_the_course_alone(course: Lesson) -> None:
    asked = steps_of(course, "tape")
    assert [step.id for step in asked if step.kind == "code"] == QUESTIONS
    assert tuple(step for step in asked if step.kind != "code") == steps(course)
    assert len(asked) == 40
    before = {step.id: asked[place + 1].id for place, step in enumerate(asked[:-1])}
    assert before["tape: kept"] == "dZ1_dW1"
    assert before["tape: watched Z2"] == "dZ2_dW2"
    assert before["tape: one"] == "dLoss_dW3"
    assert steps_of(load("batch"), "tape") == steps(load("batch"))


@pytest.mark.parametrize(
    ("step", "text"),
    [
        ("tape: variables", "b1 W1, W2 b2 W3 b3"),
        ("tape: watched Z1", "X"),
        ("tape: watched Z1", "tape.watch(X)"),
        ("tape: watched Z1", "[X]"),
        ("tape: kept", "persistent=True"),
        ("tape: kept", "True"),
        ("tape: kept", "with tf.GradientTape(persistent = True) as tape:"),
        ("tape: watched Z2", "a1"),
        ("tape: one", "Z1 a1 Z2 a2 Y L"),
    ],
)
def test_what_is_right(course: Lesson, step: str, text: str) -> None:
    session = begin(course, step)
    assert verdict(session, text) == ("right", "Right.")
    assert session.stage(session.index) == "solved"
    assert session.exercise.says("en")


@pytest.mark.parametrize(
    ("step", "text", "word"),
    [
        ("tape: variables", "W1 b1 W2 b2 W3", "b3 is missing"),
        ("tape: variables", "W1 b1 W2 b2 W3 b3 X", "X is data"),
        ("tape: variables", "W1 b1 W2 b2 W3 b3 Z1", "Z1 is computed"),
        ("tape: watched Z1", "W1", "W1 is a tf.Variable"),
        ("tape: watched Z1", "X Z1", "Z1 is computed on this tape"),
        ("tape: watched Z1", "X, Y_true", "not asked for a derivative with respect to Y_true"),
        ("tape: watched Z1", "nothing", "returns None for tape.gradient(Z1, X)"),
        ("tape: watched Z2", "X", "not asked for a derivative with respect to X"),
        ("tape: kept", "persistent=False", "asked 4 times"),
        ("tape: kept", "keep=True", "asked 4 times"),
        ("tape: one", "Loss Y_pred", "goes through Z1"),
        ("tape: one", "W1 Z1 a1 Z2 a2 Y_pred Loss", "W1 is not computed"),
    ],
)
def test_what_is_wrong_is_told(course: Lesson, step: str, text: str, word: str) -> None:
    found, said = verdict(begin(course, step), text)
    assert found == "wrong"
    assert word in said


@pytest.mark.parametrize("step", QUESTIONS)
def test_the_answer_that_is_shown_is_right(course: Lesson, step: str) -> None:
    session = begin(course, step)
    assert len(session.exercise.hints(9, ())) == session.exercise.rungs == 2
    written = session.exercise.written()
    assert written
    assert verdict(session, str(written))[0] == "right"
    for empty in ("", "x y", "("):
        assert verdict(begin(course, step), empty)[0] in ("unreadable", "wrong")


@pytest.mark.parametrize("ask", ["backward", "products", "values"])
def test_who_does_only_a_part_of_the_steps_is_not_asked(begin: Begin, ask: str) -> None:
    session = begin(ask)
    asked = [step.kind == "code" for step in session.steps]
    assert session.stage(asked.index(True)) == "worked"


def test_what_the_questions_say_is_what_tensorflow_does() -> None:
    x, w = tf.constant([[1.0, 2.0]]), tf.Variable([[0.5], [0.3]])
    with tf.GradientTape() as tape:
        z = x @ w
    assert tape.gradient(z, w) is not None
    with pytest.raises(RuntimeError, match="non-persistent"):
        tape.gradient(z, w)
    with tf.GradientTape(persistent=True) as tape:
        z = x @ w
    assert tape.gradient(z, x) is None
    with tf.GradientTape(persistent=True) as tape:
        loss = tf.reduce_mean(z**2)
    assert tape.gradient(loss, z) is None
    assert tape.gradient(loss, w) is None
    assert not hasattr(x, "assign_sub")
