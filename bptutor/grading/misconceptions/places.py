"""The places in a formula, what stands there, and the formula with another part there."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from bptutor.grading.formula import SHARE, World
from bptutor.language.errors import ShapeError
from bptutor.language.ops import operation_of, operations
from bptutor.language.render import COMPARISON, POWER
from bptutor.language.tree import Apply, Expression

Place: TypeAlias = tuple[int, ...]  # from the root down: an operand's index at each step


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


def is_constant(part: Expression, worlds: Sequence[World]) -> bool:
    """Does it come to one and the same number on all sets of values?"""
    try:
        found = np.concatenate([world.evaluate(part).reshape(-1) for world in worlds])
    except ShapeError:
        return False
    return bool(np.allclose(found, found[:1], rtol=SHARE, atol=SHARE))


def regrouped(expression: Expression) -> Iterator[tuple[Place, Expression]]:
    """The formula with an operation done before one beside it, in place of after it, and where."""
    for place, node in places_in(expression):
        if not isinstance(node, Apply) or not _is_written_beside(node):
            continue
        for side in range(len(node.operands)):
            # The operand's end that stands beside the sign, at any depth.
            end = 0 if side or operation_of(node).prefix else -1
            for depth, inner in _along(node.operands[side], end):
                moved = at(node.operands[side], depth, at(node, (side,), inner))
                yield place, at(expression, place, moved)


def in_a_function(expression: Expression, place: Place) -> bool:
    """Is a place in the argument of an element-wise function?"""
    above = (part_at(expression, place[:depth]) for depth in range(len(place)))
    return any(
        isinstance(each, Apply) and operation_of(each).elementwise and not _is_written_beside(each)
        for each in above
    )


def kept_otherwise(summed: Apply) -> Apply:
    """The same sum or mean with the other `keepdims`."""
    kept = dict(summed.options).get("keepdims", False)
    options = [each for each in summed.options if each[0] != "keepdims"]
    return replace(summed, options=(*options, *([] if kept else [("keepdims", True)])))


def _is_written_beside(node: Expression) -> bool:
    """Is it written with a sign beside its operands, so that parentheses may be needed?"""
    if not isinstance(node, Apply):
        return False
    operation = operation_of(node)
    return bool(operation.infix or operation.prefix or operation.postfix)


def _along(expression: Expression, end: int) -> Iterator[tuple[Place, Expression]]:
    """The parts at one end (0 or -1) of an expression, as far as no sign stands before them."""
    place: Place = ()
    while isinstance(expression, Apply) and _is_written_beside(expression):
        operation = operation_of(expression)
        if (operation.prefix and end == 0) or (operation.postfix and end == -1):
            return
        index = end % len(expression.operands)
        place, expression = (*place, index), expression.operands[index]
        yield place, expression


def written_alike(node: Expression) -> Iterator[str]:
    """The other operations written with such a sign between two operands."""
    if not isinstance(node, Apply) or (own := operation_of(node).infix) is None:
        return
    for key, each in operations().items():
        if each.infix is None or each.traits.product == "either" or key == node.operation:
            continue
        compares = [infix.binds == COMPARISON for infix in (own, each.infix)]
        if compares[0] == compares[1] and max(own.binds, each.infix.binds) < POWER:
            yield key
