"""Numbers on which different mistakes give different answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, lru_cache
from itertools import product
from math import prod
from random import Random
from typing import TypeAlias

import numpy as np

from bptutor.course.questions import asked_cells
from bptutor.engine.numpy_pass import NumpyPass, settled
from bptutor.engine.trace import Array
from bptutor.grading.diagnosis import single_mistakes
from bptutor.grading.judge import FIGURES, Typed, judge
from bptutor.grading.misconceptions import situation
from bptutor.language.algebra import minus
from bptutor.language.ops import operation_of
from bptutor.language.ops.elementwise import Comparison
from bptutor.language.tree import Apply, Expression, Name, parts
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step
from bptutor.quiz.numbers import scattered
from bptutor.text import significant


def masks_in(expression: Expression) -> Iterator[Expression]:
    """The masks of a formula, each as a comparison."""
    for part in dict.fromkeys(parts(expression)):
        if isinstance(part, Apply):
            mask = part if is_comparison(part) else operation_of(part).kink(part)
            if mask is not None:
                yield mask


def distance(mask: Expression) -> Expression:
    """How far what a mask compares is from the kink, at which it is 0."""
    assert isinstance(mask, Apply)
    return minus(*mask.operands)


def is_comparison(part: Expression) -> bool:
    """Does it compare two things?"""
    return isinstance(part, Apply) and isinstance(operation_of(part), Comparison)


# ── probing ───────────────────────────────────────────────────────────────────────────────────────


PROBES, LOOKED_THROUGH = 12, 240
"""Sets of numbers on which formulas are compared that may be one and the same: so many for each
way in which lone masks are open or shut, of so many that are drawn."""
SAME = 1e-9
"""How far two values of one formula may lie apart by rounding."""

Sides: TypeAlias = tuple[float, ...]
"""Which of the masks of a single cell are open."""


def lone_masks(form: Lesson, formulas: Sequence[Expression]) -> tuple[Expression, ...]:
    """The masks of a single cell in some formulas."""
    own = NumpyPass.on_its_own(form)
    masks = dict.fromkeys(mask for each in formulas for mask in masks_in(each))
    return tuple(mask for mask in masks if own.value(mask).size == 1)


def probes(form: Lesson, lone: Sequence[Expression]) -> Iterator[tuple[Sides, NumpyPass]]:
    """Passes on the lesson's own numbers and on others that are not round, with lone masks' sides.

    Each side that they can be of comes several times, if it comes at all.
    """
    seen = Counter[Sides]()
    for numbers in _passes(form).first(LOOKED_THROUGH if lone else PROBES):
        side = sides(numbers, lone)
        seen[side] += 1
        if seen[side] <= PROBES:
            yield side, numbers


def differing(form: Lesson, step: Step, formulas: Sequence[Expression]) -> list[int]:
    """The places of those formulas that give something else than a step's, on some numbers."""
    left = list(range(len(formulas)))
    with np.errstate(all="ignore"):
        for _, numbers in probes(form, lone_masks(form, [step.product, *formulas])):
            if not left:
                break
            tried = [step.product, *(formulas[place] for place in left)]
            values = answers(numbers, tried, step)[None]
            one = same(values[:, 1:], values[:, :1])
            left = [place for place, alike in zip(left, one, strict=True) if alike]
    return [place for place in range(len(formulas)) if place not in left]


def fixed(form: Lesson, step: Step) -> Array | None:
    """The value of a step, where it is the same whatever the numbers; else None."""
    first: Array | None = None
    with np.errstate(all="ignore"):
        for _, numbers in probes(form, lone_masks(form, [step.product])):
            value = answers(numbers, [step.product], step)
            if first is None:
                first = value
            elif (value != first).any():
                return None
    return first


def answers(numbers: NumpyPass, formulas: Sequence[Expression], step: Step) -> Array:
    """What formulas for a step come to: a row for each, of the cells row after row."""
    values = [numbers.value(each) for each in formulas]
    rows = [each if each.shape == step.shape else np.full(step.shape, each) for each in values]
    return settled(np.asarray(rows).reshape(len(rows), -1))


def sides(numbers: NumpyPass, lone: Sequence[Expression]) -> Sides:
    """Which lone masks are open on some numbers."""
    return tuple(numbers.value(mask).item() for mask in lone)


def same(values: Array, other: Array) -> Array:
    """For each formula, is it the other one on all sets of numbers?"""
    size = np.nan_to_num(np.abs(other)).max(2, initial=0.0, keepdims=True)
    bound = SAME * np.broadcast_to(size, values.shape)
    close = (np.abs(values - other) <= bound) | (np.isnan(values) & np.isnan(other))
    return np.asarray(close.all((0, 2)))


class _Passes:
    """Passes through a lesson, made as far as they are wanted."""

    def __init__(self, form: Lesson) -> None:
        self._form = form
        self._random = Random(form.digest)
        self._own = NumpyPass.on_its_own(form)
        self._made: list[NumpyPass | None] = []
        """None where the loss comes to no number."""

    def first(self, draws: int) -> Iterator[NumpyPass]:
        """The pass on the lesson's own numbers, and those of the first draws."""
        yield self._own
        for place in range(draws):
            if place == len(self._made):
                numbers = NumpyPass.through(self._form, scattered(self._form, self._random))
                loss = numbers.value(Name(self._form.loss))
                self._made.append(numbers if np.isfinite(loss).all() else None)
            if (made := self._made[place]) is not None:
                yield made


@lru_cache(maxsize=8)
def _passes(form: Lesson) -> _Passes:
    return _Passes(form)


# ── telling ───────────────────────────────────────────────────────────────────────────────────────


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
                if counts[one] and all(map(_passes_telling, values[one], values[0])):
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


def _passes_telling(answer: float, truth: float) -> bool:
    """Would it not be found wrong, to three figures at most? 1 is not, for 0.95."""
    if abs(answer - truth) > 0.6 * abs(answer):  # half of it is the most that one figure hides
        return False
    text = significant(float(answer), FIGURES)
    typed = Typed(float(text), len(Decimal(text).as_tuple().digits), text)
    return judge(typed, float(truth)).verdict != "wrong"
