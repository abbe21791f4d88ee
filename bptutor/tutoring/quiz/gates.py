"""Masks in formulas: what lets through and what stops, be it written out or inside a ReLU."""

from __future__ import annotations

from collections.abc import Iterator

from bptutor.language.algebra import ZERO, minus
from bptutor.language.ops import operations
from bptutor.language.ops.comparisons import Comparison
from bptutor.language.tree import Apply, Expression, parts

ONE_SIDED = ("relu", "leaky_relu", "abs")
"""Operations that do one thing above 0 and another below."""
EXTREMES = ("maximum", "minimum")
"""Operations that let one of two through."""


def masks_in(expression: Expression) -> Iterator[Expression]:
    """The masks of a formula, each as a comparison."""
    for part in dict.fromkeys(parts(expression)):
        if isinstance(part, Apply):
            if is_comparison(part):
                yield part
            elif part.operation in ONE_SIDED:
                yield Apply("greater", (part.operands[0], ZERO))
            elif part.operation in EXTREMES:
                yield Apply("greater", part.operands)


def distance(mask: Expression) -> Expression:
    """How far what a mask compares is from the kink, at which it is 0."""
    assert isinstance(mask, Apply)
    return minus(*mask.operands)


def is_comparison(part: Expression) -> bool:
    """Does it compare two things?"""
    return isinstance(part, Apply) and isinstance(operations()[part.operation], Comparison)
