"""Layers as lines of a program: what each computes at inference, in the tutor's notation."""

from collections.abc import Callable, Mapping
from functools import reduce
from math import prod
from typing import TypeAlias

from bptutor.engine.keras.archive import ModelError, refuse_setting
from bptutor.engine.keras.graph import Call, Graph, Tensor
from bptutor.engine.keras.losses import Leaf, Value, Weight, Written
from bptutor.language.ops import operations
from bptutor.text import Message

ACTIVATIONS: Mapping[str, str] = {
    **{
        each.traits.keras: f"{each.key}({{z}})"
        for each in operations().values()
        if each.traits.keras and each.arity == 1
    },
    "silu": "{z} * sigmoid({z})",
    "relu6": "minimum(relu({z}), 6)",
}
"""Activations in the notation; Keras' `linear` is the layer's own value."""

MOST_WEIGHTS = 4_000_000
"""The largest model; one of half that size takes the engine a gigabyte."""


def write_layers(graph: Graph) -> tuple[Written, Value]:
    """The program of a model up to its output, and the output.

    Raises:
        ModelError: a layer or a setting for which the notation has no words.
    """
    written = Written()
    values: dict[Tensor, Value] = {}
    for place, (tensor, shape) in enumerate(graph.inputs.items(), 1):
        name = written.name("X" if len(graph.inputs) == 1 else f"X{place}")
        values[tensor] = Value(name, shape)
        written.inputs[tensor[0]] = values[tensor]
    numbers = _Numbers()
    for call in graph.calls:
        inputs = [values[tensor] for tensor in call.inputs]
        _check_call(call, inputs)
        before = len(written.lines)
        values[call.output] = _WRITERS[call.kind](written, call, inputs, numbers)
        if len(written.lines) > before:
            written.lines.insert(before, f"# {call.name}")
    return written, values[graph.output]


class _Numbers:
    """Counts each kind of layer, and numbers the layers with weights."""

    def __init__(self) -> None:
        self._of: dict[str, int] = {}
        self._kinds: dict[str, int] = {}

    def of(self, call: Call) -> int:
        """A layer's number: the same one wherever it is applied."""
        if call.name not in self._of:
            self._of[call.name] = self.next(call.kind)
        return self._of[call.name]

    def next(self, kind: str) -> int:
        self._kinds[kind] = self._kinds.get(kind, 0) + 1
        return self._kinds[kind]


def _check_call(call: Call, inputs: list[Value]) -> None:
    """Refuses what no layer may have: another dtype, a regularizer, inputs that are no rows."""
    dtype = call.config.get("dtype")
    if isinstance(dtype, dict):
        dtype = dtype.get("config", {}).get("name")
    if dtype not in (None, "float32"):
        raise refuse_setting(call.name, "dtype", dtype)
    for setting, value in call.config.items():
        if setting.endswith(("_regularizer", "_constraint", "_config", "_rank")) and value:
            shown = value.get("class_name") if isinstance(value, dict) else value
            raise refuse_setting(call.name, setting, shown)
    if call.kind in ("Flatten", "Dropout"):
        return
    for value in inputs:
        if len(value.shape) != 1:
            problem = Message(
                "the layer {name} takes inputs of shape {shape}; the tutor takes rows of "
                "numbers, so let a Flatten come first",
                name=call.name,
                shape=str((None, *value.shape)),
            )
            raise ModelError(problem)


def _dense(written: Written, call: Call, inputs: list[Value], numbers: _Numbers) -> Value:
    number, units = numbers.of(call), int(call.config["units"])
    (read,) = inputs
    written.size += read.shape[0] * units
    if written.size > MOST_WEIGHTS:
        problem = Message(
            "has more than {most} weights; the tutor takes smaller models", most=f"{MOST_WEIGHTS:,}"
        )
        raise ModelError(problem)
    formula = f"{read.name} @ {_weight(written, call, 'kernel', f'W{number}')}"
    if call.config["use_bias"]:
        formula += f" + {_weight(written, call, 'bias', f'b{number}')}"
    z = Value(written.line(written.name(f"Z{number}"), formula), (units,), number)
    return _activated(written, call.name, call.config["activation"], z)


def _batch_normalization(
    written: Written, call: Call, inputs: list[Value], numbers: _Numbers
) -> Value:
    (read,) = inputs
    axis, epsilon = call.config["axis"], float(call.config["epsilon"])
    if axis not in (-1, 1, [-1], [1]):
        raise refuse_setting(call.name, "axis", axis)
    if call.config.get("renorm"):
        raise refuse_setting(call.name, "renorm", call.config["renorm"])
    number = numbers.of(call)
    mean = _weight(written, call, "moving_mean", f"mean{number}")
    variance = _weight(written, call, "moving_variance", f"var{number}")
    formula = f"({read.name} - {mean}) / sqrt({variance} + {epsilon!r})"
    if call.config["scale"]:
        formula = f"{_weight(written, call, 'gamma', f'gamma{number}')} * {formula}"
    if call.config["center"]:
        formula += f" + {_weight(written, call, 'beta', f'beta{number}')}"
    target = written.line(written.name(f"N{number}"), formula)
    return Value(target, read.shape, read.number)


