"""Plausible wrong work that the catalogue has no name for."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tools.outside.mistakes.case import Case, at, operations
from tools.outside.program import ACTIVATIONS, Array, Edge, Node, slope
from tools.outside.working import EdgeRule, Way

CONSTANTS = (1.37, 0.73, 1.19, 0.61)


def unnamed(case: Case, random: np.random.Generator) -> Iterator[tuple[str, Array]]:
    truth = case.truth
    size = float(np.abs(truth).max()) or 1.0
    yield "random numbers", np.round(random.uniform(-1.5, 1.5, truth.shape) * size, 4)
    yield "a factor of no origin", truth * float(random.choice(CONSTANTS))
    yield "a constant added", truth + round(0.37 * size, 3)
    if case.step.kind != "local":  # the slope squared has a name
        yield "squared", np.asarray(np.sign(truth) * truth**2)
    mask = bool(np.isin(truth, (0, 1)).all())
    if truth.size > 2 and not mask:
        yield "cells moved on by one", np.roll(truth.ravel(), 1).reshape(truth.shape)
        yield "cumulative sums", np.cumsum(truth.ravel()).reshape(truth.shape)
    if truth.size > 1 and truth.std() > 0 and not mask:
        yield "mean subtracted", truth - truth.mean() * 1.5
    if case.step.kind == "forward":
        yield from _forward(case)
    elif case.step.kind in {"backward", "local"}:
        yield from _backward(case)
        yield from _unrelated(case, random)
    else:
        w, new = case.env[case.step.target], truth
        yield "half of the step twice over w", new + (w - new) * 0.37
        yield "sum of both", w + new


def _forward(case: Case) -> Iterator[tuple[str, Array]]:
    root = case.program.by_target[case.step.target].root
    ops = operations(root)

    def tried(label: str, op: set[str], rule: object) -> Iterator[tuple[str, Array]]:
        if op & set(ops):
            wrong = Way(frozenset(), "", label, forward=rule)  # type: ignore[arg-type]
            with np.errstate(all="ignore"):
                yield label, case.working.value(case.step, case.env, [wrong])

    def bias_doubled(node: Node, x: list[Array]) -> Array | None:
        plain = node.op == "+" and node.args[1].op == "name" and node.args[0].op == "@"
        return x[0] + 2 * x[1] if plain else None

    def bias_subtracted(node: Node, x: list[Array]) -> Array | None:
        plain = node.op == "+" and node.args[1].op == "name" and node.args[0].op in {"@", "*"}
        return x[0] - 0.5 * x[1] if plain else None

    def without_one(node: Node, x: list[Array]) -> Array | None:
        return 1 / (2 + np.exp(-x[0])) if node.op == "sigmoid" else None

    def tanh_of_half(node: Node, x: list[Array]) -> Array | None:
        return np.tanh(x[0] / 2) if node.op == "tanh" else None

    def cubed(node: Node, x: list[Array]) -> Array | None:
        return np.asarray(x[0] ** 3) if node.op == "**" else None

    yield from tried("bias twice", {"@"}, bias_doubled)
    yield from tried("half the bias subtracted", {"@", "*"}, bias_subtracted)
    yield from tried("1/(2 + exp(-z))", {"sigmoid"}, without_one)
    yield from tried("tanh of half of z", {"tanh"}, tanh_of_half)
    yield from tried("cubed", {"**"}, cubed)


def _backward(case: Case) -> Iterator[tuple[str, Array]]:
    rules: list[tuple[str, EdgeRule]] = [
        ("divided by the slope", at(ACTIVATIONS, _divided, 0)),
        ("slope to the fourth", at(ACTIVATIONS, _fourth, 0)),
        ("divided by the factor", at(("*",), _over)),
        ("weights upside down", at(("@",), _upside_down, 0)),
        ("rows of the input exchanged", at(("@",), _rows_exchanged, 1)),
        ("squared weights", at(("@",), lambda edge: edge.upstream @ edge.other.T**2, 0)),
        ("squared inputs", at(("@",), lambda edge: edge.other.T**2 @ edge.upstream, 1)),
        ("cube of the error", at(("**",), lambda edge: edge.upstream * edge.x**3)),
    ]
    for label, rule in rules:
        with np.errstate(all="ignore"):
            wrong = Way(frozenset(), "", label, edge=rule)
            yield label, case.working.value(case.step, case.env, [wrong])


def _divided(edge: Edge) -> Array:
    return np.asarray(edge.upstream / slope(edge.node.op, edge.x))


def _fourth(edge: Edge) -> Array:
    return np.asarray(edge.upstream * slope(edge.node.op, edge.x) ** 4)


def _over(edge: Edge) -> Array | None:
    same = edge.upstream.shape == edge.x.shape == edge.other.shape
    return np.asarray(edge.upstream / edge.other) if same else None


def _upside_down(edge: Edge) -> Array:
    return np.asarray(edge.upstream @ edge.other[::-1].T)


def _rows_exchanged(edge: Edge) -> Array:
    return np.asarray(np.roll(edge.other, 1, axis=0).T @ edge.upstream)


def _unrelated(case: Case, random: np.random.Generator) -> Iterator[tuple[str, Array]]:
    """Two quantities of the right shape that have nothing to do with each other here."""
    before = case.working.steps[: case.working.index[case.step.id]]
    names = [*case.program.leaves, *(step.id for step in before)]
    near = {name for line in case.lines for name in (line.target, *line.root.names)}
    far = [name for name in names if case.env[name].shape == case.shape and name not in near]
    if len(far) >= 2:
        first, second = (case.env[far[int(each)]] for each in random.choice(len(far), 2, False))
        yield "unrelated: x + 2y", first + 2 * second
        yield "unrelated: x(1 + y)", first * (1 + second)
