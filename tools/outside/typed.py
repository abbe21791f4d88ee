"""Numbers as people type them."""

from __future__ import annotations

import numpy as np

from tools.outside.program import Array

FULL = 17
"""Significant digits that say a number whole."""
NOTHING = 1e-9
"""A change below this is none."""
LIKE_TRUTH = 0.005
"""What is within this of the truth in every cell is no wrong answer."""


def number(value: float, digits: int) -> str:
    text = repr(float(value)) if digits >= FULL else f"{value:.{digits}g}"
    if "e" in text:
        mantissa, exponent = text.split("e")
        return f"{mantissa}e{int(exponent)}"
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


def matrix(value: Array, digits: int) -> str:
    """Rows in brackets, as the command line takes them."""
    if value.ndim == 0:
        return number(float(value), digits)
    return "[" + ",".join(matrix(part, digits) for part in value) + "]"


def rounded(value: Array, digits: int) -> Array:
    """The numbers that the text says."""
    if digits >= FULL:
        return np.asarray(value, float)
    flat = [float(f"{each:.{digits}g}") for each in np.ravel(value)]
    return np.asarray(flat).reshape(np.shape(value))


def half_unit(value: Array, digits: int) -> Array:
    """Half a unit of each number's last digit; a little of it for one that is said whole."""
    if digits >= FULL:
        return np.asarray(1e-9 * np.abs(value) + 1e-12)
    size = np.floor(np.log10(np.maximum(np.abs(value), 1e-300)))
    unit = np.where(value == 0, 0.0, 10.0 ** (size - digits + 1))
    return np.asarray(0.501 * unit + 1e-12)


def alike(value: Array, truth: Array, tolerance: float = LIKE_TRUTH) -> bool:
    """Do all cells agree, each to this part of the second?"""
    if value.shape != truth.shape:
        return False
    return bool(np.all(np.abs(value - truth) <= tolerance * np.abs(truth) + 1e-12))


def rounds_to(truth: Array, typed: Array, digits: int) -> bool:
    """Is each number as typed the truth in fewer digits, or as near to it as is asked?"""
    for exact, given in zip(np.ravel(truth), np.ravel(typed), strict=True):
        mantissa = f"{abs(given):.{min(digits, 16) - 1}e}".split("e")[0].rstrip("0")
        figures = max(len(mantissa) - 1, 1)
        unit = half_unit(np.asarray(given), figures) if given else np.asarray(0.0)
        if abs(given - exact) > max(LIKE_TRUTH * abs(exact), 1.1 * float(unit)):
            return False
    return True


def digits_of_change(before: Array, after: Array, digits: int) -> int:
    """As many as show each weight's change to so many digits of its own."""
    change = np.abs(after - before)
    moved = change > NOTHING
    if not moved.any():
        return max(digits, 6)
    more = np.log10(np.maximum(np.abs(after), change)[moved]) - np.log10(change[moved])
    return int(np.clip(digits + np.ceil(more.max()), digits, FULL - 1))
