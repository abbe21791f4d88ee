"""The shortest expression over the numbers on the screen that gives the numbers typed.

Expressions are made by cost: names first, then what one operation makes of cheaper ones. Of equal
values (up to the sign) the first is kept. What is found describes an answer; it names no mistake.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from functools import cache, cached_property, partial
from itertools import chain, product
from math import prod

import numpy as np

from bptutor.engine.trace import Array
from bptutor.grading.combine import (
    Job,
    Stack,
    joined,
    joint,
    matrix_products,
    products,
    slices,
    slopes,
    sums,
)
from bptutor.grading.fit import ARITHMETIC, NOTHING, Answered, Fit, evidence
from bptutor.grading.judge import FIGURES
from bptutor.language.algebra import negative, over, times
from bptutor.language.ops import traits_of
from bptutor.language.tree import Apply, Expression, Name, Number, Shape, names, size

LARGEST = 2_000  # elements of a step's value up to which there is a search
LARGEST_KNOWN = 20_000  # elements of a known value up to which it takes part
STORED, STORED_ELEMENTS = 1 << 16, 1 << 21  # of one cost, up to which larger ones are made
MOST_COST = 6
"""A name costs 1, a derivative such as 1 - a costs 2, a sum or a row costs 1 more than its matrix;
two joined cost what both cost. Transposes in a matrix product and constant factors are free."""
CHANCE = 2  # by how many powers of ten the digits typed must outnumber the values compared
MOST_DIGITS = 18  # so many digits allow more values than there is ever time for
MOST_LENGTHS = 2  # how many lengths of axes are tried as factors, the commonest first
MOST_ELEMENTS = 20_000_000  # that are worked out, some 0.15 s: alike on a slow or a busy machine
AT_ONCE = 5_000  # elements that take as long as what each stack takes besides


@dataclass(frozen=True)
class Described:
    """What gives the typed numbers, in every digit."""

    expression: Expression
    tried: int  # how many values were compared with them: the more, the likelier an accident


def describe(
    cells: Sequence[Answered],
    shape: Shape,
    known: Mapping[str, Array],
    elements: int = MOST_ELEMENTS,
) -> Described | None:
    """Look for an expression that gives all cells to their last place.

    What is `known` may be read, the nearest to the step first. So many `elements` of values are
    worked out at most.
    """
    telling = {cell.typed.value for cell in cells if not cell.right and cell.typed.value}
    if prod(shape) > LARGEST or len(telling) < 2:
        return None
    arrays = {
        name: np.asarray(array, "float64")
        for name, array in known.items()
        if array.size <= LARGEST_KNOWN
    }
    target = _Target(cells, shape, _factors(arrays))
    most = 10.0 ** (min(evidence(cells), MOST_DIGITS) - CHANCE)
    return _Search(target, arrays, elements, most).run()


# ── what is compared ──────────────────────────────────────────────────────────────────────────────


def _factors(known: Mapping[str, Array]) -> list[Fraction]:
    """1, then the constants by which a value may be off: 2, lengths of axes, and one over them."""
    lengths = Counter(length for array in known.values() for length in array.shape if length > 1)
    whole = dict.fromkeys([2, *(length for length, _ in lengths.most_common(MOST_LENGTHS))])
    return [Fraction(1), *(each for n in whole for each in (Fraction(n), Fraction(1, n)))]


def _multiple(factor: Fraction, expression: Expression) -> Expression:
    signed = expression if factor > 0 else _opposite(expression)
    return over(times(Number(abs(factor.numerator)), signed), Number(factor.denominator))


def _opposite(expression: Expression) -> Expression:
    """The expression times -1; a difference in it is turned round where that does it."""
    traits = traits_of(expression)
    if isinstance(expression, Apply) and (traits.product or traits.reduces):
        for place, operand in enumerate(expression.operands):
            turned = _opposite(operand)
            if size(turned) == size(operand):
                operands = (*expression.operands[:place], turned, *expression.operands[place + 1 :])
                return replace(expression, operands=operands)
    return negative(expression)


class _Target:
    """The typed numbers, and how far from each of them a value may be."""

    def __init__(
        self, cells: Sequence[Answered], shape: Shape, factors: Sequence[Fraction]
    ) -> None:
        self.cells, self.shape, self.factors = cells, shape, factors
        self._typed = np.array([cell.typed.value for cell in cells])
        self._slack = np.array([_slack(cell) for cell in cells])
        # One cell is looked at before the others: the wrong one that the fewest values fit.
        telling = [not cell.right and cell.typed.value != 0 for cell in cells]
        sizes = np.where(telling, np.abs(self._typed), 0)
        share = np.divide(self._slack, sizes, out=np.full(len(cells), np.inf), where=sizes > 0)
        self._probe = int(np.argmin(share))
        self._places: dict[Shape, Array | None] = {}

    def takes(self, shape: Shape) -> bool:
        """Can a value of this shape be held against the numbers?"""
        return self.places(shape) is not None

    def places(self, shape: Shape) -> Array | None:
        """For each cell, the element of a value of this shape that is held against it."""
        if shape not in self._places:
            self._places[shape] = self._find_places(shape)
        return self._places[shape]

    def _find_places(self, shape: Shape) -> Array | None:
        lengths = list(shape)
        while lengths and lengths[0] == 1:  # as a batch of one has
            lengths.pop(0)
        try:
            spread = np.broadcast_to(np.arange(prod(shape)).reshape(lengths), self.shape)
        except ValueError:
            return None
        places = spread.reshape(-1)[[cell.position for cell in self.cells]]
        apart = len(np.unique(places)) >= len(np.unique(self._typed))
        return places if apart else None

    def fitting(self, stack: Stack) -> Iterator[tuple[int, Fraction]]:
        """Which of a stack's values fit, and times what."""
        places = self.places(stack.shape)
        if places is None:
            return
        typed, slack = np.abs(self._typed[self._probe]), self._slack[self._probe]
        factors = np.array([float(factor) for factor in self.factors])
        sizes = np.abs(stack.rows[:, places[self._probe]])[:, None] * factors
        at, which = np.nonzero(np.abs(sizes - typed) <= slack)
        held = stack.rows[at][:, places] * factors[which, None]
        for sign in (1, -1):
            close = (np.abs(sign * held - self._typed) <= self._slack).all(axis=1)
            for index, factor in zip(at[close].tolist(), which[close].tolist(), strict=True):
                share = sign * self.factors[factor]
                value = stack.rows[index] * float(share)
                if self._fits(value[places], float(np.abs(value).max())):
                    yield index, share

    def _fits(self, numbers: Array, scale: float) -> bool:
        held = zip(self.cells, numbers.tolist(), strict=True)
        return all(cell.fit(number, scale) is Fit.CLOSE for cell, number in held)


