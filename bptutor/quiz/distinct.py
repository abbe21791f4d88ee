"""Numbers on which different mistakes give different answers."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, lru_cache, wraps
from itertools import compress, product
from math import prod
from random import Random
from typing import Any, Concatenate, ParamSpec, TypeAlias, TypeVar

import numpy as np

from bptutor.course.questions import asked_cells, sizes
from bptutor.engine.numpy_pass import NumpyPass, settled
from bptutor.engine.trace import Array
from bptutor.grading.candidates import local_mistakes
from bptutor.grading.judge import FIGURES, Typed, judge
from bptutor.grading.misconceptions import situation
from bptutor.language.algebra import minus
from bptutor.language.evaluate import masks_in
from bptutor.language.tree import Apply, Expression, Name
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step
from bptutor.quiz.numbers import scattered
from bptutor.text import significant

P = ParamSpec("P")
T = TypeVar("T")


def cached_by_form(
    function: Callable[Concatenate[Lesson, P], T],
) -> Callable[Concatenate[Lesson, P], T]:
    """Cache a function of a lesson whose result does not depend on the lesson's numbers."""
    cached: Any = lru_cache(maxsize=1024)(function)  # all steps of bptutor's own lessons

    @wraps(function)
    def on_form(lesson: Lesson, /, *args: P.args, **kwargs: P.kwargs) -> T:
        result: T = cached(lesson.form, *args, **kwargs)
        return result

    return on_form


def kink_distance(mask: Expression) -> Expression:
    """The difference of the two sides of a comparison: 0 at the kink."""
    assert isinstance(mask, Apply)
    return minus(*mask.operands)


# ── formulas compared on sample numbers ───────────────────────────────────────────────────────────


SAMPLES, MOST_DRAWN = 12, 240
"""Sets of numbers on which formulas are compared: for each state of the scalar masks, and drawn in
all to find that many."""
SAME = 1e-9  # the relative rounding error between two ways to write one formula

MaskState: TypeAlias = tuple[float, ...]  # the values of the scalar masks, 0 or 1 each


def scalar_masks(form: Lesson, formulas: Sequence[Expression]) -> tuple[Expression, ...]:
    """The masks of a single cell in some formulas."""
    own = NumpyPass.on_its_own(form)
    masks = dict.fromkeys(mask for formula in formulas for mask in masks_in(formula))
    return tuple(mask for mask in masks if own.value(mask).size == 1)


def samples(form: Lesson, masks: Sequence[Expression]) -> Iterator[tuple[MaskState, NumpyPass]]:
    """Passes on the lesson's own numbers and on others that are not round, with the masks' state.

    At most `SAMPLES` for each state that comes up.
    """
    seen = Counter[MaskState]()
    for numbers in _random_passes(form).first(MOST_DRAWN if masks else SAMPLES):
        state = mask_state(numbers, masks)
        seen[state] += 1
        if seen[state] <= SAMPLES:
            yield state, numbers
        if len(seen) == 2 ** len(masks) and min(seen.values()) >= SAMPLES:
            return  # there is no other state


def differing(form: Lesson, step: Step, formulas: Sequence[Expression]) -> list[int]:
    """The indices of the formulas whose value differs from the step's on some sample."""
    left = list(range(len(formulas)))
    with np.errstate(all="ignore"):
        for _, numbers in samples(form, scalar_masks(form, [step.product, *formulas])):
            if not left:
                break
            tried = [step.product, *(formulas[index] for index in left)]
            values = answers(numbers, tried, step)[None]
            left = list(compress(left, same(values[:, 1:], values[:, :1])))
    return [index for index in range(len(formulas)) if index not in left]


def constant_value(form: Lesson, step: Step) -> Array | None:
    """The value of a step that does not depend on the numbers; else None."""
    first: Array | None = None
    with np.errstate(all="ignore"):
        for _, numbers in samples(form, scalar_masks(form, [step.product])):
            value = answers(numbers, [step.product], step)
            if first is None:
                first = value
            elif (value != first).any():
                return None
    return first


def answers(numbers: NumpyPass, formulas: Sequence[Expression], step: Step) -> Array:
    """The values of formulas for a step, of shape (formulas, cells)."""
    rows = [np.broadcast_to(numbers.value(formula), step.shape) for formula in formulas]
    return settled(np.asarray(rows).reshape(len(rows), -1))


def mask_state(numbers: NumpyPass, masks: Sequence[Expression]) -> MaskState:
    return tuple(numbers.value(mask).item() for mask in masks)


def same(values: Array, other: Array) -> Array:
    """Whether each formula equals the other one on all samples; both (samples, formulas, cells)."""
    size = np.nan_to_num(np.abs(other)).max(2, initial=0.0, keepdims=True)
    bound = SAME * np.broadcast_to(size, values.shape)
    close = (np.abs(values - other) <= bound) | (np.isnan(values) & np.isnan(other))
    return np.asarray(close.all((0, 2)))


class _RandomPasses:
    """Passes through a lesson on random numbers, made when first needed."""

    def __init__(self, form: Lesson) -> None:
        self._form = form
        self._random = Random(form.digest)
        self._own = NumpyPass.on_its_own(form)
        self._made: list[NumpyPass | None] = []  # None where the loss is not finite

    def first(self, draws: int) -> Iterator[NumpyPass]:
        """The pass on the lesson's own numbers, and those of the first draws."""
        yield self._own
        for index in range(draws):
            if index == len(self._made):
                numbers = NumpyPass.through(self._form, scattered(self._form, self._random))
                loss = numbers.value(Name(self._form.loss))
                self._made.append(numbers if np.isfinite(loss).all() else None)
            if (made := self._made[index]) is not None:
                yield made


