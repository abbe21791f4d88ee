"""Do numbers tell the mistakes at a step apart, from each other and from the truth?"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np

from bptutor.engine.draw import draw
from bptutor.engine.numpy_pass import NumpyPass, leaves
from bptutor.grading.diagnosis import single_mistakes
from bptutor.grading.misconceptions import situation
from bptutor.language.tree import Expression, Name
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step
from bptutor.tutoring.asking import asked_cells
from bptutor.tutoring.facts import Array
from bptutor.tutoring.quiz.gates import masks_in

APART = 0.0101
"""How far two answers must be apart somewhere, as a share of the larger: what a right answer may
be off, and what rounding to three figures takes. No ratio of short numbers: nothing is just it."""
CHANGES_APART = 0.1009
"""The same for the change of an update, which may be off by more."""
PROBES = 24
"""Sets of numbers on which formulas are compared that may be one and the same."""
SAME = 1e-9
"""How far two values of one formula may lie apart by rounding."""

Sides = tuple[float, ...]
"""Which of the masks of a single cell are open."""


@dataclass(frozen=True, eq=False)
class Telling:
    """A step's right formula and its wrong ones."""

    step: Step
    formulas: tuple[Expression, ...]
    """The right one first."""
    made: tuple[str, ...]
    """The misconception that gives each; nothing for the right one."""
    masks: tuple[Expression, ...]
    """The masks of a single cell in them."""
    probes: tuple[tuple[Sides, tuple[Array, ...]], ...]
    """What the formulas come to on numbers that nobody chose."""
    _distinct: dict[Sides, list[int]] = field(default_factory=dict)

    @property
    def ids(self) -> frozenset[str]:
        """The misconceptions that give something else than the truth, on some numbers at least."""
        return frozenset(
            id_
            for index, id_ in enumerate(self.made)
            if index and not all(_same(values[0], values[index]) for _, values in self.probes)
        )

    @property
    def pointless(self) -> bool:
        """Is the answer nothing whatever the numbers, or the same with nothing to go wrong?"""
        truths = [values[0] for _, values in self.probes]
        if not any(truth.any() for truth in truths):
            return True
        return not self.ids and all(_same(truth, truths[0]) for truth in truths)

    def hold(self, numbers: NumpyPass) -> bool:
        """Is every answer another one, to anybody who looks at three figures?"""
        step = self.step
        truth = np.broadcast_to(numbers.settled(step.product), step.shape)
        cells = asked_cells(step.shape, truth)
        start = numbers.value(Name(step.target)) if step.kind == "update" else 0.0
        shown = [
            (np.broadcast_to(numbers.settled(self.formulas[each]), step.shape) - start).reshape(-1)
            for each in self._apart(_sides(numbers, self.masks))
        ]
        answers = np.asarray(shown)[:, cells]
        answers = answers[np.isfinite(answers).all(1)]
        return tell_apart(answers, CHANGES_APART if step.kind == "update" else APART)

    def _apart(self, sides: Sides) -> list[int]:
        """The formulas of which no two are one, as long as the lone masks are what they are.

        With a single cell a mask is open or shut: there is no telling `dL_da` from `dL_da * 1`.
        """
        if sides not in self._distinct:
            here = [values for each, values in self.probes if each == sides]
            found: list[int] = []
            for index in range(len(self.formulas)):
                if not any(_one(here, index, other) for other in found):
                    found.append(index)
            self._distinct[sides] = found
        return self._distinct[sides]


def tell_apart(answers: Array, share: float) -> bool:
    """Do no two rows lie within a share of each other everywhere?"""
    one, other = answers[:, None], answers[None]
    off = np.abs(one - other) > share * np.maximum(np.abs(one), np.abs(other))
    return bool(off.any(2).sum() == len(answers) * (len(answers) - 1))


@lru_cache(maxsize=512)
def telling(form: Lesson, step: Step) -> Telling:
    """What can go wrong at a step of a lesson, whatever its numbers."""
    here, above = single_mistakes(situation(form, step, "unicode"))
    made: dict[tuple[str, Expression], None] = {("", step.product): None}
    made.update(((each.id, each.expression), None) for each in (*here, *above))
    formulas = tuple(expression for _, expression in made)
    with np.errstate(all="ignore"):
        own = NumpyPass.on_its_own(form)
        lone = {
            mask: None for each in formulas for mask in masks_in(each) if own.value(mask).size == 1
        }
        masks = tuple(lone)
        probes = []
        for numbers in _probes(form):
            values = tuple(np.broadcast_to(numbers.settled(each), step.shape) for each in formulas)
            if np.isfinite(values[0]).all():
                probes.append((_sides(numbers, masks), values))
    return Telling(step, formulas, tuple(id_ for id_, _ in made), masks, tuple(probes))


@lru_cache(maxsize=8)
def _probes(form: Lesson) -> tuple[NumpyPass, ...]:
    """Passes on the lesson's own numbers and on others around them, drawn without roundness."""
    random = np.random.default_rng(int(form.digest[:16], 16))
    own = leaves(form)
    drawn = [draw(form, own, random, distance) for distance in np.linspace(0.3, 1.2, PROBES)]
    return tuple(NumpyPass.through(form, each) for each in (own, *drawn))


def _sides(numbers: NumpyPass, masks: tuple[Expression, ...]) -> Sides:
    return tuple(numbers.value(mask).item() for mask in masks)


def _one(probes: list[tuple[Array, ...]], index: int, other: int) -> bool:
    return bool(probes) and all(_same(values[index], values[other]) for values in probes)


def _same(value: Array, other: Array) -> bool:
    scale = float(np.abs(other).max(initial=0.0))
    return bool(np.allclose(value, other, rtol=0, atol=SAME * scale, equal_nan=True))
