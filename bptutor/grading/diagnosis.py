"""Which mistake explains a wrong answer? The likeliest first; none where none does.

An answer is explained by the mistakes whose numbers it fits. One that explains all of it goes
before slips, those before one that explains the wrong cells alone, and that before one that
explains some; what no single mistake explains, two of them in a row may.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache, partial
from itertools import islice

import numpy as np

from bptutor.engine.trace import Array
from bptutor.grading.fit import Answered, Fit, Match, evidence, match
from bptutor.grading.formula import SHARE, World
from bptutor.grading.misconceptions import Cell, Mistake, Situation, carried_mistakes, mistakes
from bptutor.grading.misconceptions.repairs import repair
from bptutor.grading.misconceptions.slips import slips
from bptutor.language.errors import ShapeError
from bptutor.language.tree import Expression, Name, Shape, names
from bptutor.text import Message

LARGEST_FOR_PAIRS = 100_000
"""Numbers of a value up to which pairs are worked out; each takes as long as the step itself."""
MOST_PAIRS = 400
"""Mistakes in a row that are tried before giving up."""
ENOUGH_FOR_A_PAIR = 6
"""Significant figures that must speak for two mistakes at once: fewer fit by chance."""


@dataclass(frozen=True)
class Named:
    """What explains an answer: one mistake, or two in a row."""

    ids: tuple[str, ...]
    explanation: Message
    """What the learner did."""
    advice: Message
    """What to do."""
    position: int | None = None
    """Of a value, the element that it is about, row after row."""
    quotes: bool = False
    """Does the explanation say itself which number it is about?"""
    made_at: str = ""
    """Of a mistake carried on, the step where it was made."""


@dataclass(frozen=True)
class Candidate:
    """A mistake with the numbers that it gives."""

    mistakes: tuple[Mistake, ...]
    """One, or two in a row; the last has the formula that came of them."""
    value: Array
    """In the step's shape."""

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(mistake.id for mistake in self.mistakes)

    @property
    def expression(self) -> Expression:
        return self.mistakes[-1].expression


