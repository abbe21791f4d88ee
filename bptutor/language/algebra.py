"""Builds formulas as a person would write them: constants folded, no `1 *`, no double minus.

A product is kept as constant factors, factors, and the factors it is divided by; a sum as signed
terms. Constants are folded in decimals, so that 0.1 * 3 is 0.3.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from math import gcd

from bptutor.language.tree import Apply, Expression, Number

ZERO = Number(0)
ONE = Number(1)


@dataclass
class _Product:
    """above * factors / (below * divisors)"""

    above: Decimal = Decimal(1)
    below: Decimal = Decimal(1)
    factors: list[Expression] = field(default_factory=list)
    divisors: list[Expression] = field(default_factory=list)

    def multiply(self, expression: Expression) -> None:
        match expression:
            case Number(value):
                self.above *= _decimal(value)
            case Apply("negate", (inner,)):
                self.above = -self.above
                self.multiply(inner)
            case Apply("multiply", (left, right)):
                self.multiply(left)
                self.multiply(right)
            case Apply("divide", (left, right)):
                self.multiply(left)
                self.divide(right)
            case _:
                self.factors.append(expression)

    def divide(self, expression: Expression) -> None:
        match expression:
            case Number(value):
                self.below *= _decimal(value)
            case Apply("negate", (inner,)):
                self.above = -self.above
                self.divide(inner)
            case Apply("multiply", (left, right)):
                self.divide(left)
                self.divide(right)
            case _:
                self.divisors.append(expression)

    def expression(self) -> Expression:
        above, below = _reduced(self.above, self.below)
        if above == 0:
            return ZERO
        factors, divisors = self.factors, self.divisors
        if above == -1 and factors:
            factors = [negative(factors[0]), *factors[1:]]
        elif above != 1 or not factors:
            factors = [_number(above), *factors]
        if below != 1:
            divisors = [_number(below), *divisors]
        result = _chain(factors)
        return Apply("divide", (result, _chain(divisors))) if divisors else result


def _chain(factors: list[Expression]) -> Expression:
    result = factors[0]
    for factor in factors[1:]:
        result = Apply("multiply", (result, factor))
    return result


def _reduced(above: Decimal, below: Decimal) -> tuple[Decimal, Decimal]:
    if below < 0:
        above, below = -above, -below
    if above % below == 0:
        return above / below, Decimal(1)
    if above == int(above) and below == int(below):
        common = gcd(int(above), int(below))
        return above / common, below / common
    return above, below


def _decimal(value: float) -> Decimal:
    return Decimal(repr(value))


def _number(value: Decimal) -> Number:
    return Number(int(value) if value == int(value) else float(value))


def times(*factors: Expression) -> Expression:
    """The product, cell by cell."""
    product = _Product()
    for factor in factors:
        product.multiply(factor)
    return product.expression()


def over(above: Expression, *below: Expression) -> Expression:
    """The quotient, cell by cell."""
    product = _Product()
    product.multiply(above)
    for factor in below:
        product.divide(factor)
    return product.expression()


def constant_factor(expression: Expression) -> tuple[Expression, Expression]:
    """`expression` as (constant, rest), the constant times the rest being the expression."""
    product = _Product()
    product.multiply(expression)
    constant = _Product(product.above, product.below).expression()
    rest = _Product(factors=product.factors, divisors=product.divisors).expression()
    return constant, rest


def negative(expression: Expression) -> Expression:
    """The negative."""
    match expression:
        case Number(value):
            return Number(-value if value else value)
        case Apply("negate", (inner,)):
            return inner
        case Apply("subtract", (left, right)):
            return Apply("subtract", (right, left))
        case Apply("multiply" | "divide", _):
            return times(Number(-1), expression)
    return Apply("negate", (expression,))


def plus(*terms: Expression) -> Expression:
    """The sum, cell by cell; equal terms are not gathered, as each is a path of its own."""
    result: Expression = ZERO
    for term in terms:
        if term == ZERO:
            continue
        if result == ZERO:
            result = term
        elif (opposite := _without_minus(term)) is not None:
            result = Apply("subtract", (result, opposite))
        else:
            result = Apply("add", (result, term))
    return result


def minus(left: Expression, right: Expression) -> Expression:
    """The difference, cell by cell."""
    return plus(left, negative(right))


def _without_minus(term: Expression) -> Expression | None:
    """What is subtracted where a term begins with a minus; None where it does not."""
    constant, _ = constant_factor(term)
    leading = constant.operands[0] if isinstance(constant, Apply) else constant
    if isinstance(leading, Number) and leading.value < 0:
        return negative(term)
    return None


def power(base: Expression, exponent: float) -> Expression:
    """`base` to a constant power."""
    if exponent == 0:
        return ONE
    if exponent == 1:
        return base
    return Apply("power", (base, Number(int(exponent) if exponent == int(exponent) else exponent)))


def transposed(expression: Expression) -> Expression:
    """The transpose."""
    match expression:
        case Apply("transpose", (inner,)):
            return inner
    return Apply("transpose", (expression,))


def matrix_product(left: Expression, right: Expression) -> Expression:
    """`left @ right`, constant factors in front."""
    left_constant, left_rest = constant_factor(left)
    right_constant, right_rest = constant_factor(right)
    product = Apply("matmul", (left_rest, right_rest))
    return times(left_constant, right_constant, product)
