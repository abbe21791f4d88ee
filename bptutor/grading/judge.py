"""Whether a typed number is right: its digits, its sign, what cancellation leaves of it."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np

from bptutor.engine.trace import Array
from bptutor.language.ops import build, operation_of
from bptutor.language.tree import Expression, Name, Number
from bptutor.literals import Verdict
from bptutor.text import Message, shortest, significant

SHARE = 0.005  # how far from a value a right answer may be, as a share of it
CHANGE_SHARE = 0.05  # how far from an update's change a right answer may be, as a share of it
FIGURES = 3  # significant digits that are always enough
UNCHANGED = 1e-12  # how far from a weight whose gradient is 0 an answer may be, as a share of it

_SLACK = 1 + 1e-9  # a bound that is met to the last bit is met
_TINY = 0.01  # a truth below this could have been taken for 0


@dataclass(frozen=True, slots=True)
class Typed:
    """A number as a learner typed it.

    `figures` counts its significant figures as written (trailing zeros are significant); it is
    None for arithmetic, which has full precision.
    """

    value: float
    figures: int | None
    text: str

    @property
    def unit(self) -> float | None:
        """The worth of one at the last place typed: 0.0001 for 0.0317; None for arithmetic or 0."""
        if self.figures is None or self.value == 0:
            return None
        return float(Decimal(1).scaleb(_leading(self.value) - self.figures + 1))


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict on a cell, and a word on it where there is something to say."""

    verdict: Verdict  # exact: to every digit; right: rounded; imprecise: too few digits
    note: Message | None = None


def judge(typed: Typed, truth: float, displayed: float | None = None) -> Judged:
    """Judge a value against the truth (rule: design, "Numbers a learner types").

    `displayed` is what arithmetic on the knowns as they are displayed gives: cancellation can take
    it further from the truth than rounding may, away from 0 even, and it is right all the same.
    """
    if truth == 0 and displayed and _near(typed.value, displayed, SHARE):
        return Judged("right")
    if typed.value == displayed == 0 != truth:
        said = Message(
            "The numbers shown give exactly 0; before rounding, the value is {value}.",
            value=significant(truth, 3),
        )
        return Judged("right", said)
    if typed.value == 0 or truth == 0:
        return _judge_zero(typed, truth)
    if significant(typed.value) == significant(truth):
        return Judged("exact")
    targets = [truth]
    if displayed is not None and displayed * math.copysign(1, truth) > 0:
        targets.append(displayed)
    if any(_near(typed.value, target, SHARE) for target in targets):
        return Judged("right")
    if any(_rounds_to(typed, target) for target in targets):
        if (typed.figures or 0) >= FIGURES:
            return Judged("right")
        return Judged("imprecise", Message("Correct so far: give three significant digits."))
    if any(_near(-typed.value, target, SHARE) for target in targets):
        return Judged(
            "wrong", Message("The size is right, but the sign is wrong. Check the signs.")
        )
    return Judged("wrong")


def judge_update(
    typed: Typed, old: float, decrease: float, new: float, dtype: str, *, plain: bool = True
) -> Judged:
    """Judge an updated weight by its change from the old one as displayed.

    `old` and `new` are the weight in `dtype` before and after `assign_sub(decrease)`, which is the
    learning rate times the gradient if it is `plain`. Right is a change within 5 % of it, or of the
    change that `dtype` made of it.
    """
    if _same(typed.value, new, dtype):
        if new == old and decrease != 0:
            return Judged("exact", Message("The change is too small for {dtype}.", dtype=dtype))
        return Judged("exact")
    start = float(shortest(old, dtype))
    change = typed.value - start
    wanted = -decrease
    if wanted == 0:
        if any(_near(typed.value, target, UNCHANGED) for target in (start, new)):
            return Judged("exact")
        said = Message("Check the gradient of this weight.")
        return Judged("wrong", said if plain else Message("This weight does not change."))
    if any(_near(change, target, CHANGE_SHARE) for target in (wanted, new - old)):
        return Judged("right")
    if change and (_rounds_to(typed, start + wanted) or _hides(typed, start, wanted)):
        decimals = figures_needed(old, decrease, dtype)
        return Judged(
            "imprecise", Message("Correct so far: give {decimals} decimals.", decimals=decimals)
        )
    if change == 0:
        said = Message("This weight changes: its gradient is not 0.")
        return Judged("wrong", said if plain else Message("This weight changes."))
    if _near(-change, wanted, CHANGE_SHARE):
        return Judged("wrong", Message("The change has the right size, but the wrong direction."))
    return Judged("wrong")


CLOSE = 1.1  # a smaller factor is not told: the answer is close
LARGEST_FACTOR = 1e300  # the largest factor that is told; beyond it there are soon no numbers


