"""Pictures of a lesson: its network, with the values that may be shown, or its graph."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import nan

import numpy as np

from bptutor.course.exercise import array
from bptutor.course.layers import Layer, Stack
from bptutor.course.session import Session
from bptutor.engine.trace import Array
from bptutor.language.differentiate import gradient_name
from bptutor.language.render import display_name
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step, steps
from bptutor.literals import Direction, Life, Role, Signal
from bptutor.views.picture import NetworkView, Unit, UnitColumn, Wires

UNITS = 40  # the most units of a layer that are drawn


class Visible:
    """The quantities of a session that may be shown."""

    def __init__(self, session: Session) -> None:
        self.session = session
        tape = frozenset(steps(session.lesson))
        # Steps of the same names in other parts of the course give no numbers away.
        walked = [step.id for step in session.steps[: session.count_done] if step in tape]
        self.names = (*session.lesson.leaves, *(walked if session.facts else ()))
        self._names = frozenset(self.names)

    def get(self, name: str) -> Array | None:
        """A quantity, or None where it may not be shown yet."""
        if name not in self._names:
            return None
        if self.session.facts:
            return self.session.facts.known(name)
        saved, lesson = self.session.sitting.leaves, self.session.lesson
        if name in saved:
            return array(saved[name])
        return np.asarray(lesson.values[name], lesson.dtype)

    def gradient(self, name: str) -> Array | None:
        return self.get(gradient_name(self.session.lesson.loss, name))

    def signal(self, source: str, reader: str) -> Signal:
        """What has passed from a quantity to an assignment that reads it, forward or back."""
        if self.get(reader) is None:
            return "waiting"
        arriving = self.gradient(reader)
        if self.gradient(source) is None or (
            arriving is None and reader != self.session.lesson.loss
        ):
            return "down"
        return "up" if arriving is None or arriving.any() else "silent"


def direction_at(step: Step) -> Direction:
    """Forward ("down") or backward ("up")."""
    if step.kind in ("forward", "local"):
        return "down"
    return "up" if step.kind == "backward" else ""


def names_at(step: Step) -> tuple[str, ...]:
    """The quantities that a step is about."""
    return (step.target,) if step.by is None or step.kind == "local" else (step.by,)


class NetworkPicture:
    """Draws a stack of layers for one example of the batch."""

    def __init__(
        self, session: Session, layers: Stack, example: int, *, placed: bool = True
    ) -> None:
        """`placed`: is the learner at the session's step? Else nothing is the current one."""
        self.session, self.stack, self.seen = session, layers, Visible(session)
        self.here = names_at(session.step) if placed else ()
        shape = session.lesson.shapes[layers.inputs[0]]
        self.examples = shape[1 if layers.upright else 0] if shape else 1
        self.example = min(max(example, 0), self.examples - 1)

    def drawn(self) -> NetworkView:
        layers, loss = self.stack.layers, self.session.lesson.loss
        columns = [self._data(), *(self._column(layer) for layer in layers), self._loss()]
        fronts = [self.stack.inputs, *((layer.value,) for layer in layers)]
        wires = [self._wires(front, layer) for front, layer in zip(fronts, layers, strict=False)]
        output = layers[-1].value
        signal = self.seen.signal(output, loss)
        arriving = self._numbers(self.seen.gradient(output), output)
        to_loss: list[list[Signal]] = [
            ["silent" if signal == "up" and slope == 0 else signal] for slope in arriving
        ]
        last = Wires([], [[nan] for _ in to_loss], to_loss, current=False)
        return NetworkView(columns, [*wires, last], self.example, self.examples)

    def place_of(self, position: int) -> tuple[list[tuple[int, int, int]], int | None]:
        """The lines that an element of the current step's value is about, and its example.

        A weight is a line, for all examples. A value comes along all lines into its unit, a
        gradient along all lines out of it; of an example that is not drawn there are none.
        """
        lesson, kind, name = self.session.lesson, self.session.step.kind, self.here[0]
        if kind not in ("forward", "backward", "update"):
            return [], None
        shape = lesson.shapes.get(name, ())
        row, column = divmod(position, shape[-1]) if shape else (0, 0)
        unit, example = (row, column) if self.stack.upright else (column, row)
        layers = self.stack.layers
        for gap, layer in enumerate(layers):
            for place, factor in enumerate(layer.factors):
                if factor.name == name:  # of several factors each is a scalar
                    swapped = factor.transposed != self.stack.upright
                    i, j = (column, row) if swapped else (row, column)
                    return [(gap, i + place, j)], None
            if kind == "forward" and name == (layer.total or layer.value):
                sources = range(self._count(layer.inputs))
                return [(gap, source, unit) for source in sources], example
            if kind == "backward" and name in layer.inputs:
                source = unit + (layer.inputs.index(name) if len(layer.inputs) > 1 else 0)
                targets = range(self._count((layer.value,)))
                return [(gap, source, target) for target in targets], example
        if kind == "backward" and name == layers[-1].value:
            return [(len(layers), unit, 0)], example
        in_units = any(name in layer.names for layer in layers)
        return [], example if in_units else None

    def _count(self, names: Sequence[str]) -> int:
        return sum(len(self._numbers(None, name)) for name in names)

    # ── columns ───────────────────────────────────────────────────────────────────────────────

    def _data(self) -> UnitColumn:
        inputs = self.stack.inputs
        units = []
        for name in inputs:
            values = self._numbers(self.seen.get(name), name)
            gradients = self._numbers(self.seen.gradient(name), name)
            own = name if len(inputs) > 1 else ""
            units += [
                Unit(own, nan, value, gradient, nan, "")
                for value, gradient in zip(values, gradients, strict=True)
            ]
        watched = next((name for name in inputs if self.seen.gradient(name) is not None), "")
        gradient = gradient_name(self.session.lesson.loss, watched) if watched else ""
        return self._made("data", inputs, gradient, units)

    def _column(self, layer: Layer) -> UnitColumn:
        totals = self._numbers(self.seen.get(layer.total), layer.total) if layer.total else None
        values = self._numbers(self.seen.get(layer.value), layer.value)
        by = next((name for name in layer.names if self.seen.gradient(name) is not None), "")
        gradients = self._numbers(self.seen.gradient(by) if by else None, layer.value)
        biases = self._biases(layer, len(values))
        lives = self._lives(layer, len(values))
        units = [
            Unit("", totals[place] if totals else nan, value, gradient, bias, life)
            for place, (value, gradient, bias, life) in enumerate(
                zip(values, gradients, biases, lives, strict=True)
            )
        ]
        gradient = gradient_name(self.session.lesson.loss, by) if by else ""
        return self._made("layer", layer.names, gradient, units, layer.bias)

    def _loss(self) -> UnitColumn:
        loss = self.session.lesson.loss
        value = self.seen.get(loss)
        unit = Unit("", nan, nan if value is None else float(value), nan, nan, "")
        return self._made("loss", (loss,), "", [unit])

    def _made(
        self,
        role: Role,
        names: tuple[str, ...],
        gradient: str,
        units: Sequence[Unit],
        bias: str | None = None,
    ) -> UnitColumn:
        current = any(name in self.here for name in (*names, bias))
        return UnitColumn(
            role=role,
            names=list(names),
            gradient=display_name(gradient, self.session.style),
            units=list(units[:UNITS]),
            count=len(units),
            current=current,
            layer=self.session.lesson.form.layers.get(names[-1]),
        )

    def _biases(self, layer: Layer, count: int) -> list[float]:
        bias = self.seen.get(layer.bias) if layer.bias else None
        if bias is None:
            return [nan] * count
        flat = [float(value) for value in bias.reshape(-1)]
        return flat if len(flat) == count else [flat[0]] * count

    def _lives(self, layer: Layer, count: int) -> list[Life]:
        """Which units pass no gradient back, once the derivative of the activation may be shown."""
        lives: list[Life] = [""] * count
        if not layer.total or not layer.separate:
            return lives
        slope = self.seen.get(gradient_name(layer.value, layer.total))
        if slope is None:
            return lives
        examples = [self._numbers(slope, layer.value, each) for each in range(self.examples)]
        for place, slopes in enumerate(zip(*examples, strict=True)):
            if not any(slopes):
                lives[place] = "dead" if self.examples > 1 else "off"
            elif slopes[self.example] == 0:
                lives[place] = "off"
        return lives

    def _numbers(self, value: Array | None, name: str, example: int | None = None) -> list[float]:
        """A number for each unit of `name`, in one example; NaN where there is no value."""
        shape = self.session.lesson.shapes[name]
        if value is None:
            return [nan] * (shape[0 if self.stack.upright else 1] if shape else 1)
        chosen = self.example if example is None else example
        if value.ndim == 2:
            value = value[:, chosen] if self.stack.upright else value[chosen]
        return [float(number) for number in value.reshape(-1)]

    # ── lines ─────────────────────────────────────────────────────────────────────────────────

    def _wires(self, front: Sequence[str], layer: Layer) -> Wires:
        """The lines from one layer to the next, with the signal on each."""
        weights = list(self._weights(layer))
        sources = [v for name in front for v in self._numbers(self.seen.get(name), name)]
        back = [v for name in front for v in self._numbers(self.seen.gradient(name), name)]
        by = layer.total or layer.value
        arriving = self._numbers(self.seen.gradient(by), by)
        there = self.seen.get(by) is not None
        signals = [
            [
                _signal(there, weight * source, nan if np.isnan(came) else weight * slope)
                for weight, slope in zip(row[:UNITS], arriving, strict=False)
            ]
            for row, source, came in zip(weights[:UNITS], sources, back, strict=False)
        ]
        names = [factor.name for factor in layer.factors]
        drawn = [row[:UNITS] for row in weights[:UNITS]]
        return Wires(names, drawn, signals, current=any(name in self.here for name in names))

    def _weights(self, layer: Layer) -> Iterator[list[float]]:
        """A row for each input unit, with a weight for each unit of the layer."""
        for factor in layer.factors:
            weight = self.seen.get(factor.name)
            assert weight is not None  # leaves are always known
            transposed = factor.transposed != self.stack.upright
            matrix = np.atleast_2d(weight)
            yield from (matrix.T if transposed else matrix).astype("float64").tolist()


