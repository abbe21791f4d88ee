"""Do numbers tell the mistakes at a step apart, from each other and from the truth?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import product
from math import prod

import numpy as np

from bptutor.engine.numpy_pass import NumpyPass
from bptutor.grading.diagnosis import single_mistakes
from bptutor.grading.misconceptions import situation
from bptutor.grading.number import FIGURES, Typed, judge
from bptutor.language.tree import Expression, Name
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step
from bptutor.locale import significant
from bptutor.tutoring.asking import asked_cells
from bptutor.tutoring.facts import Array
from bptutor.tutoring.quiz.probing import Sides, answers, lone_masks, probes, same, sides

APART = 0.0101
"""How far two answers must be apart somewhere, as a share of the larger: what a right answer may
be off, and what rounding to three figures takes. No ratio of short numbers: nothing is just it."""
CHANGES_APART = 0.0999
"""The same of an update, which may be off by more: as a share of its change or of the whole."""
FEWEST = 8
"""On fewer of them two formulas may be the same by chance."""
MOST_NUMBERS, MOST_LINES = 2_000, 100
"""Numbers in a lesson's leaves, or in one of its values, and lines of its program from which on
nobody works with it by hand."""


@dataclass(frozen=True, eq=False)
class Telling:
    """A step's right formula and its wrong ones."""

    step: Step
    formulas: tuple[Expression, ...]
    """The right one first."""
    made: tuple[str, ...]
    """The misconception that gives each; nothing for the right one."""
    lone_masks: tuple[Expression, ...]
    """The masks of a single cell in them."""
    sides: tuple[Sides, ...]
    """Of several sets of numbers that nobody chose, which of these masks are open there."""
    values: Array
    """What the formulas come to there: a set of numbers, a formula, the cells."""
    _grouped: dict[Sides, dict[int, list[str]]] = field(default_factory=dict)

    @cached_property
    def ids(self) -> frozenset[str]:
        """The misconceptions that give something else than the truth, on some numbers at least."""
        right = same(self.values, self.values[:, :1])
        return frozenset(id_ for id_, one in zip(self.made, right, strict=True) if not one)

    def alike(self, numbers: NumpyPass, *, by_chance: bool = True) -> Iterator[tuple[str, ...]]:
        """The pairs of mistakes that give the same answer to anybody who looks at three figures.

        A mistake alone is one that gives the right answer; where that is left out of account that
        chance makes a mistake give the very truth, one that comes close to it.
        """
        step = self.step
        truth = np.broadcast_to(numbers.settled(step.product), step.shape)
        cells = asked_cells(step.shape, truth)
        groups = self._groups(sides(numbers, self.lone_masks))
        shown = answers(numbers, [self.formulas[each] for each in groups], step)
        values, size, share = shown[:, cells], np.abs(shown[:, cells]), APART
        if step.kind == "update":
            start = numbers.value(Name(step.target)).reshape(-1)[cells]
            size, share = np.minimum(size, np.abs(values - start)), CHANGES_APART
        counts = np.asarray(np.isfinite(values).all(1))
        if not by_chance:
            counts[1:] &= ~same(shown[None], shown[None, :1])[1:]
        off = np.abs(values[:, None] - values[None])
        close = (off <= share * np.maximum(size[:, None], size[None])).all(2)
        made = list(groups.values())
        for one, other in np.argwhere(np.triu(close & counts[:, None] & counts, 1)).tolist():
            pairs = (pair for pair in product(made[one], made[other]) if pair[0] != pair[1])
            if (pair := next(pairs, None)) is not None:
                yield tuple(filter(None, pair))
        if by_chance and step.kind != "update":
            for one in range(1, len(values)):
                if counts[one] and all(map(_passes, values[one], values[0])):
                    yield (made[one][0],)

    def _groups(self, sides: Sides) -> dict[int, list[str]]:
        """The formulas that are one as long as the lone masks are what they are.

        Under the first of each group stand the mistakes that are made by one of them. With a single
        cell a mask is open or shut: there is no telling `dL_da` from `dL_da * 1`.
        """
        if sides not in self._grouped:
            here = self.values[[each == sides for each in self.sides]]
            groups = {0: [""]}
            for index, id_ in enumerate(self.made[1:], 1):
                one = same(here[:, [*groups]], here[:, [index]])
                if len(here) < FEWEST or not one.any():
                    groups[index] = [id_]
                else:
                    groups[[*groups][int(one.argmax())]].append(id_)
            self._grouped[sides] = groups
        return self._grouped[sides]


def telling(lesson: Lesson, step: Step) -> Telling:
    """What can go wrong at a step of a lesson, whatever its numbers."""
    return _telling(lesson.form, step)


def few_numbers(lesson: Lesson) -> bool:
    """Are there few enough numbers in a lesson for the mistakes to be looked at one by one?"""
    program = lesson.program
    leaves = sum(prod(lesson.shapes[name]) for name in program.leaves)
    largest = max(prod(lesson.shapes[name]) for name in program.by_target)
    return max(leaves, largest) <= MOST_NUMBERS and len(program.assignments) <= MOST_LINES


@lru_cache(maxsize=512)
def _telling(form: Lesson, step: Step) -> Telling:
    here, above = single_mistakes(situation(form, step, "unicode"))
    made = dict.fromkeys(
        [("", step.product), *((each.id, each.expression) for each in (*here, *above))]
    )
    formulas = tuple(expression for _, expression in made)
    with np.errstate(all="ignore"):
        lone = lone_masks(form, formulas)
        found = [(side, answers(numbers, formulas, step)) for side, numbers in probes(form, lone)]
    sides_there, values = zip(*found, strict=True)
    return Telling(
        step, formulas, tuple(id_ for id_, _ in made), lone, sides_there, np.asarray(values)
    )


def _passes(answer: float, truth: float) -> bool:
    """Would it not be found wrong, to three figures at most? 1 is not, for 0.95."""
    if abs(answer - truth) > 0.6 * abs(answer):  # half of it is the most that one figure hides
        return False
    text = significant(float(answer), FIGURES)
    typed = Typed(float(text), len(Decimal(text).as_tuple().digits), text)
    return judge(typed, float(truth)).verdict != "wrong"
