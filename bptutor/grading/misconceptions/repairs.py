"""Formulas that are right once a transpose, the order of two factors or a sum is put right.

The misconceptions are wrong formulas of the right shape; here the formula as typed is changed
until it gives the gradient.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

import numpy as np

from bptutor.grading.formula import World
from bptutor.grading.misconceptions.situation import Situation
from bptutor.language.algebra import transposed, untransposed
from bptutor.language.errors import ShapeError
from bptutor.language.ops import build, traits_of
from bptutor.language.ops.base import written_shape
from bptutor.language.tree import Apply, Expression
from bptutor.text import Message, sentences

LABELS = {
    "factor-order": Message("factors of a matrix product in the wrong order"),
    "batch-sum-missing": Message("sum over the examples omitted"),
}
"""The ids of its mistakes, and how lists call them; a transpose is known to `weights`."""

MOST_PRODUCTS = 2
"""Matrix products in a formula up to which their factors are turned and exchanged."""

Place = tuple[int, ...]
"""The way from the root of a formula to one of its parts, an operand's index at each step."""


@dataclass(frozen=True)
class Repair:
    """What a typed formula lacks."""

    id: str
    explanation: Message
    advice: Message


def repair(s: Situation, typed: Expression, worlds: Sequence[World]) -> Repair | None:
    """The smallest change that makes a wrong formula right, if there is one."""
    for changed, turned, exchanged in _changes(typed):
        if _agrees(changed, worlds):
            return _matrices(s, typed, turned, worlds[0], exchanged=exchanged)
    for summed in (build.total(typed, axis=0), build.total(typed)):
        if _agrees(summed, worlds):
            found, wanted = worlds[0].evaluate(typed).shape, worlds[0].truth.shape
            return Repair(
                "batch-sum-missing",
                Message(
                    "Your formula has the shape {found}, a row for each example; {by} has the "
                    "shape {wanted}.",
                    found=written_shape(found),
                    by=s.by,
                    wanted=written_shape(wanted),
                ),
                Message("Sum over the examples."),
            )
    return None


def _matrices(
    s: Situation, typed: Expression, turned: Sequence[Expression], world: World, *, exchanged: bool
) -> Repair:
    advice = [Message("Exchange the two factors of the matrix product.")] if exchanged else []
    for each in turned:
        plain = s.text(untransposed(each))
        if untransposed(each) == each:
            advice.append(Message("Transpose {name}.", name=plain))
        else:
            advice.append(Message("Use {name} without its transpose.", name=plain))
    id_ = "factor-order" if exchanged else "transpose-missing"
    return Repair(id_, _misfit(typed, world), sentences(*advice))


def _misfit(typed: Expression, world: World) -> Message:
    """Why it cannot be right as it stands."""
    try:
        found = world.evaluate(typed).shape
    except ShapeError as error:
        return Message("{problem}.", problem=error.message)
    if found == world.truth.shape:
        return Message("The shapes fit, but the wrong rows and columns are multiplied.")
    return Message(
        "Your formula has the shape {found}; the gradient has the shape {wanted}.",
        found=written_shape(found),
        wanted=written_shape(world.truth.shape),
    )


def _changes(typed: Expression) -> Iterator[tuple[Expression, list[Expression], bool]]:
    """A formula with factors of its matrix products turned or exchanged, the least change first."""
    products = list(_products(typed))
    if not 0 < len(products) <= MOST_PRODUCTS:
        return
    factors = [(*place, side) for place in products for side in (0, 1)]
    for exchanged in ((), *((place,) for place in products)):
        for count in range(len(factors) + 1):
            for chosen in combinations(factors, count):
                if chosen or exchanged:
                    changed = typed
                    for place in chosen:
                        changed = _at(changed, place, transposed(_part(typed, place)))
                    for place in exchanged:
                        node = _part(changed, place)
                        assert isinstance(node, Apply)
                        changed = _at(changed, place, replace(node, operands=node.operands[::-1]))
                    yield changed, [_part(typed, place) for place in chosen], bool(exchanged)


def _products(expression: Expression, place: Place = ()) -> Iterator[Place]:
    """The matrix products in a formula that have no other inside."""
    if not isinstance(expression, Apply):
        return
    inside = [
        found
        for index, operand in enumerate(expression.operands)
        for found in _products(operand, (*place, index))
    ]
    if traits_of(expression).product == "matrices" and not inside:
        yield place
    yield from inside


def _part(expression: Expression, place: Place) -> Expression:
    for index in place:
        assert isinstance(expression, Apply)
        expression = expression.operands[index]
    return expression


def _at(expression: Expression, place: Place, other: Expression) -> Expression:
    """The formula with another part at a place."""
    if not place:
        return other
    assert isinstance(expression, Apply)
    index, *rest = place
    operands = list(expression.operands)
    operands[index] = _at(operands[index], tuple(rest), other)
    return replace(expression, operands=tuple(operands))


def _agrees(expression: Expression, worlds: Sequence[World]) -> bool:
    try:
        values = (np.asarray(world.evaluate(expression)) for world in worlds)
        return all(
            value.shape == world.truth.shape and world.agrees(value)
            for value, world in zip(values, worlds, strict=True)
        )
    except ShapeError:
        return False
