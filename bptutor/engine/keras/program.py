"""A model's program: its layers in the order of the graph, each as it computes at inference."""

from functools import reduce
from math import prod

from bptutor.engine.keras.archive import ModelError, damaged, refuse_setting
from bptutor.engine.keras.graph import Call, Graph, Tensor
from bptutor.engine.keras.losses import Value, Written
from bptutor.engine.keras.recurrent import recurrent
from bptutor.engine.keras.spatial import convolution, embedding, global_pooling, pooling
from bptutor.engine.keras.writing import NUMBERED, Writer, activated, applied, count, finite, weight
from bptutor.language import limits
from bptutor.language.errors import TooMuchError
from bptutor.language.tree import Shape

AXES = {
    **dict.fromkeys(("Conv2D", "MaxPooling2D", "AveragePooling2D"), 3),
    **dict.fromkeys(("GlobalAveragePooling2D", "GlobalMaxPooling2D"), 3),
    **dict.fromkeys(("Conv1D", "MaxPooling1D", "AveragePooling1D"), 2),
    **dict.fromkeys(("GlobalAveragePooling1D", "GlobalMaxPooling1D"), 2),
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN"), 2),
    **dict.fromkeys(
        ("Dense", "Flatten", "Reshape", "Dropout", "Activation", "ReLU", "LeakyReLU"), 0
    ),
    **dict.fromkeys(("Rescaling", "BatchNormalization", "LayerNormalization"), 0),
    **dict.fromkeys(("Add", "Subtract", "Multiply"), 0),
}
"""How many axes the inputs of a layer have beside the batch; 0: any; of the others 1."""


def write_layers(graph: Graph) -> tuple[Written, Value]:
    """The program of a model up to its output, and the output.

    Raises ModelError: the notation has no words for it. TooMuchError: one example makes too many
    numbers.
    """
    written = Written()
    values: dict[Tensor, Value] = {}
    elements = 0
    for place, (tensor, shape) in enumerate(graph.inputs.items(), 1):
        elements += prod(shape)
        name = written.name("X" if len(graph.inputs) == 1 else f"X{place}")
        if _only_flattened(graph, tensor):
            shape = (prod(shape),)
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
        if len(written.lines) > limits.MOST_ASSIGNMENTS:
            raise ModelError(limits.TOO_MANY_ASSIGNMENTS)
        if len(written.lines) > before:
            written.lines.insert(before, f"# {call.name}")
    return written, values[graph.output]


def _only_flattened(graph: Graph, tensor: Tensor) -> bool:
    """Can an input be made into rows beforehand, as nothing reads it in its own shape?"""
    same = {tensor}
    for call in graph.calls:
        if not same.isdisjoint(call.inputs):
            if call.kind == "Dropout":
                same.add(call.output)
            elif call.kind != "Flatten":
                return False
    return graph.output not in same


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
    axes = AXES.get(call.kind, 1)
    for value in inputs:
        if axes == 1 != len(value.shape):
            raise ModelError(
                "the layer {name} takes inputs of shape {shape}; bptutor supports rows of "
                "numbers, so add a Flatten before it",
                name=call.name,
                shape=str((None, *value.shape)),
            )
        if axes not in (0, len(value.shape)):
            raise damaged()
    if len({value.shape for value in inputs}) > 1 and max(len(v.shape) for v in inputs) > 1:
        raise ModelError(
            "the layer {name} takes inputs of different shapes; bptutor supports that for rows of"
            " numbers",
            name=call.name,
        )


def _dense(written: Written, call: Call, inputs: list[Value]) -> Value:
    number, units = written.number(call.name, NUMBERED), count(call, "units")
    (read,) = inputs
    *places, columns = read.shape
    kernel = weight(written, call, "kernel", f"W{number}", (columns, units))
    formula = f"{read.name} @ {kernel}"
    if places:  # a row for each place of each example
        formula = f"reshape({read.name}, {(-1, columns)}) @ {kernel}"
    if call.config["use_bias"]:
        formula += f" + {weight(written, call, 'bias', f'b{number}')}"
    if places:
        formula = f"reshape({formula}, {(-1, *places, units)})"
    shape = (*places, units)
    z = Value(written.line(written.name(f"Z{number}"), formula), shape, number)
    return activated(written, call.name, call.config["activation"], z)


def _batch_normalization(written: Written, call: Call, inputs: list[Value]) -> Value:
    (read,) = inputs
    epsilon = finite(call, "epsilon")
    _require_last_axis(call, read)
    if call.config.get("renorm"):
        raise refuse_setting(call.name, "renorm", call.config["renorm"])
    number = written.number(call.name, call.kind)
    mean = weight(written, call, "moving_mean", f"mean{number}")
    variance = weight(written, call, "moving_variance", f"var{number}")
    return _normalised(written, call, read, number, (mean, variance, epsilon))


