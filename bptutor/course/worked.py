"""A lesson worked through, every step: what `bptutor show` says."""

from typing import Any

from msgspec import Struct

from bptutor.engine.trace import Array
from bptutor.grading.facts import Facts
from bptutor.language.algebra import minus
from bptutor.language.render import write
from bptutor.language.tree import Name, size
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step, decrease, shown_name, steps
from bptutor.literals import Kind
from bptutor.text import shortest


class WorkedStep(Struct, frozen=True):
    id: str
    kind: Kind
    section: str | None
    name: str
    product: str | None  # where one is asked: the chain-rule product, or an optimizer's formula
    shape: list[int]
    value: Any  # nested as deep as the shape is long; each reads back as the very same number
    code: str  # the TensorFlow that computes it


class Worked(Struct, frozen=True):
    """A lesson worked through; the order of the fields is that of the JSON."""

    lesson: str
    dtype: str
    loss: str
    steps: list[WorkedStep]
    loss_before: float
    loss_after: float  # the loss after one update of all parameters


def work(lesson: Lesson) -> Worked:
    """Work a lesson through on its own values.

    Raises EngineError: a value or a derivative is not finite.
    """
    facts = Facts(lesson)
    return Worked(
        lesson=lesson.name,
        dtype=lesson.dtype,
        loss=lesson.loss,
        steps=[_worked(facts, step) for step in steps(lesson)],
        loss_before=_number(facts.trace.loss, lesson.dtype),
        loss_after=_number(facts.after.loss, lesson.dtype),
    )


def code(lesson: Lesson, step: Step) -> str:
    """The TensorFlow expression that computes a step, on the tape that recorded the program."""
    if step.kind in ("forward", "optimizer"):
        return write(step.product, "tensorflow", lesson.dtype)
    if step.kind == "update":
        less, more = decrease(step), minus(step.product, Name(step.target))
        method, change = ("sub", less) if size(less) <= size(more) else ("add", more)
        return f"{step.target}.assign_{method}({write(change, 'tensorflow', lesson.dtype)})"
    return f"tape.gradient({step.target}, {step.by})"


def nested(array: Array, dtype: str) -> Any:
    """An array as nested lists of numbers that read back as the very same ones."""
    if dtype == "float64":
        return array.tolist()
    if array.ndim == 0:
        return _number(float(array), dtype)
    return [nested(part, dtype) for part in array]


def _worked(facts: Facts, step: Step) -> WorkedStep:
    lesson = facts.lesson
    return WorkedStep(
        id=step.id,
        kind=step.kind,
        section=step.section,
        name=shown_name(lesson, step.id, "unicode"),
        product=write(step.product, "ascii") if step.asks_formula else None,
        shape=list(step.shape),
        value=nested(facts.truth(step), lesson.dtype),
        code=code(lesson, step),
    )


def _number(value: float, dtype: str) -> float:
    return float(shortest(value, dtype))
