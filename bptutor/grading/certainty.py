"""How certain is it that an answer came about in one way, and not by chance?

Of a wrong number nothing is known but its digits. If t numbers are tried against it, and a random
number fits one of them with probability p, then t * p is the chance that something fits although
nothing of the kind happened. Zeros tell nothing, and what repeats another number tells nothing new.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, TypeAlias

from bptutor.grading.fit import ARITHMETIC, Answered, Fit
from bptutor.grading.judge import CHANGE_SHARE, FIGURES, SHARE

Certainty: TypeAlias = Literal["certain", "likely", "possible"]

SPREAD = 2 * math.log(100)
"""A random number has either sign, and any size from a tenth to ten times of what is expected."""
EXACT = 2e-6  # how far a number may be from one that is typed with all its digits, as a share of it
CERTAIN, LIKELY, POSSIBLE = 1e-4, 1e-2, 0.2
"""The chances up to which something is certain, likely, or worth asking about."""


def chance(cells: Sequence[Answered], values: Sequence[float]) -> float:
    """The chance that random numbers fit as well as those typed in these cells.

    Equal numbers tell one thing together, and so do numbers that are all the same times the right
    ones.

    Args:
        cells: wrong cells.
        values: what is held against each.
    """
    by_number: dict[str, float] = {}
    by_factor: dict[str, float] = {}
    for cell, value in zip(cells, values, strict=True):
        size, share = _share(cell, value)
        if not size:
            continue
        by_accident = min(1.0, share / SPREAD)
        number = f"{abs(size):.3g}"
        right = cell.truth - (cell.old or 0.0)
        factor = f"{abs(size / right):.2g}" if right else number
        by_number[number] = min(by_number.get(number, 1.0), by_accident)
        by_factor[factor] = min(by_factor.get(factor, 1.0), by_accident)
    return max(math.prod(by_number.values()), math.prod(by_factor.values()))


def certainty(chance: float, cells: Sequence[Answered]) -> Certainty:
    """How certain an explanation is that fits the wrong ones of these cells with this chance.

    A single number at three digits is never more than possible.
    """
    telling = {f"{abs(cell.typed.value):.3g}": cell for cell in cells if cell.typed.value}
    if len(telling) <= 1 and all(_figures(cell) <= FIGURES for cell in telling.values()):
        return "possible"
    if chance <= CERTAIN:
        return "certain"
    return "likely" if chance <= LIKELY else "possible"


def _figures(cell: Answered) -> int:
    """The significant digits that were typed; arithmetic has all of them."""
    return 15 if cell.typed.figures is None else cell.typed.figures


def _share(cell: Answered, value: float) -> tuple[float, float]:
    """The number that tells something, and the width of what fits it as a share of that number."""
    size = cell.typed.value
    if cell.old is not None and (moved := cell.typed.value - cell.shown):
        size = moved
    if not size:
        return 0.0, 1.0
    unit = cell.typed.unit or 0.0
    fit = cell.fit(value, abs(value))
    if fit < Fit.CLOSE:
        return size, 2 * (SHARE if cell.old is None else CHANGE_SHARE)
    if abs(cell.typed.value - value) <= EXACT * abs(size):  # 0.5 stands for 0.500
        unit *= 10.0 ** min(0, _figures(cell) - FIGURES)
        return size, max(unit / abs(size), 2 * EXACT)
    return size, max(unit / abs(size), 2 * ARITHMETIC)
