"""What a set of values shows: the signs of everything that is computed from it."""

from collections import defaultdict
from functools import lru_cache
from typing import TypeAlias

import numpy as np

from bptutor.engine.domains import is_binary, targets
from bptutor.engine.numpy_pass import NumpyPass
from bptutor.engine.trace import Array, Leaves
from bptutor.language.algebra import untransposed
from bptutor.language.errors import ShapeError
from bptutor.language.ops import build, operation_of, traits_of
from bptutor.language.ops.elementwise import Comparison
from bptutor.language.tree import Apply, Expression, Name, Number, Shape, parts
from bptutor.lesson.lesson import FORMS, Lesson
from bptutor.lesson.steps import steps

MOST_TOLD = 256  # numbers of a part whose signs are compared

Told: TypeAlias = list[Array]  # the numbers of each part of a lesson


def told_by(lesson: Lesson, leaves: Leaves) -> Told | None:
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


def other_than_0(told: Told) -> int:
    """How many parts are not all 0."""
    return sum(bool(each.any()) for each in told)


@lru_cache(maxsize=FORMS)
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


@lru_cache(maxsize=FORMS)
def of_one_shape(form: Lesson) -> tuple[tuple[int, int], ...]:
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
