"""Mistakes at the loss and at the seed of the backward pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from tools.outside.mistakes.case import NAME, Case, at, given, ids, operations, way
from tools.outside.program import Array, Edge, Node, spread
from tools.outside.working import EdgeRule, Way

KIND = "loss and seed"
SQUARES = ("**", "square")


def loss(case: Case) -> Iterator[Way]:
    if case.step.kind != "backward":
        return
    yield from _square(case)
    yield from _mean(case)
    if case.at_loss:
        yield from _seed(case)
        yield from _cross_entropy_at_loss(case)
    else:
        for line in case.lines:
            told = ids("seed-missing", "upstream-missing")
            if {each.node.op for each in case.edges} == {"+"}:
                told |= ids("bias-one")
            yield way(
                KIND, "upstream taken as 1", told,
                upstream=_one_at(line.target), elsewhere=len(case.lines) > 1,
            )  # fmt: skip
    yield from _output_slope(case)
    yield from _value_for_slope(case)
    numbers = {edge.node for edge in case.edges if edge.node.op == "/" and edge.index == 0}
    for node in numbers if case.at_loss else ():
        rule = _twice(node)
        yield way(NAME, "divided by n twice", "batch-mean-twice", edge=rule)
    yield way(
        NAME, "a coefficient forgotten", "coefficient-missing", edge=_without_coefficient(case)
    )


def _twice(quotient: Node) -> EdgeRule:
    return lambda edge: edge.upstream / edge.other**2 if edge.node is quotient else None


def _value_for_slope(case: Case) -> Iterator[Way]:
    line = case.lines[0]
    if len(case.lines) == 1 and not case.at_loss and case.env[line.target].shape == case.shape:
        value = case.working.upstream(line, case.env) * case.env[line.target]
        yield way(NAME, "the value for its slope", "value-for-derivative", final=given(value))


def _without_coefficient(case: Case) -> EdgeRule:
    """A constant factor left out, such as that of a penalty."""

    def rule(edge: Edge) -> Array | None:
        if edge.node.op not in {"*", "/"} or (edge.node.op == "/" and edge.index == 1):
            return None
        other = edge.node.args[1 - edge.index]
        leaf = other.name in case.program.leaves and other.name not in case.program.parameters
        constant = other.op == "number" or (leaf and edge.other.shape == ())
        return edge.upstream if constant and edge.upstream.shape == edge.x.shape else None

    return rule


def _one_at(target: str) -> Callable[[str, Array], Array]:
    return lambda name, G: np.ones_like(G) if name == target else G


def _square(case: Case) -> Iterator[Way]:
    halved = any(_half(edge) for edge in case.edges)
    if any(edge.node.op in SQUARES for edge in case.edges):
        if halved:
            yield way(
                KIND, "a 2 with half the square", "loss-factor-added",
                edge=lambda edge: edge.upstream if _half(edge) else None,
            )  # fmt: skip
        told = ids("loss-factor-dropped")
        if not case.squares_an_error:  # x where the slope is 2 x
            told |= ids("preactivation-for-slope")
        yield way(
            KIND, "no 2 from the square", told,
            edge=at(SQUARES, lambda edge: np.asarray(edge.upstream * edge.x)),
        )  # fmt: skip
    if case.squares_an_error:
        yield way(
            KIND, "t - y", "error-reversed",
            edge=at(SQUARES, lambda edge: np.asarray(-2 * edge.upstream * edge.x)),
        )  # fmt: skip
        yield way(
            KIND, "absolute error", "error-absolute",
            edge=at(SQUARES, lambda edge: np.asarray(2 * edge.upstream * np.abs(edge.x))),
        )  # fmt: skip


def _half(edge: Edge) -> bool:
    by = edge.node.args[1] if edge.node.op == "/" and edge.index == 0 else None
    return by is not None and by.op == "number" and by.number == 2


def _mean(case: Case) -> Iterator[Way]:
    for reduction in {edge.node for edge in case.edges if edge.node.op in {"mean", "sum"}}:
        edge = next(each for each in case.edges if each.node is reduction)
        is_mean = edge.node.op == "mean"
        count = edge.x.size // edge.value.size if is_mean else 1
        outputs = edge.x.shape[-1] if edge.x.ndim == 2 and edge.node.axis is None else 1
        if is_mean and count > 1:
            yield _spread("not divided by n", "batch-mean-dropped", reduction, 1)
            yield _spread("divided by n twice", "batch-mean-twice", reduction, count**2)
        if is_mean and any(each.node.op in SQUARES for each in case.edges):
            rule = _divided(reduction, 2)
            yield way(NAME, "neither 2 nor n", "coefficient-missing", edge=rule)
        if outputs > 1 and case.at_loss and not case.is_parameter:
            told = "outputs-mean-confused"
            label = "divided by the outputs too"
            yield _spread(label, told, reduction, count * outputs)
            if is_mean:
                label = "not divided by the outputs"
                yield _spread(label, told, reduction, count / outputs)
                label = "not divided by the rows"
                yield _spread(label, "batch-mean-dropped", reduction, outputs)
                rule = _divided(reduction, count * edge.x.shape[0])
                yield way(NAME, "divided by the rows too", "batch-mean-twice", edge=rule)


def _divided(reduction: Node, by: float) -> EdgeRule:
    """The upstream gradient of a sum or mean, divided by this."""
    return lambda edge: spread(edge) / by if edge.node is reduction else None


def _spread(label: str, told: str, reduction: Node, by: float) -> Way:
    return way(KIND, label, told, edge=_divided(reduction, by))


def _seed(case: Case) -> Iterator[Way]:
    error, shape = case.error, case.shape
    if not case.squares_an_error or error is None or error.shape != shape:
        return
    if shape == ():
        yield way(
            KIND, "the loss itself", "loss-for-gradient",
            final=lambda _: case.env[case.program.loss],
        )  # fmt: skip
    yield way(KIND, "the squared error", "loss-for-gradient", final=lambda _: error**2)
    yield way(KIND, "y itself", "output-for-gradient", final=given(case.env[case.name]))
    yield way(NAME, "y for the error", "output-for-gradient", edge=_for_error(case.env[case.name]))
    target = case.target_name
    if target and target != case.name:
        yield way(KIND, "-t", "target-for-gradient", final=given(-case.env[target]))
        rule = _for_error(-case.env[target])
        yield way(NAME, "-t for the error", "target-for-gradient", edge=rule)


def _for_error(value: Array) -> EdgeRule:
    return at(SQUARES, lambda edge: np.asarray(2 * edge.upstream * value))


def _cross_entropy_at_loss(case: Case) -> Iterator[Way]:
    logs = [edge for edge in case.edges if edge.node.op == "log"]
    if not logs:
        return
    for base in (2.0, 10.0):
        yield way(
            KIND, f"logarithm of base {base:g}", "log-base",
            edge=at(("log",), _log_of(base)),
        )  # fmt: skip
    yield way(KIND, "p itself", "output-for-gradient", final=given(case.env[case.name]))
    for name in ("T", "t"):
        if name in case.program.leaves and case.program.leaves[name].shape == case.shape:
            yield way(KIND, "-t", "target-for-gradient", final=given(-case.env[name]))


def _log_of(base: float) -> EdgeRule:
    return lambda edge: np.asarray(edge.upstream / (edge.x * np.log(base)))


def _output_slope(case: Case) -> Iterator[Way]:
    """Mistakes at the output's activation, where cross-entropy follows it."""
    lines = [line for line in case.lines if line.root.op in {"sigmoid", "softmax"}]
    if not lines or case.step.by not in lines[0].root.args[0].names:
        return
    line = lines[0]
    p = case.env[line.target]
    crossed = any("log" in operations(each.root) for each in case.program.consumers(line.target))
    if line.root.op == "softmax":
        yield way(
            KIND, "the diagonal of the Jacobian only", "softmax-diagonal-only",
            edge=at(("softmax",), lambda edge: np.asarray(edge.upstream * p * (1 - p))),
        )  # fmt: skip
        told = ids("activation-slope-missing", "output-slope-skipped")
        label = "softmax' Jacobian forgotten"
        if crossed:
            told |= ids("crossentropy-without-jacobian")
        yield way(KIND, label, told, edge=at(("softmax",), lambda edge: edge.upstream))
    if crossed and case.feeds_loss(line.target):
        yield way(
            KIND, "the slope once more", "output-slope-added",
            final=lambda value: np.asarray(value * p * (1 - p)),
        )  # fmt: skip
        yield way(KIND, "t - p", "error-reversed", final=np.negative)
        target = next((case.program.leaves[n] for n in "Tt" if n in case.program.leaves), None)
        if target is not None and line.root.op == "sigmoid":
            scale = p.size
            yield way(
                KIND, "-t/p", "crossentropy-without-jacobian",
                final=lambda _: -target / p / scale,
            )  # fmt: skip
