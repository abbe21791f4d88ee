"""Fresh numbers for a lesson's leaves: of few digits, and each of the sort that the lesson has.

How a leaf is drawn follows from the lesson's own numbers. What looks like labels stays labels, and
a probability distribution stays one; data keep their sign, and stay between 0 and 1 if they are
there; the rest are multiples of the unit in which the lesson counts, up to twice its size.

Only `Random.random` is drawn from: of all generators its numbers alone are promised to be the same
in every version and on every machine.
"""

from __future__ import annotations

from math import gcd
from random import Random
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bptutor.engine.draw import distribution_axis, is_binary
from bptutor.language.tree import Apply, names, parts
from bptutor.lesson.lesson import Lesson

Array = NDArray[Any]

MOST_DECIMALS = 2
"""Decimals of a number that is drawn: with more of them it is too long to work with by hand."""
ENOUGH = 4
"""How many sizes there must be to draw from; where the unit leaves fewer, it is divided."""


def drawn(lesson: Lesson, random: Random) -> dict[str, Array]:
    """Fresh numbers for every leaf."""
    real = {*lesson.parameters, *lesson.watch}
    classes = _class_numbers(lesson)
    found = {}
    for name in lesson.program.leaves:
        value = np.asarray(lesson.values[name], "float64")
        if name in classes:
            found[name] = _labels(value, classes[name], random)
        elif name in real:
            found[name] = _numbers(value, random, signed=random.random() < 0.5 or _mixed(value))
        else:
            found[name] = _data(value, random)
    return found


def _class_numbers(lesson: Lesson) -> dict[str, int]:
    """The leaves that `one_hot` reads, and how many classes there are."""
    return {
        name: int(str(part.option("depth")))
        for assignment in lesson.program.assignments
        for part in parts(assignment.expression)
        if isinstance(part, Apply) and part.operation == "one_hot"
        for name in names(part)
    }


def _labels(value: Array, classes: int, random: Random) -> Array:
    drawn = [float(_below(classes, random)) for _ in range(value.size)]
    return np.asarray(drawn).reshape(value.shape)


def _data(value: Array, random: Random) -> Array:
    axis = distribution_axis(value)
    if axis is not None:
        rows = np.moveaxis(value, axis, -1)
        dealt = [_shuffled(row, random) for row in rows.reshape(-1, rows.shape[-1]).tolist()]
        return np.moveaxis(np.asarray(dealt).reshape(rows.shape), -1, axis)
    if is_binary(value):
        return _relabelled(value, random)
    share = bool(((value > 0) & (value < 1)).all())
    return _numbers(value, random, signed=_mixed(value), below_one=share)


def _relabelled(value: Array, random: Random) -> Array:
    """Labels of two kinds, dealt anew; where there is but one kind, any of both."""
    cells: list[float] = value.reshape(-1).tolist()
    if len(set(cells)) > 1:
        dealt = _shuffled(cells, random)
    else:
        kinds = (cells[0], 0.0 if cells[0] > 0 else 1.0)
        dealt = [kinds[_below(2, random)] for _ in cells]
    return np.asarray(dealt).reshape(value.shape)


def _numbers(value: Array, random: Random, *, signed: bool, below_one: bool = False) -> Array:
    """Multiples of the leaf's unit, all of another size while there are enough."""
    unit, decimals, most = _scale(value, below_one=below_one)
    sizes = [float(size * unit) / 10**decimals for size in range(1, most + 1)]
    dealt: list[float] = []
    while len(dealt) < value.size:
        dealt += _shuffled(sizes, random)
    sign = -1.0 if (value < 0).any() and not _mixed(value) else 1.0
    cells = [size * (1 - 2 * _below(2, random) if signed else sign) for size in dealt[: value.size]]
    return np.asarray(cells, "float64").reshape(value.shape)


def _scale(value: Array, *, below_one: bool) -> tuple[int, int, int]:
    """A leaf's unit as so many of its last decimal, the decimals, and the units up to its most."""
    sizes = np.abs(value)
    decimals = next(
        (d for d in range(MOST_DECIMALS) if np.allclose(sizes, np.round(sizes, d))), MOST_DECIMALS
    )
    most = 0.99 if below_one else 2 * float(sizes.max(initial=0.0)) or 1.0
    counted = [round(size * 10**decimals) for size in sizes.reshape(-1).tolist()]
    unit = gcd(*counted, 10) if decimals else 1
    while (count := int(most * 10**decimals / (unit or 1) + 1e-9)) < ENOUGH:
        if unit == 1:
            decimals, unit = decimals + 1, 5
        else:
            unit = 1
    return unit, decimals, count


def _mixed(value: Array) -> bool:
    """Are there numbers of both signs?"""
    return bool((value < 0).any() and (value > 0).any())


def _shuffled(cells: list[float], random: Random) -> list[float]:
    left, dealt = list(cells), []
    while left:
        dealt.append(left.pop(_below(len(left), random)))
    return dealt


def _below(count: int, random: Random) -> int:
    return int(random.random() * count)
