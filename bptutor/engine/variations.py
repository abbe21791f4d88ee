"""Further values for a lesson's inputs and parameters, on which a formula must hold as well."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np
from numpy.random import Generator

from bptutor.engine.trace import Array, EngineError, Leaves, Trace, evaluate_expression, run
from bptutor.language.ops import operation_of, traits_of
from bptutor.language.ops.elementwise import Comparison
from bptutor.language.tree import Apply, Expression, Name, Number, names, parts
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import steps


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
    return {
        name
        for assignment in lesson.program.assignments
        for part in parts(assignment.expression)
        if traits_of(part).class_numbers
        for name in names(part)
    }


def _real(value: Array, random: Generator, distance: float) -> Array:
    """Any numbers; where all have one sign, they keep it in every other draw, in case they must."""
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
    """Distributions with their probabilities swapped and changed; 0 and 1 stay."""
    weights = _stretched(random.permuted(value, axis=axis), random, distance)
    return np.asarray(weights / weights.sum(axis, keepdims=True))


def is_binary(value: Array) -> bool:
    return bool(np.isin(value, (0, 1)).all() or np.isin(value, (-1, 1)).all())


def _relabelled(value: Array, random: Generator) -> Array:
    """Binary labels in another order; where there is but one class, some of the other."""
    cells = value.ravel()
    if np.unique(cells).size > 1:
        return random.permutation(cells).reshape(value.shape)
    other = 0.0 if cells[0] > 0 else 1.0
    flipped = random.random(cells.size) < 0.5
    flipped[random.integers(cells.size)] = True
    return np.where(flipped, other, cells).reshape(value.shape)


NEAR, FAR = 0.4, 0.9
"""How far the two sets are from the lesson's values, in units of the values' own size."""

DRAWS = 8
"""How many draws, each farther away, are compared where none shows everything."""

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


ALL_SHOWN = 4.0


def _shown(seen: list[Trace], trace: Trace) -> float:
    """How much of what can go wrong shows in `trace`, with those before it.

    The share of gradients that are not all zeros in it, the share of masks that have been both
    open and shut by now, and in the last set those of differences and of parameters that have had
    both signs.
    """
    alive = [bool(gradient.any()) for gradient in trace.gradients.values()]
    moved = []
    for mask in _masks(trace.lesson):
        cells = [evaluate_expression(mask, each).ravel() for each in (*seen, trace)]
        moved.append(np.unique(np.concatenate(cells)).size > 1)
    shares = [alive, moved or [True]]
    parameters = tuple(map(Name, trace.lesson.parameters))
    for signed in (_differences(trace.lesson), parameters):
        # The first set is too near for signs to turn.
        turned = [_has_both_signs(each, [*seen, trace]) for each in signed if len(seen) > 1]
        shares.append(turned or [True])
    return sum(float(np.mean(share)) for share in shares)


def _has_both_signs(expression: Expression, traces: list[Trace]) -> bool:
    cells = np.concatenate([evaluate_expression(expression, each).ravel() for each in traces])
    return bool((cells > 0).any() and (cells < 0).any())


@lru_cache(maxsize=16)
def _masks(lesson: Lesson) -> tuple[Expression, ...]:
    products = [step.product for step in steps(lesson) if step.kind in ("local", "backward")]
    found = {part for product in products for part in parts(product) if _is_comparison(part)}
    return tuple(sorted(found, key=repr))


@lru_cache(maxsize=16)
def _differences(lesson: Lesson) -> tuple[Expression, ...]:
    """Differences, which can be mistaken for their size."""
    lines = [assignment.expression for assignment in lesson.program.assignments]
    differences = {part for line in lines for part in parts(line) if _is_difference(part)}
    return tuple(sorted(differences, key=repr))


def _is_difference(part: Expression) -> bool:
    return traits_of(part).terms == "minus" and not any(
        isinstance(each, Number) for each in getattr(part, "operands", ())
    )


def _is_comparison(part: Expression) -> bool:
    return isinstance(part, Apply) and isinstance(operation_of(part), Comparison)
