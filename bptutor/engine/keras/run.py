"""A stack of Dense layers, built, run and updated in Keras."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bptutor.engine.runtime import tensorflow
from bptutor.engine.trace import Array, Trace, array_of, require_finite_slope
from bptutor.language.evaluate import evaluate
from bptutor.lesson.optimizer import updated_name


@dataclass(frozen=True)
class Dense:
    """A layer as Keras takes it, with the names of its parameters in the lesson."""

    units: int
    activation: str | None
    weight: str
    bias: str | None


@dataclass(frozen=True, eq=False)
class KerasRun:
    """One iteration of a Keras model; arrays by the lesson's parameters."""

    loss: float
    gradients: dict[str, Array]
    updated: dict[str, Array]  # the weights after `assign_sub`
    said: dict[str, str]  # what TensorFlow prints for each gradient


def run_model(trace: Trace, inputs: str, layers: Sequence[Dense], output: str) -> KerasRun:
    """Builds a model with the weights of a trace, and runs the same iteration.

    `inputs` is the leaf with a row for each example, `output` the name of the last layer's value.
    Raises EngineError: a gradient or a weight comes to no finite number.
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


def largest_difference(pairs: Iterable[tuple[Array, Array]]) -> float:
    """The largest absolute difference in these pairs, in float64."""
    return max(
        (
            float(np.abs(one.astype("float64") - other.astype("float64")).max(initial=0.0))
            for one, other in pairs
        ),
        default=0.0,
    )


def _build(tf: Any, columns: int, layers: Sequence[Dense], dtype: str) -> Any:
    inputs = tf.keras.Input((columns,), dtype=dtype)
    value = inputs
    for layer in layers:
        dense = tf.keras.layers.Dense(
            layer.units, activation=layer.activation, use_bias=layer.bias is not None, dtype=dtype
        )
        value = dense(value)
    return tf.keras.Model(inputs, value)
