"""A step at which a learner goes wrong, and what is known about it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from bptutor.lesson.steps import Step
from tools.outside.program import (
    ACTIVATIONS,
    Array,
    Edge,
    Line,
    Node,
    Program,
    downstream,
    evaluate,
)
from tools.outside.program import routes as routes_to
from tools.outside.working import EdgeRule, Known, Way, Working

NAME = "only a name"
"""The kind of what the set does not ask, but accepts as a name for a number."""
USUAL = {"+", "-", "*", "@", *ACTIVATIONS}


def one_of(op: str) -> bool:
    return op in ACTIVATIONS


def is_activation(edge: Edge) -> bool:
    """An activation, at its argument."""
    return one_of(edge.node.op) and edge.index == 0


def fits(value: Array, shape: tuple[int, ...]) -> bool:
    return value.shape == shape


def spreads(value: Array, shape: tuple[int, ...]) -> bool:
    """Can it be typed as it stands, or repeated, for this shape?"""
    try:
        return np.broadcast_shapes(value.shape, shape) == shape
    except ValueError:
        return False


@dataclass(eq=False)
class Case:
    working: Working
    step: Step
    edges: list[Edge] = field(default_factory=list)
    """Those on the ways from what is differentiated to the name, with the right numbers."""
    lines: list[Line] = field(default_factory=list)
    places: int = 0
    """How often the name is read."""

    def __post_init__(self) -> None:
        step = self.step
        if step.kind == "local":
            self.lines = [self.program.by_target[step.target]]
        elif step.kind == "backward":
            self.lines = self.program.consumers(step.by or "")
        for line in self.lines:
            self.edges += self._edges(line)

    def _edges(self, line: Line) -> Iterator[Edge]:
        values: dict[Node, Array] = {}
        evaluate(line.root, self.env, values)
        for route in routes_to(line.root, self.step.by or ""):
            self.places += 1
            local = self.step.kind == "local"
            G = np.ones_like(values[line.root])
            if not local:
                G = self.working.upstream(line, self.env)
            for node, index in route:
                operands = [values[part] for part in node.args]
                edge = Edge(node, index, G, operands, values[node], line.target)
                yield edge
                G = downstream(edge)

    @property
    def program(self) -> Program:
        return self.working.program

    @property
    def env(self) -> Known:
        return self.working.right

    @property
    def name(self) -> str:
        """What is differentiated by, or assigned."""
        return self.step.by or self.step.target

    @property
    def truth(self) -> Array:
        return self.env[self.step.id]

    @property
    def shape(self) -> tuple[int, ...]:
        return self.truth.shape

    @property
    def is_parameter(self) -> bool:
        return self.name in self.program.parameters

    @property
    def at_loss(self) -> bool:
        """Does the loss, or a term of it, read the name?"""
        return any(self.is_loss(line.target) for line in self.lines)

    def is_loss(self, target: str) -> bool:
        """Is it the loss, or a scalar term of it?"""
        loss = self.program.by_target[self.program.loss]
        if target == loss.target:
            return True
        plain = all(node in {"+", "name"} for node in operations(loss.root))
        return plain and target in loss.root.names

    @property
    def squares_an_error(self) -> bool:
        return self.at_loss and any(
            edge.node.op in {"**", "square"} and edge.node.args[0].op == "-" for edge in self.edges
        )

    @property
    def error(self) -> Array | None:
        """y - t, where the loss squares it."""
        for edge in self.edges:
            if edge.node.op in {"**", "square"} and edge.node.args[0].op == "-":
                return edge.x
        return None

    @property
    def target_name(self) -> str | None:
        """The name that an error is measured from."""
        for edge in self.edges:
            if edge.node.op == "-" and edge.node.args[0].op == edge.node.args[1].op == "name":
                return edge.node.args[1].name
        return None

    def activation_of(self, name: str) -> tuple[str, str] | None:
        """The function and its argument, where a name is an activation of another."""
        line = self.program.by_target.get(name)
        if line and one_of(line.root.op) and line.root.args[0].op == "name":
            return line.root.op, line.root.args[0].name
        return None

    @property
    def elsewhere(self) -> bool:
        """Is it another setting than the catalogue's own (a plain chain of layers)?"""
        if self.step.kind == "update":
            return False
        if self.step.kind == "forward":
            ops = operations(self.program.by_target[self.step.target].root)
            return not self.is_loss(self.step.target) and not set(ops) <= {
                "name", "number", "softmax", *USUAL
            }  # fmt: skip
        if self.places > 1:
            return True
        for line in self.lines:
            if self.is_loss(line.target):
                if "softplus" in operations(line.root):
                    return True
                penalty = not any(op in {"-", "log"} for op in operations(line.root))
                if line.target == self.program.loss and "+" in operations(line.root)[:1]:
                    return True
                if penalty or line.target != self.program.loss:
                    return True
                continue
            parts = set(operations(line.root))
            if not parts <= {"name", "number", "+", "*", "@", "softmax", *ACTIVATIONS}:
                return True
            if line.root.op == "softmax" and not self.feeds_loss(line.target):
                return True
            if "*" in parts and not any(
                name in self.program.parameters for name in line.root.names
            ):
                return True
        return False

    def feeds_loss(self, name: str) -> bool:
        return any(self.is_loss(line.target) for line in self.program.consumers(name))


def operations(node: Node) -> list[str]:
    return [node.op, *(op for part in node.args for op in operations(part))]


def at(ops: set[str] | tuple[str, ...], rule: EdgeRule, index: int | None = None) -> EdgeRule:
    """The rule, at these operations only."""

    def guarded(edge: Edge) -> Array | None:
        if edge.node.op not in ops or index not in (None, edge.index):
            return None
        return rule(edge)

    return guarded


def ids(*names: str) -> frozenset[str]:
    return frozenset(names)


def way(kind: str, label: str, told: frozenset[str] | str, **how: object) -> Way:
    return Way(ids(told) if isinstance(told, str) else told, kind, label, **how)  # type: ignore[arg-type]


def given(value: Array) -> Callable[[Array], Array]:
    """This, whatever is right."""
    return lambda _: value
