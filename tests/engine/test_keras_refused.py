"""Models that cannot be lessons, files that are none, and files that were made to do harm."""

import json
import re
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from keras import Input, Model, Sequential, layers, losses, optimizers

from bptutor.engine.keras import check_model, lesson_of
from bptutor.lesson.find import LessonError, ModelReference
from tests.engine import keras_models
from tests.examples import some


def stack(*of: Any, loss: Any = "mse", inputs: tuple[int | None, ...] = (3,)) -> Any:
    model = Sequential([Input(inputs), *of])
    model.compile(loss=loss)
    return model


def saved(model: Any, folder: Path) -> ModelReference:
    model.save(folder / "model.keras")
    return ModelReference(str(folder / "model.keras"))


def refusal(reference: ModelReference) -> str:
    """What is said about a model, before TensorFlow is asked and after."""
    with pytest.raises(LessonError) as early:
        check_model(reference)
    with pytest.raises(LessonError) as late:
        lesson_of(reference)
    assert str(early.value) == str(late.value)
    text = str(early.value)
    assert "\n" not in text
    return text.removeprefix(f"{reference.path}: ")


def dense(activation: str | None = None, units: int = 2, loss: Any = "mse") -> Any:
    return stack(layers.Dense(units, activation), loss=loss)


def inner(*of: Any) -> Any:
    return Sequential(list(of), name="inner")


def one_layer(make: Callable[[], Any], inputs: tuple[int | None, ...]) -> Any:
    return stack(make(), inputs=inputs)


def two_outputs() -> Any:
    inputs = Input((3,))
    return Model(inputs, [layers.Dense(1)(inputs), layers.Dense(2)(inputs)])


LOGITS = losses.CategoricalCrossentropy(from_logits=True)
LAYERS: list[tuple[Callable[[], Any], tuple[int | None, ...], str]] = [
    (lambda: layers.GroupNormalization(1, name="n"), (3,), "n is a GroupNormalization,"),
    (lambda: layers.Dense(2, "mish", name="d"), (3,), "d has activation = mish,"),
    (lambda: layers.ReLU(threshold=0.5, name="r"), (3,), "r has threshold = 0.5,"),
    (lambda: layers.Dense(2, kernel_regularizer="l2", name="d"), (3,), "d has kernel_regularizer"),
    (lambda: layers.Dense(2, bias_constraint="non_neg", name="d"), (3,), "d has bias_constraint"),
    (lambda: layers.Dense(2, dtype="float16", name="d"), (3,), "d has dtype = float16,"),
    (lambda: layers.Softmax(name="d"), (4, 3), "d takes inputs of shape (None, 4, 3); bptutor"),
    (lambda: layers.Conv1D(2, 2, dilation_rate=2, name="c"), (4, 3), "c has dilation_rate = [2];"),
    (lambda: layers.Conv2D(2, 7, name="c"), (8, 8, 1), "c has kernel_size = [7, 7]; bptutor"),
    (lambda: layers.MaxPooling1D(3, strides=2, name="p"), (7, 1), "p has strides = [2]; bptutor"),
    (lambda: layers.LSTM(2, name="r"), (13, 1), "r reads 13 time steps; bptutor unrolls at most"),
    (lambda: layers.Bidirectional(layers.LSTM(2), name="b"), (3, 1), "b is a Bidirectional,"),
    (lambda: layers.Embedding(3, 2, mask_zero=True, name="e"), (3,), "e has mask_zero = True;"),
    (lambda: inner(layers.Dense(2, "mish", name="d")), (3,), "inner/d has activation = mish,"),
    (lambda: layers.Flatten(data_format="channels_first", name="f"), (2, 2), "f has data_format"),
]
"""A layer that is not taken, what it is given, and what is said of it."""
REFUSED: list[tuple[Callable[[], Any], str]] = [
    *((partial(one_layer, make, given), f"the layer {says}") for make, given, says in LAYERS),
    (lambda: stack(layers.Dense(3), layers.Embedding(3, 2, name="e")), "the layer e looks up"),
    (lambda: stack(*map(layers.Dense, (2000, 2000))), "has more than 4,000,000 weights;"),
    (lambda: stack(layers.Flatten(), inputs=(None, 2)), "takes inputs of any size"),
    (lambda: Sequential([layers.Dense(2)]), "was saved without the shape of its inputs"),
    (two_outputs, "has 2 outputs;"),
    (lambda: Sequential([Input((3,)), layers.Dense(2)]), "was not compiled with a loss"),
    (lambda: dense(loss="hinge"), "has the loss hinge,"),
    (lambda: dense(loss=losses.Huber()), "has the loss Huber,"),
    (lambda: dense(loss=losses.MeanSquaredError(reduction=None)), "its loss has reduction = None,"),
    (lambda: dense(loss="binary_crossentropy"), "has the loss binary_crossentropy; end the model"),
    (lambda: dense("softmax", loss=LOGITS), "has the loss categorical_crossentropy; end the model"),
    (lambda: dense("softmax", 1, "categorical_crossentropy"), "has one output, but the loss"),
]


