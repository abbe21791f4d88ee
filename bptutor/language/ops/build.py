"""Formulas put together as they stand, with nothing folded: each function applies one operation."""

from bptutor.language.tree import Apply, Expression, Option


def added(left: Expression, right: Expression) -> Apply:
    return Apply("add", (left, right))


def product(left: Expression, right: Expression) -> Apply:
    return Apply("multiply", (left, right))


def quotient(above: Expression, below: Expression) -> Apply:
    return Apply("divide", (above, below))


def matmul(left: Expression, right: Expression) -> Apply:
    return Apply("matmul", (left, right))


def transpose(x: Expression) -> Apply:
    return Apply("transpose", (x,))


def exp(x: Expression) -> Apply:
    return Apply("exp", (x,))


def log(x: Expression) -> Apply:
    return Apply("log", (x,))


def absolute(x: Expression) -> Apply:
    return Apply("abs", (x,))


def greater(left: Expression, right: Expression) -> Apply:
    return Apply("greater", (left, right))


def total(x: Expression, axis: Option = None, *, keepdims: bool = False) -> Apply:
    return Apply("sum", (x,), _along(axis, keepdims))


def mean(x: Expression, axis: Option = None, *, keepdims: bool = False) -> Apply:
    return Apply("mean", (x,), _along(axis, keepdims))


def ones_like(x: Expression) -> Apply:
    return Apply("ones_like", (x,))


def zeros_like(x: Expression) -> Apply:
    return Apply("zeros_like", (x,))


def one_hot(labels: Expression, depth: int) -> Apply:
    return Apply("one_hot", (labels,), (("depth", depth),))


def expand_dims(x: Expression, axis: int) -> Apply:
    return Apply("expand_dims", (x,), (("axis", axis),))


def _along(axis: Option, keepdims: bool) -> tuple[tuple[str, Option], ...]:
    given: list[tuple[str, Option]] = [] if axis is None else [("axis", axis)]
    return (*given, ("keepdims", True)) if keepdims else tuple(given)
