"""The places in a formula, and the formula with another part at one of them."""

from collections.abc import Iterator
from typing import TypeAlias

from bptutor.language.tree import Apply, Expression

Place: TypeAlias = tuple[int, ...]
"""The way from the root of a formula to one of its parts, an operand's index at each step."""


def part_at(expression: Expression, place: Place) -> Expression:
    for index in place:
        assert isinstance(expression, Apply)
        expression = expression.operands[index]
    return expression


def at(expression: Expression, place: Place, other: Expression) -> Expression:
    """The formula with another part at a place."""
    if not place:
        return other
    assert isinstance(expression, Apply)
    index, *rest = place
    operands = list(expression.operands)
    operands[index] = at(operands[index], tuple(rest), other)
    return Apply(expression.operation, tuple(operands), expression.options)


def places_in(expression: Expression, place: Place = ()) -> Iterator[tuple[Place, Expression]]:
    yield place, expression
    if isinstance(expression, Apply):
        for index, operand in enumerate(expression.operands):
            yield from places_in(operand, (*place, index))
