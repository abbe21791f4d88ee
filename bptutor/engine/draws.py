"""Other values for the leaves of a lesson, drawn around its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from math import prod
from typing import TypeAlias

import numpy as np
from numpy.random import Generator

from bptutor.engine.domains import class_numbers, distribution_axis, is_binary, targets
from bptutor.engine.numpy_pass import NumpyPass
from bptutor.engine.signs import Told, other_than_0, told_by
from bptutor.engine.trace import Array, Leaves
from bptutor.language.ops import traits_of
from bptutor.language.tree import Apply, Expression, Name, names, parts
from bptutor.lesson.lesson import FORMS, Lesson
from bptutor.lesson.optimizer import CLIPS, Domain
from bptutor.lesson.steps import steps

MOST_SETS, FEWEST_SETS = 3, 2  # sets of a lesson by hand; of one with many numbers

DISTANCE = 0.5  # how far the size of a number moves, in the logarithm
HALVINGS = 10  # how often the distance is halved where no draw runs to finite numbers
TRIES = 8  # how many draws tell how far a leaf may move alone
MOST_TURNED_ALONE = 64  # numbers of a leaf up to which it is tried which of them may turn
MOST_OPENED = 6  # of how many draws the gates are opened
MOST_TRIED = 1_000  # leaves, times parts, up to which it is tried what opens them

Drawn: TypeAlias = list[tuple[Leaves, Told]]


@dataclass(frozen=True)
class Reach:
    """How far one leaf is drawn from its own values."""

    distance: float
    turning: Array | bool = False  # which of its numbers may have the other sign

    @property
    def anywhere(self) -> bool:
        return self.distance == DISTANCE and bool(np.all(self.turning))


ANYWHERE = Reach(DISTANCE, True)


@dataclass
class Draws:
    lesson: Lesson
    own: Leaves
    random: Generator = field(init=False)

    def __post_init__(self) -> None:
        self.random = np.random.default_rng(int(self.lesson.digest[:16], 16))

    def finite(self, count: int) -> Drawn:
        """At most so many draws that run to finite numbers, with what they show."""
        reaches = dict.fromkeys(self.own, ANYWHERE)
        found = self._tried(count, reaches)
        if 4 * len(found) < count:
            reaches = {name: self._reach(name) for name in self.own}
            found = self._tried(count, reaches)
        for _ in range(HALVINGS):
            if len(found) >= FEWEST_SETS:
                break
            reaches = {name: Reach(each.distance / 2) for name, each in reaches.items()}
            found = self._tried(count, reaches)
        return found

    def _tried(self, count: int, reaches: Mapping[str, Reach]) -> Drawn:
        found: Drawn = []
        while count > 0:
            # Of as many draws as there are sets, each number turns in one at least; a 0, which has
            # no sign in the lesson, not in all. In every second lot it turns in one alone: of a
            # chain of gates hardly any opens where most of the numbers turn.
            most, rare = 2**MOST_SETS - 1, count // MOST_SETS % 2
            turns = {
                name: 1 << self.random.integers(0, MOST_SETS, value.shape)
                if rare
                else self.random.integers(1, np.where(value == 0, most, most + 1))
                for name, value in self.own.items()
            }
            for draw in range(min(count, MOST_SETS)):
                turned = {name: each >> draw & 1 > 0 for name, each in turns.items()}
                leaves = self._drawn(turned, reaches, draw + 1)
                if (told := told_by(self.lesson, leaves)) is not None:
                    opens = len(found) < MOST_OPENED
                    found.append(self._opened(leaves, told, reaches) if opens else (leaves, told))
            count -= MOST_SETS
        return found

    def _opened(
        self, leaves: dict[str, Array], told: Told, reaches: Mapping[str, Reach]
    ) -> tuple[Leaves, Told]:
        """A draw with further leaves turned, as long as less of it is 0 by that.

        In a chain of gates one number of the other sign stops all gradients before it.
        """
        while (count := other_than_0(told)) < self._open_in_lesson:
            tried = [
                (other_than_0(shown), bool(np.all(other[name] * self.own[name] < 0)), other, shown)
                for name in self._signed
                if reaches[name].anywhere
                for other in [{**leaves, name: -leaves[name]}]
                if (shown := told_by(self.lesson, other)) is not None
            ]
            best = max(tried, key=lambda each: each[:2], default=None)
            if best is None or best[0] <= count:
                break
            *_, leaves, told = best
        return leaves, told

    @cached_property
    def _open_in_lesson(self) -> int:
        """0 where it takes too long to try what opens the gates."""
        told = told_by(self.lesson, self.own) or []
        return other_than_0(told) if len(self.own) * len(told) <= MOST_TRIED else 0

    @cached_property
    def _signed(self) -> list[str]:
        """The leaves whose numbers may be of any sign."""
        others = {*class_numbers(self.lesson), *targets(self.lesson)}
        domains = self.lesson.domains
        return [name for name in self.own if name not in domains and name not in others]

    def _reach(self, name: str) -> Reach:
        """How far a leaf may move alone so that most draws run to finite numbers."""
        value = self.own[name]
        turning: Array | bool = False
        if value.size <= MOST_TURNED_ALONE:
            alone = np.eye(value.size, dtype=bool).reshape(value.size, *value.shape)
            opposite = -_apart(value)
            turned = ({**self.own, name: np.where(each, opposite, value)} for each in alone)
            runs = [told_by(self.lesson, each) is not None for each in turned]
            turning = np.reshape(runs, value.shape)
        still = dict.fromkeys(self.own, Reach(0.0))
        for halving in range(HALVINGS):
            reach = Reach(DISTANCE / 2**halving, turning)
            if 2 * len(self._tried(TRIES, still | {name: reach})) >= TRIES:
                break
        return reach

    def _drawn(
        self, turns: Mapping[str, Array], reaches: Mapping[str, Reach], shift: int
    ) -> dict[str, Array]:
        """Leaves, each within its reach, with the other sign where they turn and may.

        Classes move on by so many.
        """
        classes, compared = class_numbers(self.lesson), targets(self.lesson)
        leaves: dict[str, Array] = {}
        for name, value in self.own.items():
            reach = reaches[name]
            turned = turns[name] & reach.turning
            domain = self.lesson.domains.get(name, "any")
            if domain != "any":
                leaves[name] = self._in_domain(value, domain)
            elif not reach.distance:
                leaves[name] = value
            elif name in classes:
                leaves[name] = (value + shift) % classes[name]
            elif name in compared:
                leaves[name] = self._target(value, turns[name], shift, reach.distance)
            else:
                apart = _stretched(_apart(value), self.random, reach.distance)
                leaves[name] = np.where(turned, -apart, apart)
        for name, other in _subtracted(self.lesson.form):
            if name not in compared and reaches[name].anywhere:
                self._aim(leaves, name, other, turns[name])
        self._bound(leaves, turns)
        return leaves

    def _in_domain(self, value: Array, domain: Domain) -> Array:
        """Numbers of a domain, none of which is too small to be seen in a formula."""
        if domain == "share":
            return np.asarray(self.random.uniform(0.2, 0.8))
        if domain in ("positive", "count"):
            value = np.ones(())
        return _stretched(_apart(value), self.random, DISTANCE)

    def _bound(self, leaves: dict[str, Array], turns: Mapping[str, Array]) -> None:
        """Draws a bound beyond a norm where it turns, and within it elsewhere."""
        norms = [step.id for step in steps(self.lesson.form) if step.role == "norm"]
        for name in CLIPS if norms else ():
            if name in leaves:
                with np.errstate(all="ignore"):
                    numbers = NumpyPass.through(self.lesson, leaves)
                    norm = numbers.value(Name(norms[self.random.integers(len(norms))]))
                side = np.where(turns[name], 1, -1)
                leaves[name] = norm * np.exp(side * self.random.uniform(0.2, 2 * DISTANCE))

    def _target(self, value: Array, turned: Array, shift: int, distance: float) -> Array:
        """Other probabilities: distributions stay distributions, and labels stay labels."""
        if (axis := distribution_axis(value)) is not None:
            moved = _stretched(np.roll(value, shift, axis), self.random, distance)
            return np.asarray(moved / moved.sum(axis, keepdims=True))
        if is_binary(value):
            lowest = float(value.min(initial=0.0))
            return np.where(turned, np.where(value > lowest, lowest, 1.0), value)
        inside = np.clip(value, 0.05, 0.95)
        odds = _stretched(inside / (1 - inside), self.random, 2 * distance)
        return np.asarray(odds / (1 + odds))

    def _aim(self, leaves: dict[str, Array], name: str, other: Expression, turns: Array) -> None:
        """Draw one side of a difference around the other.

        A target of 0.2 in `a - y`, of whatever sign, lies hardly ever on the other side of `a`.
        """
        near, before = self._beside(leaves, name, other), self._before.get(name)
        if near is None or before is None:
            return
        side = np.where(self.own[name] < before, -1, 1) * np.where(turns, -1, 1)
        size = max(_size(self.own[name]), _size(near))
        leaves[name] = near + side * _stretched(np.full(near.shape, size), self.random, DISTANCE)

    @cached_property
    def _before(self) -> dict[str, Array | None]:
        """What is on the other side of each difference in the lesson itself."""
        sides = _subtracted(self.lesson.form)
        return {name: self._beside(self.own, name, other) for name, other in sides}

    def _beside(self, leaves: Leaves, name: str, other: Expression) -> Array | None:
        """An expression in a leaf's shape; None where it does not fit, or is not finite."""
        with np.errstate(all="ignore"):
            value = NumpyPass.through(self.lesson, leaves).value(other)
        shape = self.own[name].shape
        if value.shape != shape and prod(shape) == 1:
            value = np.full(shape, value.mean())
        return value if value.shape == shape and np.isfinite(value).all() else None


def _apart(value: Array) -> Array:
    """The numbers, with another in the place of a 0."""
    return np.where(value == 0, _size(value), value)


def _size(value: Array) -> float:
    return float(np.sqrt(np.mean(value**2))) or 1.0


def _stretched(value: Array, random: Generator, distance: float) -> Array:
    return np.asarray(value * np.exp(distance * random.standard_normal(value.shape)))


@lru_cache(maxsize=FORMS)
def _subtracted(form: Lesson) -> tuple[tuple[str, Expression], ...]:
    """Each leaf in a difference, with the other side, which does not depend on it."""
    found: dict[str, Expression] = {}
    for assignment in form.program.assignments:
        for part in parts(assignment.expression):
            if not isinstance(part, Apply) or traits_of(part).terms != "minus":
                continue
            sides = part.operands
            if len(sides) != 2:
                continue
            for side, other in (sides[::-1], sides):
                if isinstance(side, Name) and side.id in form.program.leaves:
                    read = {*names(other)}
                    above = read.union(*map(form.program.ancestors, read))
                    if read and side.id not in above:
                        found.setdefault(side.id, other)
                        break
    return tuple(found.items())
