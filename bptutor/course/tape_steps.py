"""The steps of the part in numbers: a lesson's own, and the questions on the tape between them."""

from collections.abc import Iterator
from functools import lru_cache

from bptutor.course.tapes import Tape, tapes
from bptutor.language.tree import Number
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step, steps

VARIABLES, KEPT, ONE_TAPE, WATCHED = "tape: variables", "tape: kept", "tape: one", "tape: watched "
"""The ids of these steps; one of `WATCHED` ends in the first line on its tape."""


def with_questions(lesson: Lesson) -> tuple[Step, ...]:
    """The steps, with questions on the tape where the lesson asks for what it returns."""
    return _with_questions(lesson.form)


@lru_cache(maxsize=64)
def _with_questions(form: Lesson) -> tuple[Step, ...]:
    asks = form.local == "tape" and form.parameters
    return tuple(_inserted(form)) if asks else steps(form)


def _inserted(form: Lesson) -> Iterator[Step]:
    every = tapes(form)
    before: set[str] = set()
    """The questions that have been asked; of those on what is watched, of which kind."""

    def ask(kind: str, step: Step, id_: str = "") -> Iterator[Step]:
        if kind not in before:
            before.add(kind)
            line = step.target if step.target in form.program.by_target else form.loss
            yield Step(id_ or kind, "code", step.section, line, None, Number(0), ())

    for step in steps(form):
        tape = every.by_line[step.target] if step.kind == "local" else None
        if tape and tape.asked[0].id == step.id:
            yield from ask(VARIABLES, step)
            if kind := _kind_watched(form, tape):
                yield from ask(kind, step, WATCHED + step.target)
            if len(tape.asked) > 1:
                yield from ask(KEPT, step)
        if step.kind == "backward" and step.id not in every.from_loss:
            yield from ask(ONE_TAPE, step)
        yield step


def _kind_watched(form: Lesson, tape: Tape) -> str:
    """Is it data that a tape must watch, or computed on another tape? "" where both, or neither."""
    kinds = {"computed" if name in form.program.by_target else "data" for name in tape.watched}
    return kinds.pop() if len(kinds) == 1 else ""


def first_parameter(lesson: Lesson) -> str:
    """The parameter that the program reads first."""
    return next(name for name in lesson.program.leaves if name in lesson.parameters)


def on_the_way(lesson: Lesson) -> list[str]:
    """The assignments between the first parameter and the loss."""
    program, first = lesson.program, first_parameter(lesson)
    reaching = {lesson.loss, *program.ancestors(lesson.loss)}
    return [
        line.target
        for line in program.assignments
        if line.target in reaching and first in program.ancestors(line.target)
    ]