def off_by(factor: float, *, negative: bool = False) -> Message:
    """What to say of an answer that is so many times the right one, which may be `negative`."""
    if math.copysign(1, factor) < 0:
        if _near(-factor, 1, SHARE):
            return Message("The sign is wrong.")
        return Message("The sign and the size are wrong.")
    factor = min(max(factor, 1 / LARGEST_FACTOR), LARGEST_FACTOR)
    if 1 / CLOSE < factor < CLOSE:
        if negative:  # where a number of a larger size is the smaller one
            return (
                Message("Close, but too far from 0.")
                if factor > 1
                else Message("Close, but too near to 0.")
            )
        return Message("Close, but too large.") if factor > 1 else Message("Close, but too small.")
    told = significant(float(f"{max(factor, 1 / factor):.1e}"), 5)
    if negative:
        if factor > 1:
            return Message("Too far from 0, by a factor of about {factor}.", factor=told)
        return Message("Too near to 0, by a factor of about {factor}.", factor=told)
    if factor > 1:
        return Message("Too large, by a factor of about {factor}.", factor=told)
    return Message("Too small, by a factor of about {factor}.", factor=told)


def figures_needed(old: float, change: float, dtype: str = "float64") -> int:
    """How many decimals show an update's change to two figures, which is within 5 % of it.

    Where nothing changes, as many as the old weight has.
    """
    if not (math.isfinite(change) and math.isfinite(old)):
        return 0
    if change == 0:
        return _places_of(shortest(old, dtype))
    return max(0, 1 - _leading(change))


def _hides(typed: Typed, start: float, wanted: float) -> bool:
    """Do its few places hide the change from `start`: is the new weight cut off at the last?"""
    unit = typed.unit
    if unit is None or unit <= abs(wanted):
        return False
    after = start + wanted
    return 0 <= math.copysign(1, after) * (after - typed.value) < unit


def _places_of(text: str) -> int:
    return max(0, -int(Decimal(text).as_tuple().exponent))


def _judge_zero(typed: Typed, truth: float) -> Judged:
    """The verdict where the typed number or the truth is 0: only 0 for 0 is right."""
    if typed.value == truth:
        return Judged("exact")
    if typed.value == 0 and abs(truth) < _TINY:
        return Judged(
            "wrong",
            Message(
                "It is small, but not 0: give three significant digits, as in {example}.",
                example="1.23e-5",
            ),
        )
    if typed.figures is None and abs(typed.value) < 1e-12:
        return Judged(
            "wrong",
            Message(
                "Your arithmetic gives {value}: type 0 where you mean exactly 0.",
                value=significant(typed.value, 3),
            ),
        )
    return Judged("wrong")


def _near(value: float, target: float, share: float) -> bool:
    """Is `value` within `share` of a target that is a number and not 0?"""
    if target == 0 or not math.isfinite(target):
        return False
    return abs(value - target) <= share * abs(target) * _SLACK


def _rounds_to(typed: Typed, target: float) -> bool:
    """Is the typed number the target rounded (a half either way) at the last place typed?"""
    unit = typed.unit
    return unit is not None and abs(typed.value - target) <= unit / 2 * _SLACK


def _leading(value: float) -> int:
    """The power of ten of a number's first significant figure: -2 for 0.0317."""
    return Decimal(repr(value)).adjusted()


def _same(value: float, other: float, dtype: str) -> bool:
    """Do the two read as the very same number in `dtype`?"""
    if dtype == "float64" or value == other:
        return value == other
    try:
        return struct.pack("f", value) == struct.pack("f", other)
    except OverflowError:  # beyond the largest float32
        return False


# ── residue ───────────────────────────────────────────────────────────────────────────────────────


FAINT = {"float64": 1e-9, "float32": 1e-5}  # below may be a residue; above nobody takes it for 0
ROUNDINGS = 16  # rounding errors that may add up in one cell


def without_residue(value: Array, magnitude: Array) -> Array:
    """A value with exact zeros where rounding alone kept it from 0, beside its `magnitude`."""
    kept = np.abs(value)
    # A value beyond its own magnitude was worked out from residues that count as 0 there.
    residue = (kept <= threshold(magnitude, value.dtype)) | (kept > 2 * magnitude)
    return np.where(residue, np.zeros_like(value), value)


def threshold(magnitude: Array, dtype: Any = "float64") -> Array:
    """The size below which nothing is left but rounding."""
    return np.asarray(ROUNDINGS * float(np.finfo(dtype).eps) * magnitude)


def magnitude(expression: Expression) -> Expression:
    """A formula's terms without their signs, so that nothing in it cancels."""
    if isinstance(expression, Number):
        return Number(abs(expression.value))
    if isinstance(expression, Name):
        return build.absolute(expression)
    sizes = [magnitude(operand) for operand in expression.operands]
    return operation_of(expression).magnitude(expression, sizes)
