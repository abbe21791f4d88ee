"""The operations of the grammar. One more is a row of a table or a class here."""

from collections.abc import Iterator
from functools import cache
from typing import Literal

from bptutor.language.ops.base import Operation, Traits
from bptutor.language.tree import Apply, Expression, Name


@cache
def operations() -> dict[str, Operation]:
    from bptutor.language.ops import activations, elementwise, joining, matrix, reductions, shaping

    families = (elementwise, activations, matrix, reductions, shaping, joining)
    return {each.key: each for family in families for each in family.OPERATIONS}


@cache
def spellings() -> dict[str, Operation]:
    """Every function under each of its names."""
    return {
        name: operation
        for operation in operations().values()
        for name in (operation.key, *operation.spellings)
    }


def operation_of(node: Apply) -> Operation:
    return operations()[node.operation]


def traits_of(expression: Expression) -> Traits:
    """The traits of the operation that is applied; a name or a number has none."""
    return operation_of(expression).traits if isinstance(expression, Apply) else _NONE


def numbers_read(expression: Expression) -> Iterator[str]:
    """The names whose numbers a formula reads; of `ones_like(Z1)` it is the shape alone."""
    if isinstance(expression, Name):
        yield expression.id
    elif isinstance(expression, Apply) and not traits_of(expression).shape_alone:
        for operand in expression.operands:
            yield from numbers_read(operand)


def activation_for(probabilities: Literal["each", "row"]) -> str:
    """The key of the activation that gives probabilities, element by element or row by row."""
    return next(
        key for key, each in operations().items() if each.traits.probabilities == probabilities
    )


_NONE = Traits()
