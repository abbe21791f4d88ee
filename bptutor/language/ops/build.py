"""Formulas put together as they stand, with nothing folded: each function applies one operation."""

from collections.abc import Callable

from bptutor.language.tree import Apply, Expression, Number, Option


def _unary(key: str) -> Callable[[Expression], Apply]:
    return lambda x: Apply(key, (x,))


def _binary(key: str) -> Callable[[Expression, Expression], Apply]:
    return lambda x, y: Apply(key, (x, y))


added, difference = _binary("add"), _binary("subtract")
product, quotient = _binary("multiply"), _binary("divide")
matmul, greater, larger = _binary("matmul"), _binary("greater"), _binary("maximum")
exp, log, absolute, root = _unary("exp"), _unary("log"), _unary("abs"), _unary("sqrt")
transpose, ones_like, zeros_like = _unary("transpose"), _unary("ones_like"), _unary("zeros_like")


def total(x: Expression, axis: Option = None, *, keepdims: bool = False) -> Apply:
    return Apply("sum", (x,), _along(axis, keepdims))


def mean(x: Expression, axis: Option = None, *, keepdims: bool = False) -> Apply:
    return Apply("mean", (x,), _along(axis, keepdims))


def one_hot(labels: Expression, depth: int) -> Apply:
    return Apply("one_hot", (labels,), (("depth", depth),))


def expand_dims(x: Expression, axis: int) -> Apply:
    return Apply("expand_dims", (x,), (("axis", axis),))


def column(x: Expression, index: int, count: int) -> Apply:
    """A column of a matrix with so many, as a matrix."""
    return matmul(x, expand_dims(one_hot(Number(index), count), axis=1))


def _along(axis: Option, keepdims: bool) -> tuple[tuple[str, Option], ...]:
    given: list[tuple[str, Option]] = [] if axis is None else [("axis", axis)]
    return (*given, ("keepdims", True)) if keepdims else tuple(given)
