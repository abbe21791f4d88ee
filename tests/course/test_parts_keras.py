"""The part in Keras: blanks right, wrong and hostile; Keras' numbers beside the tape's."""

from contextlib import suppress
from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bptutor.course.coding import GAP, coding, lines_before
from bptutor.course.keras_blanks import read_arguments
from bptutor.course.keras_steps import beside_the_tape, keras_run
from bptutor.course.parts import steps_of
from bptutor.engine.runtime import tensorflow
from bptutor.grading.facts import Facts
from bptutor.language.errors import LanguageError
from bptutor.lesson.lesson import Lesson, Values
from bptutor.lesson.load import load
from bptutor.text import UserError
from tests.course.conftest import begin_part, verdict
from tests.examples import some

STACKS = ["two-hidden-layers", "batch", "dead-relu", "softmax", "binary-cross-entropy"]
OTHERS = ["one-neuron", "circuit", "rnn", "residual", "attention", "weight-decay", "relu-at-zero"]


begin = partial(begin_part, part="keras")


@pytest.mark.parametrize("name", STACKS)
def test_the_numbers_are_those_of_the_tape(name: str) -> None:
    facts = Facts(load(name))
    run = keras_run(facts)
    assert list(run.gradients) == list(run.updated)
    for parameter, gradient in run.gradients.items():
        tape = facts.gradient(parameter)
        assert gradient.dtype == tape.dtype
        np.testing.assert_allclose(gradient, tape, rtol=1e-5, atol=1e-7)
        after = facts.trace.updated[parameter]
        np.testing.assert_allclose(run.updated[parameter], after, rtol=1e-6, atol=1e-8)
    assert run.loss == pytest.approx(facts.trace.loss, rel=1e-5)


@pytest.mark.parametrize("name", STACKS)
def test_the_code_as_the_learner_completes_it_runs_as_it_is_written(name: str) -> None:
    """What the blanks spell, run by Python itself, gives what the engine says it gives."""
    tf = tensorflow()
    lesson = load(name)
    facts = Facts(lesson)
    run = keras_run(facts)
    last = coding(lesson)[-1]
    keras = tf.keras
    policy = keras.config.dtype_policy()
    try:
        scope = {
            "tf": tf,
            "keras": keras,
            "Input": keras.Input,
            "Dense": keras.layers.Dense,
            "Model": keras.Model,
            "lr": lesson.learning_rate,
            **{n: facts.trace.tensors[n] for n in lesson.program.leaves},
        }
        exec("\n".join(lines_before(lesson, last.id)), scope)
    finally:
        keras.config.set_dtype_policy(policy)
    weights = scope["model"].trainable_weights
    for weight, gradient, parameter in zip(weights, scope["gradients"], run.gradients, strict=True):
        np.testing.assert_array_equal(gradient.numpy(), run.gradients[parameter])
        np.testing.assert_array_equal(weight.numpy(), run.updated[parameter])
    shapes = next(blank.answer for blank in coding(lesson) if blank.id == "shapes")
    assert ", ".join(str(tuple(w.shape)) for w in weights) == shapes


@pytest.mark.parametrize("name", STACKS)
def test_every_step_can_be_answered_as_the_tutor_would(name: str) -> None:
    session = begin(load(name))
    while not session.at_end:
        asked = session.exercise
        truth = asked.truth()
        cells = None if truth is None else [repr(float(x)) for x in truth.reshape(-1)]
        written = asked.written()
        session.check(None if written is None else str(written), cells)
        assert session.stage(session.index) == "solved", (session.step.id, session.said.message)
        assert asked.hints(asked.rungs, session.cells(session.step))
        session.go("next")
    assert "of the tape" in str(beside_the_tape(session.prepare()))


@pytest.mark.parametrize("name", OTHERS)
def test_what_is_no_stack_of_layers_says_so(name: str) -> None:
    with pytest.raises(UserError, match="no Keras part"):
        steps_of(load(name), "keras")


