"""What operations say of themselves, held against Keras and TensorFlow."""

from __future__ import annotations

import ast
from pathlib import Path

import numpy as np
import pytest

import bptutor
from bptutor.engine.runtime import tensorflow
from bptutor.language.ops import operations
from bptutor.language.tree import Apply, Expression, Name, Number
from tests.language import draw, truth

tf = tensorflow()

X = np.array([[-40.0, -2.0, -0.5, 0.0, 0.25, 1.0, 3.0, 40.0]])

ACTIVATIONS = [key for key, each in operations().items() if each.traits.activation]


def applied(key: str) -> Apply:
    """The operation to x, and to 0 where it takes two operands."""
    operands: list[Expression] = [Name("x"), Number(0)]
    return Apply(key, tuple(operands[: operations()[key].arity]))


def slope_of_one(key: str) -> draw.Array:
    (slope,) = truth.tape(applied(key), {"x": X}).values()
    return np.asarray(slope)


@pytest.mark.parametrize("key", [key for key, each in operations().items() if each.traits.keras])
def test_keras_computes_the_same_under_its_name(key: str) -> None:
    traits = operations()[key].traits
    x = tf.Variable(X)
    with tf.GradientTape() as tape:
        value = tf.keras.activations.get(traits.keras)(x)
    assert np.asarray(value) == pytest.approx(truth.value(applied(key), {"x": X}), rel=1e-6)
    same = np.isclose(np.asarray(tape.gradient(value, x)), slope_of_one(key), rtol=1e-6)
    assert same[X != 0].all()
    assert same.all() != traits.passes_at_tie


@pytest.mark.parametrize(
    "key", [key for key, each in operations().items() if each.traits.activation]
)
def test_an_activation_is_flat_far_from_0_on_both_sides_where_it_says_so(key: str) -> None:
    if operations()[key].elementwise:
        flat = np.abs(slope_of_one(key)[:, [0, -1]]).max() < 1e-3
        assert flat == operations()[key].traits.saturates


@pytest.mark.parametrize(
    "key", [key for key, each in operations().items() if each.traits.probabilities]
)
def test_probabilities_are_from_0_to_1_and_those_of_a_row_add_up(key: str) -> None:
    value = np.asarray(truth.value(applied(key), {"x": X}))
    assert ((value >= 0) & (value <= 1)).all()
    assert np.isclose(value.sum(), 1) == (operations()[key].traits.probabilities == "row")


def test_nothing_but_the_operations_themselves_lists_activations() -> None:
    package = Path(bptutor.__file__).parent
    named = {
        str(path.relative_to(package))
        for path in package.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and node.value in ACTIVATIONS
    }
    own = {each for each in named if each.startswith("language/ops/")}
    # σ is a character of the notation, also where it is spoken; a layer of Keras is a Softmax.
    assert named - own == {"language/notation.py", "plain/heard.py", "engine/keras/program.py"}
    assert own
