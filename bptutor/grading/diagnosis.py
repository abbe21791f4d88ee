"""Which mistake explains a wrong answer? The likeliest first; none where none does.

Ranked by how well the numbers fit and by how likely a mistake is: one made here before one carried
on from an earlier step, a single one before a composed one, and among equals what this learner has
done before. How certain each is follows from the chance of an accident.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from bptutor.engine.trace import Array, Trace
from bptutor.grading.candidates import Candidate, Candidates
from bptutor.grading.certainty import LIKELY, POSSIBLE, Certainty, certainty, chance
from bptutor.grading.fit import Answered
from bptutor.grading.formula import SHARE, World
from bptutor.grading.hypotheses import Factor, Hypothesis, whole, with_a_slip
from bptutor.grading.misconceptions import Situation
from bptutor.grading.misconceptions.repairs import repair
from bptutor.grading.misconceptions.slips import Slip, slips
from bptutor.grading.named import Named, of_formula, of_hypothesis
from bptutor.language.errors import ShapeError
from bptutor.language.tree import Expression, Name, names
from bptutor.text import Message

SLIPS = 12
"""Kinds of slips of the hand that are tried on the right value."""
CARRIED, COMPOSED = 3, 10
"""How many times less likely than a mistake at this step one of an earlier step is, and one that is
composed with another, a factor or a slip."""


@dataclass(frozen=True)
class History:
    """What is known of a learner when they answer."""

    right: Collection[str] | None = ()
    """The ids of earlier steps from which nothing is carried on, as they were right; None: of all.
    """
    often: Mapping[str, int] | None = None
    """How often they have made a mistake, by its id."""


UNKNOWN = History()


class Diagnostician:
    """Knows what can go wrong at one step, and what it would come to."""

    def __init__(
        self,
        right: Situation,
        trace: Trace,
        truth: Array,
        residue: float,
        another: Callable[[], Trace],
    ) -> None:
        """Prepares nothing yet.

        Args:
            right: the step with its right formula.
            trace: the lesson's numbers in float64.
            truth: the right value.
            residue: what rounding may leave of a 0 in it.
            another: gives a pass on other numbers.
        """
        self.right = right
        self.truth = np.asarray(truth, "float64")
        self.known = Candidates(right, trace, self.truth, residue)
        self._another = another

    @property
    def candidates(self) -> list[Candidate]:
        """The single mistakes made at this step whose numbers differ from the right ones."""
        return self.known.single

    def of_value(
        self, cells: Sequence[Answered], early: Array, history: History = UNKNOWN
    ) -> list[Named]:
        """What explains a wrong value.

        Args:
            cells: what was answered, with at least one wrong cell.
            early: what arithmetic on knowns rounded to two figures gives, in the step's shape.
            history: what is known of the learner.
        """
        for found in self._by_likelihood(cells, early, history):
            if found:
                return _distinct(_rivals(found))
        return []

    def _by_likelihood(
        self, cells: Sequence[Answered], early: Array, history: History
    ) -> Iterator[list[Named]]:
        """The explanations kind by kind, the likeliest first: look on only where there is none."""
        single = self.known.single
        tried = SLIPS + len(single)
        yield self._here(cells, early, tried, history)
        constants = self._constants(single)
        both = self._multiplied([each.cause for each in constants if each.cause], constants, cells)
        yield self._said(both, SLIPS + len(constants) ** 2, POSSIBLE, cells, history)
        carried = self.known.carried(history.right) if history.right is not None else []
        every = [*single, *carried]
        tried = CARRIED * (tried + len(carried))
        yield self._said(whole(carried, cells), tried, LIKELY, cells, history)
        factors = self._factors(every)
        composed = [*self._multiplied(single, factors, cells), *with_a_slip(single, cells)]
        tried = COMPOSED * len(single) * len(factors)
        yield self._said(composed, tried, LIKELY, cells, history)
        composed = [*self._multiplied(carried, factors, cells), *with_a_slip(carried, cells)]
        tried = COMPOSED * len(every) * len(factors)
        yield self._said(composed, tried, LIKELY, cells, history)
        if chance_of(cells) * COMPOSED * len(single) <= LIKELY:
            tried = COMPOSED * (len(single) + len(self.known.pairs))
            close = (each for each in whole(self.known.pairs, cells) if each.match.close)
            yield self._said(close, tried, LIKELY, cells, history)

    def _here(
        self, cells: Sequence[Answered], early: Array, tried: int, history: History
    ) -> list[Named]:
        """Mistakes made at this step, and slips of the hand on its right value."""
        made = list(whole(self.known.single, cells))
        worth = (each for each in made if each.match.close or each.chance * tried <= POSSIBLE)
        named = [
            (each.match.close, self._named(each, tried, cells, again=again))
            for each, again in self._told_apart(_ranked(worth, history))
        ]
        by_chance = SLIPS * chance_of(cells)
        slipped = [
            (slip.close, _slipped(slip, certainty(by_chance, _wrong(cells))))
            for slip in slips(
                cells,
                self.right.step.shape,
                self.truth.reshape(-1).tolist(),
                early.reshape(-1).tolist(),
            )
        ]
        # To the last place before within a share; among equals what was misunderstood.
        return [each for _, each in sorted([*named, *slipped], key=lambda pair: not pair[0])]

    def _told_apart(self, found: Sequence[Hypothesis]) -> list[tuple[Hypothesis, bool]]:
        """Each, and whether one before it comes to the same on whatever numbers: they come last."""
        if len(found) < 2:
            return [(each, False) for each in found]
        different: list[tuple[Hypothesis, Array | None]] = []
        others: list[Hypothesis] = []
        for each in found:
            value = self.known.anywhere(each.candidate, self._another())
            if any(
                _alike(value, other) and _factor(each) == _factor(before)
                for before, other in different
            ):
                others.append(each)
            else:
                different.append((each, value))
        return [*((each, False) for each, _ in different), *((each, True) for each in others)]

    def _said(
        self,
        found: Iterable[Hypothesis],
        tried: int,
        most: float,
        cells: Sequence[Answered],
        history: History,
    ) -> list[Named]:
        """Those that are hardly by accident, the most certain first."""
        worth = (each for each in found if each.chance * tried <= most)
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

        A mistake that does so multiplies a wrong value as well.
        """
        largest = int(np.abs(self.truth).reshape(-1).argmax())
        right = float(self.truth.reshape(-1)[largest])
        found: dict[str, Factor] = {}
        for each in candidates if right and self.right.step.kind != "update" else ():
            size = float(each.value.reshape(-1)[largest]) / right
            off = np.abs(each.value - size * self.truth).max(initial=0.0)
            if size and off <= SHARE * abs(size * right) and self._everywhere(each, size):
                found.setdefault(f"{size:.6g}", Factor(size, each))
        return list(found.values())

    def _everywhere(self, candidate: Candidate, size: float) -> bool:
        """Is a mistake this constant times the right value on other numbers as well?"""
        another = self._another()
        right = another.known(self.right.step.id)
        return _alike(self.known.anywhere(candidate, another), size * right)

    def _factors(self, candidates: Sequence[Candidate]) -> list[Factor]:
        """Constants by which all numbers may be off, with the mistake that leaves one if known."""
        rows = self.truth.shape[0] if self.truth.ndim == 2 else 1
        found = {f"{each.size:.6g}": each for each in self._constants(candidates)}
        for size in (-1.0, 0.5, 2.0, float(rows), 1 / rows):
            found.setdefault(f"{size:.6g}", Factor(size))
        return [each for each in found.values() if abs(each.size - 1) > SHARE]

    def known_mistake_gives(self, cells: Sequence[Answered]) -> bool:
        """Does a known mistake give all of these numbers, in every digit typed?"""
        for candidates in (self.known.single, self.known.carried()):
            if any(each.match.close for each in whole(candidates, cells)):
                return True
        return False

    # ── formulas ──────────────────────────────────────────────────────────────────────────────

    def of_formula(self, expression: Expression, worlds: Sequence[World]) -> list[Named]:
        """What explains a wrong formula: the mistakes to which it is identical."""
        try:
            typed = [world.evaluate(expression) for world in worlds]
        except ShapeError:
            return self._repaired(expression, worlds)
        found = [each for each in self.known.every_single if self._identical(typed, each, worlds)]
        if not found and not self._reads_upstream(expression):  # by its name that would be right
            carried = self.known.carried()
            found = [each for each in carried if self._identical(typed, each, worlds)]
        if not found and all(
            _same(-value, world.truth, world) for value, world in zip(typed, worlds, strict=True)
        ):
            said = Message("The size of your formula is right, but the sign is wrong.")
            signs = Message("Check the sign of each factor and term.")
            return [Named(("sign-slip",), said, signs, fact=True)]
        if not found and (repaired := self._repaired(expression, worlds)):
            return repaired
        if not found:
            found = [each for each in self.known.pairs if self._identical(typed, each, worlds)]
        named = [of_formula(self.known, each) for each in found]
        return _distinct([*named[:1], *(replace(each, certainty="possible") for each in named[1:])])

    def _reads_upstream(self, expression: Expression) -> bool:
        upstream = [self.right.upstream(path) for path in self.right.paths]
        return any(Name(name) in upstream for name in names(expression))

    def _identical(
        self, typed: Sequence[Array], candidate: Candidate, worlds: Sequence[World]
    ) -> bool:
        """Does a mistake's formula give what was typed, on every set of values?"""
        if not _same(typed[0], candidate.value, worlds[0]):
            return False
        elsewhere = (self.known.anywhere(candidate, world.trace) for world in worlds[1:])
        return all(
            wrong is not None and _same(value, wrong, world)
            for value, wrong, world in zip(typed[1:], elsewhere, worlds[1:], strict=True)
        )

    def _repaired(self, expression: Expression, worlds: Sequence[World]) -> list[Named]:
        found = repair(self.right, expression, worlds)
        return [Named((found.id,), found.explanation, found.advice, fact=True)] if found else []