@pytest.mark.parametrize(("make", "says"), REFUSED)
def test_what_is_not_taken_is_named(make: Callable[[], Any], says: str, tmp_path: Path) -> None:
    assert refusal(saved(make(), tmp_path)).startswith(says)


def test_a_loss_that_is_asked_for_is_taken(tmp_path: Path) -> None:
    reference = saved(Sequential([Input((3,)), layers.Dense(2)]), tmp_path)
    for loss, text in [("mse", "mean"), ("binary_crossentropy", "softplus"), ("bce", "softplus")]:
        lesson = lesson_of(ModelReference(reference.file, loss=loss))
        assert text in repr(lesson.program.by_target["L"])
    asked = ModelReference(reference.file, loss="mean_squared_eror")
    assert refusal(asked).endswith("did you mean mean_squared_error?")


def test_the_rate_is_that_of_the_optimizer(tmp_path: Path) -> None:
    model = stack(layers.Dense(2))
    model.compile(optimizers.Adam(0.003), "mse")
    assert lesson_of(saved(model, tmp_path)).learning_rate == 0.003


# ── files ─────────────────────────────────────────────────────────────────────────────────────


def test_files_that_are_no_models(tmp_path: Path) -> None:
    path = tmp_path / "model.keras"
    reference = ModelReference(str(path))
    assert refusal(reference) == "the file does not exist; check its path"
    for content in (b"", b"PK", b"\x89HDF\r\n", b"x" * 5000):
        path.write_bytes(content)
        assert refusal(reference).startswith("is not a Keras 3 model, or is damaged")
    for config in (b"", b"[]", b"{", b"[" * 100_000, b"\xff", b'{"class_name": "Model"}'):
        with ZipFile(path, "w") as archive:
            archive.writestr("config.json", config)
        assert refusal(reference).startswith("is not a Keras 3 model, or is damaged")
    path.unlink()
    path.mkdir()
    assert refusal(reference) == "is a folder; give the .keras file in it"


def test_a_model_of_keras_2(tmp_path: Path) -> None:
    reference = saved(keras_models.residual(), tmp_path)
    rewrite(reference, lambda config: config | {"module": "keras.src.engine.functional"})
    assert refusal(reference).startswith("is not a Keras 3 model, or is damaged")


def test_a_model_whose_code_is_elsewhere(tmp_path: Path) -> None:
    reference = saved(keras_models.course(), tmp_path)
    rewrite(reference, lambda config: config | {"module": "mine", "class_name": "MyModel"})
    assert refusal(reference).startswith("holds a MyModel, whose code is not in the file")


def test_a_model_without_its_weights(tmp_path: Path) -> None:
    reference = saved(keras_models.course(), tmp_path)
    rewrite(reference, lambda config: config, weights=b"nothing")
    with pytest.raises(LessonError, match="is not a Keras 3 model, or is damaged"):
        check_model(reference)


