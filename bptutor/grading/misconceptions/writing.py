"""Mistakes in writing a formula down."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from bptutor.grading.misconceptions.situation import Mistake, Situation
from bptutor.grading.misconceptions.step_paths import once
from bptutor.language.algebra import as_power, as_quotient
from bptutor.language.ops import build, traits_of
from bptutor.language.tree import Apply, Expression
from bptutor.text import Message

LABELS = {"parentheses-missing": Message("parentheses omitted")}


def without_parentheses(s: Situation) -> Iterator[Mistake]:
    """A factor, divisor or power that reaches only the nearest term: 2 * y - t."""
    if s.step.kind == "update" and not s.step.asks_formula:
        return
    for path in s.paths:
        for wrong in once(path.term, _opened):
            yield Mistake(
                "parentheses-missing",
                s.with_term(path, wrong),
                Message(
                    "You left out parentheses: a factor, divisor or power applies only to the "
                    "nearest term."
                ),
                Message("Put parentheses around the sum or difference."),
            )


def _opened(node: Apply) -> Expression | None:
    """An operation on a sum, done to the term that stands beside it."""
    if traits_of(node).product == "cells":
        left, right = node.operands
        if (terms := _terms(right)) is not None:
            first, second = terms.operands
            return replace(terms, operands=(build.product(left, first), second))
        if (terms := _terms(left)) is not None:
            return _last(terms, lambda term: build.product(term, right))
    base, exponent = as_power(node)
    if exponent != 1 and (terms := _terms(base)) is not None:
        return _last(terms, lambda term: replace(node, operands=(term, *node.operands[1:])))
    above, below = as_quotient(node)
    if above is not node and (terms := _terms(above)) is not None:
        return _last(terms, lambda term: build.quotient(term, below))
    return None


def _terms(expression: Expression) -> Apply | None:
    """A sum or a difference; None for anything else."""
    if isinstance(expression, Apply) and traits_of(expression).terms:
        return expression
    return None


def _last(terms: Apply, change: Callable[[Expression], Expression]) -> Apply:
    return replace(terms, operands=(terms.operands[0], change(terms.operands[1])))
