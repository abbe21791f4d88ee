"""Which exercise a step is."""

from __future__ import annotations

from bptutor.language.ops.base import Style
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step
from bptutor.tutoring.derivation import Derivation
from bptutor.tutoring.exercise import Exercise
from bptutor.tutoring.facts import Facts
from bptutor.tutoring.keras_code import Coding
from bptutor.tutoring.keras_numbers import Predicting
from bptutor.tutoring.ordering import Ordering
from bptutor.tutoring.remembering import Counting, Remembering


def exercise(lesson: Lesson, step: Step, style: Style, facts: Facts | None) -> Exercise:
    """A step as it is put to a learner."""
    return _class(step)(lesson, step, style, facts)


def _class(step: Step) -> type[Exercise]:
    if step.part == "tape":
        return Exercise
    if step.kind == "order":
        return Ordering
    if step.kind == "memory":
        return Counting if step.numbers else Remembering
    if step.kind == "code":
        return Predicting if step.numbers else Coding
    return Derivation
