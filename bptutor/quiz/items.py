"""An item of a quiz: a step with numbers that can be worked by hand."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from random import Random

import numpy as np

from bptutor.course.questions import MOST_CELLS, asked_cells
from bptutor.engine.numpy_pass import NumpyPass
from bptutor.engine.trace import Array
from bptutor.grading.facts import Facts, rounded
from bptutor.grading.judge import FIGURES, Judged, Typed, figures_needed, judge, judge_update
from bptutor.grading.misconceptions import mistakes, situation
from bptutor.grading.misconceptions.step_paths import surroundings
from bptutor.language.differentiate import gradient_name
from bptutor.language.ops import operation_of
from bptutor.language.shapes import infer_shape
from bptutor.language.tree import Apply, Expression, Name, Shape, names, parts
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step, steps
from bptutor.quiz.distinct import (
    Telling,
    differing,
    distance,
    few_numbers,
    fixed,
    masks_in,
    telling,
)
from bptutor.quiz.numbers import drawn
from bptutor.text import Message, UserError
from bptutor.text.numbers import SHOWN

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


# ── items ─────────────────────────────────────────────────────────────────────────────────────────


DRAWS = 2_000
"""Sets of numbers that are tried at most."""
NOTHING_TO_ASK = Message(
    "There is nothing here for a quiz: every step has too many numbers to be worked by hand, or "
    "none that tell mistakes apart."
)
MOST_WORK = 150.0
"""The burden from which on nobody works a step by hand."""


@dataclass(frozen=True, eq=False)
class Item:
    """One step to work out, on its own numbers."""

    lesson: Lesson
    """The lesson on fresh numbers."""
    step: Step
    seed: int
    facts: Facts


def make_item(lesson: Lesson, step_id: str, seed: int) -> Item:
    """The item of a lesson's step and a seed; the same one every time and everywhere.

    Raises:
        UserError: there is no such step to practise, or no numbers serve.
    """
    form = lesson.form
    step = next((each for each in askable(form) if each.id == step_id), None)
    if step is None:
        raise UserError(
            Message("{lesson} has no step {step} to practise.", lesson=form.name, step=step_id)
        )
    rules, apart = working(form, step), telling(form, step)
    random = Random(f"{form.digest}:{step.id}:{seed}")
    for _ in range(DRAWS):
        leaves = drawn(form, random)
        if not _serve(form, leaves, rules, apart):
            continue
        fresh = form.on({name: array.tolist() for name, array in leaves.items()})
        try:
            return Item(fresh, step, seed, Facts(fresh))
        except UserError:  # a line that this step does not need comes to no finite number
            continue
    raise UserError(
        Message(
            "No fresh numbers were found for {step} of {lesson}.", step=step_id, lesson=form.name
        )
    )


def serves(lesson: Lesson, step: Step) -> bool:
    """Do the numbers of a lesson serve for a step, whichever they were made for?"""
    form = lesson.form
    leaves = {name: np.asarray(lesson.values[name], "float64") for name in form.program.leaves}
    return _serve(form, leaves, working(form, step), telling(form, step))


def _serve(form: Lesson, leaves: Mapping[str, Array], rules: Working, apart: Telling) -> bool:
    with np.errstate(all="ignore"):
        numbers = NumpyPass.through(form, leaves)
        return rules.hold(numbers) and not any(apart.alike(numbers))


def askable(lesson: Lesson) -> tuple[Step, ...]:
    """The steps of which items can be made."""
    return _askable(lesson.form)


@lru_cache(maxsize=64)
def _askable(form: Lesson) -> tuple[Step, ...]:
    return tuple(
        step
        for step in steps(form)
        if few_numbers(form) and prod(step.shape) <= MOST_CELLS and burden(form, step) <= MOST_WORK
        if not _pointless(form, step)
    )


def _pointless(form: Lesson, step: Step) -> bool:
    """Is the answer 0 whatever the numbers, or the same with nothing to go wrong?"""
    value = fixed(form, step)
    return value is not None and not (value.any() and telling(form, step).ids)


def applicable(lesson: Lesson, step: Step) -> frozenset[str]:
    """The misconceptions that can be made at a step, and show themselves there.

    Those from further up are not among them: what arrives from above is given, and right.
    """
    return _applicable(lesson.form, step) if few_numbers(lesson) else frozenset()


@lru_cache(maxsize=512)
def _applicable(form: Lesson, step: Step) -> frozenset[str]:
    made = mistakes(situation(form, step, "unicode"))
    places = differing(form, step, [each.expression for each in made])
    return frozenset(made[place].id for place in places)


def burden(lesson: Lesson, step: Step) -> float:
    """How much work a step is by hand, in multiplications; to write a cell down is half of one."""
    done = dict.fromkeys(part for part in parts(step.product) if isinstance(part, Apply))
    shapes = surroundings(lesson).shapes
    return 0.5 * prod(step.shape) + sum(_work(part, shapes) for part in done)


def _work(node: Apply, shapes: dict[str, Shape]) -> float:
    """What one operation is worth; an addition is half a multiplication."""
    operands = [infer_shape(operand, shapes) for operand in node.operands]
    return operation_of(node).effort(prod(infer_shape(node, shapes)), operands)
