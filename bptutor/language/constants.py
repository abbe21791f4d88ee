"""Constants of formulas, folded in decimals: 0.1 * 3 is 0.3, and 2 / 6 is 1 / 3."""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction

LARGEST_INTEGER = 10**15
"""Integers from here on are kept as floats, as TensorFlow keeps them."""

_FIGURES = Context(prec=15)
_EXACT = Context(prec=60)
_RANGE = (Decimal("1e-280"), Decimal("1e280"))


def decimal(value: float) -> Decimal:
    """A number as it is written."""
    return Decimal(repr(value))


def product(left: Decimal, right: Decimal) -> Decimal | None:
    """The product; None where no float could hold it well."""
    result = _EXACT.multiply(left, right)
    return result if not result or _RANGE[0] < abs(result) < _RANGE[1] else None


def total(left: tuple[Decimal, Decimal], right: tuple[Decimal, Decimal]) -> tuple[Decimal, Decimal]:
    """The sum of two quotients, each as (above, below)."""
    (a, b), (c, d) = left, right
    if b == d:
        return _EXACT.add(a, c), b
    above = _EXACT.add(_EXACT.multiply(a, d), _EXACT.multiply(c, b))
    return reduced(above, _EXACT.multiply(b, d))


def reduced(above: Decimal, below: Decimal) -> tuple[Decimal, Decimal]:
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


def plain(value: Decimal) -> int | float:
    """A number as the tree keeps it."""
    if value == value.to_integral_value() and abs(value) < LARGEST_INTEGER:
        return int(value)
    return float(value)
