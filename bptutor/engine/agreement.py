"""Checks every derived product against the tape."""

from collections.abc import Iterator

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
        Finding("product-disagrees", message, step.id)
        for step in steps(lesson)
        if step.kind in ("local", "backward")
        for message in _first(_disagreements(step, worlds))
    ]


def _first(messages: Iterator[Message]) -> list[Message]:
    found = next(messages, None)
    return [] if found is None else [found]


def _disagreements(step: Step, worlds: tuple[Trace, ...]) -> Iterator[Message]:
    written = write(step.product, "ascii")
    for world in worlds:
        truth = world.known(step.id)
        try:
            value = evaluate_expression(step.product, world)
        except ShapeError as error:
            yield Message(
                "{step}: bptutor cannot compute the derived formula {product}: {problem}.",
                step=step.id,
                product=written,
                problem=error.message,
            )
            continue
        if value.shape != truth.shape:
            yield Message(
                "{step}: the derived formula {product} has the shape {found}; the tape gives "
                "{wanted}.",
                step=step.id,
                product=written,
                found=written_shape(value.shape),
                wanted=written_shape(truth.shape),
            )
        elif (worst := _furthest_apart(value, truth, _noise(step, world))) is not None:
            yield Message(
                "{step}: the derived formula {product} gives {found}; the tape gives {wanted}.",
                step=step.id,
                product=written,
                found=significant(float(value[worst]), 7),
                wanted=significant(float(truth[worst]), 7),
            )


def _noise(step: Step, world: Trace) -> float:
    sizes = [np.abs(world.known(name)).max() for name in names(step.product)]
    return NOISE * float(max(sizes, default=1.0))


def _furthest_apart(value: Array, truth: Array, noise: float) -> tuple[np.intp, ...] | None:
    """The index at which two arrays of one shape differ most; None where they agree."""
    apart = np.nan_to_num(np.abs(value - truth), nan=np.inf)
    worst = np.unravel_index(apart.argmax(), apart.shape)
    allowed = noise + SHARE * float(np.abs(truth).max())
    return None if apart[worst] <= allowed else worst
