"""A Keras model as a lesson: the lesson's numbers are the model's own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from bptutor.engine.agreement import disagreements
from bptutor.engine.keras import lesson_of
from bptutor.engine.runtime import tensorflow
from bptutor.engine.trace import run
from bptutor.lesson.find import ModelReference
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import steps
from tests.engine import keras_models

tf = tensorflow()

every_model = pytest.mark.parametrize("make", keras_models.MODELS, ids=lambda make: make.__name__)


def saved(model: Any, folder: Path) -> ModelReference:
    """The model as a file."""
    model.save(folder / "model.keras")
    return ModelReference(str(folder / "model.keras"))


def examples(model: Any, rows: int) -> dict[str, Any]:
    """Inputs and targets drawn here, in the arrays that a file of examples has."""
    random = np.random.default_rng(3)
    names = ["x"] if len(model.inputs) == 1 else [layer.name for layer in model.inputs]
    found = {
        name: random.normal(size=(rows, *tensor.shape[1:])).astype("float32")
        if tensor.dtype == "float32"
        else random.integers(3, size=(rows, *tensor.shape[1:]))
        for name, tensor in zip(names, model.inputs, strict=True)
    }
    kind, outputs = str(getattr(model.loss, "name", model.loss)), model.output_shape[-1]
    if "sparse" in kind:
        return {**found, "y": random.integers(outputs, size=rows)}
    if "categorical" in kind:
        return {**found, "y": np.eye(outputs)[random.integers(outputs, size=rows)]}
    if "binary" in kind:
        return {**found, "y": random.integers(2, size=(rows, outputs))}
    return {**found, "y": random.normal(size=(rows, outputs)).astype("float32")}


def near(found: Any, expected: Any) -> bool:
    scale = max(1e-3, float(np.abs(expected).max()))
    return np.shape(found) == np.shape(expected) and np.allclose(
        found, expected, rtol=1e-4, atol=1e-5 * scale
    )


@every_model
def test_loss_and_gradients_are_those_of_the_model_and_products_agree(
    make: Callable[[], Any], tmp_path: Path
) -> None:
    model, rows = make(), 3
    given = examples(model, rows)
    np.savez(tmp_path / "xy.npz", **given)
    reference = saved(model, tmp_path)
    lesson = lesson_of(ModelReference(reference.file, data=str(tmp_path / "xy.npz")))
    trace = run(lesson)

    inputs = [tf.constant(given[name]) for name in given if name != "y"]
    loss_of = tf.keras.losses.get(model.loss)
    if not isinstance(loss_of, tf.keras.losses.Loss):
        compiled, loss_of = loss_of, lambda y, p: tf.reduce_mean(compiled(y, p))
    with tf.GradientTape() as tape:
        outputs = model(inputs if len(inputs) > 1 else inputs[0], training=False)
        loss = loss_of(tf.constant(given["y"]), outputs)
    gradients = map(tf.convert_to_tensor, tape.gradient(loss, model.trainable_weights))
    by_number = {
        tuple(np.ravel(weight.numpy())): gradient.numpy()
        for weight, gradient in zip(model.trainable_weights, gradients, strict=True)
    }

    assert near(trace.loss, float(loss))
    assert len(lesson.parameters) == len(model.trainable_weights) == len(by_number)
    for name in lesson.parameters:
        found = trace.gradients[f"dL_d{name}"]
        expected = by_number[tuple(np.ravel(trace.values[name]))]
        # A kernel of a convolution has a row for each number of a window here.
        assert near(found, expected.reshape(found.shape)), name
    assert any(gradient.any() for gradient in by_number.values())
    assert [finding.message.to("en") for finding in disagreements(lesson)] == []


def program(lesson: Lesson) -> list[str]:
    from bptutor.language.render import write_assignment

    return [write_assignment(each, "ascii") for each in lesson.program.assignments]


def test_names_and_sections_go_by_the_layers(tmp_path: Path) -> None:
    lesson = lesson_of(saved(keras_models.course(), tmp_path))
    assert program(lesson) == [
        "Z1 = X @ W1 + b1",
        "a1 = relu(Z1)",
        "Z2 = a1 @ W2 + b2",
        "a2 = relu(Z2)",
        "Y = a2 @ W3 + b3",
        "L = mean((Y - T) ** 2)",
    ]
    assert lesson.parameters == ("W1", "b1", "W2", "b2", "W3", "b3")
    assert lesson.learning_rate == 0.01
    assert lesson.dtype == "float32"


def test_layers_over_positions_and_time_are_written_out(tmp_path: Path) -> None:
    assert program(lesson_of(saved(keras_models.embedded(), tmp_path)))[:8] == [
        "V1 = reshape(gather(E1, reshape(X, shape=(-1,))), shape=(-1, 4, 2))",
        "Z1 = reshape(reshape(V1, shape=(-1, 2)) @ W1 + b1, shape=(-1, 4, 2))",
        "a1 = tanh(Z1)",
        "padded = concat(zeros_like(a1[:, :1]), a1, axis=1)",
        "P2 = concat(padded[:, :4], padded[:, 1:5])",
        "Z2 = reshape(reshape(P2, shape=(-1, 4)) @ W2 + b2, shape=(-1, 4, 3))",
        "a2 = relu(Z2)",
        "pooled1 = mean(a2, axis=1)",
    ]
    lesson = lesson_of(saved(keras_models.lstm(), tmp_path))
    assert program(lesson)[6:13] == [
        "Z1_2 = reshape(X[:, 1:2], shape=(-1, 2)) @ W1 + h1_1 @ U1 + b1",
        "i1_2 = sigmoid(Z1_2[:, :2])",
        "g1_2 = tanh(Z1_2[:, 4:6])",
        "f1_2 = sigmoid(Z1_2[:, 2:4])",
        "c1_2 = f1_2 * c1_1 + i1_2 * g1_2",
        "o1_2 = sigmoid(Z1_2[:, 6:8])",
        "h1_2 = o1_2 * tanh(c1_2)",
    ]
    assert lesson.parameters[:3] == ("W1", "b1", "U1")


def test_the_layers_of_nested_models_stand_in_their_places(tmp_path: Path) -> None:
    lesson = lesson_of(saved(keras_models.nested(), tmp_path))
    lines = program(lesson)
    assert [line for line in lines if "W1" in line] == [
        *("Z1 = X @ W1 + b1", "Z1_2 = Z2 @ W1 + b1"),
        *("Z1_3 = S1 @ W1 + b1", "Z1_4 = Z2_3 @ W1 + b1"),
    ]
    assert lines[-2:] == ["Y = S2 @ W3 + b3", "L = mean((Y - T) ** 2)"]
    sections = {line.section for line in lesson.program.assignments}
    assert len([section for section in sections if section and section.count("/") == 3]) == 2


def test_drawn_class_numbers_are_those_of_the_embedding(tmp_path: Path) -> None:
    lesson = lesson_of(saved(keras_models.embedded(), tmp_path), rows=30)
    assert set(np.unique(np.asarray(lesson.values["X"]))) == {0, 1, 2}


def test_what_only_moves_numbers_is_shown(tmp_path: Path) -> None:
    image = lesson_of(saved(keras_models.image(), tmp_path))
    assert image.skip == (
        *("F1", "P1", "P1_2", "P2", "P2_2", "padded", "padded_2"),
        *("dL_dN1", "dL_dN1_2", "dL_dP2", "dL_da2"),
    )
    lstm = lesson_of(saved(keras_models.lstm(), tmp_path))
    asked = {step.id for step in steps(lstm) if step.asks == "all"}
    assert {"Z1_2", "c1_2", "dL_dh2_2", "dL_dc2_2", "dL_df2_2", "dL_dW2", "dL_dU2"} <= asked
    assert not {"H1", "dL_dH1", "dL_dZ1_2"} & asked
