"""A `.keras` file: what is in it, read within limits and without running anything of it."""

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias
from zipfile import ZipFile

from bptutor.engine.keras.zipped import DamagedError, Zipped
from bptutor.language import limits
from bptutor.lesson.content import content_of
from bptutor.lesson.find import SUFFIX
from bptutor.text import UserError
from bptutor.text.printable import printable


class ModelError(UserError):
    """What is wrong, in words that follow the file's name."""


def refuse_setting(layer: str, setting: str, value: object, *, wanted: object = None) -> ModelError:
    """The error for a setting of a layer; `wanted` is a value to take instead."""
    if wanted is not None:
        return ModelError(
            "the layer {name} has {setting} = {value}; bptutor supports {wanted}",
            name=layer,
            setting=setting,
            value=str(value)[:60],
            wanted=str(wanted),
        )
    return ModelError(
        "the layer {name} has {setting} = {value}, which bptutor does not support",
        name=layer,
        setting=setting,
        value=str(value)[:60],
    )


Config: TypeAlias = Mapping[str, Any]

CONFIG, WEIGHTS, METADATA = "config.json", "model.weights.h5", "metadata.json"

MODELS = ("Sequential", "Functional", "Model")
LAYERS = (
    *("InputLayer", "Dense", "Activation", "ReLU", "LeakyReLU", "Softmax", "Flatten", "Dropout"),
    *("BatchNormalization", "LayerNormalization", "Rescaling", "Reshape"),
    *("Add", "Subtract", "Multiply", "Concatenate"),
    *("Embedding", "Conv1D", "Conv2D", "LSTM", "GRU", "SimpleRNN"),
    *(f"{kind}Pooling{axes}D" for kind in ("Max", "Average") for axes in (1, 2)),
    *(f"Global{kind}Pooling{axes}D" for kind in ("Max", "Average") for axes in (1, 2)),
)
"""The layers that become lines of a program."""
OPERATORS = {"keras.src.ops.numpy": ("Add", "Subtract", "Multiply")}
"""What Keras makes of `a + b` between layers, by its module."""
_MODULES = {
    "keras.src.models.functional": MODELS,
    "keras.models": MODELS,
    "keras": (*MODELS, "DTypePolicy"),
    "keras.layers": LAYERS,
    **OPERATORS,
}
_HARMLESS = ("keras.initializers", "keras.regularizers", "keras.constraints")
"""Modules all of whose classes only make or weigh numbers."""
_CLASS = re.compile(r"[A-Z][A-Za-z0-9]*", re.ASCII)  # `function` and the like are orders to Keras
_TENSOR = "__keras_tensor__"


@dataclass(frozen=True)
class Archive:
    """A model file that passed the checks."""

    path: Path
    digest: str  # SHA-256 of the file, in hexadecimal
    config: Config  # the model's class and configuration
    weights: bytes  # the HDF5 file of its weights


def read_archive(path: Path) -> Archive:
    """Reads and checks a model file.

    Raises ModelError: it cannot be read, is damaged, or holds what the tutor does not take.
    """
    content = content_of(path, limits.MOST_MODEL_BYTES, SUFFIX)
    try:
        archive = Zipped(content)
        config = json.loads(archive.read(CONFIG, limits.MOST_CONFIG_BYTES))
        weights = archive.read(WEIGHTS, limits.MOST_MODEL_BYTES)
    except (DamagedError, ValueError, RecursionError):
        raise damaged() from None
    if not isinstance(config, dict):
        raise damaged()
    _check_model(config)
    return Archive(path, hashlib.sha256(content).hexdigest(), config, weights)


def write_checked(archive: Archive, file: Path) -> None:
    """Writes a model file of the checked parts alone. Raises OSError: it cannot be written."""
    with ZipFile(file, "w") as made:
        made.writestr(CONFIG, json.dumps({**archive.config, "compile_config": None}))
        made.writestr(METADATA, "{}")
        made.writestr(WEIGHTS, archive.weights)


def damaged() -> ModelError:
    return ModelError("is not a Keras 3 model, or is damaged; save it again with model.save()")


def _check_model(config: Config) -> None:
    if config.get("class_name") not in MODELS:
        raise ModelError(
            "holds a {kind}, whose code is not in the file; bptutor supports Sequential and "
            "functional models",
            kind=_word(config.get("class_name")),
        )
    if config["class_name"] not in _MODULES.get(str(config.get("module")), ()):  # Keras 2 saved it
        raise damaged()
    models, count = [config], 0
    while models:
        inner = models.pop().get("config")
        layers = inner.get("layers") if isinstance(inner, dict) else None
        if not isinstance(layers, list) or not layers:
            raise damaged()
        count += len(layers)
        if count > limits.MOST_LAYERS:
            raise ModelError(limits.TOO_MANY_LAYERS)
        for layer in layers:
            if not isinstance(layer, dict) or not isinstance(layer.get("config"), dict):
                raise damaged()
            _check_layer(layer)
            if layer["class_name"] in MODELS:
                models.append(layer)
    for part in _classes({**config, "compile_config": None}):
        _check_class(part)


def _check_layer(layer: Config) -> None:
    kind, name = _word(layer.get("class_name")), _word(layer["config"].get("name"))
    module = str(layer.get("module"))
    nested = kind in MODELS and kind in _MODULES.get(module, ())
    own = kind in (LAYERS if module == "keras.layers" else OPERATORS.get(module, ()))
    if not nested and not own:
        raise ModelError(
            "the layer {name} is a {kind}, which bptutor does not support; it supports {kinds}",
            name=name,
            kind=kind,
            kinds=", ".join(LAYERS[1:]),
        )
    if layer["config"].get("name") != name or not name.strip():
        raise ModelError(
            "the layer {name} has a name that is too long or cannot be shown", name=name
        )


def _classes(part: Any) -> Iterator[Config]:
    """Every part of a configuration that Keras makes an object of."""
    waiting = [part]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            if "class_name" in part:
                yield part
            waiting.extend(part.values())
        elif isinstance(part, list):
            waiting.extend(part)


def _check_class(part: Config) -> None:
    kind, module = part["class_name"], part.get("module")
    if kind == _TENSOR and module is None:
        return
    own = part.get("registered_name") in (None, kind)
    named = isinstance(module, str) and (module in _HARMLESS or kind in _MODULES.get(module, ()))
    if not own or not named or not isinstance(kind, str) or not _CLASS.fullmatch(kind):
        raise ModelError(
            "contains the class {kind}, which bptutor does not support; bptutor never runs custom "
            "code",
            kind=_word(kind),
        )


def _word(raw: object) -> str:
    """A name in the file, made short and printable."""
    text = raw if isinstance(raw, str) else ascii(raw)
    return printable(text)[:60]
