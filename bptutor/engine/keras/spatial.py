"""Layers over positions: embeddings, convolutions, pooling."""

from bptutor.engine.keras.archive import ModelError, refuse_setting
from bptutor.engine.keras.graph import Call
from bptutor.engine.keras.losses import Value, Written
from bptutor.engine.keras.writing import NUMBERED, Writer, activated, count, weight
from bptutor.language.limits import MOST_READS
from bptutor.language.tree import Shape


def embedding(written: Written, call: Call, inputs: list[Value]) -> Value:
    (read,) = inputs
    layer = next((layer for layer, each in written.inputs.items() if each.name == read.name), None)
    if layer is None:
        raise ModelError(
            "the layer {name} looks up computed numbers; let it read an input of the model",
            name=call.name,
        )
    if call.config.get("mask_zero"):
        raise refuse_setting(call.name, "mask_zero", True, wanted=False)
    rows, columns = count(call, "input_dim"), count(call, "output_dim")
    written.classes[layer] = min(rows, written.classes.get(layer, rows))
    number = written.number(call.name, call.kind)
    table = weight(written, call, "embeddings", f"E{number}", (rows, columns))
    shape = (*read.shape, columns)
    formula = f"reshape(gather({table}, reshape({read.name}, -1)), {(-1, *shape)})"
    return Value(written.line(written.name(f"V{number}"), formula), shape)


def convolution(written: Written, call: Call, inputs: list[Value]) -> Value:
    """A product of all windows with the kernel: a row for each window, with all its channels."""
    (value,) = inputs
    sizes, filters = _sizes(call, "kernel_size"), count(call, "filters")
    strides = _sizes(call, "strides")
    for setting in ("dilation_rate", "groups"):
        if set(_sizes(call, setting)) != {1}:
            raise refuse_setting(call.name, setting, call.config[setting], wanted=1)
    _require_channels_last(call)
    if max(sizes) > MOST_READS:
        shown = f"1 … {MOST_READS}"
        raise refuse_setting(call.name, "kernel_size", call.config["kernel_size"], wanted=shown)
    number = written.number(call.name, NUMBERED)
    for axis, (size, stride) in enumerate(zip(sizes, strides, strict=True), 1):
        value = _padded(written, call, value, axis, size, stride)
    for axis in range(len(sizes), 0, -1):
        value = _windows(written, value, axis, sizes[axis - 1], f"P{number}")
        value = _every(written, value, axis, strides[axis - 1], f"P{number}")
    *places, length = value.shape
    kernel = weight(written, call, "kernel", f"W{number}", (length, filters))
    formula = f"reshape({value.name}, {(-1, length)}) @ {kernel}"
    if call.config["use_bias"]:
        formula += f" + {weight(written, call, 'bias', f'b{number}')}"
    shape = (*places, filters)
    target = written.line(written.name(f"Z{number}"), f"reshape({formula}, {(-1, *shape)})")
    return activated(written, call.name, call.config["activation"], Value(target, shape, number))


