"""How well do typed numbers fit others, and how certain is what explains them?

Of a wrong number nothing is known but its digits. If t numbers are tried against it, and a random
number fits one of them with probability p, then t * p is the chance that something fits although
nothing of the kind happened. Zeros tell nothing, and what repeats another number tells nothing new.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Literal, TypeAlias

from bptutor.grading.judge import CHANGE_SHARE, FIGURES, SHARE, Typed

ARITHMETIC = 1e-4  # how far honest arithmetic on five figures strays, as a share of the number
NOTHING = 1e-12  # a number that small beside the largest one is a 0 that rounding left over


class Fit(IntEnum):
    """How well a number fits.

    NOT; HIDDEN: so few places are typed that they hide an update's change; NEAR: within what a
    right answer may be off; CLOSE: to its last place.
    """

    NOT = 0
    HIDDEN = 1
    NEAR = 2
    CLOSE = 3


@dataclass(frozen=True)
class Answered:
    """A cell that has been answered: what was typed, and what would have been right there.

    An update is compared by its change: `old` is the weight that it starts from, and `shown` is
    that weight as it is displayed, from which the learner starts.
    """

    typed: Typed
    truth: float
    right: bool
    position: int
    old: float | None = None
    shown: float = 0.0

    def fit(self, value: float, scale: float) -> Fit:
        """How well `value` explains what was typed; `scale` is the largest number around it."""
        if self.old is not None:
            return self._fit_change(value, self.old)
        if abs(value) <= NOTHING * scale:
            return Fit.CLOSE if self.typed.value == 0 else Fit.NOT
        off = abs(self.typed.value - value)
        if off <= ARITHMETIC * abs(value) or self._rounds_to(value):
            return Fit.CLOSE
        return Fit.NEAR if off <= SHARE * abs(value) else Fit.NOT

    def _fit_change(self, value: float, old: float) -> Fit:
        change, wrong = self.typed.value - self.shown, value - old
        if wrong == 0:
            if change == 0:
                return Fit.CLOSE
            return Fit.NEAR if self._rounds_to(value) else Fit.NOT
        if value == 0:
            return Fit.CLOSE if self.typed.value == 0 else Fit.NOT
        off = abs(change - wrong)
        smaller = min(abs(wrong), abs(value))
        rounded = self._rounds_to(value)
        if off <= 1e-3 * smaller or (rounded and self._tells(smaller)):
            return Fit.CLOSE
        if off <= CHANGE_SHARE * smaller:
            return Fit.NEAR
        if not rounded:
            return Fit.NOT
        return Fit.NEAR if change else Fit.HIDDEN

    def _rounds_to(self, value: float) -> bool:
        """Is it typed as the value rounded, to three digits at least? 0.5 stands for 0.500."""
        unit = self.typed.unit
        if unit is None:
            return False
        unit *= 10.0 ** min(0, (self.typed.figures or 0) - FIGURES)
        return abs(self.typed.value - value) <= unit / 2 * (1 + 1e-9)

    def _tells(self, change: float) -> bool:
        """Are there enough places to tell a change of that size from none?"""
        unit = self.typed.unit
        return unit is not None and unit <= change


@dataclass(frozen=True)
class Match:
    """How a set of numbers explains an answer: all of it, its wrong cells, or some of them."""

    explained: int  # wrong cells that fit
    wrong: int
    consistent: bool  # do the right cells fit too?
    close: bool  # do all that fit do so to their last place?
    telling: bool  # does a wrong cell fit in what it shows, not only in what its few places hide?

    @property
    def everything(self) -> bool:
        return self.consistent and self.every_wrong_cell

    @property
    def every_wrong_cell(self) -> bool:
        return self.telling and self.explained == self.wrong

    @property
    def rank(self) -> tuple[bool, bool, bool]:
        """Sorts the better match first."""
        return (not self.everything, not self.every_wrong_cell, not self.close)


def match(cells: Sequence[Answered], values: Sequence[float]) -> Match:
    """Hold an answer against the numbers that a mistake gives for the same cells."""
    scale = max((abs(value) for value in values if math.isfinite(value)), default=0.0)
    fits = [cell.fit(value, scale) for cell, value in zip(cells, values, strict=True)]
    of_wrong = [fit for fit, cell in zip(fits, cells, strict=True) if not cell.right]
    of_right = [fit for fit, cell in zip(fits, cells, strict=True) if cell.right]
    return Match(
        explained=sum(fit > Fit.NOT for fit in of_wrong),
        wrong=len(of_wrong),
        consistent=all(fit > Fit.NOT for fit in of_right),
        close=all(fit in (Fit.NOT, Fit.CLOSE) for fit in fits),
        telling=any(fit > Fit.HIDDEN for fit in of_wrong),
    )


def evidence(cells: Sequence[Answered]) -> int:
    """How many significant figures speak, in wrong cells that are not 0 and not alike."""
    telling = {cell.typed.value: cell for cell in cells if not cell.right and cell.typed.value}
    return sum(
        min(6, 6 if cell.typed.figures is None else cell.typed.figures) for cell in telling.values()
    )


Certainty: TypeAlias = Literal["certain", "likely", "possible"]

SPREAD = 2 * math.log(100)
"""A random number has either sign, and any size from a tenth to ten times of what is expected."""
EXACT = 2e-6  # how far a number may be from one that is typed with all its digits, as a share of it
CERTAIN, LIKELY, POSSIBLE = 1e-4, 1e-2, 0.2  # up to which chance it is that


def chance(cells: Sequence[Answered], values: Sequence[float]) -> float:
    """The chance that random numbers fit as well as those typed in these wrong cells.

    Equal numbers tell one thing together, and so do numbers that are all the same times the right
    ones.
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
