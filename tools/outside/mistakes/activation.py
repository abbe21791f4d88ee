"""Mistakes on the way back through an activation, and in its local derivative."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from tools.outside.mistakes.case import Case, at, fits, ids, is_activation, operations, way
from tools.outside.program import ACTIVATIONS, Array, Edge, slope
from tools.outside.working import Way

KIND = "activation"
MASKS = ("relu", "maximum", "leaky_relu")
SHAPED = ("sigmoid", "tanh", "softplus")

Slope = Callable[[Edge], Array]


def activation(case: Case) -> Iterator[Way]:
    if case.step.kind not in {"backward", "local"}:
        return
    by_function: dict[str, Edge] = {}
    for edge in case.edges:
        if is_activation(edge):
            by_function.setdefault(edge.node.op, edge)
    for edge in by_function.values():
        yield from _of(case, edge, case.step.kind == "local")


def _of(case: Case, edge: Edge, local: bool) -> Iterator[Way]:
    """Mistakes with one function, wherever it stands between the name and what follows."""
    op = edge.node.op
    missing = ids("relu-mask-missing" if op in MASKS else "activation-slope-missing")
    if not _activated_after(case, edge.target):
        missing |= ids("output-slope-skipped")
    if op == "sigmoid" and any(
        "log" in operations(line.root) for line in case.program.consumers(edge.target)
    ):
        missing |= ids("crossentropy-without-jacobian")
    if op == "leaky_relu":
        missing |= ids("activation-slope-missing")
    yield _taken(op, "no slope", missing, lambda edge: np.ones_like(edge.x))
    yield _taken(op, "a for the slope", "activation-for-slope", lambda edge: edge.value)
    yield _taken(op, "z for the slope", "preactivation-for-slope", lambda edge: edge.x)
    yield _taken(op, "slope twice", "slope-twice", lambda edge: slope(op, edge.x) ** 2)
    yield _taken(op, "slope at a", "slope-at-activation", lambda edge: slope(op, edge.value))
    for label, half in _halves(op):
        yield _taken(op, f"half the slope: {label}", "slope-half", half)
    yield from _at_input(case, edge)
    if op in MASKS:
        yield from _masks(case, edge, local)
    error = _error_of(case, edge)
    if error is not None and op == "sigmoid" and not local:
        yield _taken(op, "e(1-e)", "slope-of-error", lambda _: np.asarray(error * (1 - error)))
    if not local and edge.node.args[0].op == "name":
        yield way(
            KIND, "slope added", "factors-added",
            edge=at((op,), lambda edge: edge.upstream + slope(op, edge.x), 0),
        )  # fmt: skip


def _activated_after(case: Case, name: str) -> bool:
    """Is there another activation on a way to the loss?"""
    return any(
        set(operations(line.root)) & {"softmax", *ACTIVATIONS}
        or _activated_after(case, line.target)
        for line in case.program.consumers(name)
    )


def _taken(op: str, label: str, told: frozenset[str] | str, taken: Slope) -> Way:
    """Something else where the slope should be."""
    rule = at((op,), lambda edge: np.asarray(edge.upstream * taken(edge)), 0)
    return way(KIND, label, told, edge=rule)


def _halves(op: str) -> Iterator[tuple[str, Slope]]:
    if op == "sigmoid":
        yield "1 - a", lambda edge: 1 - edge.value
        yield "z(1 - z)", lambda edge: edge.x * (1 - edge.x)
    if op == "tanh":
        yield "1 - a", lambda edge: 1 - edge.value
        yield "a(1 - a)", lambda edge: edge.value * (1 - edge.value)
        yield "1 - z²", lambda edge: 1 - edge.x**2


def _at_input(case: Case, edge: Edge) -> Iterator[Way]:
    """The slope at what the layer was given, in place of what it computed."""
    argument = edge.node.args[0]
    line = case.program.by_target.get(argument.name) if argument.op == "name" else None
    names = line.root.names if line else argument.names
    for name in names:
        value = case.env[name]
        plain = name not in case.program.parameters and name != argument.name
        if plain and fits(value, edge.x.shape) and not name.lower().startswith("b"):
            op = edge.node.op
            yield _taken(op, "slope at the input", "slope-at-input", _constant(slope(op, value)))


def _constant(value: Array) -> Slope:
    return lambda _: value


def _masks(case: Case, edge: Edge, local: bool) -> Iterator[Way]:
    op = edge.node.op
    if not local:
        yield _taken(
            op, "mask of the gradient", "mask-from-gradient",
            lambda edge: (edge.upstream > 0).astype(float),
        )  # fmt: skip
    if op != "leaky_relu":
        yield _taken(op, "mask inverted", "mask-inverted", lambda edge: 1 - slope(op, edge.x))
    if (edge.x == 0).any():
        other = "maximum" if op == "relu" else "relu"
        yield _taken(op, "the other choice at 0", "mask-at-zero", lambda edge: slope(other, edge.x))
    for line in case.program.lines:
        if line.root.op not in MASKS or line.target == edge.target:
            continue
        z = case.env[line.root.args[0].name] if line.root.args[0].op == "name" else None
        if z is not None and z.shape == edge.x.shape and z is not edge.x:
            yield _taken(
                op, "mask of another layer", "mask-from-other-layer", _constant(slope(op, z))
            )


def _error_of(case: Case, edge: Edge) -> Array | None:
    """y - t, where the activation is the output and the loss squares the error."""
    for line in case.program.consumers(edge.target):
        if case.is_loss(line.target):
            for name in line.root.names:
                value = case.env[name]
                if name not in case.program.by_target and value.shape == edge.x.shape:
                    return np.asarray(case.env[edge.target] - value)
    return None