def norms(session: Session, layers: Stack | None) -> Iterator[tuple[Step, float]]:
    """The size of each layer's gradient, in the order in which the backward pass comes to them.

    Of a stack those of its weights, of any other program those of its lines. Of each the step and
    the norm, NaN before the learner has the gradient.
    """
    lesson, seen = session.lesson, Visible(session)
    weights = [f.name for layer in layers.layers for f in layer.factors] if layers else []
    wanted = weights or [line.target for line in lesson.program.assignments]
    for step in steps(lesson):
        if step.kind == "backward" and step.by in wanted:
            gradient = seen.get(step.id)
            norm = nan if gradient is None else float(np.linalg.norm(gradient.astype("float64")))
            yield step, norm


def _signal(there: bool, forward: float, back: float) -> Signal:
    """The signal on one line; `back` is NaN before the gradient is known."""
    if not there:
        return "waiting"
    if np.isnan(back):
        return "down" if forward else "silent"
    return "up" if back else "silent"


# ── computation graph ─────────────────────────────────────────────────────────────────────────────


SWEEPS = 4  # passes over the rows, down and up, that reduce the crossings of lines


@dataclass(frozen=True)
class Spot:
    """A place in a row: a quantity, or a line that passes on its way further down."""

    name: str
    passing: bool


