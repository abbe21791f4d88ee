"""Masks in formulas: what lets through and what stops, be it written out or inside a ReLU."""

from __future__ import annotations

from collections.abc import Iterator

from bptutor.language.algebra import minus
from bptutor.language.ops import operation_of
from bptutor.language.ops.elementwise import Comparison
from bptutor.language.tree import Apply, Expression, parts


def masks_in(expression: Expression) -> Iterator[Expression]:
    """The masks of a formula, each as a comparison."""
    for part in dict.fromkeys(parts(expression)):
        if isinstance(part, Apply):
            mask = part if is_comparison(part) else operation_of(part).kink(part)
            if mask is not None:
                yield mask


def distance(mask: Expression) -> Expression:
    """How far what a mask compares is from the kink, at which it is 0."""
    assert isinstance(mask, Apply)
    return minus(*mask.operands)


def is_comparison(part: Expression) -> bool:
    """Does it compare two things?"""
    return isinstance(part, Apply) and isinstance(operation_of(part), Comparison)
