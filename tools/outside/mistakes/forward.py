"""Mistakes in the forward pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from tools.outside.mistakes.case import Case, ids, operations, way
from tools.outside.program import ACTIVATIONS, FUNCTIONS, Array, Forward, Node
from tools.outside.working import Way

KIND = "forward"


def forward(case: Case) -> Iterator[Way]:
    if case.step.kind != "forward":
        return
    root = case.program.by_target[case.step.target].root
    ops = operations(root)
    if any(_bias(node, case) for node in nodes(root)):
        yield way(KIND, "no bias", "bias-missing", forward=_without_bias(case))
    if any(op in ACTIVATIONS for op in ops):
        yield way(
            KIND, "no activation", ids("activation-missing", "preactivation-for-activation"),
            forward=_at(ACTIVATIONS, lambda _, x: x[0]),
        )  # fmt: skip
    if set(ops) & {"softmax", *ACTIVATIONS}:
        told = ids("activation-of-negative")
        if _without_constant(case, root):
            told |= ids("input-sign")
        yield way(
            KIND, "activation of the negative", told,
            forward=_at(
                ("softmax", *ACTIVATIONS), lambda node, x: _applied(node.op, -x[0])
            ),
        )  # fmt: skip
    for product in (node for node in nodes(root) if _square_weights(node, case)):
        yield way(
            KIND, "weights transposed", "weights-transposed",
            forward=_of(product, lambda x: x[0] @ x[1].T),
        )  # fmt: skip
    if "softmax" in ops:
        yield way(
            KIND, "softmax not normalised", "softmax-unnormalised",
            forward=_at(("softmax",), lambda _, x: np.exp(x[0])),
        )  # fmt: skip
        yield way(
            KIND, "softmax of z, not e^z", "softmax-linear",
            forward=_at(("softmax",), lambda _, x: x[0] / x[0].sum(axis=-1, keepdims=True)),
        )  # fmt: skip
    for square in (node for node in nodes(root) if node.op in {"**", "square"}):
        yield way(KIND, "not squared", "square-missing", forward=_of(square, lambda x: x[0]))
        if case.is_loss(case.step.target):
            yield way(
                KIND, "absolute value, not squared", "square-missing",
                forward=_of(square, lambda x: np.abs(x[0])),
            )  # fmt: skip
    if "mean" in ops:
        yield way(
            KIND, "sum for the mean", "mean-missing",
            forward=_at(
                ("mean",), lambda node, x: x[0].sum(axis=node.axis, keepdims=node.keepdims)
            ),
        )  # fmt: skip
    if "log" in ops:
        for base in (2.0, 10.0):
            yield way(
                KIND, f"logarithm of base {base:g}", "log-base",
                forward=_at(("log",), _log_of(base)),
            )  # fmt: skip
    for name in root.names:
        made = case.activation_of(name)
        if made:
            yield way(
                KIND, "z for a", ids("preactivation-for-activation", "activation-missing"),
                names={name: case.env[made[1]]},
            )  # fmt: skip


def _without_constant(case: Case, root: Node) -> bool:
    """Does the argument change its sign with the input?"""
    line = case.program.by_target.get(root.args[0].name) if root.args else None
    argument = line.root if line else root.args[0] if root.args else root
    return set(operations(argument)) <= {"name", "*", "@"}


def nodes(root: Node) -> Iterator[Node]:
    yield root
    for part in root.args:
        yield from nodes(part)


def _at(ops: tuple[str, ...], rule: Callable[[Node, list[Array]], Array]) -> Forward:
    return lambda node, x: np.asarray(rule(node, x)) if node.op in ops else None


def _of(which: Node, rule: Callable[[list[Array]], Array]) -> Forward:
    return lambda node, x: np.asarray(rule(x)) if node is which else None


def _log_of(base: float) -> Callable[[Node, list[Array]], Array]:
    return lambda _, x: np.asarray(np.log(x[0]) / np.log(base))


def _applied(op: str, x: Array) -> Array:
    return np.maximum(x, 0) if op == "maximum" else FUNCTIONS[op](x)


def _bias(node: Node, case: Case) -> bool:
    """A sum whose last term is a leaf that nothing is multiplied by."""
    last = node.args[1] if node.op == "+" else None
    if last is None or last.op != "name" or last.name not in case.program.leaves:
        return False
    return any(op in {"*", "@"} for op in operations(node.args[0]))


def _without_bias(case: Case) -> Forward:
    return lambda node, x: x[0] if _bias(node, case) else None


def _square_weights(node: Node, case: Case) -> bool:
    if node.op != "@" or node.args[1].op != "name":
        return False
    shape = case.env[node.args[1].name].shape
    return node.args[1].name in case.program.leaves and shape[0] == shape[1] > 1
