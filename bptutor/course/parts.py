"""The parts of the course: lists of steps through the same program.

derive: the derivatives as formulas, their order, and the activation memory. tape: the numbers (see
`steps`). keras: the code of the same network as a Keras model.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache

from bptutor.course.coding import coding
from bptutor.course.memory import needs
from bptutor.course.tapes import with_questions
from bptutor.grading.formula import Scope
from bptutor.language.differentiate import passed_back
from bptutor.language.tree import Expression, Number, Shape
from bptutor.lesson.lesson import FORMS, Lesson
from bptutor.lesson.steps import Step, factors, known_names, places, steps
from bptutor.literals import Kind, Part

GOAL = "wanted-gradients"
ORDER = "order"
ITERATION = "iteration-order"
TOTAL = "memory"
PARTS: tuple[Part, ...] = ("derive", "tape", "keras")


@lru_cache(maxsize=FORMS)
def steps_of(lesson: Lesson, part: Part) -> tuple[Step, ...]:
    """The steps of one part of a lesson.

    Raises UserError: the part is `keras` and the lesson is no stack of layers.
    """
    if part == "tape":
        return with_questions(lesson)
    return tuple(_derive(lesson) if part == "derive" else _keras(lesson))


@lru_cache(maxsize=FORMS)
def steps_in_full(lesson: Lesson, part: Part) -> tuple[Step, ...]:
    """The same with their numbers, whichever the lesson asks for: a quiz has its own numbers."""
    return tuple(
        replace(step, asks="all") if step.asks == "formula" else step
        for step in steps_of(lesson, part)
    )


@lru_cache(maxsize=FORMS)
def places_of(lesson: Lesson, part: Part) -> dict[str, int]:
    return {step.id: index for index, step in enumerate(steps_of(lesson, part))}


def known_at(lesson: Lesson, step: Step) -> tuple[str, ...]:
    """The names known at a step; in `derive` and `keras` the forward pass is over."""
    place = places_of(lesson, step.part)[step.id]
    before = (earlier.id for earlier in steps_of(lesson, step.part)[:place])
    learned = [name for name in before if name in places(lesson)]
    if step.part == "tape":
        return known_names(lesson, len(learned))
    return (*lesson.program.leaves, *lesson.program.by_target, *learned)


def scope_of(lesson: Lesson, step: Step) -> Scope:
    """The names that a formula for a step may contain."""
    return Scope(step.id, known_at(lesson, step), places_of(lesson, step.part), lesson)


@lru_cache(maxsize=FORMS)
def shapes_of(lesson: Lesson) -> dict[str, Shape]:
    return {**{step.id: step.shape for step in steps(lesson)}, **lesson.shapes}


def memory_id(section: str | None) -> str:
    return f"{TOTAL} {section or ''}".strip() + ":"


def gradients_of(lesson: Lesson) -> dict[str, Step]:
    """The backward steps, by the name the loss is differentiated by, in the order of the tape."""
    return {step.by or "": step for step in steps(lesson) if step.kind == "backward"}


def wanted_gradients(lesson: Lesson) -> tuple[str, ...]:
    found = gradients_of(lesson)
    return tuple(
        name for name in lesson.program.leaves if name in lesson.parameters and name in found
    )


def rule_of(lesson: Lesson, step: Step) -> Expression:
    """What the assignment of a local step passes back of its upstream gradient."""
    return _rules(lesson.form)[step.target, step.by or ""]


@lru_cache(maxsize=FORMS)
def _rules(form: Lesson) -> dict[tuple[str, str], Expression]:
    return passed_back(form.program, form.loss, form.shapes)


def _derive(lesson: Lesson) -> Iterator[Step]:
    for step in steps(lesson):
        if step.kind == "local":
            by_rule = step.id not in factors(lesson)
            product = rule_of(lesson, step) if by_rule else step.product
            yield replace(step, product=product, part="derive")
    wanted = wanted_gradients(lesson)
    if 0 < len(wanted) < len(gradients_of(lesson)):
        yield _about(lesson, GOAL, "goal", None)
    yield from (replace(step, part="derive") for step in gradients_of(lesson).values())
    if len(gradients_of(lesson)) > 1:
        yield _about(lesson, ORDER, "order", None)
    if wanted:
        yield _about(lesson, ITERATION, "order", None)
    for need in needs(lesson):
        yield _about(lesson, memory_id(need.section), "memory", need.section)
    if needs(lesson):
        yield replace(_about(lesson, TOTAL, "memory", None), shape=(2,), numbers=True)


def _about(lesson: Lesson, id_: str, kind: Kind, section: str | None) -> Step:
    """A step of `derive` about a section or the whole lesson."""
    return Step(id_, kind, section, lesson.loss, None, Number(0), (), "derive")


def _keras(lesson: Lesson) -> Iterator[Step]:
    gradients = gradients_of(lesson)
    for blank in coding(lesson):
        asked = blank.predicts
        product = gradients[asked].product if asked else Number(0)
        shape = lesson.shapes[asked] if asked else ()
        if blank.reads == "loss":
            product = lesson.program.by_target[lesson.loss].expression
        target, numbers = asked or blank.target, asked is not None
        yield Step(blank.id, "code", blank.section, target, asked, product, shape, "keras", numbers)
