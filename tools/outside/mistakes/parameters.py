"""Mistakes in the gradient of a parameter, and in its update."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from tools.outside.mistakes.case import Case, at, fits, given, ids, spreads, way
from tools.outside.mistakes.weights import swapped
from tools.outside.program import Array, Edge, downstream, unbroadcast
from tools.outside.working import Way

KIND = "gradient of a weight"
BIAS = "bias"
UPDATE = "update"


def parameters(case: Case) -> Iterator[Way]:
    kind = case.step.kind
    if kind not in {"backward", "local"} or not case.is_parameter:
        return
    products = [edge for edge in case.edges if _is_product(edge)]
    if products:
        yield from _inputs(case, products)
        if kind == "backward":
            yield from _products(case, products[0])
    elif any(edge.node.op == "+" for edge in case.edges):
        yield from _bias(case)


def _inputs(case: Case, edges: list[Edge]) -> Iterator[Way]:
    """Something else in the place of the layer's input."""
    for name in dict.fromkeys(edge.other_name for edge in edges):
        if name is None:
            continue
        edge = next(each for each in edges if each.other_name == name)
        value = case.env[name]
        made = case.activation_of(name)
        if made:
            yield _in_place(name, case.env[made[1]], "z for a", "preactivation-for-activation")
        if name not in case.program.leaves:
            for raw in ("X", "x", "x1"):
                if raw in case.program.leaves and case.env[raw].shape == value.shape:
                    yield _in_place(
                        name, case.env[raw], "the raw input", "raw-input-for-activation"
                    )
        for out in _outputs(case, edge):
            given = case.env[out]
            if given.shape == value.shape and edge.upstream.shape == given.shape:
                yield _in_place(name, given, "its own output", "output-for-input")
    if case.step.kind == "local" and case.shape != ():
        return
    yield way(KIND, "weight for the input", "weight-for-input", edge=_products_with(_own))


def _outputs(case: Case, edge: Edge) -> Iterator[str]:
    yield edge.target
    for line in case.program.consumers(edge.target):
        if case.activation_of(line.target):
            yield line.target


def _in_place(name: str, value: Array, label: str, told: str) -> Way:
    return way(KIND, label, told, edge=lambda edge: swapped(edge, name, value))


def _is_product(edge: Edge) -> bool:
    """The parameter itself, times its input."""
    own = edge.node.args[edge.index].op == "name"
    return own and (edge.node.op == "*" or (edge.node.op == "@" and edge.index == 1))


def _products_with(rule: Callable[[Edge], Array | None]) -> Callable[[Edge], Array | None]:
    return lambda edge: rule(edge) if _is_product(edge) else None


def _own(edge: Edge) -> Array | None:
    """w δ: W in the place of X, or each weight times the δ of its unit."""
    if edge.node.op == "*":
        return unbroadcast(edge.upstream * edge.x, edge.x.shape)
    if edge.x.shape == edge.other.shape:
        return np.asarray(edge.x.T @ edge.upstream)
    return np.asarray(edge.x * edge.upstream) if edge.upstream.shape[0] == 1 else downstream(edge)


def _delta(edge: Edge) -> Array | None:
    """δ itself."""
    if edge.node.op == "*":
        return unbroadcast(edge.upstream, edge.x.shape)
    return np.asarray(np.broadcast_to(edge.upstream.sum(axis=0, keepdims=True), edge.x.shape))


def _products(case: Case, edge: Edge) -> Iterator[Way]:
    yield way(KIND, "δ without the input", "input-missing", edge=_products_with(_delta))
    if edge.node.op == "*":
        yield way(
            KIND, "input added", "factors-added",
            edge=_products_with(
                lambda edge: unbroadcast(edge.upstream + edge.other, edge.x.shape)
            ),
        )  # fmt: skip
    if edge.node.op != "@":
        return
    rows = edge.upstream.shape[0]
    if rows == 1:
        yield way(
            KIND, "input added", "factors-added",
            edge=at(("@",), lambda edge: edge.other.T + edge.upstream, 1),
        )  # fmt: skip
    else:
        for label, told, rows_of in (
            ("last row only", "last-sample-only", slice(-1, None)),
            ("first row only", "first-sample-only", slice(0, 1)),
        ):
            yield way(KIND, label, told, edge=at(("@",), _of_rows(rows_of), 1))
        yield way(KIND, "mean input", "mean-input", edge=at(("@",), _mean_input, 1))
    if case.shape != ():
        yield way(
            KIND, "transposed", ids("outer-product-transposed", "matrix-transposed"),
            final=np.transpose,
        )  # fmt: skip
    if _whole(edge):
        yield way(
            KIND, "* for @", "elementwise-for-matmul",
            edge=at(("@",), lambda edge: edge.other * edge.upstream, 1),
        )  # fmt: skip