def rewrite(
    reference: ModelReference, change: Callable[[Any], Any], weights: bytes | None = None
) -> None:
    """Save the model's file again with another configuration."""
    with ZipFile(reference.path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    parts["config.json"] = json.dumps(change(json.loads(parts["config.json"]))).encode()
    if weights is not None:
        parts["model.weights.h5"] = weights
    with ZipFile(reference.path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def with_layer(folder: Path, config: dict[str, Any] | None = None, **keys: Any) -> ModelReference:
    """A model whose first layer with weights has other keys, and others in its configuration."""

    def change(whole: Any) -> Any:
        layer = whole["config"]["layers"][1]
        layer |= keys
        layer["config"] |= config or {}
        return whole

    reference = saved(keras_models.course(), folder)
    rewrite(reference, change)
    return reference


# ── harm ──────────────────────────────────────────────────────────────────────────────────────

BOOM = {"module": "builtins", "class_name": "function", "config": "exec", "registered_name": "x"}
LAMBDA = {"class_name": "__lambda__", "config": {"value": ["4wAAAAAAAA==", None, None]}}
HARMFUL = [
    BOOM,
    LAMBDA,
    LAMBDA | {"module": "keras.initializers"},
    BOOM | {"module": "keras.initializers", "registered_name": "function"},
    {"module": "os", "class_name": "system", "config": {"command": "true"}},
    {"module": "keras.layers", "class_name": "Lambda", "config": {"function": LAMBDA}},
    {"module": "keras.layers", "class_name": "TFSMLayer", "config": {"filepath": "/tmp"}},
    {"module": "keras.src.models.model", "class_name": "model_from_json", "config": {}},
    {"module": "keras.initializers", "class_name": "os.system", "config": {}},
    {"module": None, "class_name": "Ones", "config": {}, "registered_name": "Custom>Ones"},
]


@pytest.mark.parametrize("harm", HARMFUL)
@pytest.mark.parametrize("place", ["kernel_initializer", "dtype", "quantization_config", "more"])
def test_no_class_goes_to_keras_but_those_that_are_named(
    harm: dict[str, Any], place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = with_layer(tmp_path, config={place: harm})
    monkeypatch.setattr("keras.saving.load_model", None)
    assert refusal(reference).endswith("never runs custom code")


def test_a_layer_of_other_code_is_refused(tmp_path: Path) -> None:
    reference = with_layer(tmp_path, module="mine", registered_name="Custom>Dense")
    assert "which bptutor does not support" in refusal(reference)


@pytest.mark.parametrize("name", ["a\nL = 0", "", " ", "x" * 100, "\x1b[2J", 5])
def test_a_layers_name_is_a_line_of_text(name: object, tmp_path: Path) -> None:
    said = refusal(with_layer(tmp_path, config={"name": name}))
    assert said.isprintable()
    assert "name" in said


anything = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | st.floats() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3)
    ),
    max_leaves=4,
)


