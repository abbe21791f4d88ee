"""What TensorFlow says: values, and gradients by its tape."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from bptutor.engine.runtime import tensorflow
from bptutor.language.evaluate import evaluate
from bptutor.language.tree import Expression
from tests.language.draw import Array

tf = tensorflow()


def value(expression: Expression, values: Mapping[str, Array]) -> Array:
    """The value of an expression in float64."""
    return np.asarray(evaluate(expression, constants(values), tf, "float64"))


def tape(expression: Expression, values: Mapping[str, Array]) -> dict[str, Array]:
    """The gradient of the sum of an expression by each name, each held apart from the others."""
    tensors = constants(values)
    with tf.GradientTape() as recorded:
        recorded.watch(list(tensors.values()))
        result = evaluate(expression, tensors, tf, "float64")
    found = recorded.gradient(result, tensors, unconnected_gradients="zero")
    return {name: np.asarray(gradient) for name, gradient in found.items()}


def constants(values: Mapping[str, Array]) -> dict[str, Any]:
    """Values as tensors."""
    return {name: tf.constant(array, "float64") for name, array in values.items()}


def same(one: Array, other: Array, rounding: float = 1e-9) -> bool:
    """Are two arrays equal, shapes included, but for rounding?"""
    if one.shape != other.shape:
        return False
    scale = max(1.0, float(np.max(np.abs(other), initial=0.0)))
    return bool(np.allclose(one, other, rtol=rounding, atol=rounding / 10 * scale))
