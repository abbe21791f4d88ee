"""Builds formulas as a person would write them: constants folded, no `1 *`, no double minus.

A product is kept as a constant and the powers of its factors, those below the line with negative
exponents; a sum as such products, equal ones gathered. Constants are folded in decimals: 0.1 * 3 is
0.3, and 2 / 6 is 1 / 3.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Context, Decimal
from fractions import Fraction

from bptutor.language.limits import MOST_EXPONENT
from bptutor.language.tree import Apply, Expression, Name, Number, parts

ZERO = Number(0)
ONE = Number(1)
MOST_TERMS = 64  # how many terms of a sum are spelled out
CUT_SHORT = Name("…")  # stands for the terms that are not
LARGEST_INTEGER = 10**15  # integers from here on are kept as floats, as TensorFlow keeps them

_FIGURES = Context(prec=15)
_EXACT = Context(prec=60)
_RANGE = (Decimal("1e-280"), Decimal("1e280"))


def _decimal(value: float) -> Decimal:
    return Decimal(repr(value))


def _exact_product(left: Decimal, right: Decimal) -> Decimal | None:
    """The product; None where no float could hold it well."""
    result = _EXACT.multiply(left, right)
    return result if not result or _RANGE[0] < abs(result) < _RANGE[1] else None


def _exact_sum(
    left: tuple[Decimal, Decimal], right: tuple[Decimal, Decimal]
) -> tuple[Decimal, Decimal]:
    """The sum of two quotients, each as (above, below)."""
    (a, b), (c, d) = left, right
    if b == d:
        return _EXACT.add(a, c), b
    above = _EXACT.add(_EXACT.multiply(a, d), _EXACT.multiply(c, b))
    return _reduced(above, _EXACT.multiply(b, d))


def _reduced(above: Decimal, below: Decimal) -> tuple[Decimal, Decimal]:
    """A quotient as a person would write it: whole numbers as a fraction, others as a decimal."""
    if below == 1:
        return above, below
    quotient = Fraction(above) / Fraction(below)
    whole = above == above.to_integral_value() and below == below.to_integral_value()
    small = max(abs(quotient.numerator), quotient.denominator) < LARGEST_INTEGER
    numerator, denominator = Decimal(quotient.numerator), Decimal(quotient.denominator)
    if whole and small:
        return numerator, denominator
    short = _FIGURES.divide(numerator, denominator)
    if Fraction(short) == quotient:
        return short, Decimal(1)
    if small:
        return numerator, denominator
    return _EXACT.divide(numerator, denominator), Decimal(1)


def _plain(value: Decimal) -> int | float:
    if value == value.to_integral_value() and abs(value) < LARGEST_INTEGER:
        return int(value)
    return float(value)


@dataclass
class _Product:
    """above / below times the powers."""

    above: Decimal = Decimal(1)
    below: Decimal = Decimal(1)
    powers: dict[Expression, float] = field(default_factory=dict)

    @classmethod
    def of(cls, *factors: Expression) -> "_Product":
        product = cls()
        for factor in factors:
            product.take(factor)
        return product

    def take(self, expression: Expression, exponent: float = 1) -> None:
        """Multiplies by a power of an expression; an exponent of -1 divides by it."""
        whole = exponent == int(exponent)
        match expression:
            case Number(value) if whole:
                for _ in range(abs(int(exponent))):
                    self._take_number(value, exponent)
            case Apply("negate", (inner,)) if whole:
                self.above = -self.above if exponent % 2 else self.above
                self.take(inner, exponent)
            case Apply("multiply", (left, right)) if whole:
                self.take(left, exponent)
                self.take(right, exponent)
            case Apply("divide", (left, right)) if whole:
                self.take(left, exponent)
                self.take(right, -exponent)
            case Apply("power", (base, Number(power))) if whole and (
                exponent in (1, -1) or power == int(power)
            ):
                self.take(base, power * exponent)
            case _:
                self._raise(expression, exponent)

    def scaled(self, factor: int) -> "_Product":
        return _Product(self.above * factor, self.below, self.powers)

    def expression(self) -> Expression:
        above, below = _reduced(self.above, self.below)
        if above == 0:
            return ZERO
        factors: list[Expression] = []
        divisors: list[Expression] = []
        for base, exponent in self.powers.items():
            (factors if exponent > 0 else divisors).extend(_powers(base, abs(exponent)))
        if above == -1 and factors:
            factors[0] = negative(factors[0])
        elif above != 1 or not factors:
            factors.insert(0, Number(_plain(above)))
        if below != 1:
            divisors.insert(0, Number(_plain(below)))
        result = _chain("multiply", factors)
        return Apply("divide", (result, _chain("multiply", divisors))) if divisors else result

    def _take_number(self, value: float, exponent: float) -> None:
        number = _decimal(value)
        if exponent > 0 and (above := _exact_product(self.above, number)) is not None:
            self.above = above
        elif exponent < 0 and value and (below := _exact_product(self.below, number)):
            self.above = self.above if value > 0 else -self.above
            self.below = abs(below)
        else:  # division by 0, or too large or small to be folded
            self._raise(Number(value), 1 if exponent > 0 else -1)

    def _raise(self, base: Expression, exponent: float) -> None:
        exponent += self.powers.get(base, 0)
        root = isinstance(base, Apply) and base.operation == "sqrt" and exponent % 2 == 0
        if exponent and not root:
            self.powers[base] = exponent
            return
        self.powers.pop(base, None)
        if isinstance(base, Apply) and exponent:
            self.take(base.operands[0], exponent / 2)


def _powers(base: Expression, exponent: float) -> list[Expression]:
    """A power as factors whose exponents are as small as they may be."""
    factors = []
    while exponent > MOST_EXPONENT:
        factors.append(power(base, MOST_EXPONENT))
        exponent -= MOST_EXPONENT
    return [*factors, power(base, exponent)]


def _chain(operation: str, operands: Sequence[Expression]) -> Expression:
    result = operands[0]
    for operand in operands[1:]:
        result = Apply(operation, (result, operand))
    return result


def times(*factors: Expression) -> Expression:
    return _Product.of(*factors).expression()


def over(above: Expression, *below: Expression) -> Expression:
    product = _Product.of(above)
    for factor in below:
        product.take(factor, -1)
    return product.expression()


def constant_factor(expression: Expression) -> tuple[Expression, Expression]:
    """`expression` as (constant, rest), the constant times the rest being the expression."""
    product = _Product.of(expression)
    constant = _Product(product.above, product.below).expression()
    return constant, _Product(powers=product.powers).expression()


def negative(expression: Expression) -> Expression:
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
    """The sum; terms that differ in a constant factor alone are gathered."""
    gathered: dict[frozenset[tuple[Expression, float]], _Product] = {}
    for term in _terms(terms):
        alike = frozenset(term.powers.items())
        if (found := gathered.get(alike)) is not None:
            pair = _exact_sum((found.above, found.below), (term.above, term.below))
            found.above, found.below = pair
        else:
            gathered[alike] = term
    result: Expression = ZERO
    for term in gathered.values():
        if term.above == 0:
            continue
        if result == ZERO:
            result = term.expression()
        elif term.above < 0:
            result = Apply("subtract", (result, term.scaled(-1).expression()))
        else:
            result = Apply("add", (result, term.expression()))
    return result


def _terms(expressions: Sequence[Expression], sign: int = 1) -> list[_Product]:
    found: list[_Product] = []
    for expression in expressions:
        match expression:
            case Apply("add", operands):
                found += _terms(operands, sign)
            case Apply("subtract", (left, right)):
                found += _terms((left,), sign) + _terms((right,), -sign)
            case Apply("negate", (Apply("add" | "subtract"),) as operands):
                found += _terms(operands, -sign)
            case _:
                found.append(_Product.of(expression).scaled(sign))
    return found


def minus(left: Expression, right: Expression) -> Expression:
    return plus(left, negative(right))


def spelled(terms: Iterable[Expression], operation: str = "add") -> Expression:
    """The sum, or other chain, with nothing folded, as it is worked on paper.

    It is cut short after many terms, and after one in which something is cut short.
    """
    found: list[Expression] = []
    for term in terms:
        if len(found) == MOST_TERMS or (found and CUT_SHORT in parts(found[-1])):
            return _chain(operation, [*found, CUT_SHORT])
        found.append(term)
    return _chain(operation, found)


def power(base: Expression, exponent: float) -> Expression:
    if exponent == 0:
        return ONE
    if exponent == 1:
        return base
    if exponent == 2 and isinstance(base, Apply) and base.operation == "sqrt":
        return base.operands[0]
    return Apply("power", (base, Number(int(exponent) if exponent == int(exponent) else exponent)))


def as_power(expression: Expression) -> tuple[Expression, float]:
    """The base and the exponent, which is 1 of whatever is no power."""
    match expression:
        case Apply("power", (base, Number(exponent))):
            return base, exponent
        case Apply("square", (base,)):
            return base, 2
    return expression, 1


def as_quotient(expression: Expression) -> tuple[Expression, Expression]:
    match expression:
        case Apply("divide", (above, below)):
            return above, below
    return expression, ONE


def largest_exponent(expression: Expression) -> float:
    """The largest exponent of a factor once powers of powers are multiplied out; at least 1.

    Found as `_Product.take` would find it, without multiplying anything out.
    """
    match expression:
        case Apply("power", (base, Number(exponent))):
            return max(1.0, abs(exponent) * largest_exponent(base))
        case Apply("negate" | "multiply" | "divide", operands):
            return max(map(largest_exponent, operands))
    return 1.0


def transposed(expression: Expression) -> Expression:
    match expression:
        case Apply("transpose", (inner,)):
            return inner
        case Apply("matmul", (left, right)):
            return Apply("matmul", (transposed(right), transposed(left)))
    return Apply("transpose", (expression,))


def untransposed(expression: Expression) -> Expression:
    match expression:
        case Apply("transpose", (inner,)):
            return inner
    return expression


def matrix_product(left: Expression, right: Expression) -> Expression:
    """`left @ right`, constant factors in front."""
    left_constant, left_rest = constant_factor(left)
    right_constant, right_rest = constant_factor(right)
    product = Apply("matmul", (left_rest, right_rest))
    return times(left_constant, right_constant, product)