def _whole(edge: Edge) -> bool:
    shapes = edge.other.shape, edge.upstream.shape
    return edge.upstream.shape[0] > 1 and shapes[0] == shapes[1] == edge.x.shape


def _of_rows(rows: slice) -> Callable[[Edge], Array]:
    return lambda edge: np.asarray(edge.other[rows].T @ edge.upstream[rows])


def _mean_input(edge: Edge) -> Array:
    return np.asarray(edge.other.mean(axis=0)[:, None] * edge.upstream.sum(axis=0)[None, :])


def _bias(case: Case) -> Iterator[Way]:
    shape, local = case.shape, case.step.kind == "local"
    yield way(BIAS, "0", "bias-zero", final=lambda value: np.zeros_like(value))
    if not local:
        yield way(BIAS, "1", "bias-one", final=lambda value: np.ones_like(value))
    edge = next(each for each in case.edges if each.node.op == "+")
    line = case.program.by_target[edge.target]
    inputs = [
        name
        for name in (line.root.names if len(case.lines) == 1 else ())
        if name not in case.program.parameters and name[0].lower() not in {"b", "w"}
    ]
    for name in inputs:
        value = case.env[name]
        if spreads(value, edge.upstream.shape) and value.ndim == edge.upstream.ndim:
            yield way(
                BIAS, "times the input", "bias-times-input",
                edge=at(("+",), lambda edge, v=value: unbroadcast(edge.upstream * v, edge.x.shape)
                        if edge.node.args[edge.index].op == "name" else None),  # type: ignore[misc]
            )  # fmt: skip
    G = case.edges[0].upstream
    if local or G.ndim != 2 or G.shape[0] == 1 or len(shape) != 1:
        return
    rows = G.shape[0]
    yield way(BIAS, "mean over the batch", "bias-averaged", final=lambda value: value / rows)
    for label, row, told in (
        ("first row", 0, ids("bias-unsummed", "first-sample-only")),
        ("last row", -1, ids("bias-unsummed", "last-sample-only")),
    ):
        yield way(BIAS, label, told, edge=at(("+",), _row(row)))
    if fits(G.sum(axis=1), shape):
        yield way(
            BIAS, "summed over the units", "sum-wrong-axis",
            edge=at(("+",), lambda edge: edge.upstream.sum(axis=1)
                    if edge.x.ndim == 1 else None),
        )  # fmt: skip


def _row(row: int) -> Callable[[Edge], Array | None]:
    return lambda edge: edge.upstream[row] if edge.x.ndim == 1 else None


def update(case: Case) -> Iterator[Way]:
    if case.step.kind != "update":
        return
    name, rate, loss = case.step.target, case.program.rate, case.program.loss
    w, g = case.env[name], case.env[f"d{loss}_d{name}"]
    L = case.env[loss]
    values: list[tuple[str, Array]] = [
        ("update-sign", w + rate * g),
        ("learning-rate-missing", w - g),
        ("learning-rate-twice", w - rate**2 * g),
        ("step-for-weight", rate * g),
        ("step-for-weight", -rate * g),
        ("gradient-for-weight", g),
        ("learning-rate-divides", w - g / rate),
        ("loss-for-gradient-in-update", w - rate * L),
        ("learning-rate-on-weight", rate * w - g),
        ("update-relative", w * (1 - rate * g)),
        ("update-doubled", w - 2 * rate * g),
        ("not-updated", w),
    ]
    for line in case.program.consumers(name):
        delta = case.working.upstream(line, case.env)
        if delta.ndim == 2 and delta.shape[0] == 1 and w.ndim == 1:
            delta = delta[0]
        if delta.size > 1 or w.ndim == 0:
            if spreads(delta, w.shape):
                values.append(("error-for-gradient", w - rate * delta))
        elif line.target != loss:
            values.append(("error-for-gradient", w - rate * delta.reshape(-1)[0]))
    for told, value in values:
        if told == "update-sign":  # joined with others it turns the sign of the step
            yield way(UPDATE, told, told, final=lambda typed: 2 * w - typed)
        else:
            yield way(UPDATE, told, told, final=given(value))
