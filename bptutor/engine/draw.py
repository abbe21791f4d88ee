"""Drawing a lesson's leaves anew, each in the domain that its numbers seem to be of.

Parameters and watched leaves, by which the loss is differentiated, are real numbers. Of the rest,
the data, what looks like labels stays labels and a probability distribution stays one; a sign is
kept, and so is lying between 0 and 1.
"""

from __future__ import annotations

import numpy as np
from numpy.random import Generator

from bptutor.engine.trace import Array, Leaves
from bptutor.language.ops import traits_of
from bptutor.language.tree import names, parts
from bptutor.lesson.lesson import Lesson


def draw(lesson: Lesson, leaves: Leaves, random: Generator, distance: float) -> Leaves:
    """Leaves drawn around `leaves`; `distance` is in units of the size of each one's numbers."""
    real = {*lesson.parameters, *lesson.watch}
    classes = _class_numbers(lesson)
    drawn: dict[str, Array] = {}
    for name, value in leaves.items():
        if name in real:
            drawn[name] = _real(value, random, distance)
        elif name in classes:
            drawn[name] = random.permutation(value.ravel()).reshape(value.shape)
        else:
            drawn[name] = _data(value, random, distance)
    return drawn


def draw_nearby(lesson: Lesson, leaves: Leaves, random: Generator, distance: float) -> Leaves:
    """Leaves drawn around `leaves` that keep every sign and every label."""
    real = {*lesson.parameters, *lesson.watch}
    classes = _class_numbers(lesson)
    drawn: dict[str, Array] = {}
    for name, value in leaves.items():
        if name in real:
            shifted = _shifted(value, random, distance)
            drawn[name] = np.where(value == 0, shifted, _stretched(value, random, distance))
        elif name in classes or is_binary(value):
            drawn[name] = value
        else:
            drawn[name] = _data(value, random, distance)
    return drawn


def _class_numbers(lesson: Lesson) -> set[str]:
    """The leaves that `one_hot` reads."""
    return {
        name
        for assignment in lesson.program.assignments
        for part in parts(assignment.expression)
        if traits_of(part).class_numbers
        for name in names(part)
    }


def _real(value: Array, random: Generator, distance: float) -> Array:
    """Any numbers; what has one sign keeps it every other time, in case it must."""
    one_sign = (value > 0).all() or (value < 0).all()
    if one_sign and random.random() < 0.5:
        return _stretched(value, random, distance)
    return _shifted(value, random, distance)


def _data(value: Array, random: Generator, distance: float) -> Array:
    if (axis := distribution_axis(value)) is not None:
        return _redistributed(value, axis, random, distance)
    if is_binary(value):
        return _relabelled(value, random)
    if ((value > 0) & (value < 1)).all():
        odds = _stretched(value / (1 - value), random, distance)
        return np.asarray(odds / (1 + odds))
    if (value > 0).all() or (value < 0).all():
        return _stretched(value, random, distance)
    shifted = _shifted(value, random, distance)
    if (value >= 0).all():
        return np.abs(shifted)
    return -np.abs(shifted) if (value <= 0).all() else shifted


def _shifted(value: Array, random: Generator, distance: float) -> Array:
    size = float(np.sqrt(np.mean(value**2))) or 1.0
    return np.asarray(value + distance * size * random.standard_normal(value.shape))


def _stretched(value: Array, random: Generator, distance: float) -> Array:
    return np.asarray(value * np.exp(distance * random.standard_normal(value.shape)))


def distribution_axis(value: Array) -> int | None:
    """The axis along which the numbers are probabilities that add up to 1, the last one first."""
    if (value >= 0).all():
        for axis in reversed(range(value.ndim)):
            if value.shape[axis] > 1 and np.allclose(value.sum(axis), 1, rtol=0, atol=1e-6):
                return axis
    return None


def _redistributed(value: Array, axis: int, random: Generator, distance: float) -> Array:
    """Distributions with their probabilities swapped and changed; what is 0 or 1 stays so."""
    weights = _stretched(random.permuted(value, axis=axis), random, distance)
    return np.asarray(weights / weights.sum(axis, keepdims=True))


def is_binary(value: Array) -> bool:
    """Do the numbers look like labels of two kinds?"""
    return bool(np.isin(value, (0, 1)).all() or np.isin(value, (-1, 1)).all())


def _relabelled(value: Array, random: Generator) -> Array:
    """Labels of two kinds, swapped around; where there is but one kind, some of the other."""
    cells = value.ravel()
    if np.unique(cells).size > 1:
        return random.permutation(cells).reshape(value.shape)
    other = 0.0 if cells[0] > 0 else 1.0
    flipped = random.random(cells.size) < 0.5
    flipped[random.integers(cells.size)] = True
    return np.where(flipped, other, cells).reshape(value.shape)