def _slipped(slip: Slip, how: Certainty) -> Named:
    return Named(
        (slip.id,), slip.explanation, slip.advice, slip.position, True, how, fact=slip.fact
    )


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
    """Where another explanation fits as well as the first, neither is more than possible."""
    first, *others = found
    told_apart = (each for each in others if not each.again)
    other = next((each for each in told_apart if set(each.ids) != set(first.ids)), None)
    if other is None or first.certainty != other.certainty or first.fact:
        return list(found)
    return [
        replace(first, certainty="possible", rival=other),
        *(each if each.fact else replace(each, certainty="possible") for each in others),
    ]


def _same(typed: Array, wrong: Array, world: World) -> bool:
    if typed.size == 1 and wrong.ndim:
        typed = np.broadcast_to(typed.reshape(()), wrong.shape)  # a bare 1 for a bias' slope
    if typed.shape != wrong.shape:
        return False
    scale = float(np.abs(wrong).max(initial=0.0))
    off = float(np.abs(typed - wrong).max(initial=0.0))
    return off <= max(SHARE * scale, world.residue)


def _alike(value: Array | None, other: Array | None) -> bool:
    if value is None or other is None or value.shape != other.shape:
        return False
    scale = float(np.abs(other).max(initial=0.0))
    return bool(np.allclose(value, other, rtol=SHARE, atol=SHARE * scale))


def _factor(found: Hypothesis) -> float:
    return found.factor.size if found.factor else 1.0


def _distinct(found: Sequence[Named]) -> list[Named]:
    """Each set of ids once."""
    distinct: dict[frozenset[str], Named] = {}
    for each in found:
        distinct.setdefault(frozenset(each.ids), each)
    return list(distinct.values())