class Diagnostician:
    """Knows what can go wrong at one step, and what it would come to."""

    def __init__(
        self,
        right: Situation,
        evaluate: Callable[[Expression], Array],
        truth: Array,
        residue: float = 0.0,
    ) -> None:
        """Prepares nothing yet.

        Args:
            right: the step with its right formula.
            evaluate: works a formula out on the lesson's values in float64; raises ShapeError.
            truth: the right value.
            residue: what rounding may leave of a 0 in it.
        """
        self.right = right
        self._evaluate = evaluate
        self.truth = np.asarray(truth, "float64")
        self._residue = residue

    @cached_property
    def candidates(self) -> list[Candidate]:
        """The single mistakes whose numbers differ from the right ones."""
        return [each for each in self._single if self._differs(each.value)]

    @cached_property
    def _single(self) -> list[Candidate]:
        """All single mistakes, those too that make no difference to these numbers."""
        made_here, made_above = single_mistakes(self.right)
        here = list(self._worked_out((each,) for each in made_here))
        seen = [each.value for each in here]
        above = (
            each
            for each in self._worked_out((each,) for each in made_above)
            if not any(np.array_equal(each.value, value) for value in seen)
        )
        return [*here, *above]

    def of_value(self, cells: Sequence[Answered], early: Array) -> list[Named]:
        """What explains a wrong value.

        Args:
            cells: what was answered, with at least one wrong cell.
            early: what arithmetic on knowns rounded to two figures gives, in the step's shape.
        """
        matches = [(self._match(each, cells), each) for each in self.candidates]
        of_all = [(found, each) for found, each in matches if found.everything]
        slipped = [
            (slip.close, Named((slip.id,), slip.explanation, slip.advice, slip.position, True))
            for slip in slips(
                cells,
                self.right.step.shape,
                self.truth.reshape(-1).tolist(),
                early.reshape(-1).tolist(),
            )
        ]
        if of_all or slipped:
            explaining = [(found.close, self._named_in(each, cells)) for found, each in of_all]
            # To the last place before within a share; among equals what was misunderstood.
            ranked = sorted([*explaining, *slipped], key=lambda pair: not pair[0])
            return _distinct([named for _, named in ranked])
        of_wrong = self._best([found for found in matches if found[0].every_wrong_cell], cells)
        if of_wrong:
            return _distinct(of_wrong)
        if evidence(cells) >= ENOUGH_FOR_A_PAIR:
            in_a_row = [(self._match(each, cells), each) for each in self.pairs]
            fitting = [found for found in in_a_row if found[0].everything and found[0].close]
            if fitting:
                return _distinct(self._best(fitting, cells))
        return _distinct(
            self._best([found for found in matches if _explains_some(found[0])], cells)
        )

    def known_mistake_gives(self, cells: Sequence[Answered]) -> bool:
        """Does a single known mistake give all of these numbers, in every digit typed?"""
        found = (self._match(each, cells) for each in self.candidates)
        return any(each.everything and each.close for each in found)

    def of_formula(self, expression: Expression, worlds: Sequence[World]) -> list[Named]:
        """What explains a wrong formula: the mistakes to which it is identical."""
        try:
            typed = [world.evaluate(expression) for world in worlds]
        except ShapeError:
            return self._repaired(expression, worlds)
        found = [each for each in self._single if _identical(typed, each, worlds)]
        if self._reads_upstream(expression):  # which is right by its name: nothing is carried on
            found = [each for each in found if not each.mistakes[0].made]
        if not found and all(
            _same(-value, world.truth, world) for value, world in zip(typed, worlds, strict=True)
        ):
            said = Message("The size of your formula is right, but the sign is wrong.")
            signs = Message("Check the sign of each factor and term.")
            return [Named(("sign-slip",), said, signs)]
        if not found and (repaired := self._repaired(expression, worlds)):
            return repaired
        if not found:
            found = [each for each in self.pairs if _identical(typed, each, worlds)]
        return _distinct([self._named(each, self._first_off(each)) for each in found])

    def _reads_upstream(self, expression: Expression) -> bool:
        upstream = [self.right.upstream(path) for path in self.right.paths]
        return any(Name(name) in upstream for name in names(expression))

    def _repaired(self, expression: Expression, worlds: Sequence[World]) -> list[Named]:
        found = repair(self.right, expression, worlds)
        return [Named((found.id,), found.explanation, found.advice)] if found else []

    @cached_property
    def pairs(self) -> list[Candidate]:
        """Two mistakes in a row whose numbers no single one gives."""
        seen = {each.expression for each in self.candidates} | {self.right.product}

        def in_a_row() -> Iterator[tuple[Mistake, ...]]:
            for first in (each.mistakes[0] for each in self.candidates):
                for second in mistakes(first.situation):
                    if second.id != first.id and second.expression not in seen:
                        seen.add(second.expression)
                        yield first, second

        most = MOST_PAIRS if self.truth.size <= LARGEST_FOR_PAIRS else 0
        worked_out = self._worked_out(islice(in_a_row(), most))
        return [each for each in worked_out if self._differs(each.value)]

    def _worked_out(self, found: Iterable[tuple[Mistake, ...]]) -> Iterator[Candidate]:
        for made in found:
            try:
                value = np.asarray(self._evaluate(made[-1].expression), "float64")
            except ShapeError:
                continue
            value = np.where(np.abs(value) <= self._residue, 0, value)
            if np.isfinite(value).all():
                yield Candidate(made, value)

    def _differs(self, value: Array) -> bool:
        """Is it another value than the right one, by more than rounding?"""
        scale = float(np.abs(self.truth).max(initial=0.0))
        off = float(np.abs(value - self.truth).max(initial=0.0))
        return off > max(SHARE * scale, self._residue)

    def _best(self, found: list[tuple[Match, Candidate]], cells: Sequence[Answered]) -> list[Named]:
        """The better matches first; among equals the likelier mistake."""
        ranked = sorted(found, key=lambda pair: pair[0].rank)
        return [self._named_in(each, cells) for _, each in ranked]

    def _named_in(self, candidate: Candidate, cells: Sequence[Answered]) -> Named:
        """A mistake in words about the first wrong cell that it explains."""
        flat = candidate.value.reshape(-1)
        scale = float(np.abs(flat).max(initial=0.0))
        wrong = [cell for cell in cells if not cell.right]
        fitting = (cell for cell in wrong if cell.fit(float(flat[cell.position]), scale) > Fit.NOT)
        position = next(fitting, wrong[0]).position
        return replace(self._named(candidate, position), position=position)

    def _named(self, candidate: Candidate, position: int) -> Named:
        """A mistake in words; `position` is that of an element that it makes wrong."""
        words = [self._words(mistake, position) for mistake in candidate.mistakes]
        first = candidate.mistakes[0]
        if len(words) == 1:
            quotes = not isinstance(first.explanation, Message)
            made_at = first.made[0].step.id if first.made else ""
            return Named(candidate.ids, words[0], first.advice, quotes=quotes, made_at=made_at)
        return Named(
            candidate.ids,
            Message("There are two mistakes. {first} {second}", first=words[0], second=words[1]),
            Message("Fix one, then the other."),
        )

    def _words(self, mistake: Mistake, position: int) -> Message:
        """What happened; of a mistake that is carried on, where it was made."""
        if isinstance(mistake.explanation, Message):
            return mistake.explanation
        shape = self.right.step.shape
        if mistake.made:
            right, wrong = mistake.made
            shape = right.step.shape
            off = self._evaluate(wrong.product) - self._evaluate(right.product)
            position = int(np.abs(off).reshape(-1).argmax())
        index = tuple(int(each) for each in np.unravel_index(position, shape))
        number = partial(self._number, index, shape)
        return mistake.explanation(Cell(index, number))

    def _number(self, index: tuple[int, ...], shape: Shape, expression: Expression) -> float:
        return float(np.broadcast_to(self._evaluate(expression), shape)[index])

    def _first_off(self, candidate: Candidate) -> int:
        return int(np.abs(candidate.value - self.truth).reshape(-1).argmax())

    @staticmethod
    def _match(candidate: Candidate, cells: Sequence[Answered]) -> Match:
        flat = candidate.value.reshape(-1)
        return match(cells, [float(flat[cell.position]) for cell in cells])


