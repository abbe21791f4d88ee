"""A model's layers in the order of its graph."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, TypeAlias

from bptutor.engine.keras.archive import MODELS, OPERATORS, Config, ModelError, damaged
from bptutor.language import limits

Tensor: TypeAlias = tuple[str, tuple[int, ...]]
"""An output of a layer: its path through nested models, and the index of the application of each
model on it and of the layer."""


@dataclass(frozen=True)
class Call:
    """A layer where it is applied."""

    kind: str
    config: Config
    inputs: tuple[Tensor, ...]
    output: Tensor

    @property
    def name(self) -> str:
        return self.output[0]


@dataclass(frozen=True)
class Graph:
    inputs: dict[Tensor, tuple[int, ...]]  # with their shapes without the batch, in order
    calls: tuple[Call, ...]
    output: Tensor


def graph(config: Config) -> Graph:
    """The graph of a model's configuration.

    Raises ModelError: it was never built, has several outputs, or is no whole graph.
    """
    found = _flat(config, nested=False)
    _require_needed(found)
    return found


def _flat(config: Config, *, nested: bool) -> Graph:
    """A model's graph with the layers of nested models in their places."""
    whole = _stack(config, nested) if config["class_name"] == "Sequential" else _functional(config)
    inner: dict[str, Graph] = {}
    calls: list[Call] = []
    renamed: dict[Tensor, Tensor] = {}
    for call in whole.calls:
        inputs = tuple(renamed.get(tensor, tensor) for tensor in call.inputs)
        if call.kind not in MODELS:
            calls.append(replace(call, inputs=inputs))
            continue
        if call.name not in inner:
            inner[call.name] = _flat({"class_name": call.kind, "config": call.config}, nested=True)
        calls += _placed(inner[call.name], call, inputs, renamed)
        if len(calls) > limits.MOST_CONNECTIONS:
            raise ModelError(limits.TOO_MANY_CONNECTIONS)
    return Graph(whole.inputs, tuple(calls), renamed.get(whole.output, whole.output))


def _placed(
    inner: Graph, call: Call, inputs: tuple[Tensor, ...], renamed: dict[Tensor, Tensor]
) -> list[Call]:
    """The calls of a nested model where it is applied; `renamed` receives its output."""
    (path, index), calls = call.output, []
    here = dict(zip(inner.inputs, inputs, strict=True))
    for each in inner.calls:
        name, place = each.output
        here[each.output] = f"{path}/{name}", (*index, *place)
        read = tuple(here[tensor] for tensor in each.inputs)
        calls.append(replace(each, inputs=read, output=here[each.output]))
    renamed[call.output] = here[inner.output]
    return calls


def _stack(config: Config, nested: bool) -> Graph:
    layers = [layer for layer in config["config"]["layers"] if layer["class_name"] != "InputLayer"]
    first = config["config"]["layers"][0]
    shape = (
        first["config"]["batch_shape"]
        if first["class_name"] == "InputLayer"
        else (config.get("build_config") or {}).get("input_shape")
    )
    if nested:
        shape = None  # it is that of what it reads
    elif not shape:
        raise ModelError("was saved without the shape of its inputs; start it with keras.Input")
    here: Tensor = ("input", (0,))
    inputs = {here: _shape(shape) if shape else ()}
    calls = []
    for layer in layers:
        output = (layer["config"]["name"], (0,))
        calls.append(Call(layer["class_name"], layer["config"], (here,), output))
        here = output
    return Graph(inputs, tuple(calls), here)


def _functional(config: Config) -> Graph:
    inner = config["config"]
    inputs: dict[Tensor, tuple[int, ...]] = dict.fromkeys(_histories(inner["input_layers"]), ())
    waiting: list[Call] = []
    for layer in inner["layers"]:
        name = layer["config"]["name"]
        if layer["class_name"] == "InputLayer":
            inputs[name, (0,)] = _shape(layer["config"]["batch_shape"])
            continue
        for index, node in enumerate(layer["inbound_nodes"]):
            if layer.get("module") in OPERATORS and not all(
                isinstance(a, dict) for a in node["args"]
            ):
                raise ModelError(
                    "{name} computes with a number; bptutor supports that in a Rescaling layer",
                    name=name,
                )
            read = tuple(_tensors(node["args"]))
            _check_arguments(name, node["kwargs"])
            waiting.append(Call(layer["class_name"], layer["config"], read, (name, (index,))))
    if sum(len(call.inputs) for call in waiting) > limits.MOST_CONNECTIONS:
        raise ModelError(limits.TOO_MANY_CONNECTIONS)
    outputs = list(_histories(inner["output_layers"]))
    if len(outputs) != 1:
        raise ModelError(
            "has {count} outputs; bptutor supports models with one", count=len(outputs)
        )
    output = outputs[0]
    if any(call.name == output[0] and call.kind in ("Functional", "Model") for call in waiting):
        output = output[0], (output[1][0] - 1,)  # here Keras counts the model's own output first
    return Graph(inputs, tuple(_ordered(waiting, set(inputs))), output)


def _require_needed(found: Graph) -> None:
    """Refuses calls that the output is not computed from: Keras saves none, and would build them.

    Raises ModelError: there is one.
    """
    needed = {found.output}
    for call in reversed(found.calls):
        if call.output not in needed:
            raise damaged()
        needed.update(call.inputs)


def _ordered(waiting: list[Call], known: set[Tensor]) -> Iterator[Call]:
    """The calls, each after those whose outputs it reads."""
    while waiting:
        ready = [call for call in waiting if known.issuperset(call.inputs)]
        waiting = [call for call in waiting if not known.issuperset(call.inputs)]
        if not ready:
            raise damaged()
        yield from ready
        known.update(call.output for call in ready)


def _tensors(arguments: Any) -> Iterator[Tensor]:
    if isinstance(arguments, list):
        for argument in arguments:
            yield from _tensors(argument)
    elif isinstance(arguments, dict):
        name, index, _ = arguments["config"]["keras_history"]
        yield name, (index,)
    elif arguments is not None:
        raise ValueError(arguments)


def _histories(entry: Any) -> Iterator[Tensor]:
    """One output as [layer, call, place], or several of them in a list or a table."""
    if isinstance(entry, dict):
        entry = list(entry.values())
    if entry and isinstance(entry[0], str):
        yield entry[0], (entry[1],)
        return
    for part in entry:
        yield from _histories(part)


def _check_arguments(name: str, arguments: Config) -> None:
    """Refuses arguments beyond the inputs, other than `training=False`."""
    for argument, value in arguments.items():
        if value not in (None, False):
            raise ModelError(
                "the layer {name} is called with {argument}, which bptutor does not support",
                name=name,
                argument=str(argument)[:60],
            )


def _shape(batch_shape: list[int | None]) -> tuple[int, ...]:
    sizes = batch_shape[1:]
    if not sizes or not all(isinstance(size, int) and size > 0 for size in sizes):
        raise ModelError("takes inputs of any size; give keras.Input the size of each axis")
    return tuple(size for size in sizes if size)
