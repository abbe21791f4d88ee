"""Mistakes on the way back through weights, to the layer before; and where paths meet."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from tools.outside.mistakes.case import NAME, Case, at, fits, given, ids, way
from tools.outside.program import Array, Edge, downstream, unbroadcast
from tools.outside.working import Way

KIND = "back through weights"
PATHS = "paths"


def weights(case: Case) -> Iterator[Way]:
    if case.step.kind != "backward":
        return
    yield from _meeting(case)
    yield from _averaged(case)
    if case.is_parameter:
        return
    products = [edge for edge in case.edges if _back(edge)]
    if products:
        yield from _through_matrix(case, [edge for edge in products if edge.node.op == "@"])
        yield from _through_factor(case, [edge for edge in products if edge.node.op == "*"])
        yield from _other_weights(case, products)
    yield from _other_gradients(case)


def _back(edge: Edge) -> bool:
    own = edge.node.args[edge.index].op == "name"
    return (own and edge.node.op == "*") or (edge.node.op == "@" and edge.index == 0)


def _meeting(case: Case) -> Iterator[Way]:
    if case.places < 2:
        return
    one = ids("first-path-only", "last-path-only", "shared-use-dropped")
    for place in range(case.places):
        yield way(PATHS, "one path only", one, meet=_only(place))
    yield way(
        PATHS, "mean of the paths", "paths-averaged",
        meet=lambda found: np.asarray(sum(found) / len(found)),
    )  # fmt: skip
    yield way(
        PATHS, "product of the paths", "paths-multiplied",
        meet=lambda found: np.asarray(np.prod(found, axis=0)),
    )  # fmt: skip


def _averaged(case: Case) -> Iterator[Way]:
    """The mean over what a matrix product or a broadcast adds up."""
    for edge in case.edges:
        for terms in summed(edge):
            if terms > 1:
                yield way(NAME, f"mean of {terms} terms", "paths-averaged", final=_divided(terms))


def summed(edge: Edge) -> Iterator[int]:
    """Over how many terms a gradient is added up on its way through an operation."""
    if edge.node.op == "@":
        yield edge.upstream.shape[1 if edge.index == 0 else 0]
    elif edge.node.op in {"+", "-", "*", "/"} and edge.upstream.size > edge.x.size:
        yield edge.upstream.size // edge.x.size


def _divided(terms: int) -> Callable[[Array], Array]:
    return lambda value: np.asarray(value / terms)


def _only(place: int) -> Callable[[list[Array]], Array]:
    return lambda found: found[min(place, len(found) - 1)]


def _at_matrix(rule: Callable[[Edge], Array]) -> Callable[[Edge], Array | None]:
    return at(("@",), rule, 0)


def _through_matrix(case: Case, edges: list[Edge]) -> Iterator[Way]:
    if not edges:
        return
    edge = edges[0]
    G, W, shape = edge.upstream, edge.other, edge.x.shape
    if W.shape[0] == W.shape[1] > 1:
        yield way(
            KIND, "weights not transposed", "transpose-missing",
            edge=_at_matrix(
                lambda edge: edge.upstream @ edge.other
                if edge.other.shape[0] == edge.other.shape[1] else downstream(edge)
            ),
        )  # fmt: skip
    if W.shape[1] > 1:
        yield way(
            PATHS, "the first unit only", "first-path-only",
            elsewhere=True,
            edge=_at_matrix(lambda edge: edge.upstream[:, :1] @ edge.other[:, :1].T),
        )  # fmt: skip
        yield way(
            PATHS, "the last unit only", "last-path-only",
            elsewhere=True,
            edge=_at_matrix(lambda edge: edge.upstream[:, -1:] @ edge.other[:, -1:].T),
        )  # fmt: skip
        yield way(
            KIND, "row sums as the Jacobian", "local-sum-as-jacobian",
            edge=_at_matrix(_row_sums),
        )  # fmt: skip
    yield way(
        KIND, "sum without the weights", "weights-omitted",
        edge=_at_matrix(
            lambda edge: np.broadcast_to(edge.upstream.sum(1, keepdims=True), edge.x.shape)
        ),
    )  # fmt: skip
    if fits(G, shape):
        yield way(
            KIND, "activation for the weight", "activation-for-weight",
            edge=_at_matrix(lambda edge: edge.upstream * edge.x),
        )  # fmt: skip
    if G.shape == W.shape == shape or (W.shape == shape and G.shape[0] == 1):
        yield way(
            KIND, "* for @", "elementwise-for-matmul",
            edge=_at_matrix(lambda edge: edge.upstream * edge.other),
        )  # fmt: skip
    if W.shape[1] == 1:
        yield way(
            KIND, "weight added", "factors-added",
            edge=_at_matrix(lambda edge: edge.upstream + edge.other.T),
        )  # fmt: skip


def _row_sums(edge: Edge) -> Array:
    sums = edge.other.sum(axis=1)[None, :]
    alike = edge.upstream.shape[1] == sums.shape[1]
    return np.asarray(edge.upstream * sums) if alike else downstream(edge)


def _at_factor(rule: Callable[[Edge], Array]) -> Callable[[Edge], Array | None]:
    return lambda edge: (
        unbroadcast(rule(edge), edge.x.shape) if edge.node.op == "*" and _back(edge) else None
    )


def _through_factor(case: Case, edges: list[Edge]) -> Iterator[Way]:
    if not edges:
        return
    told = ids("weights-omitted", "input-missing")
    if all(edge.upstream.shape == edge.x.shape for edge in edges):
        yield way(
            KIND, "the factor forgotten", told,
            edge=_at_factor(lambda edge: edge.upstream),
        )  # fmt: skip
    told = ids("activation-for-weight")
    if not case.program.parameters:
        told |= ids("weight-from-other-layer")
    yield way(
        KIND, "the activation for the factor", told,
        edge=_at_factor(lambda edge: edge.upstream * edge.x),
    )  # fmt: skip
    yield way(
        KIND, "factor added", "factors-added",
        edge=_at_factor(lambda edge: edge.upstream + edge.other),
    )  # fmt: skip
    if not case.program.parameters:  # a circuit: its leaves are what the weights are elsewhere
        for edge in edges:
            for other, value in case.program.leaves.items():
                name = edge.other_name
                if name in case.program.leaves and other not in {name, case.name}:
                    yield way(
                        KIND, "another factor", "weight-from-other-layer",
                        edge=_swapped(name or "", value),
                    )  # fmt: skip


def _other_weights(case: Case, edges: list[Edge]) -> Iterator[Way]:
    names = dict.fromkeys(edge.other_name for edge in edges)
    for name in names:
        if name is None or name not in case.program.parameters:
            continue
        weight = case.env[name]
        new = case.env.get(f"{name}_new")
        if new is not None:
            yield way(
                KIND, "weight after its update", "updated-weight",
                edge=_swapped(name, new),
            )  # fmt: skip
        yield way(KIND, "absolute weights", "weights-absolute", edge=_swapped(name, np.abs(weight)))
        for other in case.program.parameters:
            value = case.env[other]
            alike = other.lower().startswith("w") or other[0] == name[0]
            if other != name and alike and value.shape == weight.shape:
                yield way(
                    KIND, "another layer's weight", "weight-from-other-layer",
                    edge=_swapped(name, value),
                )  # fmt: skip


def swapped(edge: Edge, name: str, value: Array) -> Array | None:
    """The right rule on another factor, where this name is the other factor of a product."""
    if edge.node.op not in {"*", "@"} or edge.other_name != name:
        return None
    operands = list(edge.operands)
    turned = edge.node.args[1 - edge.index].op == "T"
    operands[1 - edge.index] = value.T if turned else value
    return downstream(Edge(edge.node, edge.index, edge.upstream, operands, edge.value, edge.target))


def _swapped(name: str, value: Array) -> Callable[[Edge], Array | None]:
    return lambda edge: swapped(edge, name, value)


def _other_gradients(case: Case) -> Iterator[Way]:
    """The gradient of another layer of the same shape."""
    if case.shape == () or case.name not in case.program.by_target:
        return
    mine = case.activation_of(case.name)
    for step in case.working.steps:
        other = step.by
        if step.kind != "backward" or other is None or other == case.name:
            continue
        if other in case.program.by_target and case.activation_of(other) and mine:
            value = case.env[step.id]
            if value.shape == case.shape:
                yield way(
                    KIND, "another layer's gradient", "input-gradient-of-other-layer",
                    final=given(value),
                )  # fmt: skip
