"""Further values for a lesson's inputs and parameters, on which a formula must hold as well.

They are drawn so that each number turns: a leaf, a difference, a mask, a gradient has both signs by
then, wherever it can. A formula that is right only by a sign is wrong on one of them.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import islice
from math import prod
from typing import TypeAlias

import numpy as np
from numpy.random import Generator

from bptutor.engine.domains import class_numbers, distribution_axis, is_binary, targets
from bptutor.engine.numpy_pass import NumpyPass
from bptutor.engine.trace import Array, EngineError, Leaves, Trace, run
from bptutor.language.algebra import untransposed
from bptutor.language.errors import ShapeError
from bptutor.language.ops import build, operation_of, traits_of
from bptutor.language.ops.elementwise import Comparison
from bptutor.language.tree import Apply, Expression, Name, Number, Shape, names, parts
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.optimizer import CLIPS, Domain
from bptutor.lesson.steps import steps

MOST_SETS, FEWEST_SETS = 3, 2
"""Sets of a lesson by hand, and of one whose numbers are many: many turn in each set."""
MANY = 20_000
"""Numbers of a program from which on they are many."""
FEWEST_DRAWS, MOST_DRAWS = 9, 45
"""How many draws the sets are chosen from; of many numbers as few as there are sets."""
MOST_PARTS = 3_000
"""How many parts are computed for the draws, where more than the fewest are drawn."""

DISTANCE = 0.5
"""How far the size of a number moves, in the logarithm."""
HALVINGS = 10
"""How often the distance is halved where no draw runs to finite numbers."""
TRIES = 8
"""How many draws tell how far a leaf may move alone."""
MOST_TURNED_ALONE = 64
"""Numbers of a leaf up to which it is tried which of them may turn."""
FAINT = 1e-3
"""What is not seen of a part beside its numbers in the lesson, as a share of the largest."""
MOST_TOLD = 256
"""Numbers of a part whose signs are compared."""

MOST_OPENED = 6
"""Of how many draws the gates are opened."""
MOST_TRIED = 1_000
"""Leaves, times parts, up to which it is tried what opens them."""
FEW = 2_000
"""Numbers of a program up to which its draws are kept."""

Told: TypeAlias = list[Array]
"""The numbers of each part of a lesson."""
Drawn: TypeAlias = list[tuple[Leaves, Told]]


@dataclass(frozen=True)
class Reach:
    """How far one leaf is drawn from its own values."""

    distance: float
    turning: Array | bool = False
    """Which of its numbers may have the other sign."""

    @property
    def anywhere(self) -> bool:
        return self.distance == DISTANCE and bool(np.all(self.turning))


ANYWHERE = Reach(DISTANCE, True)


@lru_cache(maxsize=4)  # of a network of two million weights they take 200 MB
def variations(lesson: Lesson) -> tuple[Trace, ...]:
    """A lesson in float64 on further values for its leaves; the same ones every time.

    Raises:
        EngineError: the lesson's own values come to no finite number.
    """
    drawn = draws(lesson)
    if drawn is None:
        run(lesson, dtype="float64")
        return ()
    found = (trace for leaves in drawn if (trace := _run(lesson, leaves)))
    return tuple(islice(found, _most_sets(lesson)))


def draws(lesson: Lesson) -> list[Leaves] | None:
    """Values for a lesson's leaves, those first that show most, then others in their stead.

    None where its own come to no finite number. This takes no TensorFlow.
    """
    return _draws(lesson) if _numbers(lesson) > FEW else _kept_draws(lesson)


def _draws(lesson: Lesson) -> list[Leaves] | None:
    own = {name: np.asarray(lesson.values[name], "float64") for name in lesson.leaves}
    if (told := _told(lesson, own)) is None:
        return None
    most = _most_sets(lesson)
    count = min(max(MOST_PARTS // len(told), FEWEST_DRAWS), MOST_DRAWS)
    pool = _Draws(lesson, own).finite(count if most == MOST_SETS else most + 1)
    ordered: list[Leaves] = []
    while pool and len(ordered) < 2 * most:
        chosen = _chosen(lesson.form, told, [shown for _, shown in pool], most)
        ordered += [pool[at][0] for at in chosen]
        pool = [each for at, each in enumerate(pool) if at not in chosen]
    return ordered


_kept_draws = lru_cache(maxsize=64)(_draws)


def _most_sets(lesson: Lesson) -> int:
    return FEWEST_SETS if _numbers(lesson) > MANY else MOST_SETS


def _run(lesson: Lesson, leaves: Leaves) -> Trace | None:
    try:
        return run(lesson, leaves, "float64")
    except EngineError:
        return None


# ── what a set shows ──────────────────────────────────────────────────────────────────────────────


def _told(lesson: Lesson, leaves: Leaves) -> Told | None:
    """The numbers of all that is computed from leaves, part by part, masks as ±1/2.

    None where something is not finite, or a derived formula cannot be computed at all.
    """
    told = []
    try:
        with np.errstate(all="ignore"):
            numbers = NumpyPass.through(lesson, leaves)
            for part, middle in _telling(lesson.form):
                value = numbers.value(part)
                told.append(_sample(value - middle if middle else value))
    except (ShapeError, ValueError):
        return None
    return told if np.isfinite(np.concatenate(told)).all() else None


def _sample(value: Array) -> Array:
    flat = value.reshape(-1)
    return flat if flat.size <= MOST_TOLD else flat[:: flat.size // MOST_TOLD]


def _other_than_0(told: Told) -> int:
    """How many parts are not all 0."""
    return sum(bool(each.any()) for each in told)


def _chosen(form: Lesson, own: Told, drawn: Sequence[Told], most: int) -> tuple[int, ...]:
    """Which draws together show most.

    That is in how many parts anything has had both signs, in how much of each, and how much of it
    was not 0.
    """
    sizes = np.array([each.size for each in own])
    starts = np.cumsum(sizes) - sizes
    sets = np.array([np.concatenate(each) for each in (own, *drawn)])
    pairs = np.array(_of_one_shape(form), "int64").reshape(-1, 2)
    pairs = pairs[sizes[pairs[:, 0]] == sizes[pairs[:, 1]]]  # all, where the formulas are right
    beside = sizes[pairs[:, 0]]
    within = np.arange(beside.sum()) - np.repeat(np.cumsum(beside) - beside, beside)
    quantity, gradient = (np.repeat(starts[each], beside) + within for each in pairs.T)
    sets = np.hstack([sets, np.where(sets[:, gradient] != 0, sets[:, quantity], 0)])
    sizes = np.array([*sizes, *beside])
    starts, weights = np.cumsum(sizes) - sizes, np.repeat(1 / sizes, sizes)
    faint = FAINT * np.repeat(np.maximum.reduceat(np.abs(sets[0]), starts), sizes)
    positive, negative = sets > faint, sets < -faint

    def shown(beside: Sequence[int]) -> Array:
        """What each draw shows together with those beside it, and with the lesson itself."""
        together = [0, *(1 + draw for draw in beside)]
        above, below = (each[1:] | each[together].any(axis=0) for each in (positive, negative))
        turned = above & below
        parts = np.logical_or.reduceat(turned, starts, axis=1).sum(axis=1)
        return np.asarray(2 * parts + turned @ weights + (above | below) @ weights)

    chosen: list[int] = []
    most = min(most, len(drawn))
    best, since = 0.0, 0
    while since < most:  # the first ones one by one, then each exchanged as long as that gains
        others = chosen if len(chosen) < most else chosen[1:]
        each = shown(others)
        each[others] = -1.0
        gained = len(chosen) < most or each.max() > best
        best, since = max(best, float(each.max())), 0 if gained else since + 1
        chosen = [*others, int(each.argmax()) if gained else chosen[0]]
    return tuple(sorted(chosen))


@lru_cache(maxsize=16)
def _telling(form: Lesson) -> tuple[tuple[Expression, float], ...]:
    """All parts of the program and of the gradients, whose signs a formula could get wrong.

    With each what lies in the middle of its values: 1/2 for a mask, and for labels 0 and 1.
    """
    asked = [step for step in steps(form) if step.kind == "local" or step.asks_formula]
    lines = [assignment.expression for assignment in form.program.assignments]
    whole: list[Expression] = [Name(line.target) for line in form.program.assignments]
    whole += [Name(step.id) for step in asked]
    inside = [part for each in (*lines, *(step.product for step in asked)) for part in parts(each)]
    # Whether a norm is beyond its bound.
    inside += [
        build.difference(*part.operands)
        for step in asked
        if step.role == "clip"
        for part in parts(step.product)
        if isinstance(part, Apply) and traits_of(part).gate
    ]
    found = (untransposed(part) for part in (*whole, *inside) if not isinstance(part, Number))
    telling = dict.fromkeys(part for part in found if not traits_of(part).shape_alone)
    return tuple((part, _middle(form, part)) for part in telling)


@lru_cache(maxsize=16)
def _of_one_shape(form: Lesson) -> tuple[tuple[int, int], ...]:
    """Where the quantities are that have the shape of a gradient, and where that is.

    Of each a mask could be made: it is to turn where the gradient is not 0.
    """
    places = {part: place for place, (part, _) in enumerate(_telling(form))}
    quantities: defaultdict[Shape, list[int]] = defaultdict(list)
    for name, shape in form.shapes.items():
        if Name(name) in places:
            quantities[shape].append(places[Name(name)])
    return tuple(
        (quantity, places[Name(gradient.id)])
        for gradient in steps(form)
        if gradient.kind == "backward"
        for quantity in quantities[gradient.shape]
    )


def _middle(form: Lesson, part: Expression) -> float:
    if isinstance(part, Apply):
        return 0.5 if isinstance(operation_of(part), Comparison) else 0.0
    if isinstance(part, Name) and part.id in targets(form):
        value = np.asarray(form.values[part.id], "float64")
        return 0.5 if is_binary(value) and value.min(initial=0.0) == 0 else 0.0
    return 0.0


# ── draws ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass
class _Draws:
    """Draws values for the leaves around their own."""

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
                if (told := _told(self.lesson, leaves)) is not None:
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
        while (count := _other_than_0(told)) < self._open_in_lesson:
            tried = [
                (_other_than_0(shown), bool(np.all(other[name] * self.own[name] < 0)), other, shown)
                for name in self._signed
                if reaches[name].anywhere
                for other in [{**leaves, name: -leaves[name]}]
                if (shown := _told(self.lesson, other)) is not None
            ]
            best = max(tried, key=lambda each: each[:2], default=None)
            if best is None or best[0] <= count:
                break
            *_, leaves, told = best
        return leaves, told

    @cached_property
    def _open_in_lesson(self) -> int:
        """0 where it takes too long to try what opens the gates."""
        told = _told(self.lesson, self.own) or []
        return _other_than_0(told) if len(self.own) * len(told) <= MOST_TRIED else 0

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
            runs = [_told(self.lesson, each) is not None for each in turned]
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


def _numbers(lesson: Lesson) -> int:
    return sum(map(prod, lesson.shapes.values()))


def _apart(value: Array) -> Array:
    """The numbers, with another in the place of a 0."""
    return np.where(value == 0, _size(value), value)


def _size(value: Array) -> float:
    return float(np.sqrt(np.mean(value**2))) or 1.0


def _stretched(value: Array, random: Generator, distance: float) -> Array:
    return np.asarray(value * np.exp(distance * random.standard_normal(value.shape)))


@lru_cache(maxsize=16)
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