def _slack(cell: Answered) -> float:
    """How far from a typed number a value may be at most that fits it."""
    rounding = cell.typed.unit if (cell.typed.figures or 0) >= FIGURES else None
    share, away = ARITHMETIC, 0.0
    if cell.old is not None:  # the change is compared, from the weight as it is shown
        share, away = 10 * ARITHMETIC, abs(cell.old - cell.shown)
    return max((rounding or 0) / 2, 2 * share * abs(cell.typed.value) + away, NOTHING)


# ── what is made ──────────────────────────────────────────────────────────────────────────────────


class _EndOfSearchError(Exception):
    """As much has been worked out as may be, or what could still be found would be an accident."""


class _Search:
    def __init__(
        self, target: _Target, known: Mapping[str, Array], elements: int, most: float
    ) -> None:
        """`elements` may be worked out, and `most` values compared."""
        self._target, self._known, self._elements, self._most = target, known, elements, most
        self._order = {name: place for place, name in enumerate(known)}
        self._shapes = {array.shape for array in known.values()} | {target.shape}
        self._levels: list[list[Stack]] = [[]]  # distinct values by cost, a stack for each shape
        self._seen: dict[Shape, Array] = {}
        self._found: list[Expression] = []
        self._tried = 0

    def run(self) -> Described | None:
        """The shortest expression found; among equals the one with the nearest names."""

        def rank(expression: Expression) -> tuple[int, int]:
            return size(expression), sum(self._order[name] for name in names(expression))

        with suppress(_EndOfSearchError), np.errstate(all="ignore"):
            self._search()
        return Described(min(self._found, key=rank), self._tried) if self._found else None

    def _search(self) -> None:
        for cost in range(1, MOST_COST + 1):
            jobs = defaultdict[Shape, list[Job]](list)
            for job in self._jobs(cost):
                jobs[job.shape].append(job)
            every = [*chain(*jobs.values())]
            elements = sum(job.count * prod(job.shape) for job in every)
            many = elements > STORED_ELEMENTS or sum(job.count for job in every) > STORED
            last = many or cost == MOST_COST
            level: list[Stack] = []
            for shape in sorted(jobs, key=lambda shape: not self._target.takes(shape)):
                if not self._target.takes(shape) and (last or self._found):
                    return
                made = self._made(jobs[shape])
                if last:
                    for stack in made:
                        self._compare(stack)
                        if self._found:
                            return
                else:
                    fresh = self._fresh(joined([*made]))
                    self._compare(fresh)
                    level += [fresh] if len(fresh) else []
            self._levels.append(level)

    def _made(self, jobs: Sequence[Job]) -> Iterator[Stack]:
        for stack in chain.from_iterable(job.make() for job in jobs):
            self._elements -= max(AT_ONCE, stack.values.size)
            if self._elements < 0:
                raise _EndOfSearchError
            yield stack

    def _compare(self, stack: Stack) -> None:
        """Hold a stack against what was typed."""
        if not self._target.takes(stack.shape):
            return
        tried = self._tried + len(stack) * len(self._target.factors)
        if tried > self._most:
            raise _EndOfSearchError
        self._tried = tried
        for index, factor in self._target.fitting(stack):
            self._found.append(_multiple(factor, stack.write(index)))

    def _jobs(self, cost: int) -> Iterator[Job]:
        """All that is made at a cost."""
        if cost == 1:
            for name, array in self._known.items():
                stack = Stack(array[None], partial(_name, name))
                yield Job(array.shape, 1, partial(iter, [stack]))
        if cost == 2:
            yield from chain.from_iterable(map(slopes, self._levels[1]))
        for stack in self._levels[cost - 1]:
            yield from slices(stack, self._shapes)
        for ways in (matrix_products, products, sums):
            for lower in range(1, cost // 2 + 1):
                for left, right in product(self._levels[lower], self._levels[cost - lower]):
                    for job in joint(ways, left, right):
                        if ways is not matrix_products or job.shape in self._shapes:
                            yield job
        if cost > 2:
            for left, right in product(self._multiples, self._levels[cost - 2]):
                yield from joint(sums, left, right)

    @cached_property
    def _multiples(self) -> list[Stack]:
        """Twice a name and the like, which are of use in sums alone."""
        found = []
        for stack in self._levels[1]:
            each = [
                stack.mapped(stack.values * float(factor), partial(_multiple, factor))
                for factor in self._target.factors[1:]
            ]
            found.append(joined(each))
        return found

    # ── equal values ──────────────────────────────────────────────────────────────────────────

    def _fresh(self, stack: Stack) -> Stack:
        """Those of a stack that are finite, not 0, and new up to the sign; they are then old."""
        keys = _keys(stack)
        seen = self._seen.get(stack.shape, np.zeros(1, "int64"))
        distinct, first = np.unique(keys, return_index=True)
        at = np.searchsorted(seen, distinct).clip(max=len(seen) - 1)
        new = seen[at] != distinct
        self._seen[stack.shape] = np.sort(np.concatenate([seen, distinct[new]]))
        return stack.chosen(np.sort(first[new]))


def _keys(stack: Stack) -> Array:
    """A number for each value, the same for equal ones to about eleven digits; 0 for none."""
    sizes = np.abs(stack.rows @ _weights(prod(stack.shape)))
    sizes[~np.isfinite(sizes) | (sizes < NOTHING)] = 0
    keys: Array = (sizes.view("int64") + (1 << 14)) >> 15
    return keys


@cache
def _weights(count: int) -> Array:
    """Numbers with which different values come to the same sum only by accident."""
    return np.random.default_rng(count).uniform(1, 2, count)


def _name(name: str, _: int) -> Expression:
    return Name(name)
