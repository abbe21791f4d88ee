"""Fresh numbers for a lesson's leaves: of few digits, and each of the sort that the lesson has.

How a leaf is drawn follows from the lesson's own numbers. What looks like labels stays labels, and
a probability distribution stays one; data keep their sign, and stay between 0 and 1 if they are
there; the rest are multiples of the unit in which the lesson counts, up to its size or twice that.

Only `Random.random` is drawn from: of all generators its numbers alone are promised to be the same
in every version and on every machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import gcd
from random import Random
from typing import Protocol

import numpy as np

from bptutor.engine.domains import class_numbers, distribution_axis, is_binary
from bptutor.engine.trace import Array
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.optimizer import Domain

MOST_DIGITS, MOST_DECIMALS = 2, 2  # of a drawn number: a longer one is too long for work by hand
ENOUGH = 4  # the least number of sizes to draw from; where the unit leaves fewer, it is divided
LARGEST = 10_000.0  # the largest size that is drawn, even where a lesson counts in 1e8
SMALLEST_BOUND = 1e-12  # of the sizes, even where float64 barely holds a lesson's number
SCATTER = 0.4  # the largest share by which a number is reduced so that it is not round


def drawn(lesson: Lesson, random: Random) -> dict[str, Array]:
    reach = 1 + _below(2, random)
    return {
        name: np.asarray(kind.cells(reach, random)).reshape(lesson.shapes[name])
        for name, kind in _kinds(lesson.form).items()
    }


def scattered(lesson: Lesson, random: Random) -> dict[str, Array]:
    """Fresh numbers that are not round: formulas equal on several such sets are equal on all."""
    leaves = drawn(lesson, random)
    for name, kind in _kinds(lesson.form).items():
        if isinstance(kind, Measured):
            less = [1 - SCATTER * random.random() for _ in range(kind.count)]
            leaves[name] = leaves[name] * np.reshape(less, lesson.shapes[name])
    return leaves


class Kind(Protocol):
    def cells(self, reach: int, random: Random) -> list[float]:
        """Drawn cells, row after row, of at most `reach` times the lesson's size."""


@dataclass(frozen=True)
class Measured:
    """Multiples of a unit, of different sizes while there are enough."""

    count: int
    sizes: dict[int, list[float]]  # the sizes to draw from, by reach
    sign: int  # 1 or -1 where all numbers have this sign, 0 where both occur
    any_sign: bool  # draw both signs every other time, even where the lesson has only one?

    def cells(self, reach: int, random: Random) -> list[float]:
        dealt: list[float] = []
        while len(dealt) < self.count:
            dealt += _shuffled(self.sizes[reach], random)
        sign = 0 if self.any_sign and _below(2, random) else self.sign
        return [size * (sign or 1 - 2 * _below(2, random)) for size in dealt[: self.count]]


@dataclass(frozen=True)
class Classes:
    count: int
    classes: int

    def cells(self, reach: int, random: Random) -> list[float]:
        return [float(_below(self.classes, random)) for _ in range(self.count)]


@dataclass(frozen=True)
class Labels:
    """Binary labels, shuffled; where the lesson has only one kind, either kind."""

    own: tuple[float, ...]

    def cells(self, reach: int, random: Random) -> list[float]:
        if len(set(self.own)) > 1:
            return _shuffled(self.own, random)
        kinds = (self.own[0], 0.0 if self.own[0] > 0 else 1.0)
        return [kinds[_below(2, random)] for _ in self.own]


@dataclass(frozen=True)
class Distributions:
    """Probabilities that add up to 1 along an axis, each distribution shuffled."""

    own: Array
    axis: int

    def cells(self, reach: int, random: Random) -> list[float]:
        rows = np.moveaxis(self.own, self.axis, -1)
        dealt = [_shuffled(row, random) for row in rows.reshape(-1, rows.shape[-1]).tolist()]
        back = np.moveaxis(np.reshape(dealt, rows.shape), -1, self.axis)
        cells: list[float] = back.reshape(-1).tolist()
        return cells


@dataclass(frozen=True)
class Fixed:
    """A setting, which stays as it is."""

    own: Array

    def cells(self, reach: int, random: Random) -> list[float]:
        return [float(self.own)]


@dataclass(frozen=True)
class Updates:
    """The number of an update, of which some came before."""

    def cells(self, reach: int, random: Random) -> list[float]:
        return [2.0 + _below(4, random)]


@lru_cache(maxsize=64)
def _kinds(form: Lesson) -> dict[str, Kind]:
    real = {*form.parameters, *form.watch}
    classes = class_numbers(form)
    kinds: dict[str, Kind] = {}
    for name in form.leaves:
        value = np.asarray(form.values[name], "float64")
        if name in form.optimizer.settings:
            kinds[name] = Fixed(value)
        elif name in form.states:
            kinds[name] = _state(value, form.states[name].domain)
        elif name in classes:
            kinds[name] = Classes(value.size, classes[name])
        elif name in real:
            kinds[name] = _measured(value, any_sign=True)
        elif (axis := distribution_axis(value)) is not None:
            kinds[name] = Distributions(value, axis)
        elif is_binary(value):
            kinds[name] = Labels(tuple(value.reshape(-1).tolist()))
        else:
            kinds[name] = _measured(value, any_sign=False)
    return kinds


def _state(value: Array, domain: Domain) -> Kind:
    """The kind of a state of the optimizer: as it is after some updates."""
    if domain == "count":
        return Updates()
    used = value if value.any() else np.ones_like(value)
    return _measured(np.abs(used) if domain == "square" else used, any_sign=domain == "any")


def _measured(value: Array, *, any_sign: bool) -> Measured:
    negative, positive = bool((value < 0).any()), bool((value > 0).any())
    share = not any_sign and bool(((value > 0) & (value < 1)).all())
    largest = float(np.abs(value).max(initial=0.0)) or 1.0
    sizes = {reach: _sizes(value, 0.99 if share else reach * largest) for reach in (1, 2)}
    return Measured(value.size, sizes, positive - negative, any_sign)


def _sizes(value: Array, largest: float) -> list[float]:
    """The sizes that a leaf's numbers are drawn from: multiples of its unit."""
    largest = min(max(largest, SMALLEST_BOUND), LARGEST)
    own = np.minimum(np.abs(value).reshape(-1), LARGEST)
    decimals = next(
        (few for few in range(MOST_DECIMALS) if np.allclose(own, np.round(own, few))), MOST_DECIMALS
    )
    counted = [round(size * 10**decimals) for size in own.tolist()]
    unit = gcd(*counted, 10) if decimals else 1
    while (most := int(largest * 10**decimals / unit + 1e-9)) < ENOUGH:
        if unit == 1:  # from ones to halves, and on to tenths
            decimals, unit = decimals + 1, 5
        else:
            unit = 1
    counts = _short_multiples(unit, most * unit)
    return [count / 10**decimals for count in counts]


def _short_multiples(unit: int, most: int) -> list[int]:
    """The multiples of a unit up to `most` that have at most `MOST_DIGITS` digits."""
    powers = (10**place for place in range(len(str(most))))
    digits = range(1, 10**MOST_DIGITS)
    counts = {digit * power for power in powers for digit in digits}
    return sorted(count for count in counts if count <= most and count % unit == 0)


def _shuffled(cells: Sequence[float], random: Random) -> list[float]:
    left, dealt = list(cells), []
    while left:
        dealt.append(left.pop(_below(len(left), random)))
    return dealt


def _below(count: int, random: Random) -> int:
    return int(random.random() * count)
