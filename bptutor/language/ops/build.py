"""Formulas put together as they stand, with nothing folded: each function applies one operation."""

from __future__ import annotations

from bptutor.language.tree import Apply, Expression, Option


def added(left: Expression, right: Expression) -> Apply:
    """`left + right`"""
    return Apply("add", (left, right))


def product(left: Expression, right: Expression) -> Apply:
    """`left * right`"""
    return Apply("multiply", (left, right))


def quotient(above: Expression, below: Expression) -> Apply:
    """`above / below`"""
    return Apply("divide", (above, below))


def matmul(left: Expression, right: Expression) -> Apply:
    """`left @ right`"""
    return Apply("matmul", (left, right))


def transpose(x: Expression) -> Apply:
    """`x.T`"""
    return Apply("transpose", (x,))


def exp(x: Expression) -> Apply:
    """`exp(x)`"""
    return Apply("exp", (x,))


def log(x: Expression) -> Apply:
    """`log(x)`"""
    return Apply("log", (x,))


def absolute(x: Expression) -> Apply:
    """`abs(x)`"""
    return Apply("abs", (x,))


def greater(left: Expression, right: Expression) -> Apply:
    """`left > right`"""
    return Apply("greater", (left, right))


def total(x: Expression, axis: Option = None, *, keepdims: bool = False) -> Apply:
    """`sum(x, axis, keepdims)`"""
    return Apply("sum", (x,), _along(axis, keepdims))


def mean(x: Expression, axis: Option = None, *, keepdims: bool = False) -> Apply:
    """`mean(x, axis, keepdims)`"""
    return Apply("mean", (x,), _along(axis, keepdims))


def ones_like(x: Expression) -> Apply:
    """`ones_like(x)`"""
    return Apply("ones_like", (x,))


def zeros_like(x: Expression) -> Apply:
    """`zeros_like(x)`"""
    return Apply("zeros_like", (x,))


def one_hot(labels: Expression, depth: int) -> Apply:
    """`one_hot(labels, depth)`"""
    return Apply("one_hot", (labels,), (("depth", depth),))


def expand_dims(x: Expression, axis: int) -> Apply:
    """`expand_dims(x, axis)`"""
    return Apply("expand_dims", (x,), (("axis", axis),))


def _along(axis: Option, keepdims: bool) -> tuple[tuple[str, Option], ...]:
    given: list[tuple[str, Option]] = [] if axis is None else [("axis", axis)]
    return (*given, ("keepdims", True)) if keepdims else tuple(given)
