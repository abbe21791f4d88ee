"""Quiz items: single steps of a lesson on fresh numbers, at which every mistake shows.

Numbers are drawn until they serve: few digits, neither tiny nor huge, right answers in reach of
arithmetic on three figures, units that are on and units that are off, errors of both signs, and no
two mistakes, nor a mistake and the truth, that look alike. The search is in NumPy; what it finds is
run in TensorFlow.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from math import prod
from random import Random

import numpy as np

from bptutor.engine.numpy_pass import NumpyPass
from bptutor.grading.misconceptions import mistakes, situation
from bptutor.grading.misconceptions.step_paths import surroundings
from bptutor.language.ops import operation_of
from bptutor.language.shapes import infer_shape
from bptutor.language.tree import Apply, Shape, parts
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step, steps
from bptutor.locale import Message, UserError
from bptutor.tutoring.asking import MOST_CELLS
from bptutor.tutoring.facts import Array, Facts
from bptutor.tutoring.quiz.drawing import drawn
from bptutor.tutoring.quiz.probing import differing, fixed
from bptutor.tutoring.quiz.telling import Telling, few_numbers, telling
from bptutor.tutoring.quiz.working import Working, working

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
