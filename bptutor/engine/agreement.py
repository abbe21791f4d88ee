"""Checks every derived product against the tape."""

from collections.abc import Iterator
from itertools import islice

import numpy as np

from bptutor.engine.trace import Array, Trace, evaluate_expression, run
from bptutor.engine.variations import variations
from bptutor.language.errors import ShapeError
from bptutor.language.ops.base import written_shape
from bptutor.language.render import write
from bptutor.language.tree import names
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.lint import Finding
from bptutor.lesson.steps import Step, steps
from bptutor.text import Message, significant

SHARE = 1e-7  # how far two float64 values of a formula may differ, as a share of the larger

NOISE = 1e-13  # how far besides, as a share of what went in: rounding of a difference of equals


def disagreements(lesson: Lesson) -> list[Finding]:
    """The local and backward steps whose product is not what the tape gives, each one once.

    Tried in float64, on the lesson's values and on the variations. Raises EngineError: the lesson's
    own values come to no finite number.
    """
    worlds = (run(lesson, dtype="float64"), *variations(lesson))
    return [
        finding
        for step in steps(lesson)
        if step.kind in ("local", "backward")
        for finding in islice(_disagreements(step, worlds), 1)
    ]


def _disagreements(step: Step, worlds: tuple[Trace, ...]) -> Iterator[Finding]:
    written = write(step.product, "ascii")
    for world in worlds:
        truth = world.known(step.id)
        try:
            value = evaluate_expression(step.product, world)
        except ShapeError as error:
            message = Message(
                "{step}: bptutor cannot compute the derived formula {product}: {problem}.",
                step=step.id,
                product=written,
                problem=error.message,
            )
            yield Finding("product-disagrees", message, step.id)
            continue
        if value.shape != truth.shape:
            message = Message(
                "{step}: the derived formula {product} has the shape {found}; the tape gives "
                "{wanted}.",
                step=step.id,
                product=written,
                found=written_shape(value.shape),
                wanted=written_shape(truth.shape),
            )
            yield Finding("product-disagrees", message, step.id)
        elif not np.isfinite(value).all():
            message = Message(
                "{step}: numbers on the way to the derived formula {product} are too large. Use "
                "smaller ones.",
                step=step.id,
                product=written,
            )
            yield Finding("product-overflows", message, step.id)
        elif (worst := _furthest_apart(value, truth, _noise(step, world))) is not None:
            message = Message(
                "{step}: the derived formula {product} gives {found}; the tape gives {wanted}.",
                step=step.id,
                product=written,
                found=significant(float(value[worst]), 7),
                wanted=significant(float(truth[worst]), 7),
            )
            yield Finding("product-disagrees", message, step.id)


def _noise(step: Step, world: Trace) -> float:
    sizes = [np.abs(world.known(name)).max() for name in names(step.product)]
    return NOISE * float(max(sizes, default=1.0))


def _furthest_apart(value: Array, truth: Array, noise: float) -> tuple[np.intp, ...] | None:
    """The index at which two arrays of one shape differ most; None where they agree."""
    apart = np.abs(value - truth)
    worst = np.unravel_index(apart.argmax(), apart.shape)
    allowed = noise + SHARE * float(np.abs(truth).max())
    return None if apart[worst] <= allowed else worst
