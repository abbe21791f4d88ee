"""A model's program: its layers in the order of the graph, each as it computes at inference."""

from collections.abc import Callable, Mapping
from functools import reduce
from math import isfinite, prod
from typing import TypeAlias

from bptutor.engine.keras.archive import ModelError, damaged, refuse_setting
from bptutor.engine.keras.graph import Call, Graph, Tensor
from bptutor.engine.keras.losses import Leaf, Value, Weight, Written
from bptutor.language import limits
from bptutor.language.errors import TooMuchError
from bptutor.language.ops import operations
from bptutor.text import Message

ACTIVATIONS: Mapping[str, str] = {
    **{
        each.traits.keras: f"{each.key}({{z}})"
        for each in operations().values()
        if each.traits.keras and each.arity == 1
    },
    "relu6": "minimum(relu({z}), 6)",
}
"""Activations in the notation; Keras' `linear` is the layer's own value."""


def write_layers(graph: Graph) -> tuple[Written, Value]:
    """The program of a model up to its output, and the output.

    Raises:
        ModelError: a layer or a setting for which the notation has no words.
        TooMuchError: it makes too many numbers of one example.
    """
    written = Written()
    values: dict[Tensor, Value] = {}
    elements = 0
    for place, (tensor, shape) in enumerate(graph.inputs.items(), 1):
        elements += prod(shape)
        name = written.name("X" if len(graph.inputs) == 1 else f"X{place}")
        values[tensor] = Value(name, shape)
        written.inputs[tensor[0]] = values[tensor]
    for call in graph.calls:
        inputs = [values[tensor] for tensor in call.inputs]
        _check_call(call, inputs)
        before = len(written.lines)
        values[call.output] = _WRITERS[call.kind](written, call, inputs)
        elements += prod(values[call.output].shape)
        if elements > limits.MOST_PROGRAM_ELEMENTS:  # of one example already
            raise TooMuchError(limits.PROGRAM_TOO_LARGE)
        if len(written.lines) > before:
            written.lines.insert(before, f"# {call.name}")
    return written, values[graph.output]


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
                "the layer {name} takes inputs of shape {shape}; bptutor supports rows of "
                "numbers, so add a Flatten before it",
                name=call.name,
                shape=str((None, *value.shape)),
            )
            raise ModelError(problem)


def _dense(written: Written, call: Call, inputs: list[Value]) -> Value:
    number, units = written.number(call.name, call.kind), int(call.config["units"])
    if units < 1:
        raise damaged()
    (read,) = inputs
    written.size += read.shape[0] * units
    if written.size > limits.MOST_WEIGHTS:
        raise ModelError(limits.TOO_MANY_WEIGHTS)
    formula = f"{read.name} @ {_weight(written, call, 'kernel', f'W{number}')}"
    if call.config["use_bias"]:
        formula += f" + {_weight(written, call, 'bias', f'b{number}')}"
    z = Value(written.line(written.name(f"Z{number}"), formula), (units,), number)
    return _activated(written, call.name, call.config["activation"], z)


def _number(call: Call, setting: str) -> float:
    """A setting that becomes a number of the program. Raises ModelError: it is not finite."""
    number = float(call.config[setting])
    if not isfinite(number):
        raise damaged()
    return number


def _batch_normalization(written: Written, call: Call, inputs: list[Value]) -> Value:
    (read,) = inputs
    axis, epsilon = call.config["axis"], _number(call, "epsilon")
    if axis not in (-1, 1, [-1], [1]):
        raise refuse_setting(call.name, "axis", axis)
    if call.config.get("renorm"):
        raise refuse_setting(call.name, "renorm", call.config["renorm"])
    number = written.number(call.name, call.kind)
    mean = _weight(written, call, "moving_mean", f"mean{number}")
    variance = _weight(written, call, "moving_variance", f"var{number}")
    return _normalised(written, call, read, number, (mean, variance, epsilon))


def _normalised(
    written: Written, call: Call, read: Value, number: int, moments: tuple[str, str, float]
) -> Value:
    """A value less its mean, by its standard deviation, scaled and shifted as the layer does."""
    mean, variance, epsilon = moments
    formula = f"({read.name} - {mean}) / sqrt({variance} + {epsilon!r})"
    if call.config["scale"]:
        formula = f"{_weight(written, call, 'gamma', f'gamma{number}')} * {formula}"
    if call.config["center"]:
        formula += f" + {_weight(written, call, 'beta', f'beta{number}')}"
    target = written.line(written.name(f"N{number}"), formula)
    return Value(target, read.shape, read.number)