@pytest.mark.parametrize(
    "make",
    [keras_models.residual, keras_models.normalised, keras_models.image, keras_models.nested],
)
@settings(
    max_examples=some(150),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_a_changed_configuration_is_taken_or_refused(
    make: Callable[[], Any], data: st.DataObject, tmp_path: Path
) -> None:
    reference = ModelReference(str(tmp_path / "model.keras"))
    if not (tmp_path / "whole.keras").exists():
        make().save(tmp_path / "whole.keras")
    reference.path.write_bytes((tmp_path / "whole.keras").read_bytes())

    def change(config: Any) -> Any:
        here = config
        while True:
            keys = sorted(here) if isinstance(here, dict) else range(len(here))
            key: Any = data.draw(st.sampled_from(list(keys)))
            inner = here[key]
            if not isinstance(inner, dict | list) or not inner or data.draw(st.integers(0, 7)) == 0:
                here[key] = data.draw(anything)
                return config
            here = inner

    rewrite(reference, change)
    with suppress(LessonError):
        check_model(reference)


# ── examples ──────────────────────────────────────────────────────────────────────────────────


def test_examples_are_drawn_the_same_every_time_and_otherwise_with_another_seed(
    tmp_path: Path,
) -> None:
    reference = saved(keras_models.sparse(), tmp_path)
    first, again = lesson_of(reference), lesson_of(reference)
    assert first is again
    other = lesson_of(reference, rows=5, seed=1)
    assert other.digest != first.digest
    assert other.shapes["X"] == (5, 6)
    assert np.isin(np.asarray(other.values["T"]), [0, 1, 2]).all()


DATA: list[tuple[dict[str, Any], str]] = [
    ({"x": np.ones((2, 3))}, "has no array y; it has x"),
    ({"x": np.ones((2, 4)), "y": np.ones((2, 1))}, "x has the shape (2, 4); the model needs"),
    ({"x": np.ones((2, 3)), "y": np.ones((3, 1))}, "its arrays have different numbers of rows"),
    ({"x": np.ones((0, 3)), "y": np.ones((0, 1))}, "x has the shape (0, 3); the model needs"),
    ({"x": np.full((2, 3), np.nan), "y": np.ones(2)}, "x contains numbers that are not finite"),
    ({"x": np.full((2, 3), "a"), "y": np.ones(2)}, "x contains something other than numbers"),
    ({"x": np.ones((2, 3)), "y": np.full(2, 1.5)}, "y must contain probabilities, from 0 to 1"),
    ({"x": np.array([object()] * 2), "y": np.ones(2)}, "is not an .npz file of numbers"),
]


@pytest.mark.parametrize(("arrays", "says"), DATA)
def test_examples_that_do_not_fit(arrays: dict[str, Any], says: str, tmp_path: Path) -> None:
    model = stack(layers.Dense(1, "sigmoid"), loss="binary_crossentropy")
    path = tmp_path / "xy.npz"
    np.savez(path, **arrays)
    reference = ModelReference(saved(model, tmp_path).file, data=str(path))
    with pytest.raises(LessonError) as caught:
        lesson_of(reference)
    assert str(caught.value).startswith(f"{path}: {says}")


def test_class_numbers_that_an_embedding_does_not_have(tmp_path: Path) -> None:
    path = tmp_path / "xy.npz"
    reference = ModelReference(saved(keras_models.embedded(), tmp_path).file, data=str(path))
    for x in (np.full((2, 4), 3), np.full((2, 4), 0.5), np.full((2, 4), -1)):
        np.savez(path, x=x, y=np.zeros(2))
        with pytest.raises(LessonError, match="x must contain class numbers from 0 to 2"):
            lesson_of(reference)


def test_a_column_of_targets_may_be_flat(tmp_path: Path) -> None:
    model = stack(layers.Dense(1, "sigmoid"), loss="binary_crossentropy")
    np.savez(tmp_path / "xy.npz", x=np.ones((40, 3)), y=np.arange(40) % 2)
    reference = ModelReference(saved(model, tmp_path).file, data=str(tmp_path / "xy.npz"))
    assert lesson_of(reference).shapes["T"] == (32, 1)
    assert lesson_of(reference, rows=4).shapes["T"] == (4, 1)


def test_files_that_hold_no_examples(tmp_path: Path) -> None:
    reference = saved(stack(layers.Dense(1)), tmp_path)
    path = tmp_path / "xy.npz"
    asked = ModelReference(reference.file, data=str(path))
    for content, says in [
        (None, "the file does not exist; check its path"),
        (b"x", "is not an .npz file of numbers; write one with numpy.savez(file, x=x, y=y)"),
        (b"PK\x05\x06" + bytes(18), "has no array x; it has "),
    ]:
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(LessonError) as caught:
            lesson_of(asked)
        assert str(caught.value) == f"{path}: {says}"


def test_a_number_beside_a_tensor_is_named(tmp_path: Path) -> None:
    inputs = Input((3,))
    model = keras_models.functional(inputs, layers.Dense(2)(inputs) * 0.5, "mse")
    assert re.match(r"multiply\w* computes with a number", refusal(saved(model, tmp_path)))