def _padded(written: Written, call: Call, read: Value, axis: int, size: int, stride: int) -> Value:
    """The value with zeros before and behind it: for "same" as many as its last window needs."""
    padding = call.config["padding"]
    if padding not in ("valid", "same", "causal"):
        raise refuse_setting(call.name, "padding", padding)
    length = read.shape[axis - 1]
    missing = max((length - 1) // stride * stride + size - length, 0) if padding == "same" else 0
    before = size - 1 if padding == "causal" else missing // 2
    behind = missing - missing // 2
    if max(before, behind) > read.shape[axis - 1]:
        raise refuse_setting(call.name, "padding", padding, wanted="valid")
    parts = [f"zeros_like({_part(read, axis, 0, before)})"] if before else []
    parts.append(read.name)
    parts += [f"zeros_like({_part(read, axis, 0, behind)})"] if behind else []
    if len(parts) == 1:
        return read
    target = written.move(read.name, "padded", f"concat({', '.join(parts)}, axis={axis})")
    return Value(target, _with(read.shape, axis, read.shape[axis - 1] + before + behind))


def _windows(written: Written, read: Value, axis: int, size: int, wanted: str) -> Value:
    """The windows along an axis: beside each place the channels of those that follow it."""
    if size == 1:
        return read
    places = read.shape[axis - 1] - size + 1
    parts = ", ".join(_part(read, axis, start, start + places) for start in range(size))
    *outer, channels = _with(read.shape, axis, places)
    shape = (*outer, size * channels)
    return Value(written.move(read.name, wanted, f"concat({parts})"), shape)


def _every(written: Written, read: Value, axis: int, stride: int, wanted: str) -> Value:
    """Of each `stride` places along an axis the first."""
    if stride == 1:
        return read
    length = read.shape[axis - 1]
    places = 1 + (length - 1) // stride
    shape, missing = _with(read.shape, axis, places), places * stride - length
    if places == 1:
        return Value(written.move(read.name, wanted, _part(read, axis, 0, 1)), shape)
    whole = read.name
    if missing:
        whole = f"concat({whole}, zeros_like({_part(read, axis, 0, missing)}), axis={axis})"
    apart = (-1, *read.shape[: axis - 1], places, stride, *read.shape[axis:])
    first = f"[{', '.join([*':' * (axis + 1), '0:1'])}]"
    formula = f"reshape(reshape({whole}, {apart}){first}, {(-1, *shape)})"
    return Value(written.move(read.name, wanted, formula), shape)


def pooling(reduction: str) -> Writer:
    """Pooling of windows that lie side by side."""

    def write(written: Written, call: Call, inputs: list[Value]) -> Value:
        (read,) = inputs
        sizes = _sizes(call, "pool_size")
        if call.config["strides"] is not None and _sizes(call, "strides") != sizes:
            raise refuse_setting(
                call.name, "strides", call.config["strides"], wanted=", ".join(map(str, sizes))
            )
        _require_channels_last(call)
        value = read
        for axis, size in enumerate(sizes, 1):
            length = read.shape[axis - 1]
            if length % size and call.config["padding"] != "valid":
                raise refuse_setting(call.name, "padding", call.config["padding"], wanted="valid")
            whole = length - length % size
            if whole != length:
                value = Value(_part(value, axis, 0, whole), _with(value.shape, axis, whole))
        *places, channels = value.shape
        outputs = [place // size for place, size in zip(places, sizes, strict=True)]
        windows = [each for pair in zip(outputs, sizes, strict=True) for each in pair]
        axes = tuple(range(2, 2 * len(sizes) + 1, 2))
        written.scattered.add(read.name)
        formula = f"reshape({value.name}, {(-1, *windows, channels)})"
        shape = (*outputs, channels)
        return _reduced(written, f"{reduction}({formula}, axis={axes})", shape, read)

    return write


def global_pooling(reduction: str) -> Writer:
    """Pooling of all places of a channel."""

    def write(written: Written, call: Call, inputs: list[Value]) -> Value:
        (read,) = inputs
        if call.config.get("keepdims"):
            raise refuse_setting(call.name, "keepdims", True, wanted=False)
        _require_channels_last(call)
        axes = tuple(range(1, len(read.shape)))
        return _reduced(written, f"{reduction}({read.name}, axis={axes})", read.shape[-1:], read)

    return write


def _reduced(written: Written, formula: str, shape: Shape, read: Value) -> Value:
    return Value(
        written.line(written.name(f"pooled{written.count('pooled')}"), formula), shape, read.number
    )


def _sizes(call: Call, setting: str) -> tuple[int, ...]:
    """A size for each axis, where Keras may have saved a number for all."""
    given = call.config[setting]
    axes = 2 if call.kind.endswith("2D") else 1
    return tuple(map(int, given)) if isinstance(given, list) else (int(given),) * axes


def _require_channels_last(call: Call) -> None:
    layout = call.config.get("data_format")
    if layout not in (None, "channels_last"):
        raise refuse_setting(call.name, "data_format", layout, wanted="channels_last")


def _part(read: Value, axis: int, start: int, stop: int) -> str:
    return f"{read.name}[{', '.join([*':' * axis, f'{start}:{stop}'])}]"


def _with(shape: Shape, axis: int, size: int) -> Shape:
    """The shape of an example with another size along an axis, which is counted with the batch."""
    return (*shape[: axis - 1], size, *shape[axis:])
