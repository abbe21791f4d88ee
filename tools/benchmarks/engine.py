"""A traced step beside the same TensorFlow code written by hand."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from bptutor.engine.runtime import tensorflow
from bptutor.engine.trace import run
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from tools.benchmarks.measure import Row, in_turns, ratio, seconds

STEPS = 300


def traced_step() -> list[Row]:
    """Forward, every local slope, every gradient and every update of the course's network."""
    lesson = load("two-hidden-layers")
    by_hand = _by_hand(lesson)

    def traced() -> float:
        return seconds(lambda: run(lesson).updated)

    def handmade() -> float:
        return seconds(by_hand)

    in_turns({"traced": traced, "by hand": handmade}, 20)
    taken = in_turns({"traced": traced, "by hand": handmade}, STEPS)
    return [ratio("A traced step, by one by hand", 1.3, taken["traced"], taken["by hand"], "ms")]


def _by_hand(lesson: Lesson) -> Callable[[], list[np.ndarray]]:
    """The network as one would write it for speed: variables kept, gradients taken together."""
    tf = tensorflow()
    values = {name: np.asarray(value, "float32") for name, value in lesson.values.items()}
    X, Y_true = tf.constant(values["X"]), tf.constant(values["Y_true"])
    W1, b1, W2, b2, W3, b3 = (tf.Variable(values[name]) for name in lesson.parameters)

    def step() -> list[np.ndarray]:
        with tf.GradientTape(persistent=True) as tape:
            tape.watch(X)
            Z1 = X @ W1 + b1
            a1 = tf.maximum(Z1, 0.0)
            Z2 = a1 @ W2 + b2
            a2 = tf.maximum(Z2, 0.0)
            Y = a2 @ W3 + b3
            L = tf.reduce_mean((Y - Y_true) ** 2)
        slopes = [
            *tape.gradient(Z1, [W1, b1, X]),
            tape.gradient(a1, Z1),
            *tape.gradient(Z2, [W2, b2, a1]),
            tape.gradient(a2, Z2),
            *tape.gradient(Y, [W3, b3, a2]),
        ]
        gradients = tape.gradient(L, [W1, b1, W2, b2, W3, b3, X, Z1, a1, Z2, a2, Y])
        parameters = [W1, b1, W2, b2, W3, b3]
        for parameter, gradient in zip(parameters, gradients, strict=False):
            parameter.assign_sub(lesson.learning_rate * gradient)
        results = [Z1, a1, Z2, a2, Y, L, *slopes, *gradients, *parameters]
        return [result.numpy() for result in results]

    return step
