"""A learner's working: every step of a lesson, each from the numbers of the steps before.

A `Way` is how a learner goes wrong at one step; ways of one step can be joined. What comes after
is worked out rightly, on the learner's own numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

import numpy as np

from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step, steps
from tools.outside.program import (
    Array,
    Edge,
    Forward,
    Line,
    Node,
    Program,
    Route,
    downstream,
    evaluate,
    routes,
)

NOISE = 1e-13
"""What is left of numbers that cancel."""
EdgeRule: TypeAlias = Callable[[Edge], Array | None]


@dataclass(frozen=True, eq=False)
class Way:
    """One way to go wrong at a step; what is None is done rightly."""

    ids: frozenset[str]
    kind: str
    """The catalogue's section."""
    label: str
    edge: EdgeRule | None = None
    forward: Forward | None = None
    names: Mapping[str, Array] = field(default_factory=dict)
    """What is read in place of a name in the forward pass."""
    upstream: Callable[[str, Array], Array] | None = None
    """What is taken for the gradient by what a line assigns."""
    meet: Callable[[list[Array]], Array] | None = None
    """What is made of the contributions that meet at a name."""
    final: Callable[[Array], Array] | None = None
    elsewhere: bool = False
    """Is it the mistake in another setting than the catalogue's own?"""


def quiet(value: Array) -> Array:
    if value.dtype == object:
        return value
    return np.where(np.abs(value) < NOISE, 0.0, value)


class Known(dict[str, Array]):
    """What a learner knows, by name, and which of it was typed rather than worked out rightly."""

    typed: frozenset[str] = frozenset()


class Working:
    """The right numbers of a lesson, and what comes of wrong ones."""

    def __init__(self, program: Program, lesson: Lesson) -> None:
        self.program = program
        self.steps: tuple[Step, ...] = steps(lesson)
        self.index = {step.id: place for place, step in enumerate(self.steps)}
        self.right = self.carried({})

    def carried(self, given: Mapping[str, Array]) -> Known:
        """Every value, where those given were typed and all others follow from them."""
        env = Known(self.program.leaves)
        env.typed = frozenset(given)
        for line in self.program.lines:  # also lines that are not asked
            known = given.get(line.target)
            env[line.target] = evaluate(line.root, env) if known is None else known
        for step in self.steps:
            if step.kind == "forward":
                continue
            known = given.get(step.id)
            env[step.id] = self.value(step, env) if known is None else known
        return env

    def value(self, step: Step, env: Known, ways: Sequence[Way] = ()) -> Array:
        """A step's value from what is known before it, right but for these ways."""
        match step.kind:
            case "forward":
                value = self._forward(step, env, ways)
            case "local":
                value = self._local(step, env, ways)
            case "backward":
                value = self._backward(step, env, ways)
            case _:
                name = step.target
                gradient = env[f"d{self.program.loss}_d{name}"]
                value = np.asarray(env[name] - self.program.rate * gradient)
        for way in ways:
            if way.final:
                value = np.asarray(way.final(value))
        return quiet(value)

    def _forward(self, step: Step, env: Known, ways: Sequence[Way]) -> Array:
        known = Known(env)
        for way in ways:
            known.update(way.names)

        def wrong(node: Node, operands: list[Array]) -> Array | None:
            for way in ways:
                value = way.forward(node, operands) if way.forward else None
                if value is not None:
                    return value
            return None

        return evaluate(self.program.by_target[step.target].root, known, None, wrong)

    def _local(self, step: Step, env: Known, ways: Sequence[Way]) -> Array:
        line = self.program.by_target[step.target]
        return self._meet(self.contributions(line, step.by or "", env, ways, True), ways)

    def _backward(self, step: Step, env: Known, ways: Sequence[Way]) -> Array:
        name = step.by or ""
        found: list[Array] = []
        for line in self.program.consumers(name):
            found += self.contributions(line, name, env, ways)
        return self._meet(found, ways)

    @staticmethod
    def _meet(found: list[Array], ways: Sequence[Way]) -> Array:
        for way in ways:
            if way.meet:
                return way.meet(found)
        return np.asarray(sum(found))

    def upstream(self, line: Line, env: Known) -> Array:
        """The gradient by what a line assigns; 1 at the loss."""
        loss = self.program.loss
        return np.asarray(1.0) if line.target == loss else env[f"d{loss}_d{line.target}"]

    def contributions(
        self, line: Line, name: str, env: Known, ways: Sequence[Way] = (), local: bool = False
    ) -> list[Array]:
        """What each place of a name in a line contributes to the gradient by it."""
        G = np.ones_like(env[line.target]) if local else self.upstream(line, env)
        for way in ways:
            if way.upstream:
                G = way.upstream(line.target, G)
        step = f"d{line.target}_d{name}"
        if not local and step in env.typed:
            return [np.asarray(G * env[step])]  # a factor that the learner has worked out before
        values: dict[Node, Array] = {}
        evaluate(line.root, env, values)
        values[line.root] = env[line.target]
        return [self._along(route, line, G, values, ways) for route in routes(line.root, name)]

    @staticmethod
    def _along(
        route: Route, line: Line, G: Array, values: Mapping[Node, Array], ways: Sequence[Way]
    ) -> Array:
        for node, index in route:
            operands = [values[part] for part in node.args]
            edge = Edge(node, index, G, operands, values[node], line.target)
            wrong = (way.edge(edge) for way in ways if way.edge)
            found = next((value for value in wrong if value is not None), None)
            G = downstream(edge) if found is None else np.asarray(found, float)
        return G
