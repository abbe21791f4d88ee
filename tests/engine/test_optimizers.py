"""The update of a lesson is that of the Keras optimizer, iteration after iteration."""

from collections.abc import Callable
from typing import Any

import keras
import numpy as np
import pytest

from bptutor.engine.runtime import tensorflow
from bptutor.engine.trace import run
from bptutor.engine.training import COMPILE_FROM, Trained, train
from bptutor.lesson.lesson import Lesson
from tests.engine.test_training import assert_same_bits, by_steps

WriteLesson = Callable[[str], Lesson]

ITERATIONS = 40
LESSON = '''
loss = "L"
parameters = ["W1", "b1", "W2"]
learning_rate = 0.05
dtype = "{dtype}"
program = """
h = tanh(X @ W1 + b1)
L = mean((h @ W2 - T) ** 2)
"""
[update]
{update}
[values]
X = [[1.0, -2.0], [0.5, 3.0], [-1.0, 0.2]]
T = [[3.0], [-1.0], [0.5]]
W1 = [[0.3, -0.4], [0.2, 0.1]]
b1 = [0.1, -0.2]
W2 = [[0.7], [-0.9]]
'''
BETAS, OTHERS = np.array([0.9, 0.999]), np.array([0.7, 0.95])
"""In float64: Keras rounds a Python float to float32, also for variables of float64."""
UPDATES: dict[str, tuple[str, Callable[[], Any]]] = {
    "momentum": (
        'rule = "momentum"\nmomentum = 0.8',
        lambda: keras.optimizers.SGD(0.05, momentum=0.8),
    ),
    "nesterov": (
        'rule = "nesterov"\nmomentum = 0.8\nclipnorm = 0.6',
        lambda: keras.optimizers.SGD(0.05, momentum=0.8, nesterov=True, clipnorm=0.6),
    ),
    "rmsprop": (
        'rule = "rmsprop"\nrho = 0.7\nweight_decay = 0.2',
        lambda: keras.optimizers.RMSprop(0.05, OTHERS[0], weight_decay=0.2),
    ),
    "adam": ('rule = "adam"', lambda: keras.optimizers.Adam(0.05, *BETAS)),
    "adam in float32": ('rule = "adam"', lambda: keras.optimizers.Adam(0.05)),
    "adam, other settings": (
        'rule = "adam"\nbeta_1 = 0.7\nbeta_2 = 0.95\nepsilon = 0.01\nweight_decay = 0.2',
        lambda: keras.optimizers.Adam(0.05, *OTHERS, 0.01, weight_decay=0.2),
    ),
    "clipnorm": ("clipnorm = 0.4", lambda: keras.optimizers.SGD(0.05, clipnorm=0.4)),
    "global_clipnorm": (
        'rule = "momentum"\nmomentum = 0.8\nglobal_clipnorm = 0.5',
        lambda: keras.optimizers.SGD(0.05, momentum=0.8, global_clipnorm=0.5),
    ),
    "weight_decay": (
        'rule = "momentum"\nmomentum = 0.8\nweight_decay = 0.3',
        lambda: keras.optimizers.SGD(0.05, momentum=0.8, weight_decay=0.3),
    ),
}


def by_keras(lesson: Lesson, optimizer: Any) -> dict[str, Any]:
    """The parameters after so many iterations, with the forward pass written by hand."""
    tf = tensorflow()
    leaves = {name: np.asarray(lesson.values[name], lesson.dtype) for name in lesson.program.leaves}
    found = {name: keras.Variable(leaves[name], dtype=lesson.dtype) for name in lesson.parameters}
    W1, b1, W2 = (found[name] for name in ("W1", "b1", "W2"))
    variables = [*found.values()]
    optimizer.build(variables)

    def iterate() -> None:
        with tf.GradientTape() as tape:
            hidden = tf.tanh(leaves["X"] @ W1.value + b1.value)
            loss = tf.reduce_mean((hidden @ W2.value - leaves["T"]) ** 2)
        optimizer.apply(tape.gradient(loss, [each.value for each in variables]), variables)

    compiled = tf.function(iterate, autograph=False)
    for _ in range(ITERATIONS):
        compiled()
    return {name: np.asarray(variable) for name, variable in found.items()}


@pytest.mark.parametrize("name", UPDATES)
def test_many_iterations_are_those_of_keras(name: str, write_lesson: WriteLesson) -> None:
    update, optimizer = UPDATES[name]
    dtype = "float32" if name.endswith("float32") else "float64"
    lesson = write_lesson(LESSON.format(dtype=dtype, update=update))
    trained = train(lesson, None, ITERATIONS)
    for parameter, wanted in by_keras(lesson, optimizer()).items():
        np.testing.assert_allclose(trained.parameters[parameter], wanted, rtol=1e-6, atol=1e-8)
    few = COMPILE_FROM + 1
    assert_same_bits(train(lesson, None, few), by_steps(lesson, few))


def test_training_goes_on_with_the_states(write_lesson: WriteLesson) -> None:
    lesson = write_lesson(LESSON.format(dtype="float64", update='rule = "adam"\nclipnorm = 1'))
    first = train(lesson, None, 7)
    assert first.states["t"] == 8
    second = train(lesson, first.leaves, 5)
    whole = by_steps(lesson, 12)
    assert_same_bits(second, Trained(whole.losses[7:], whole.parameters))


def test_a_gradient_within_the_bound_is_not_clipped(write_lesson: WriteLesson) -> None:
    clipped = run(write_lesson(LESSON.format(dtype="float64", update="clipnorm = 1000")))
    np.testing.assert_allclose(clipped.known("clipped_W1"), clipped.known("dL_dW1"), rtol=1e-15)
