"""Which numbers a leaf may have: class numbers, labels, probabilities, or any."""

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from bptutor.engine.trace import Array
from bptutor.language.ops import operation_of, traits_of
from bptutor.language.shapes import resolved
from bptutor.language.tree import Apply, Expression, Name, Program, names, parts
from bptutor.lesson.lesson import FORMS, Lesson


@lru_cache(maxsize=FORMS)
def class_numbers(lesson: Lesson) -> dict[str, int]:
    """The number of classes of each leaf that `one_hot` reads, also within a `gather`."""
    return {
        name: int(str(part.option("depth")))
        for assignment in lesson.program.assignments
        for part in parts(resolved(assignment.expression, lesson.shapes))
        if isinstance(part, Apply) and traits_of(part).class_numbers
        for name in names(part)
    }


@lru_cache(maxsize=FORMS)
def targets(lesson: Lesson) -> frozenset[str]:
    """The data that a loss compares with probabilities by a logarithm: labels and distributions.

    A gradient of such a loss may be written in a way that holds of probabilities alone.
    """
    compared = _compared_by_a_logarithm(lesson.program)
    return frozenset(
        name
        for name in compared.difference(lesson.parameters, lesson.watch)
        if name in lesson.program.leaves and _is_like_probabilities(np.asarray(lesson.values[name]))
    )


def _is_like_probabilities(value: Array) -> bool:
    return is_binary(value) or bool(((value >= 0) & (value <= 1)).all())


def is_binary(value: Array) -> bool:
    return bool(np.isin(value, (0, 1)).all() or np.isin(value, (-1, 1)).all())


def distribution_axis(value: Array) -> int | None:
    """The axis along which the numbers are probabilities that add up to 1, the last one first."""
    if (value >= 0).all():
        for axis in reversed(range(value.ndim)):
            if value.shape[axis] > 1 and np.allclose(value.sum(axis), 1, rtol=0, atol=1e-6):
                return axis
    return None


def _compared_by_a_logarithm(program: Program) -> set[str]:
    """The names under a logarithm, and those that are multiplied by one, element by element."""
    found: set[str] = set()
    having: set[str] = set()

    def has_logarithm(expression: Expression) -> bool:
        return any(
            _is_logarithm(part) or (isinstance(part, Name) and part.id in having)
            for part in parts(expression)
        )

    for assignment in program.assignments:
        for part in parts(assignment.expression):
            if not isinstance(part, Apply):
                continue
            if _is_logarithm(part):
                found.update(_by_elements(part.operands[0]))
            elif traits_of(part).product and any(map(has_logarithm, part.operands)):
                found.update(name for operand in part.operands for name in _by_elements(operand))
        if has_logarithm(assignment.expression):
            having.add(assignment.target)
    return found


@lru_cache(maxsize=1024)
def _is_logarithm(part: Expression) -> bool:
    """Does it take a logarithm of probabilities, as softplus does, whose derivative is one?"""
    if not isinstance(part, Apply):
        return False
    slope = operation_of(part).slope(part, 0)
    return traits_of(part).logarithm or bool(slope and traits_of(slope).probabilities)


def _by_elements(expression: Expression) -> Iterator[str]:
    """The names in an expression outside its matrix products."""
    if isinstance(expression, Name):
        yield expression.id
    elif isinstance(expression, Apply) and traits_of(expression).product != "matrices":
        for operand in expression.operands:
            yield from _by_elements(operand)
