"""An item of a quiz: a step with numbers that can be worked by hand."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from math import prod
from random import Random

import numpy as np

from bptutor.course.parts import gradients_of, steps_of
from bptutor.course.questions import MOST_CELLS, asked_anything, asked_cells, sizes
from bptutor.course.session import exercise
from bptutor.engine.numpy_pass import NumpyPass
from bptutor.engine.trace import Array
from bptutor.grading.facts import Facts, rounded
from bptutor.grading.judge import FIGURES, Judged, Typed, figures_needed, judge, judge_update
from bptutor.grading.misconceptions import mistakes, situation
from bptutor.grading.misconceptions.step_paths import surroundings
from bptutor.language.evaluate import masks_in
from bptutor.language.ops import operation_of
from bptutor.language.shapes import infer_shape
from bptutor.language.tree import Apply, Expression, Name, Shape, names, parts
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.names import own_name
from bptutor.lesson.steps import Step, decrease, factors, readers, steps
from bptutor.literals import OF_PROGRAM, Part
from bptutor.quiz.distinct import (
    Distractors,
    cached_by_form,
    constant_value,
    differing,
    distractors,
    few_numbers,
    kink_distance,
    samples,
)
from bptutor.quiz.numbers import drawn
from bptutor.text import Message, UserError
from bptutor.text.numbers import SHOWN

SMALLEST, LARGEST = 0.000_999, 1_000.1  # of a number that is not 0; none is exactly at a bound
KINK = 0.0499  # the least distance of an activation's input from the kink
UP, DOWN = 1 + 1e-6, 1 - 1e-6  # so near to half way between roundings, machines differ
MOST_DECIMALS = 6  # decimals that an update's change may take


@dataclass(frozen=True, eq=False)
class Requirements:
    step: Step
    loss: Name  # finite only if the whole forward pass is
    reads: tuple[Name, ...]
    settings: frozenset[Name]  # those that stay as they are
    kinks: tuple[tuple[Expression, bool], ...]  # distance, and are the lesson's own at it?
    masks: tuple[Expression, ...]  # the masks in the step's formula
    errors: tuple[Expression, ...]  # the differences from the targets that the gradient is made of
    dtype: str

    def met_by(self, numbers: NumpyPass) -> bool:
        """Do these numbers serve? The cheap tests come first."""
        return (
            all(self._clear(numbers.value(distance), at) for distance, at in self.kinks)
            and all(_handy(numbers.value(name)) for name in self.reads if name not in self.settings)
            and bool(np.isfinite(numbers.value(self.loss)).all())
            and self._answerable(numbers)
            and all(_both(numbers.value(mask) != 0) for mask in self.masks)
            and all(_both_signs(numbers.value(error)) for error in self.errors)
            and self._survives_rounding(numbers)
        )

    @staticmethod
    def _clear(distance: Array, at_kink: bool) -> bool:
        size = np.abs(distance)
        return bool(((size > KINK) | ((size == 0) & at_kink)).all())

    def _answerable(self, numbers: NumpyPass) -> bool:
        truth = numbers.settled(self.step.product)
        may_be_zero = any(numbers.value(mask).size == 1 for mask in self.masks)
        return _handy(truth) and bool(truth.any() or may_be_zero)

    def _survives_rounding(self, numbers: NumpyPass) -> bool:
        """Is arithmetic on three figures of every input judged right?"""
        step, known = self.step, [numbers.settled(name) for name in self.reads]
        halves = ([rounded(each * half, FIGURES) for each in known] for half in (UP, DOWN))
        if any((up != down).any() for up, down in zip(*halves, strict=True)):
            return False
        truth = np.broadcast_to(numbers.settled(step.product), step.shape)
        cells = asked_cells(step, np.broadcast_to(numbers.settled(sizes(step)), step.shape))

        def asked(value: Array) -> list[float]:
            flat: list[float] = np.broadcast_to(value, step.shape).reshape(-1)[cells].tolist()
            return flat

        right, rough = asked(truth), asked(self._on(known, FIGURES))
        if step.kind == "update":
            old = asked(numbers.value(Name(step.target)))
            decreases = asked(numbers.value(decrease(step)))
            return all(map(self._update_accepted, rough, old, decreases, right))
        return all(map(_accepted, rough, right, asked(self._on(known, SHOWN))))

    def _on(self, known: Sequence[Array], figures: int) -> Array:
        """The answer from inputs rounded to so many figures."""
        names = (name.id for name in self.reads)
        short = {name: rounded(each, figures) for name, each in zip(names, known, strict=True)}
        return NumpyPass(short, {}).value(self.step.product)

    def _update_accepted(self, rough: float, old: float, less: float, new: float) -> bool:
        """Is it a right update, and does it take few decimals?"""
        few = figures_needed(old, less, self.dtype) <= MOST_DECIMALS
        typed = Typed(rough, None, "")
        return few and _right(judge_update(typed, old, less, new, self.dtype))


@cached_by_form
def requirements(form: Lesson, step: Step) -> Requirements:
    around, own = surroundings(form), NumpyPass.on_its_own(form)
    masks = dict.fromkeys(
        mask for line in form.program.assignments for mask in masks_in(line.expression)
    )
    kinks = [kink_distance(mask) for mask in masks]
    at_the_end = step.kind in ("backward", "optimizer", "update") or step.target == form.loss
    found = {error: None for name in form.shapes for error in around.differences(name)}
    with np.errstate(all="ignore"):
        passes = [numbers for _, numbers in samples(form, ())]
        errors = [each for each in found if _can_have_both_signs(each, passes)]
    return Requirements(
        step,
        Name(form.loss),
        tuple(map(Name, dict.fromkeys(names(step.product)))),
        frozenset(map(Name, form.optimizer.settings)),
        tuple((kink, bool((own.value(kink) == 0).any())) for kink in kinks),
        tuple(masks_in(step.product)),
        tuple(errors) if at_the_end else (),
        form.dtype,
    )


def _handy(value: Array) -> bool:
    """Is everything 0 or of a size for work by hand?"""
    size = np.abs(value)
    return bool(((size == 0) | ((size > SMALLEST) & (size < LARGEST))).all())


def _both(mask: Array) -> bool:
    """Is a mask of several cells open in one and shut in another?"""
    return mask.size == 1 or bool(mask.any() and not mask.all())


def _both_signs(error: Array) -> bool:
    """Are there positive and negative errors, if there are several?"""
    return error.size == 1 or bool((error > 0).any() and (error < 0).any())


def _can_have_both_signs(error: Expression, passes: Sequence[NumpyPass]) -> bool:
    """`Z - max(Z)` never has."""
    return any(_both_signs(numbers.value(error)) for numbers in passes)


def _accepted(rough: float, truth: float, near: float) -> bool:
    """Is an answer right as computed, and rounded to three figures?"""
    short = (Typed(float(f"{rough * half:.2e}"), FIGURES, "") for half in (UP, DOWN))
    return all(_right(judge(typed, truth, near)) for typed in (Typed(rough, None, ""), *short))


def _right(judged: Judged) -> bool:
    return judged.verdict in ("exact", "right")


# ── items ─────────────────────────────────────────────────────────────────────────────────────────


DRAWS = 4_000  # sets of numbers that are tried at most
NOTHING_TO_ASK = Message(
    "No step here suits a quiz: each has too many numbers to work by hand, or none "
    "that tell mistakes apart."
)
MOST_WORK = 150.0  # the largest burden of a step for work by hand


@dataclass(frozen=True, eq=False)
class Item:
    """One step to work out, on its own numbers."""

    lesson: Lesson  # the lesson on fresh numbers; on its own where the step needs none
    step: Step
    seed: int | None
    facts: Facts


def make_item(lesson: Lesson, step_id: str, seed: int) -> Item:
    """The item of a lesson's step and a seed; the same on every machine.

    Raises UserError: there is no such step to practise, or no numbers serve.
    """
    form, id_ = lesson.form, own_name(lesson, step_id)
    step = next((step for step in askable(form) if step.id == id_), None)
    if step is None:
        raise UserError("{lesson} has no step {step} to practise.", lesson=form.name, step=step_id)
    required, wrong = requirements(form, step), distractors(form, step)
    random = Random(f"{form.digest}:{step.id}:{seed}")
    for _ in range(DRAWS):
        leaves = drawn(form, random)
        if not _serve(form, leaves, required, wrong):
            continue
        fresh = form.on({name: array.tolist() for name, array in leaves.items()})
        try:
            return Item(fresh, step, seed, Facts(fresh))
        except UserError:  # a line that this step does not need is not finite
            continue
    raise UserError(
        "No suitable numbers were found for {step} of {lesson}.", step=step_id, lesson=form.name
    )


def serves(lesson: Lesson, step: Step) -> bool:
    """Do the numbers of a lesson serve for a step, whichever they were made for?"""
    form = lesson.form
    leaves = {name: np.asarray(lesson.values[name], "float64") for name in form.leaves}
    return _serve(form, leaves, requirements(form, step), distractors(form, step))


def _serve(
    form: Lesson, leaves: Mapping[str, Array], required: Requirements, wrong: Distractors
) -> bool:
    with np.errstate(all="ignore"):
        numbers = NumpyPass.through(form, leaves)
        return required.met_by(numbers) and not any(wrong.confused(numbers))


@cached_by_form
def askable(form: Lesson, part: Part = "tape") -> tuple[Step, ...]:
    """The steps of a part of which items can be made; none where the lesson has no such part.

    Outside `tape` they need no numbers of their own. Keras' numbers are those of the tape.
    """
    if part != "tape":
        with suppress(UserError):
            return tuple(
                step
                for step in steps_of(form, part)
                if asked_anything(step, "all") and not (step.kind == "code" and step.numbers)
            )
        return ()
    return tuple(
        step
        for step in steps(form)
        if step.asks != "nothing"
        if few_numbers(form) and prod(step.shape) <= MOST_CELLS and burden(form, step) <= MOST_WORK
        if not _pointless(form, step)
    )


def _pointless(form: Lesson, step: Step) -> bool:
    """Is the answer 0 whatever the numbers, or the same with nothing to go wrong?"""
    value = constant_value(form, step)
    return value is not None and not (value.any() and distractors(form, step).any_differs)


@cached_by_form
def applicable(form: Lesson, step: Step) -> frozenset[str]:
    """The misconceptions that change the answer of a step.

    Without those of earlier steps: the upstream gradient is given, and right.
    """
    if not few_numbers(form) or step.kind not in OF_PROGRAM:
        return frozenset()
    if step.part == "derive" and step.kind == "local" and step.id not in factors(form):
        # What is passed back is the gradient, where nothing else reads the name.
        alone = len(readers(form, step.by or "")) == 1
        return applicable(form, gradients_of(form)[step.by or ""]) if alone else frozenset()
    made = mistakes(situation(form, step, "unicode"))
    changed = differing(form, step, [mistake.expression for mistake in made])
    return frozenset(made[index].id for index in changed)


def burden(lesson: Lesson, step: Step) -> float:
    """How much work a step is by hand, in multiplications; writing a cell down is half of one.

    Of a text each word is one.
    """
    if step.part != "tape":
        asked = exercise(lesson, step, "ascii", None)
        written = asked.written()
        return len(asked.relevant() if written is None else str(written).split())
    done = dict.fromkeys(part for part in parts(step.product) if isinstance(part, Apply))
    shapes = shapes_of(lesson)
    return 0.5 * prod(step.shape) + sum(_effort(part, shapes) for part in done)


def shapes_of(lesson: Lesson) -> dict[str, Shape]:
    return surroundings(lesson).shapes


def _effort(node: Apply, shapes: dict[str, Shape]) -> float:
    operands = [infer_shape(operand, shapes) for operand in node.operands]
    return operation_of(node).effort(prod(infer_shape(node, shapes)), operands)
