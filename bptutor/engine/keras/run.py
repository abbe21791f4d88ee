"""A stack of Dense layers, really built, run and updated in Keras."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bptutor.engine.runtime import tensorflow
from bptutor.engine.trace import Array, Trace, array_of, require_finite_slope
from bptutor.language.evaluate import evaluate
from bptutor.lesson.steps import updated_name


@dataclass(frozen=True)
class Dense:
    """A layer as Keras takes it, with the names of the parameters that it starts from."""

    units: int
    activation: str | None
    weight: str
    bias: str | None


@dataclass(frozen=True, eq=False)
class KerasRun:
    """One iteration of a Keras model; arrays by the lesson's parameters."""

    loss: float
    gradients: dict[str, Array]
    updated: dict[str, Array]
    """The weights after `assign_sub`."""
    said: dict[str, str]
    """What TensorFlow prints for each gradient."""


def run_model(trace: Trace, inputs: str, layers: Sequence[Dense], output: str) -> KerasRun:
    """Build a model with the weights of a trace, and take it through the same iteration.

    Args:
        trace: of a lesson that is such a stack; its leaves are what the model starts from.
        inputs: the leaf that goes in, a row for each example.
        layers: from the first one to the last.
        output: what the program calls the last layer's value.

    Raises:
        EngineError: a gradient or a weight comes to no finite number.
    """
    tf = tensorflow()
    lesson, dtype = trace.lesson, trace.dtype
    model = _build(tf, trace.values[inputs].shape[1], layers, dtype)
    pairs = ((layer.weight, layer.bias) for layer in layers)
    names = [name for pair in pairs for name in pair if name]
    model.set_weights([trace.values[name] for name in names])
    loss_line = lesson.program.by_target[lesson.loss]
    with tf.GradientTape() as tape:
        known = {**trace.tensors, output: model(trace.tensors[inputs])}
        values = {name: known[name] for name in loss_line.inputs}
        loss = evaluate(loss_line.expression, values, tf, dtype)
    gradients = tape.gradient(loss, model.trainable_weights)
    for weight, gradient in zip(model.trainable_weights, gradients, strict=True):
        weight.assign_sub(lesson.learning_rate * gradient)
    found = dict(zip(names, map(array_of, gradients), strict=True))
    updated = dict(zip(names, map(array_of, model.trainable_weights), strict=True))
    for name in names:
        require_finite_slope(name, found[name])
        require_finite_slope(updated_name(name), updated[name])
    said = dict(zip(names, map(str, gradients), strict=True))
    return KerasRun(float(loss), found, updated, said)


def largest_difference(one: dict[str, Array], other: dict[str, Array]) -> float:
    """How far apart the numbers are where they are furthest apart, in the float64 of both."""
    return max(
        (
            float(np.abs(array.astype("float64") - other[name].astype("float64")).max(initial=0.0))
            for name, array in one.items()
        ),
        default=0.0,
    )


def _build(tf: Any, columns: int, layers: Sequence[Dense], dtype: str) -> Any:
    """The model, in the functional API."""
    inputs = tf.keras.Input((columns,), dtype=dtype)
    value = inputs
    for layer in layers:
        dense = tf.keras.layers.Dense(
            layer.units, activation=layer.activation, use_bias=layer.bias is not None, dtype=dtype
        )
        value = dense(value)
    return tf.keras.Model(inputs, value)
