"""Formulas built as a person would write them."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bptutor.language.algebra import (
    constant_factor,
    matrix_product,
    minus,
    negative,
    over,
    plus,
    power,
    times,
    transposed,
)
from bptutor.language.parse import parse_expression as read
from bptutor.language.render import write
from bptutor.language.tree import Apply, Expression, Number


def shown(expression: Expression) -> str:
    return write(expression, "ascii")


@pytest.mark.parametrize(
    ("factors", "product"),
    [
        (["1", "x"], "x"),
        (["x", "1"], "x"),
        (["0", "x"], "0"),
        (["2", "x", "3"], "6 * x"),
        (["-1", "x"], "-x"),
        (["-x", "-y"], "x * y"),
        (["-1", "a - b"], "b - a"),
        (["-1", "a - b", "c"], "(b - a) * c"),
        (["-2", "a - b"], "-2 * (a - b)"),
        (["0.1", "3"], "0.3"),
        (["0.1", "x", "0.2"], "0.02 * x"),
        (["x / 6", "2"], "x / 3"),
        (["2 * (a - b)", "1 / 3"], "2 * (a - b) / 3"),
        (["x / 2", "y / 3"], "x * y / 6"),
        (["x", "x"], "x ** 2"),
        (["x ** 2", "x"], "x ** 3"),
        (["x ** 2", "1 / x"], "x"),
        (["x / y", "y"], "x"),
        (["sqrt(v + 1)", "sqrt(v + 1)"], "v + 1"),
        (["(x ** 64)", "x ** 64"], "x ** 64 * x ** 64"),
        (["0.1 / 3", "x"], "x / 30"),
        (["x", "y", "x"], "x ** 2 * y"),
        (["1 / (sqrt(a) * sqrt(b)) ** 2"], "1 / (a * b)"),
        (["(2 * x) ** 2", "-x"], "-4 * x ** 3"),
        (["(-x) ** 3"], "-x ** 3"),
        (["(x ** 2) ** 0.5"], "(x ** 2) ** 0.5"),
        (["(x ** 0.5) ** 2"], "(x ** 0.5) ** 2"),
        (["1e300", "1e300", "x"], "1e+300 ** 2 * x"),
        (["x / 0"], "x / 0"),
    ],
)
def test_products(factors: list[str], product: str) -> None:
    assert shown(times(*map(read, factors))) == product


@pytest.mark.parametrize(
    ("terms", "total"),
    [
        (["0", "x"], "x"),
        (["x", "0"], "x"),
        (["0", "0"], "0"),
        (["x", "-y"], "x - y"),
        (["x", "-2 * y"], "x - 2 * y"),
        (["x", "x"], "2 * x"),
        (["h / 2", "h / 2"], "h"),
        (["x / 3", "x / 3"], "2 * x / 3"),
        (["x / 2", "x / 3"], "5 * x / 6"),
        (["x * y", "y * x"], "2 * x * y"),
        (["x", "y", "-x"], "y"),
        (["x", "-x"], "0"),
        (["0.1 * x", "0.2 * x"], "0.3 * x"),
        (["1", "x", "2"], "3 + x"),
        (["1", "1 - t ** 2"], "2 - t ** 2"),
        (["x", "-(a + b)"], "x - a - b"),
        (["-x", "y"], "-x + y"),
    ],
)
def test_sums(terms: list[str], total: str) -> None:
    assert shown(plus(*map(read, terms))) == total


def test_quotients_and_the_rest() -> None:
    x, y = read("x"), read("y")
    assert shown(over(x, Number(2), y)) == "x / (2 * y)"
    assert shown(over(x, read("y / 2"))) == "2 * x / y"
    assert shown(over(read("1"), x)) == "1 / x"
    assert shown(over(x, Number(-2))) == "-x / 2"
    assert shown(minus(x, read("a - b"))) == "x + b - a"
    assert shown(negative(read("-x"))) == "x"
    assert shown(negative(Number(0))) == "0"
    assert shown(power(x, 1)) == "x"
    assert shown(power(x, 0)) == "1"
    assert shown(power(read("sqrt(x)"), 2)) == "x"
    assert shown(transposed(read("x.T"))) == "x"
    assert shown(transposed(read("x.T @ y"))) == "y.T @ x"
    assert shown(matrix_product(read("2 * x / 3"), y)) == "2 * (x @ y) / 3"
    assert constant_factor(read("-2 * x * y / 3")) == (read("-2 / 3"), read("x * y"))


numbers = st.integers(-1000, 1000) | st.floats(-1e3, 1e3).filter(lambda x: x == 0 or abs(x) > 1e-9)


@given(st.lists(numbers, min_size=1, max_size=5), st.lists(numbers.filter(bool), max_size=3))
def test_folded_constants_keep_their_value(above: list[float], below: list[float]) -> None:
    expected = math.prod(above) / math.prod(below)
    product = over(times(*map(Number, above)), *map(Number, below))
    assert math.isclose(value(product), expected, rel_tol=1e-12, abs_tol=1e-300)
    assert read(shown(product)) == product


@given(st.lists(st.tuples(numbers, numbers.filter(bool)), min_size=1, max_size=5))
def test_gathered_constants_keep_their_value(pairs: list[tuple[float, float]]) -> None:
    x = read("x")
    total = plus(*(over(times(Number(a), x), Number(b)) for a, b in pairs))
    constant, rest = constant_factor(total)
    expected = math.fsum(a / b for a, b in pairs)
    scale = max(1.0, *(abs(a / b) for a, b in pairs))
    assert math.isclose(value(constant), expected, rel_tol=1e-9, abs_tol=1e-9 * scale)
    assert rest == x or value(constant) == 0


def value(expression: Expression) -> float:
    """The value of a number, or of a fraction of two."""
    if isinstance(expression, Number):
        return expression.value
    assert isinstance(expression, Apply)
    left, right = expression.operands
    assert isinstance(left, Number)
    assert isinstance(right, Number)
    return left.value / right.value