def _layer_normalization(written: Written, call: Call, inputs: list[Value]) -> Value:
    (read,) = inputs
    axis, epsilon = call.config["axis"], _number(call, "epsilon")
    if axis not in (-1, 1, [-1], [1]):
        raise refuse_setting(call.name, "axis", axis)
    if call.config.get("rms_scaling"):
        raise refuse_setting(call.name, "rms_scaling", call.config["rms_scaling"])
    number = written.number(call.name, call.kind)
    mean = written.line(written.name(f"mean{number}"), f"mean({read.name}, axis=1, keepdims=True)")
    variance = written.line(
        written.name(f"var{number}"), f"var({read.name}, axis=1, keepdims=True)"
    )
    return _normalised(written, call, read, number, (mean, variance, epsilon))


def _rescaling(written: Written, call: Call, inputs: list[Value]) -> Value:
    (read,) = inputs
    scale, offset = (_number(call, setting) for setting in ("scale", "offset"))
    formula = f"{read.name} * {scale!r}" + (f" + {offset!r}" if offset else "")
    target = written.line(written.name(f"R{written.count('R')}"), formula)
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


def _activation(written: Written, call: Call, inputs: list[Value]) -> Value:
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


def _relu(written: Written, call: Call, inputs: list[Value]) -> Value:
    slope, most = _number(call, "negative_slope"), call.config["max_value"]
    if call.config["threshold"]:
        raise refuse_setting(call.name, "threshold", call.config["threshold"])
    formula = f"leaky_relu({{z}}, {slope!r})" if slope else "relu({z})"
    if most is not None:
        formula = f"minimum({formula}, {_number(call, 'max_value')!r})"
    return _applied(written, formula, inputs[0], call.kind)


def _leaky_relu(written: Written, call: Call, inputs: list[Value]) -> Value:
    slope = _number(call, "negative_slope")
    return _applied(written, f"leaky_relu({{z}}, {slope!r})", inputs[0], call.kind)


def _softmax(written: Written, call: Call, inputs: list[Value]) -> Value:
    if call.config["axis"] not in (-1, 1):
        raise refuse_setting(call.name, "axis", call.config["axis"])
    return _activated(written, call.name, "softmax", inputs[0])


def _dropout(written: Written, call: Call, inputs: list[Value]) -> Value:
    """Nothing is dropped at inference."""
    return inputs[0]


def _flatten(written: Written, call: Call, inputs: list[Value]) -> Value:
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


def _arithmetic(sign: str, letter: str) -> "Writer":
    """A layer that adds, subtracts or multiplies its inputs element by element."""

    def write(written: Written, call: Call, inputs: list[Value]) -> Value:
        formula = f" {sign} ".join(each.name for each in inputs)
        return _joined(written, formula, letter, inputs, max(each.shape for each in inputs))

    return write


def _concatenate(written: Written, call: Call, inputs: list[Value]) -> Value:
    if call.config["axis"] not in (-1, 1):
        raise refuse_setting(call.name, "axis", call.config["axis"])
    names = [each.name for each in inputs]
    formula = reduce(lambda left, right: f"concat({left}, {right})", names)
    width = sum(each.shape[0] for each in inputs)
    return _joined(written, formula, "C", inputs, (width,))


def _joined(
    written: Written, formula: str, letter: str, inputs: list[Value], shape: tuple[int, ...]
) -> Value:
    target = written.line(written.name(f"{letter}{written.count(letter)}"), formula)
    return Value(target, shape, max(each.number for each in inputs))


Writer: TypeAlias = Callable[[Written, Call, list[Value]], Value]

_WRITERS: dict[str, Writer] = {
    "Dense": _dense,
    "Activation": _activation,
    "ReLU": _relu,
    "LeakyReLU": _leaky_relu,
    "Softmax": _softmax,
    "Flatten": _flatten,
    "Dropout": _dropout,
    "BatchNormalization": _batch_normalization,
    "LayerNormalization": _layer_normalization,
    "Rescaling": _rescaling,
    "Add": _arithmetic("+", "S"),
    "Subtract": _arithmetic("-", "D"),
    "Multiply": _arithmetic("*", "M"),
    "Concatenate": _concatenate,
}
