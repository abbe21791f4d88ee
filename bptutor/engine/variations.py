"""Other values for a lesson, at which a right product is still right and a wrong one shows.

A product that fits the lesson's own numbers may fit them by chance. Two more sets of values are
drawn around them, the second further away, and each is the best of a few draws: a gradient that is
all zeros takes anything for right, and so does a mask that is open everywhere.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.random import Generator

from bptutor.engine.draw import draw, draw_nearby
from bptutor.engine.errors import EngineError
from bptutor.engine.trace import Leaves, Trace, evaluate_expression, run
from bptutor.language.ops import operation_of
from bptutor.language.ops.elementwise import Comparison
from bptutor.language.tree import Apply, Expression, parts
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import steps

NEAR, FAR = 0.4, 0.9
"""How far the two sets are from the lesson's values, in units of the values' own size."""

DRAWS = 8
"""How many draws, each going further, are compared where none shows all that there is to see."""

HALVINGS = 10
"""How often the distance is halved where none of them runs to finite numbers."""


def variations(lesson: Lesson) -> tuple[Leaves, Leaves]:
    """Two more sets of float64 values for a lesson's leaves; the same ones every time.

    Raises:
        EngineError: the lesson's own values come to no finite number.
    """
    _, first, second = traces(lesson)
    return _leaves(first), _leaves(second)


@lru_cache(maxsize=4)  # of a network of two million weights they take 300 MB
def traces(lesson: Lesson) -> tuple[Trace, Trace, Trace]:
    """A lesson in float64 on its own values and on both variations.

    Raises:
        EngineError: the lesson's own values come to no finite number.
    """
    random = np.random.default_rng(int(lesson.digest[:16], 16))
    own = run(lesson, dtype="float64")
    first = _vary([own], random, NEAR)
    return own, first, _vary([own, first], random, FAR)


def _vary(seen: list[Trace], random: Generator, distance: float) -> Trace:
    """The first draw that shows everything, else the one that shows most."""
    best, most = seen[0], -1.0
    for trace in _draws(seen[0], random, distance):
        shown = _shown(seen, trace)
        if shown > most:
            best, most = trace, shown
        if shown == ALL_SHOWN:
            break
    return best


def _draws(own: Trace, random: Generator, distance: float) -> Iterator[Trace]:
    """Draws that run to finite numbers: several, or one that keeps closer to the lesson."""
    runs = False
    for further in np.linspace(distance, 4 * distance, DRAWS):
        if trace := _run(own.lesson, draw(own.lesson, _leaves(own), random, further)):
            runs = True
            yield trace
    for halving in range(0 if runs else HALVINGS):
        nearby = draw_nearby(own.lesson, _leaves(own), random, distance / 2**halving)
        if trace := _run(own.lesson, nearby):
            yield trace
            return


def _run(lesson: Lesson, leaves: Leaves) -> Trace | None:
    try:
        return run(lesson, leaves, "float64")
    except EngineError:
        return None


def _leaves(trace: Trace) -> Leaves:
    return {name: trace.values[name] for name in trace.lesson.program.leaves}


ALL_SHOWN = 2.0


def _shown(seen: list[Trace], trace: Trace) -> float:
    """How much of what can go wrong shows in `trace`, with those before it.

    The share of gradients that are not all zeros in it, and the share of masks that have been both
    open and shut by now.
    """
    alive = [bool(gradient.any()) for gradient in trace.gradients.values()]
    moved = []
    for mask in _masks(trace.lesson):
        cells = [evaluate_expression(mask, each).ravel() for each in (*seen, trace)]
        moved.append(np.unique(np.concatenate(cells)).size > 1)
    return float(np.mean(alive)) + float(np.mean(moved or [True]))


@lru_cache(maxsize=16)
def _masks(lesson: Lesson) -> tuple[Expression, ...]:
    """The comparisons in a lesson's products: where a ReLU is on, say."""
    products = [step.product for step in steps(lesson) if step.kind in ("local", "backward")]
    found = {part for product in products for part in parts(product) if _is_comparison(part)}
    return tuple(sorted(found, key=repr))


def _is_comparison(part: Expression) -> bool:
    return isinstance(part, Apply) and isinstance(operation_of(part), Comparison)
