"""Which mistake explains a wrong answer? The likeliest first; none where none does.

Ranked by how well the numbers fit and by how likely a mistake is: one made here before one carried
on from an earlier step, a single one before a composed one, and among equals what this learner has
done before. How certain each is follows from the chance of an accident.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain

import numpy as np

from bptutor.engine.trace import Array, Trace
from bptutor.grading.candidates import Candidate, Candidates
from bptutor.grading.fit import LIKELY, POSSIBLE, Answered, Certainty, certainty, chance, match
from bptutor.grading.formula import SHARE, World
from bptutor.grading.hypotheses import Factor, Hypothesis, whole, with_a_slip
from bptutor.grading.judge import off_by
from bptutor.grading.misconceptions import Situation
from bptutor.grading.misconceptions.slips import Slip, slips
from bptutor.grading.named import Named, distinct, of_hypothesis
from bptutor.grading.search import describe
from bptutor.grading.wrong_formula import of_formula
from bptutor.language.tree import Expression, parts, size
from bptutor.lesson.steps import known_names, places
from bptutor.text import Message, significant

SLIPS = 12  # kinds of slips of the hand that are tried on the right value
OF_ZEROS = frozenset({"zero-for-tiny", "tiny-for-zero"})
MOST = 8  # explanations that are listed; one of them is shown
LONGEST_TOLD = 5  # parts of an expression that numbers are told to be; more helps nobody
NEARBY = 0.02  # chance up to which numbers may fit a mistake not to their last digit
CARRIED, COMPOSED = 3, 10
"""How many times less likely than a mistake at this step one of an earlier step is, and one that is
composed with another, a factor or a slip."""


@dataclass(frozen=True)
class History:
    right: Collection[str] | None = ()  # ids of earlier steps that were right; None: all were
    often: Mapping[str, int] | None = None  # how often they have made a mistake, by its id


UNKNOWN = History()


class Diagnostician:
    """Knows what can go wrong at one step, and what it would come to."""

    def __init__(
        self,
        right: Situation,
        trace: Trace,
        truth: Array,
        residue: float,
        others: Callable[[], Sequence[Trace]],
    ) -> None:
        """`residue`: what rounding may leave of a 0 in `truth`; `others` gives more passes."""
        self.right = right
        self.truth = np.asarray(truth, "float64")
        self.known = Candidates(right, trace, self.truth, residue)
        self._others = others

    @property
    def candidates(self) -> list[Candidate]:
        """The single mistakes made at this step whose numbers differ from the right ones."""
        return self.known.single

    def of_value(
        self, cells: Sequence[Answered], early: Array, history: History = UNKNOWN
    ) -> list[Named]:
        """What explains a wrong value, by some of its cells, at least one of them wrong.

        `early` is what arithmetic on knowns rounded to two figures gives, in the step's shape.
        """
        for found in self._by_likelihood(cells, early, history):
            if found:
                return _rivals(found)[:MOST]
        return []

    def _by_likelihood(
        self, cells: Sequence[Answered], early: Array, history: History
    ) -> Iterator[list[Named]]:
        """The explanations kind by kind, the likeliest first: look on only where there is none."""
        single = self.known.single
        carried = self.known.carried(history.right) if history.right is not None else []
        tried = len(single)
        here = self._here(cells, early, tried, history)
        further = CARRIED * (SLIPS + tried + len(carried))
        before = self._said(whole(carried, cells), further, POSSIBLE, cells, history)
        yield [*here, *before]
        constants = self._constants(single)
        both = self._multiplied([each.cause for each in constants if each.cause], constants, cells)
        yield self._said(both, SLIPS + len(constants) ** 2, POSSIBLE, cells, history)
        yield self._multiple(cells)
        factors = self._factors([*single, *carried])
        changes = single if self.right.step.kind != "update" else []  # others are no gradients
        composed = [*self._multiplied(changes, factors, cells), *with_a_slip(single, cells)]
        tried = COMPOSED * len(single) * len(factors)
        yield self._said(composed, tried, LIKELY, cells, history)
        if chance_of(cells) * COMPOSED * len(single) <= LIKELY:
            tried = COMPOSED * (len(single) + len(self.known.pairs))
            yield self._said(whole(self.known.pairs, cells), tried, LIKELY, cells, history)
        composed = [*self._multiplied(carried, factors, cells), *with_a_slip(carried, cells)]
        tried = COMPOSED * (len(single) + len(carried)) * len(factors)
        yield self._said(composed, tried, LIKELY, cells, history)
        yield self._seen(cells, early)
        yield self._described(cells)

    def _here(
        self, cells: Sequence[Answered], early: Array, tried: int, history: History
    ) -> list[Named]:
        """Mistakes made at this step, and slips of the hand on its right value."""
        made = list(whole(self.known.single, cells))
        worth = (each for each in made if each.match.close or each.chance * tried <= NEARBY)
        named = [
            (each.match.close, self._named(each, tried, cells, again=again))
            for each, again in self._told_apart(_ranked(worth, history))
        ]
        slipped = [
            (slip.close, self._slipped(slip, cells))
            for slip in self._slips(cells, early)
            if slip.id not in OF_ZEROS
        ]
        # To the last place before within a share; among equals what was misunderstood.
        return [each for _, each in sorted([*named, *slipped], key=lambda pair: not pair[0])]

    def _slips(self, cells: Sequence[Answered], early: Array) -> Iterator[Slip]:
        shape, truth = self.right.step.shape, self.truth.reshape(-1).tolist()
        return slips(cells, shape, truth, early.reshape(-1).tolist())

    @staticmethod
    def _slipped(slip: Slip, cells: Sequence[Answered]) -> Named:
        how = certainty(SLIPS * chance_of(cells), _wrong(cells))
        return Named(
            (slip.id,), slip.explanation, slip.advice, slip.position, True, how, fact=slip.fact
        )

    def _seen(self, cells: Sequence[Answered], early: Array) -> list[Named]:
        """That a 0 stands for a number, or a number for a 0: so it is, whatever happened."""
        found = (slip for slip in self._slips(cells, early) if slip.id in OF_ZEROS)
        return [replace(self._slipped(slip, cells), certainty="possible") for slip in found]

    def _told_apart(self, found: Sequence[Hypothesis]) -> list[tuple[Hypothesis, bool]]:
        """Each, and whether one before it comes to the same on whatever numbers: they come last."""
        if len(found) < 2:
            return [(each, False) for each in found]
        different: list[tuple[Hypothesis, Array | None]] = []
        others: list[Hypothesis] = []
        for each in found:
            value = self._elsewhere(each.candidate)
            if any(
                _alike(value, other) and _factor(each) == _factor(before)
                for before, other in different
            ):
                others.append(each)
            else:
                different.append((each, value))
        return [*((each, False) for each, _ in different), *((each, True) for each in others)]

    def _elsewhere(self, candidate: Candidate) -> Array | None:
        """What a mistake gives on all the other numbers; None where it gives nothing on some."""
        values = [self.known.anywhere(candidate, trace) for trace in self._others()]
        found = [value.reshape(-1) for value in values if value is not None]
        return np.concatenate(found) if len(found) == len(values) else None

    def _said(
        self,
        found: Iterable[Hypothesis],
        tried: int,
        most: float,
        cells: Sequence[Answered],
        history: History,
    ) -> list[Named]:
        """Those that are hardly by accident, the most certain first."""
        worth = (each for each in found if each.match.close and each.chance * tried <= most)
        ranked = sorted(_ranked(worth, history), key=lambda each: len(each.unexplained))
        return [
            self._named(each, tried, cells, again=again) for each, again in self._told_apart(ranked)
        ]

    def _named(
        self, found: Hypothesis, tried: int, cells: Sequence[Answered], *, again: bool
    ) -> Named:
        how = certainty(tried * found.chance, _wrong(cells))
        if found.unexplained and how == "certain":
            how = "likely"
        return of_hypothesis(self.known, found, "possible" if again else how, cells, again=again)

    @staticmethod
    def _multiplied(
        candidates: Sequence[Candidate], factors: Sequence[Factor], cells: Sequence[Answered]
    ) -> Iterator[Hypothesis]:
        for factor in factors:
            others = [each for each in candidates if each is not factor.cause]
            yield from whole(others, cells, factor)

    def _constants(self, candidates: Sequence[Candidate]) -> list[Factor]:
        """The mistakes that multiply the right value by a constant, one for each constant.

        A mistake that does so multiplies a wrong value as well. Of an update it is the change.
        """
        found: dict[str, Factor] = {}
        right = self._change(self.truth, None)
        largest = int(np.abs(right).argmax())
        for each in candidates if right[largest] else ():
            factor = float(self._change(each.value, None)[largest] / right[largest])
            everywhere = chain([None], self._others())
            if factor and all(self._is_multiple(each, factor, at) for at in everywhere):
                found.setdefault(f"{factor:.6g}", Factor(factor, each))
        return list(found.values())

    def _is_multiple(self, candidate: Candidate, size: float, trace: Trace | None) -> bool:
        """Is a mistake this constant times the right value, on these numbers or others?"""
        value = self.known.anywhere(candidate, trace) if trace else candidate.value
        right = trace.known(self.right.step.id) if trace else self.truth
        if value is None or value.shape != right.shape:
            return False
        return _alike(self._change(value, trace), size * self._change(right, trace))

    def _change(self, value: Array, trace: Trace | None) -> Array:
        """A value, or what it changes of the parameter that is updated."""
        step = self.right.step
        if step.kind != "update":
            return value.reshape(-1)
        old = trace.known(step.target) if trace else self.known.numbers[step.target]
        return (value - old).reshape(-1)

    def _factors(self, candidates: Sequence[Candidate]) -> list[Factor]:
        rows = self.truth.shape[0] if self.truth.ndim == 2 else 1
        found = {f"{each.size:.6g}": each for each in self._constants(candidates)}
        for factor in (-1.0, 0.5, 2.0, float(rows), 1 / rows):
            found.setdefault(f"{factor:.6g}", Factor(factor))
        return [each for each in found.values() if abs(each.size - 1) > SHARE]

    def _multiple(self, cells: Sequence[Answered]) -> list[Named]:
        """That all numbers are one constant times the right ones: so it is, whatever happened."""
        gradient = self.right.step.kind != "update"
        for factor in self._factors([]) if gradient else ():
            found = match(cells, [factor.size * cell.truth for cell in cells])
            if factor.size < 0 or not (found.everything and found.close):
                continue
            if len(cells) == 1:
                said = off_by(factor.size, negative=cells[0].truth < 0)
            else:
                times = significant(max(factor.size, 1 / factor.size), 5)
                said = (
                    Message("Each of your numbers is {times} times the right one.", times=times)
                    if factor.size > 1
                    else Message("Each right number is {times} times yours.", times=times)
                )
            look = Message("Look for a factor that is missing, or for one too many.")
            return [Named((), said, look, quotes=True, fact=True)]
        return []

    def _described(self, cells: Sequence[Answered]) -> list[Named]:
        """What the numbers are, where no known mistake gives them."""
        lesson, step = self.right.lesson, self.right.step
        place = places(lesson).get(step.id)
        if place is None:
            return []
        near = [name for name in reversed(known_names(lesson, place)) if name in self.known.numbers]
        known = {name: self.known.numbers[name] for name in near}
        found = describe(cells, step.shape, known)
        if found is None or found.tried * chance_of(cells) > LIKELY:
            return []
        if size(found.expression) > LONGEST_TOLD:
            return []
        if self.right.product in parts(found.expression):  # which would give it away
            return []
        said = Message("Your numbers are {formula}.", formula=self.right.written(found.expression))
        compare = Message("Compare this with the question.")
        return [Named((), said, compare, quotes=True, fact=True)]

    def known_mistake_gives(self, cells: Sequence[Answered]) -> bool:
        """Does a known mistake give all of these numbers, in every digit typed?"""
        for candidates in (self.known.single, self.known.carried()):
            if any(each.match.close for each in whole(candidates, cells)):
                return True
        return False

    def of_formula(
        self, expression: Expression, worlds: Sequence[World], history: History = UNKNOWN
    ) -> list[Named]:
        return distinct(of_formula(self.known, expression, worlds, history.right))


def chance_of(cells: Sequence[Answered]) -> float:
    """The chance that random numbers would be the wrong ones that were typed."""
    wrong = _wrong(cells)
    return chance(wrong, [cell.typed.value for cell in wrong])


def _wrong(cells: Sequence[Answered]) -> list[Answered]:
    return [cell for cell in cells if not cell.right]


def _ranked(found: Iterable[Hypothesis], history: History) -> list[Hypothesis]:
    """Those that fit to the last digit first; among equals what this learner does often."""
    often = history.often or {}
    return sorted(
        found,
        key=lambda each: (
            not each.match.close,
            -max((often.get(id_, 0) for id_ in each.candidate.ids), default=0),
        ),
    )


def _rivals(found: Sequence[Named]) -> list[Named]:
    """Where others explain the same numbers, the first is less certain, and they are possible."""
    first, *others = distinct(found)
    others = [replace(each, certainty="possible") for each in others]
    rivals = [each for each in others if not each.again]
    if not rivals or first.fact:
        return [first, *others]
    nearest = rivals[0]
    # What is made at a step is told from a slip, and from what is carried on to it.
    told = nearest.fact or (nearest.made_at and not first.made_at)
    doubted: Certainty = "likely" if told and first.certainty != "possible" else "possible"
    rival = next((each for each in rivals if not each.fact), None)
    return [replace(first, certainty=doubted, rival=rival), *others]


def _alike(value: Array | None, other: Array | None) -> bool:
    if value is None or other is None or value.shape != other.shape:
        return False
    scale = float(np.abs(other).max(initial=0.0))
    return bool(np.allclose(value, other, rtol=SHARE, atol=SHARE * scale))


def _factor(found: Hypothesis) -> float:
    return found.factor.size if found.factor else 1.0
