"""Could an answer have come about in this way? Mistakes alone, or with a slip or a factor besides.

A hypothesis must explain every wrong cell and leave every right one right. Two things may be
added to a mistake: a constant factor, which is what a mistake nearer to the loss often leaves, and
a slip of the hand in a few cells. What is added must be paid for: each has a chance of fitting by
accident, which grows with the number of things that were tried.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from bptutor.grading.candidates import Candidate
from bptutor.grading.fit import Answered, Fit, Match, chance, match
from bptutor.grading.misconceptions.slips import POWERS

SlipOfHand: TypeAlias = Literal["sign", "point", "digit"]
VARIANTS: Mapping[SlipOfHand, int] = {"sign": 1, "point": 6, "digit": 30}  # numbers of each slip
AGREEING = 0.75  # the fraction of all cells that a mistake must explain alone where others are off


@dataclass(frozen=True)
class Factor:
    """A constant by which all numbers are off."""

    size: float
    cause: Candidate | None = None  # the mistake that does it, where there is one


@dataclass(frozen=True)
class Hypothesis:
    """A way in which an answer can have come about."""

    candidate: Candidate
    match: Match
    chance: float  # that something fits as well by accident, for one thing that is tried
    factor: Factor | None = None  # by which all numbers of the mistake are multiplied
    slipped: Mapping[int, SlipOfHand] = field(default_factory=dict)  # in cells at these positions
    unexplained: tuple[int, ...] = ()  # the positions of wrong cells that it does not explain


def whole(
    candidates: Iterable[Candidate], cells: Sequence[Answered], factor: Factor | None = None
) -> Iterator[Hypothesis]:
    """The mistakes that explain an answer as it stands, in every cell."""
    for candidate in candidates:
        values = numbers(candidate, cells, factor)
        found = match(cells, values)
        if found.everything:
            wrong = [pair for pair in zip(cells, values, strict=True) if not pair[0].right]
            yield Hypothesis(candidate, found, chance(*zip(*wrong, strict=True)), factor)


def with_a_slip(candidates: Iterable[Candidate], cells: Sequence[Answered]) -> Iterator[Hypothesis]:
    """The mistakes that explain most cells, with a slip of the hand, or without a word, in others.

    Three quarters of all cells agree, among them two wrong ones with different numbers, none 0.
    Where the rest are slips of the hand, one such number is enough.
    """
    for candidate in candidates:
        values = numbers(candidate, cells)
        scale = max(map(abs, values), default=0.0)
        agreeing: list[tuple[Answered, float]] = []
        off: list[tuple[Answered, float]] = []
        for cell, value in zip(cells, values, strict=True):
            (agreeing if cell.fit(value, scale) == Fit.CLOSE else off).append((cell, value))
        telling = [pair for pair in agreeing if not pair[0].right and pair[0].typed.value]
        if not off or not telling or any(cell.right for cell, _ in off):
            continue
        slipped = {cell.position: slip for cell, value in off if (slip := _slip(cell, value))}
        others = tuple(cell.position for cell, _ in off if cell.position not in slipped)
        nonzero = sum(bool(cell.typed.value) for cell, _ in agreeing)
        most_agree = nonzero >= AGREEING * (nonzero + len(off))
        if not most_agree and (others or len(off) > 1):
            continue
        if others and len({f"{abs(cell.typed.value):.3g}" for cell, _ in telling}) < 2:
            continue
        by_chance = chance(*zip(*telling, strict=True))
        for cell, value in off:
            if kind := slipped.get(cell.position):
                by_accident = chance([cell], [_slipped(cell, value, kind)])
                by_chance *= min(1.0, VARIANTS[kind] * by_accident)
        found = match([cell for cell, _ in agreeing], [value for _, value in agreeing])
        yield Hypothesis(candidate, found, by_chance, None, slipped, others)


def numbers(
    candidate: Candidate, cells: Sequence[Answered], factor: Factor | None = None
) -> list[float]:
    """What a mistake gives in these cells; of an update the change is multiplied by the factor."""
    flat = candidate.value.reshape(-1)
    values = [float(flat[cell.position]) for cell in cells]
    if factor is None:
        return values
    return [_moved(cell, value, factor.size) for cell, value in zip(cells, values, strict=True)]


def _slip(cell: Answered, value: float) -> SlipOfHand | None:
    """Which slip makes of a number what was typed."""
    if not value or not cell.typed.value:
        return None
    if cell.fit(_moved(cell, value, -1.0), abs(value)) == Fit.CLOSE:
        return "sign"
    for power in POWERS:
        if cell.fit(_moved(cell, value, 10.0**power), abs(value)) == Fit.CLOSE:
            return "point"
    return "digit" if _one_digit_off(cell, value) else None


def _slipped(cell: Answered, value: float, kind: SlipOfHand) -> float:
    """The number that the slip makes; of a wrong digit the typed one."""
    if kind == "sign":
        return _moved(cell, value, -1.0)
    return cell.typed.value


def _moved(cell: Answered, value: float, by: float) -> float:
    """A number multiplied; of an update, its change."""
    start = cell.old or 0.0
    return start + by * (value - start)


def _one_digit_off(cell: Answered, value: float) -> bool:
    """Do the digits differ in one place, or are two neighbours exchanged?"""
    unit = cell.typed.unit
    if unit is None or not math.isfinite(value / unit) or value * cell.typed.value < 0:
        return False
    typed, meant = (str(round(abs(each) / unit)) for each in (cell.typed.value, value))
    if len(typed) != len(meant) or len(typed) < 3:
        return False
    off = [place for place, pair in enumerate(zip(typed, meant, strict=True)) if len(set(pair)) > 1]
    if len(off) == 1:
        return True
    return len(off) == 2 and off[1] == off[0] + 1 and typed[off[0]] == meant[off[1]]