RIGHT = [
    ("inputs", "(2,)"),
    ("inputs", "shape=(2,)"),
    ("inputs", "[2]"),
    ("inputs", "inputs = Input((2,))"),
    ("dense_1", '3, activation="relu"'),
    ("dense_1", "3, 'relu'"),
    ("dense_1", "units=3, activation=tf.nn.relu"),
    ("dense_1", "3, 'relu', use_bias=True"),
    ("outputs", "1"),
    ("outputs", "1, activation=None"),
    ("outputs", "1, 'linear'"),
    ("model", "inputs=inputs, outputs=outputs"),
    ("set_weights", "[W1, b1, W2, b2, W3, b3]"),
    ("forward", "X"),
    ("loss", "mean((Y - Y_true) ** 2)"),
    ("loss", "tf.reduce_mean(tf.square(Y_true - Y))"),
    ("loss", "(Y - Y_true) ** 2"),
    ("loss", "tf.keras.losses.mse(Y_true, Y)"),
    ("loss", "keras.losses.MeanSquaredError()(Y_true, Y)"),
    ("loss", "losses.MeanSquaredError()(y_pred=Y, y_true=Y_true)"),
    ("shapes", "[(2,3), (3,), (3,3), (3,), (3,1), (1,)]"),
    ("gradients", "L, model.trainable_variables"),
    ("gradients", "L, model.weights"),
    ("which", "3"),
    ("which", "-3"),
    ("zip", "model.trainable_weights, gradients"),
    ("assign_sub", "gradient * lr"),
    ("assign_sub", "0.001 * gradient"),
]
WRONG = [
    ("inputs", "2", "comma"),
    ("inputs", "(2)", "comma"),
    ("inputs", "(1, 2)", "batch"),
    ("inputs", "None, 2", "shape"),
    ("inputs", "(3,)", "one example"),
    ("dense_1", "3", "activation"),
    ("dense_1", "3, 'tanh'", "activation"),
    ("dense_1", "2, 'relu'", "units"),
    ("dense_1", "True, 'relu'", "units"),
    ("dense_1", "3, 'relu', use_bias=False", "has a bias"),
    ("outputs", "1, 'relu'", "No activation"),
    ("model", "outputs, inputs", "order"),
    ("model", "inputs, dense_2", "last"),
    ("set_weights", "W1, b1, W2, b2, W3, b3", "brackets"),
    ("set_weights", "[W1, W2, W3, b1, b2, b3]", "order"),
    ("set_weights", "[W1, b1]", "6"),
    ("forward", "X.T", "row"),
    ("loss", "Y - Y_true", "not the loss"),
    ("loss", "keras.losses.mse(Y_true, X)", "no X"),
    ("loss", "keras.losses.BinaryCrossentropy()(Y_true, Y)", "not the loss"),
    ("loss", "mean((X - Y_true) ** 2)", "no X"),
    ("shapes", "(2,3), 3, (3,3), 3, (3,1), 1", "tuple"),
    ("shapes", "(3,2), (3,), (3,3), (3,), (3,1), (1,)", "W1"),
    ("shapes", "(2,3)", "6"),
    ("gradients", "model.trainable_weights, L", "order"),
    ("gradients", "L, [W1, b1]", "list"),
    ("which", "2", "W2"),
    ("which", "17", "6"),
    ("zip", "gradients, model.trainable_weights", "order"),
    ("assign_sub", "gradient", "lr"),
    ("assign_sub", "-lr * gradient", "minus"),
    ("assign_sub", "lr", "learning rate"),
]
HOSTILE = [
    "__import__('os').system('true')",
    "(lambda: 1)()",
    "[x for x in ().__class__.__bases__]",
    "open('/etc/passwd')",
    "**{}",
    "*[1, 2]",
    "f'{1}'",
    "1 if 1 else 2",
    "x := 3",
    "(" * 500,
    "-" * 390 + "1",
    "((((((((((" * 30,
    "9" * 5000,
    "9" * 399,
    "lr * " * 70 + "lr",
    ")\nimport os\n(",
    "\x00",
    "",
    "   ",
]


@pytest.mark.parametrize(("step", "text"), RIGHT)
def test_what_comes_to_the_same_is_right(course: Lesson, step: str, text: str) -> None:
    found, said = verdict(begin(course, step), text)
    assert found == "right", said


@pytest.mark.parametrize(("step", "text", "word"), WRONG)
def test_what_is_wrong_is_told(course: Lesson, step: str, text: str, word: str) -> None:
    found, said = verdict(begin(course, step), text)
    assert found == "wrong", said
    assert word in said


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_is_typed_is_run(course: Lesson, text: str) -> None:
    session = begin(course)
    for step in session.steps:
        if not step.numbers:
            at = begin(course, step.id)
            assert verdict(at, text)[0] in ("wrong", "unreadable"), step.id


@settings(max_examples=some(300), deadline=None)
@given(st.text(st.sampled_from("()[]{},.*=-+ 0129'\"abfX_\\\n:@λ"), max_size=40))
def test_whatever_is_typed_is_read_or_refused(text: str) -> None:
    with suppress(LanguageError):
        read_arguments(text, f"inputs = Input({GAP})", GAP, str)


def test_at_exactly_zero_the_learner_meets_the_difference(course: Lesson) -> None:
    values: dict[str, Values] = {
        **course.values,
        "W1": [[0.5, 0.3, -0.4], [-0.25, -0.5, 0.3]],  # Z1[0, 0] is exactly 0
        "b1": [0.0, -0.3, 0.2],
    }
    lesson = replace(course, values=values, dtype="float64")
    session = begin(lesson, "dense_1")
    assert np.count_nonzero(session.prepare().known("Z1") == 0) == 1
    said = " ".join(session.exercise.remarks("en"))
    assert "exactly 0 here: 1" in said
    facts = session.prepare()
    run = keras_run(facts)
    assert np.any(run.gradients["b1"] != facts.gradient("b1"))
    assert "exactly 0, in Z1" in str(beside_the_tape(facts))
    usual = begin(course, "dense_1")
    assert "No number of Z1 is exactly 0" in " ".join(usual.exercise.remarks("en"))
