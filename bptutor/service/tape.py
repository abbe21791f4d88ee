"""The tape and what is known, as data; in the part in symbols shapes alone, and no number."""

from __future__ import annotations

from functools import lru_cache
from math import prod

import numpy as np

from bptutor.course.exercise import array
from bptutor.course.parts import shapes_of
from bptutor.course.questions import MOST_SEEN
from bptutor.course.session import Session
from bptutor.engine.trace import Array
from bptutor.language.differentiate import gradient_name
from bptutor.language.ops.base import Style
from bptutor.language.render import display_name, write_assignment
from bptutor.language.tree import Assignment, Shape
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step
from bptutor.literals import Direction
from bptutor.views.lesson import Known, TapeLine
from bptutor.views.matrix import Matrix

ON_THE_TAPE = 12
"""Numbers of a value that travel with the tape; a larger one is cut under its whole shape."""
TO_WORK_WITH = 4_096
"""Numbers that travel of a quantity that the step needs; of any other, as many as on the tape."""
WHOLE = 1_000_000
"""Numbers that travel of such a quantity to whoever looks at it: a cell that is asked may take any
row and any column."""
LATEST_KNOWN = 40
"""Other quantities that travel with a step: the latest ones."""


def matrix(array: Array, dtype: str, most: int = MOST_SEEN) -> Matrix:
    """An array, or the first numbers of it under its whole shape."""
    return Matrix(list(array.shape), array.reshape(-1)[:most].astype("float64").tolist(), dtype)


def rows_and_columns(shape: Shape) -> tuple[int, int]:
    """A value's rows and columns on the screen: a vector is one row, a scalar one cell."""
    return prod(shape[:-1]), shape[-1] if shape else 1


def tape_lines(of: Session, style: Style, language: str) -> list[TapeLine]:
    """The program, with what has come down and what has gone back up."""
    lesson, step = of.lesson, of.step
    current, direction = _where(lesson, step)
    done = {each.id for each in of.steps[: of.count_done]}
    lines = []
    for assignment in lesson.program.assignments:
        target = assignment.target
        gradient = gradient_name(lesson.loss, target)
        come_down = target in done or step.part != "tape"
        lines.append(
            TapeLine(
                target=target,
                text=_written(assignment, style, lesson.dtype),
                section=lesson.heading(assignment.section, language),
                value=_seen(of, target, ON_THE_TAPE) if come_down else None,
                gradient=_seen(of, gradient, ON_THE_TAPE) if gradient in done else None,
                current=assignment is current,
                direction=direction if assignment is current else "",
            )
        )
    return lines


def knowns(of: Session, style: Style) -> list[Known]:
    """What the current step needs, then what has become known last."""
    needed = of.relevant
    others = [name for name in of.known if name not in needed]
    wanted = [(name, True) for name in needed] + [(name, False) for name in others[-LATEST_KNOWN:]]
    found = []
    for name, relevant in wanted:
        seen = _seen(of, name, TO_WORK_WITH if relevant else ON_THE_TAPE)
        if seen is None and relevant:
            seen = _leaf(of, name)
        if seen is not None:
            found.append(Known(display_name(name, style), seen, relevant, name))
    return found


def every_known(of: Session, style: Style) -> list[Known]:
    """Everything that is known at the current step, what it needs first."""
    of.prepare()
    needed = of.relevant
    every = dict.fromkeys((*needed, *of.known))
    seen = {name: _seen(of, name, WHOLE if name in needed else TO_WORK_WITH) for name in every}
    return [
        Known(display_name(name, style), value, name in needed, name)
        for name, value in seen.items()
        if value is not None
    ]


def _seen(of: Session, name: str, most: int) -> Matrix | None:
    """A quantity as it may be seen; nothing before TensorFlow is there."""
    dtype = of.lesson.dtype
    if of.sitting.part == "derive":
        return Matrix(list(shapes_of(of.lesson)[name]), [], dtype)
    return matrix(of.facts.known(name), dtype, most) if of.facts else None


def _leaf(of: Session, name: str) -> Matrix | None:
    """Before TensorFlow is there, what the lesson's file (or the sitting) says of a leaf."""
    lesson, kept = of.lesson, of.sitting.leaves.get(name)
    if kept is not None:
        return matrix(array(kept), lesson.dtype)
    if name not in lesson.values:
        return None
    return matrix(np.asarray(lesson.values[name], lesson.dtype), lesson.dtype)


@lru_cache(maxsize=4_096)
def _written(assignment: Assignment, style: Style, dtype: str) -> str:
    """A line of the program as text; every screen shows them all."""
    return write_assignment(assignment, style, dtype)


def _where(lesson: Lesson, step: Step) -> tuple[Assignment, Direction]:
    """The line of the program at which the signal is, and which way it goes."""
    program = lesson.program
    if step.kind == "memory" and not step.numbers:
        return next(a for a in program.assignments if a.section == step.section), ""
    if step.kind in ("forward", "local"):
        return program.by_target[step.target], "down"
    name = step.by if step.by else step.target
    direction: Direction = "up" if step.kind == "backward" else ""
    if name in program.by_target:
        return program.by_target[name], direction
    reaching = {lesson.loss, *program.ancestors(lesson.loss)}
    return next(c for c in program.consumers[name] if c.target in reaching), direction