def _normalised(
    written: Written, call: Call, read: Value, number: int, moments: tuple[str, str, float]
) -> Value:
    """A value less its mean, by its standard deviation, scaled and shifted as the layer does."""
    mean, variance, epsilon = moments
    formula = f"({read.name} - {mean}) / sqrt({variance} + {epsilon!r})"
    if call.config["scale"]:
        formula = f"{weight(written, call, 'gamma', f'gamma{number}')} * {formula}"
    if call.config["center"]:
        formula += f" + {weight(written, call, 'beta', f'beta{number}')}"
    target = written.line(written.name(f"N{number}"), formula)
    return Value(target, read.shape, read.number)


def _layer_normalization(written: Written, call: Call, inputs: list[Value]) -> Value:
    (read,) = inputs
    epsilon = finite(call, "epsilon")
    _require_last_axis(call, read)
    if call.config.get("rms_scaling"):
        raise refuse_setting(call.name, "rms_scaling", call.config["rms_scaling"])
    number = written.number(call.name, call.kind)
    mean, variance = (
        written.line(
            written.name(f"{moment}{number}"),
            f"{moment}({read.name}, axis={len(read.shape)}, keepdims=True)",
        )
        for moment in ("mean", "var")
    )
    return _normalised(written, call, read, number, (mean, variance, epsilon))


def _require_last_axis(call: Call, read: Value) -> None:
    axis, last = call.config["axis"], len(read.shape)
    if axis not in (-1, last, [-1], [last]):
        raise refuse_setting(call.name, "axis", axis, wanted=-1)


def _rescaling(written: Written, call: Call, inputs: list[Value]) -> Value:
    (read,) = inputs
    scale, offset = (finite(call, setting) for setting in ("scale", "offset"))
    formula = f"{read.name} * {scale!r}" + (f" + {offset!r}" if offset else "")
    target = written.line(written.name(f"R{written.count('R')}"), formula)
    return Value(target, read.shape, read.number)


def _activation(written: Written, call: Call, inputs: list[Value]) -> Value:
    return activated(written, call.name, call.config["activation"], inputs[0])


def _relu(written: Written, call: Call, inputs: list[Value]) -> Value:
    slope, most = finite(call, "negative_slope"), call.config["max_value"]
    if call.config["threshold"]:
        raise refuse_setting(call.name, "threshold", call.config["threshold"])
    formula = f"leaky_relu({{z}}, {slope!r})" if slope else "relu({z})"
    if most is not None:
        formula = f"minimum({formula}, {finite(call, 'max_value')!r})"
    return applied(written, formula, inputs[0], call.kind)


def _leaky_relu(written: Written, call: Call, inputs: list[Value]) -> Value:
    slope = finite(call, "negative_slope")
    return applied(written, f"leaky_relu({{z}}, {slope!r})", inputs[0], call.kind)


def _softmax(written: Written, call: Call, inputs: list[Value]) -> Value:
    if call.config["axis"] not in (-1, 1):
        raise refuse_setting(call.name, "axis", call.config["axis"])
    return activated(written, call.name, "softmax", inputs[0])


def _dropout(written: Written, call: Call, inputs: list[Value]) -> Value:
    """Nothing is dropped at inference."""
    return inputs[0]


def _flatten(written: Written, call: Call, inputs: list[Value]) -> Value:
    (read,) = inputs
    if call.config.get("data_format") == "channels_first":
        raise refuse_setting(call.name, "data_format", "channels_first")
    if len(read.shape) == 1:
        return read
    return _reshaped(written, read, (prod(read.shape),))


def _reshape(written: Written, call: Call, inputs: list[Value]) -> Value:
    (read,) = inputs
    shape = tuple(int(size) for size in call.config["target_shape"])
    if -1 in shape:
        known = -prod(shape)
        shape = tuple(prod(read.shape) // known if size == -1 else size for size in shape)
    if prod(shape) != prod(read.shape) or min(shape, default=1) < 1:
        raise damaged()
    return _reshaped(written, read, shape)


def _reshaped(written: Written, read: Value, shape: Shape) -> Value:
    formula = f"reshape({read.name}, {(-1, *shape)})"
    target = written.move(read.name, f"F{written.count('F')}", formula)
    return Value(target, shape, read.number)


def _arithmetic(sign: str, letter: str) -> Writer:
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
    "Reshape": _reshape,
    "Embedding": embedding,
    **dict.fromkeys(("Conv1D", "Conv2D"), convolution),
    **dict.fromkeys(("MaxPooling1D", "MaxPooling2D"), pooling("reduce_max")),
    **dict.fromkeys(("AveragePooling1D", "AveragePooling2D"), pooling("mean")),
    **dict.fromkeys(("GlobalMaxPooling1D", "GlobalMaxPooling2D"), global_pooling("reduce_max")),
    **dict.fromkeys(("GlobalAveragePooling1D", "GlobalAveragePooling2D"), global_pooling("mean")),
    **dict.fromkeys(("LSTM", "GRU", "SimpleRNN"), recurrent),
}