@dataclass(frozen=True)
class Link:
    row: int  # the row that it starts in
    source: int
    target: int
    readers: tuple[str, ...]  # the assignments that the line leads to


@dataclass(frozen=True)
class Graph:
    rows: tuple[tuple[Spot, ...], ...]
    links: tuple[Link, ...]


@lru_cache(maxsize=64)
def graph(lesson: Lesson) -> Graph:
    """The graph of a lesson's program. A leaf stands in the row above its first reader."""
    depth = _depths(lesson)
    rows: list[list[Spot]] = [[] for _ in range(max(depth.values()) + 1)]
    for name, row in depth.items():
        rows[row].append(Spot(name, passing=False))
        deepest = max((depth[reader] for reader in _readers(lesson, name)), default=row)
        for between in range(row + 1, deepest):
            rows[between].append(Spot(name, passing=True))
    _put_in_order(lesson, rows)
    return Graph(
        tuple(map(tuple, rows)),
        tuple(link for row in range(len(rows) - 1) for link in _links(lesson, depth, rows, row)),
    )


def _readers(lesson: Lesson, name: str) -> list[str]:
    return [reader.target for reader in lesson.program.consumers.get(name, ())]


def _depths(lesson: Lesson) -> dict[str, int]:
    """The row of each quantity, in the order in which the program names them."""
    depth: dict[str, int] = {}
    for assignment in lesson.program.assignments:
        inputs = [depth.get(name, 0) for name in assignment.inputs]
        depth[assignment.target] = 1 + max(inputs, default=-1)
    rows: dict[str, int] = {}
    for assignment in lesson.program.assignments:
        for name in assignment.inputs:
            if name not in depth:
                rows[name] = min(depth[reader] for reader in _readers(lesson, name)) - 1
        rows[assignment.target] = depth[assignment.target]
    return rows


def _links(lesson: Lesson, depth: dict[str, int], rows: list[list[Spot]], row: int) -> list[Link]:
    below = {spot: place for place, spot in enumerate(rows[row + 1])}
    links = []
    for source, spot in enumerate(rows[row]):
        readers = _readers(lesson, spot.name)
        links += [
            Link(row, source, below[Spot(reader, passing=False)], (reader,))
            for reader in readers
            if depth[reader] == row + 1
        ]
        further = tuple(reader for reader in readers if depth[reader] > row + 1)
        if further:
            links.append(Link(row, source, below[Spot(spot.name, passing=True)], further))
    return links


def _put_in_order(lesson: Lesson, rows: list[list[Spot]]) -> None:
    """Order each row by where the neighbours of its places stand, on average."""
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for row in range(1, len(rows)) if down else range(len(rows) - 2, -1, -1):
            other = rows[row - 1 if down else row + 1]
            middle = (len(other) - 1) / 2
            at = {spot: place - middle for place, spot in enumerate(other)}
            mine = {spot: place - (len(rows[row]) - 1) / 2 for place, spot in enumerate(rows[row])}

            def pull(spot: Spot, down: bool = down, at: dict[Spot, float] = at) -> float | None:
                near = [at[each] for each in at if _touch(lesson, spot, each, down)]
                return sum(near) / len(near) if near else None

            pulled = {spot: pull(spot) for spot in rows[row]}
            rows[row].sort(
                key=lambda spot: mine[spot] if pulled[spot] is None else pulled[spot]  # type: ignore[arg-type,return-value]
            )


def _touch(lesson: Lesson, spot: Spot, other: Spot, down: bool) -> bool:
    """Does a line join two places of neighbouring rows? `other` is above if `down`."""
    above, below = (other, spot) if down else (spot, other)
    if below.passing:
        return above.name == below.name
    assignment = lesson.program.by_target.get(below.name)
    return assignment is not None and above.name in assignment.inputs