@lru_cache(maxsize=512)
def single_mistakes(right: Situation) -> tuple[list[Mistake], list[Mistake]]:
    """What can go wrong at a step: here, and further up and carried on; on whatever numbers."""
    return mistakes(right), carried_mistakes(right)


def _identical(typed: Sequence[Array], candidate: Candidate, worlds: Sequence[World]) -> bool:
    """Does a mistake's formula give what was typed, on every set of values?"""
    if not _same(typed[0], candidate.value, worlds[0]):
        return False
    try:
        return all(
            _same(value, world.evaluate(candidate.expression), world)
            for value, world in zip(typed[1:], worlds[1:], strict=True)
        )
    except ShapeError:
        return False


def _same(typed: Array, wrong: Array, world: World) -> bool:
    if typed.size == 1 and wrong.ndim:
        typed = np.broadcast_to(typed.reshape(()), wrong.shape)  # a bare 1 for a bias' slope
    if typed.shape != wrong.shape:
        return False
    scale = float(np.abs(wrong).max(initial=0.0))
    off = float(np.abs(typed - wrong).max(initial=0.0))
    return off <= max(SHARE * scale, world.residue)


def _explains_some(found: Match) -> bool:
    """Does it explain at least half of the wrong cells, and more than one?"""
    return found.explained >= 2 and 2 * found.explained >= found.wrong


def _distinct(found: Sequence[Named]) -> list[Named]:
    """Each set of ids once."""
    distinct: dict[tuple[str, ...], Named] = {}
    for each in found:
        distinct.setdefault(each.ids, each)
    return list(distinct.values())
