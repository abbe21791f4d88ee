"""What the writers of all layers share: weights, activations, settings."""

from collections.abc import Callable, Mapping
from math import isfinite, prod
from typing import TypeAlias

from bptutor.engine.keras.archive import ModelError, damaged, refuse_setting
from bptutor.engine.keras.graph import Call
from bptutor.engine.keras.losses import Leaf, Value, Weight, Written
from bptutor.language import limits
from bptutor.language.ops import operations
from bptutor.language.tree import Shape

Writer: TypeAlias = Callable[[Written, Call, list[Value]], Value]
"""Adds the lines of a layer that is applied to these inputs; the name of its value."""

ACTIVATIONS: Mapping[str, str] = {
    **{
        each.traits.keras: f"{each.key}({{z}})"
        for each in operations().values()
        if each.traits.keras and each.arity == 1
    },
    "relu6": "minimum(relu({z}), 6)",
}
"""Activations in the notation; Keras' `linear` is the layer's own value."""
NUMBERED = "Dense"  # the kind under which the layers with `W` and `b` are counted


def weight(written: Written, call: Call, attribute: Weight, wanted: str, shape: Shape = ()) -> str:
    """The leaf of a layer's weight, in this shape: the same one wherever the layer is applied.

    Raises ModelError: the model has too many weights.
    """
    leaf = Leaf(call.name, attribute, shape)
    for name, known in written.weights.items():
        if known == leaf:
            return name
    written.size += prod(shape)
    if written.size > limits.MOST_WEIGHTS:
        raise ModelError(limits.TOO_MANY_WEIGHTS)
    name = written.name(wanted)
    written.weights[name] = leaf
    return name


def finite(call: Call, setting: str) -> float:
    """A setting that becomes a number of the program. Raises ModelError: it is not finite."""
    number = float(call.config[setting])
    if not isfinite(number):
        raise damaged()
    return number


def count(call: Call, setting: str) -> int:
    """A setting that is a number of units or the like. Raises ModelError: it is below 1."""
    number = int(call.config[setting])
    if number < 1:
        raise damaged()
    return number


def function_of(layer: str, setting: str, activation: object) -> tuple[str, str]:
    """The name of an activation, and its formula of `{z}`. Raises ModelError: there is none."""
    name = "linear" if activation is None else activation
    if name == "linear":
        return name, "{z}"
    if not isinstance(name, str) or name not in ACTIVATIONS:
        shown = name.get("class_name") if isinstance(name, dict) else name
        raise refuse_setting(layer, setting, shown)
    return name, ACTIVATIONS[name]


def activated(written: Written, layer: str, activation: object, z: Value) -> Value:
    name, formula = function_of(layer, "activation", activation)
    return z if name == "linear" else applied(written, formula, z, name)


def applied(written: Written, formula: str, z: Value, made_by: str) -> Value:
    target = written.line(written.name(f"a{z.number or ''}"), formula.format(z=z.name))
    return Value(target, z.shape, z.number, made_by, z.name)
