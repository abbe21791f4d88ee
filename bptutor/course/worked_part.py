"""The parts in symbols and in Keras worked through: what `bptutor show --part` says."""

from collections.abc import Iterator
from typing import Any

from msgspec import Struct

from bptutor.course.exercise import Exercise
from bptutor.course.keras_steps import difference_of_gradients, gradients_beside
from bptutor.course.parts import steps_of
from bptutor.course.session import exercise
from bptutor.course.worked import WorkedStep, nested
from bptutor.grading.facts import Facts
from bptutor.language.ops.base import Style
from bptutor.lesson.lesson import Lesson
from bptutor.literals import Part
from bptutor.text import shortest


class BesideTape(Struct, frozen=True):
    parameter: str
    tape: Any
    keras: Any


class WorkedPart(Struct, frozen=True, omit_defaults=True):
    """A part with all answers; the order of the fields is that of the JSON."""

    lesson: str
    part: Part
    dtype: str
    loss: str
    steps: list[WorkedStep]
    gradients: list[BesideTape] = []
    largest_difference: float | None = None  # between a number of the tape and that of Keras


def exercises(lesson: Lesson, part: Part, style: Style, facts: Facts) -> Iterator[Exercise]:
    """The steps of a part as they are asked. Raises UserError: the lesson has no such part."""
    return (exercise(lesson, step, style, facts) for step in steps_of(lesson, part))


def work_part(lesson: Lesson, part: Part) -> WorkedPart:
    """Work a part through.

    Raises UserError: the lesson has no such part, or a value or a derivative is not finite.
    """
    facts = Facts(lesson)
    asked = zip(
        exercises(lesson, part, "unicode", facts),
        exercises(lesson, part, "ascii", facts),
        strict=True,
    )
    done = [_worked(shown, typed) for shown, typed in asked]
    beside = gradients_beside(facts).items() if part == "keras" else ()
    return WorkedPart(
        lesson=lesson.name,
        part=part,
        dtype=lesson.dtype,
        loss=lesson.loss,
        steps=done,
        gradients=[
            BesideTape(name, nested(tape, lesson.dtype), nested(keras, lesson.dtype))
            for name, (tape, keras) in beside
        ],
        largest_difference=float(shortest(difference_of_gradients(facts)))
        if part == "keras"
        else None,
    )


def _worked(shown: Exercise, typed: Exercise) -> WorkedStep:
    step, truth, answer = shown.step, shown.truth(), typed.written()
    return WorkedStep(
        id=step.id,
        kind=step.kind,
        section=step.section,
        name=str(shown.name()),
        product=None if answer is None else str(answer),
        shape=list(step.shape),
        value=None if truth is None else nested(truth, shown.lesson.dtype),
        code=shown.code(),
    )