def _weight(written: Written, call: Call, weight: Weight, wanted: str) -> str:
    """The leaf of a layer's weight: the same one wherever the layer is applied."""
    leaf = Leaf(call.name, weight)
    for name, known in written.weights.items():
        if known == leaf:
            return name
    name = written.name(wanted)
    written.weights[name] = leaf
    return name


def _activation(written: Written, call: Call, inputs: list[Value], numbers: _Numbers) -> Value:
    return _activated(written, call.name, call.config["activation"], inputs[0])


def _activated(written: Written, layer: str, activation: object, z: Value) -> Value:
    name = "linear" if activation is None else activation
    if name == "linear":
        return z
    if not isinstance(name, str) or name not in ACTIVATIONS:
        shown = name.get("class_name") if isinstance(name, dict) else name
        raise refuse_setting(layer, "activation", shown)
    return _applied(written, ACTIVATIONS[name], z, name)


def _applied(written: Written, formula: str, z: Value, made_by: str) -> Value:
    target = written.line(written.name(f"a{z.number or ''}"), formula.format(z=z.name))
    return Value(target, z.shape, z.number, made_by, z.name)


def _relu(written: Written, call: Call, inputs: list[Value], numbers: _Numbers) -> Value:
    slope, most = float(call.config["negative_slope"]), call.config["max_value"]
    if call.config["threshold"]:
        raise refuse_setting(call.name, "threshold", call.config["threshold"])
    formula = f"leaky_relu({{z}}, {slope!r})" if slope else "relu({z})"
    if most is not None:
        formula = f"minimum({formula}, {float(most)!r})"
    return _applied(written, formula, inputs[0], call.kind)


def _leaky_relu(written: Written, call: Call, inputs: list[Value], numbers: _Numbers) -> Value:
    slope = float(call.config["negative_slope"])
    return _applied(written, f"leaky_relu({{z}}, {slope!r})", inputs[0], call.kind)


def _softmax(written: Written, call: Call, inputs: list[Value], numbers: _Numbers) -> Value:
    if call.config["axis"] not in (-1, 1):
        raise refuse_setting(call.name, "axis", call.config["axis"])
    return _activated(written, call.name, "softmax", inputs[0])


def _dropout(written: Written, call: Call, inputs: list[Value], numbers: _Numbers) -> Value:
    """Nothing is dropped at inference."""
    return inputs[0]


def _flatten(written: Written, call: Call, inputs: list[Value], numbers: _Numbers) -> Value:
    """Rows stay as they are; the model's inputs are made into rows beforehand."""
    (read,) = inputs
    if len(read.shape) == 1:
        return read
    if call.config.get("data_format") == "channels_first":
        raise refuse_setting(call.name, "data_format", "channels_first")
    flat = Value(read.name, (prod(read.shape),))
    for name, value in written.inputs.items():
        if value.name == read.name:
            written.inputs[name] = flat
    return flat


def _add(written: Written, call: Call, inputs: list[Value], numbers: _Numbers) -> Value:
    formula = " + ".join(each.name for each in inputs)
    return _joined(written, formula, "S", inputs, max(each.shape for each in inputs), numbers)


def _concatenate(written: Written, call: Call, inputs: list[Value], numbers: _Numbers) -> Value:
    if call.config["axis"] not in (-1, 1):
        raise refuse_setting(call.name, "axis", call.config["axis"])
    names = [each.name for each in inputs]
    formula = reduce(lambda left, right: f"concat({left}, {right})", names)
    width = sum(each.shape[0] for each in inputs)
    return _joined(written, formula, "C", inputs, (width,), numbers)


def _joined(
    written: Written,
    formula: str,
    letter: str,
    inputs: list[Value],
    shape: tuple[int, ...],
    numbers: _Numbers,
) -> Value:
    target = written.line(written.name(f"{letter}{numbers.next(letter)}"), formula)
    return Value(target, shape, max(each.number for each in inputs))


Writer: TypeAlias = Callable[[Written, Call, list[Value], _Numbers], Value]

_WRITERS: dict[str, Writer] = {
    "Dense": _dense,
    "Activation": _activation,
    "ReLU": _relu,
    "LeakyReLU": _leaky_relu,
    "Softmax": _softmax,
    "Flatten": _flatten,
    "Dropout": _dropout,
    "BatchNormalization": _batch_normalization,
    "Add": _add,
    "Concatenate": _concatenate,
}
