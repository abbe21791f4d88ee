"""How well do typed numbers fit others, one by one?"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

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