@lru_cache(maxsize=8)
def _random_passes(form: Lesson) -> _RandomPasses:
    return _RandomPasses(form)


# ── distractors ───────────────────────────────────────────────────────────────────────────────────


APART = 0.0101
"""The least relative difference, in some cell, of two answers that count as distinct: the tolerance
of a right answer and the error of rounding to three figures. Not a ratio of two short numbers, so
that no difference is exactly at the bound."""
CHANGES_APART = 0.0999
"""The same for an update, whose tolerance is larger: a share of its change or of the whole."""
FEWEST = 8  # on fewer samples two different formulas may agree by chance
MOST_NUMBERS, MOST_LINES = 2_000, 100
"""The most numbers in a lesson's leaves, or in one of its values, and lines in its program, for
work by hand."""


@dataclass(frozen=True, eq=False)
class Distractors:
    """A step's right formula and the wrong ones that misconceptions give."""

    step: Step
    formulas: tuple[Expression, ...]  # the right one first
    mistakes: tuple[str, ...]  # the misconception that gives each formula; "" for the right one
    masks: tuple[Expression, ...]  # the masks of a single cell in the formulas
    states: tuple[MaskState, ...]  # the state of these masks on each sample
    values: Array  # the formulas' values on each sample, of shape (samples, formulas, cells)
    _grouped: dict[MaskState, dict[int, list[str]]] = field(default_factory=dict)

    @cached_property
    def any_differs(self) -> bool:
        """Does a misconception differ from the right answer on some sample?"""
        return not same(self.values, self.values[:, :1]).all()

    def confused(self, numbers: NumpyPass, *, by_chance: bool = True) -> Iterator[tuple[str, ...]]:
        """The pairs of mistakes whose answers agree to three figures on these numbers.

        A mistake whose answer passes for the right one comes alone. Without `by_chance`, mistakes
        whose value on these numbers is exactly the right one are left out.
        """
        step = self.step
        cells = asked_cells(step, np.broadcast_to(numbers.settled(sizes(step)), step.shape))
        groups = self._groups(mask_state(numbers, self.masks))
        shown = answers(numbers, [self.formulas[index] for index in groups], step)
        values, size, share = shown[:, cells], np.abs(shown[:, cells]), APART
        if step.kind == "update":
            start = numbers.value(Name(step.target)).reshape(-1)[cells]
            size, share = np.minimum(size, np.abs(values - start)), CHANGES_APART
        counts = np.asarray(np.isfinite(values).all(1))
        if not by_chance:
            counts[1:] &= ~same(shown[None], shown[None, :1])[1:]
        off = np.abs(values[:, None] - values[None])
        close = (off <= share * np.maximum(size[:, None], size[None])).all(2)
        mistakes = list(groups.values())
        for one, other in np.argwhere(np.triu(close & counts[:, None] & counts, 1)).tolist():
            pairs = (pair for pair in product(mistakes[one], mistakes[other]) if pair[0] != pair[1])
            if (pair := next(pairs, None)) is not None:
                yield tuple(filter(None, pair))
        if by_chance and step.kind != "update":
            for one in range(1, len(values)):
                if counts[one] and all(map(_accepted_for, values[one], values[0])):
                    yield (mistakes[one][0],)

    def _groups(self, state: MaskState) -> dict[int, list[str]]:
        """Formulas that are equal in this state of the scalar masks: first index, its mistakes.

        An open mask of a single cell is 1: `dL_da` and `dL_da * 1` are equal.
        """
        if state not in self._grouped:
            here = self.values[[other == state for other in self.states]]
            groups = {0: [""]}
            for index, id_ in enumerate(self.mistakes[1:], 1):
                one = same(here[:, [*groups]], here[:, [index]])
                if len(here) < FEWEST or not one.any():
                    groups[index] = [id_]
                else:
                    groups[[*groups][int(one.argmax())]].append(id_)
            self._grouped[state] = groups
        return self._grouped[state]


def few_numbers(lesson: Lesson) -> bool:
    """Is a lesson small enough to compare its mistakes one by one?"""
    program = lesson.program
    leaves = sum(prod(lesson.shapes[name]) for name in program.leaves)
    largest = max(prod(lesson.shapes[name]) for name in program.by_target)
    return max(leaves, largest) <= MOST_NUMBERS and len(program.assignments) <= MOST_LINES


@cached_by_form
def distractors(form: Lesson, step: Step) -> Distractors:
    made = local_mistakes(situation(form, step, "unicode"))
    wrong = ((mistake.id, mistake.expression) for mistake in made)
    ids, formulas = zip(*dict.fromkeys([("", step.product), *wrong]), strict=True)
    with np.errstate(all="ignore"):
        masks = scalar_masks(form, formulas)
        sampled = [
            (state, answers(numbers, formulas, step)) for state, numbers in samples(form, masks)
        ]
    states, values = zip(*sampled, strict=True)
    return Distractors(step, formulas, ids, masks, states, np.asarray(values))


def _accepted_for(answer: float, truth: float) -> bool:
    """Is an answer, rounded to at most three figures, not judged wrong? 1 passes for 0.95."""
    if abs(answer - truth) > 0.6 * abs(answer):  # rounding to one figure hides at most half
        return False
    text = significant(float(answer), FIGURES)
    typed = Typed(float(text), len(Decimal(text).as_tuple().digits), text)
    return judge(typed, float(truth)).verdict != "wrong"
