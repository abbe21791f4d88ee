"""Can a step be worked by hand on some numbers, and does it show what it is about?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from bptutor.engine.numpy_pass import NumpyPass
from bptutor.grading.misconceptions.step_paths import surroundings
from bptutor.grading.number import FIGURES, Judged, Typed, figures_needed, judge, judge_update
from bptutor.language.differentiate import gradient_name
from bptutor.language.tree import Expression, Name, names
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step
from bptutor.locale.figures import SHOWN
from bptutor.tutoring.asking import asked_cells
from bptutor.tutoring.facts import Array, rounded
from bptutor.tutoring.quiz.gates import distance, masks_in

SMALLEST, LARGEST = 0.000_999, 1_000.1
"""What a number that is not 0 may be; neither bound is a number that comes up."""
KINK = 0.0499
"""How far what goes into a gate has to be from where its slope changes."""
UP, DOWN = 1 + 1e-6, 1 - 1e-6
"""What lies half way between two roundings may be taken for either, and depends on the machine."""
MOST_DECIMALS = 6
"""Decimals that an update's change may take."""


@dataclass(frozen=True, eq=False)
class Working:
    """What numbers for a step are held to."""

    step: Step
    loss: Name
    """That it is a number shows that the whole pass is of numbers."""
    reads: tuple[Name, ...]
    kinks: tuple[tuple[Expression, bool], ...]
    """How far the lesson's gates are from their kinks, and whether it is about being there."""
    sides: tuple[Expression, ...]
    """The masks in the step's formula."""
    errors: tuple[Expression, ...]
    """The errors that the step goes back from."""
    gradient: str
    """Of an update, by what it goes."""
    rate: float
    dtype: str

    def hold(self, numbers: NumpyPass) -> bool:
        """Do these numbers serve? The cheap questions come first."""
        return (
            all(self._clear(numbers.value(off), at) for off, at in self.kinks)
            and all(_handy(numbers.value(name)) for name in self.reads)
            and bool(np.isfinite(numbers.value(self.loss)).all())
            and self._answerable(numbers)
            and all(_both(numbers.value(mask) != 0) for mask in self.sides)
            and all(_both_signs(numbers.value(error)) for error in self.errors)
            and self._honest(numbers)
        )

    @staticmethod
    def _clear(off: Array, at_kink: bool) -> bool:
        size = np.abs(off)
        return bool(((size > KINK) | ((size == 0) & at_kink)).all())

    def _answerable(self, numbers: NumpyPass) -> bool:
        truth = numbers.settled(self.step.product)
        stopped = any(numbers.value(mask).size == 1 for mask in self.sides)
        return _handy(truth) and bool(truth.any() or stopped)

    def _honest(self, numbers: NumpyPass) -> bool:
        """Does arithmetic on three figures of everything come out right?"""
        step, known = self.step, [numbers.settled(name) for name in self.reads]
        halves = ([rounded(each * half, FIGURES) for each in known] for half in (UP, DOWN))
        if any((up != down).any() for up, down in zip(*halves, strict=True)):
            return False
        truth = np.broadcast_to(numbers.settled(step.product), step.shape)
        cells = asked_cells(step.shape, truth)

        def asked(value: Array) -> list[float]:
            found: list[float] = np.broadcast_to(value, step.shape).reshape(-1)[cells].tolist()
            return found

        right, rough = asked(truth), asked(self._on(known, FIGURES))
        if step.kind == "update":
            old = asked(numbers.value(Name(step.target)))
            slopes = asked(numbers.value(Name(self.gradient)))
            return all(map(self._steps, rough, old, slopes, right))
        return all(map(_passes, rough, right, asked(self._on(known, SHOWN))))

    def _on(self, known: Sequence[Array], figures: int) -> Array:
        """What comes of all that is read, rounded."""
        names = (name.id for name in self.reads)
        short = {name: rounded(each, figures) for name, each in zip(names, known, strict=True)}
        return NumpyPass(short, {}).value(self.step.product)

    def _steps(self, rough: float, old: float, slope: float, new: float) -> bool:
        """Is that a right step, and does it take few decimals?"""
        few = figures_needed(old, slope, self.rate, self.dtype) <= MOST_DECIMALS
        typed = Typed(rough, None, "")
        return few and _right(judge_update(typed, old, slope, self.rate, new, self.dtype))


@lru_cache(maxsize=512)
def working(form: Lesson, step: Step) -> Working:
    """What numbers for a step of a lesson are held to."""
    around, own = surroundings(form), NumpyPass.on_its_own(form)
    gates = dict.fromkeys(
        mask for each in form.program.assignments for mask in masks_in(each.expression)
    )
    kinks = [distance(mask) for mask in gates]
    at_the_end = step.kind in ("backward", "update") or step.target == form.loss
    errors = {error: None for name in form.shapes for error in around.differences(name)}
    return Working(
        step,
        Name(form.loss),
        tuple(map(Name, dict.fromkeys(names(step.product)))),
        tuple((off, bool((own.value(off) == 0).any())) for off in kinks),
        tuple(masks_in(step.product)),
        tuple(errors) if at_the_end else (),
        gradient_name(form.loss, step.target),
        form.learning_rate,
        form.dtype,
    )


def _handy(value: Array) -> bool:
    """Is everything 0 or of a size that one works with?"""
    size = np.abs(value)
    return bool(((size == 0) | ((size > SMALLEST) & (size < LARGEST))).all())


def _both(mask: Array) -> bool:
    """Is it open somewhere and shut somewhere, if there is more than one place?"""
    return mask.size == 1 or bool(mask.any() and not mask.all())


def _both_signs(error: Array) -> bool:
    """Is it above 0 somewhere and below it somewhere, if there is more than one place?"""
    return error.size == 1 or bool((error > 0).any() and (error < 0).any())


def _passes(rough: float, truth: float, near: float) -> bool:
    """Is an answer right as it comes, and rounded to three figures?"""
    short = (Typed(float(f"{rough * half:.2e}"), FIGURES, "") for half in (UP, DOWN))
    return all(_right(judge(typed, truth, near)) for typed in (Typed(rough, None, ""), *short))


def _right(judged: Judged) -> bool:
    return judged.verdict in ("exact", "right")
