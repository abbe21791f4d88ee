"""The code of a lesson as far as it has been walked: a program that runs as it stands."""

import re
from collections.abc import Iterator
from math import prod

from bptutor.course.coding import IMPORTS, require_names_beside_keras
from bptutor.course.exercise import arrays
from bptutor.course.session import Session, exercise
from bptutor.course.tape_code import assertion, leaf_lines, require_runnable, step_lines
from bptutor.course.tapes import right_side
from bptutor.lesson.steps import LEARNING_RATE, places
from bptutor.text import UserError

MOST_NUMBERS = 100_000  # that a program holds: editors open a file of megabytes slowly
LATEST = 40  # steps whose lines are shown beside a step: the latest ones


def lines_so_far(session: Session, language: str, latest: int | None = LATEST) -> list[str]:
    """The lines of the steps that are done, or of the latest of them."""
    start = 0 if latest is None else max(0, session.count_done - latest)
    return list(_lines(session, language, start))


def _lines(session: Session, language: str, start: int) -> Iterator[str]:
    lesson, facts, style = session.lesson, session.facts, session.style
    if session.sitting.part == "tape":
        by_step, index = step_lines(lesson, language), places(lesson)
    for step in session.steps[start : session.count_done]:
        if step.part != "tape":
            line = exercise(lesson, step, style, facts).line()
            yield from line.split("\n") if line else ()
        elif step.id in index:
            yield from by_step[index[step.id]]
            # In a quiz, the product would be the answer to another item.
            if facts and not session.asks_whole and (line := assertion(facts, step)):
                yield line


def program_so_far(session: Session, language: str) -> list[str]:
    """A program that runs as it stands, from the imports to the last step that is done.

    Raises UserError: a name of the lesson is in its way, or it would hold too many numbers.
    """
    lesson = session.lesson
    require_runnable(lesson)
    if session.sitting.part == "keras":
        require_names_beside_keras(lesson)
    count = sum(prod(lesson.shapes[name]) for name in lesson.program.leaves)
    if count > MOST_NUMBERS:
        raise UserError(
            "The program would hold {count} numbers; {most} is the most that bptutor writes.",
            count=count,
            most=MOST_NUMBERS,
        )
    body = [line for line in lines_so_far(session, language, None) if line not in IMPORTS]
    return [*_before(session), *body, *_after(session, body)]


def _before(session: Session) -> Iterator[str]:
    """What stands before the first step: the imports, the numbers, what is known already."""
    lesson, part = session.lesson, session.sitting.part
    yield from IMPORTS if part == "keras" else ["import tensorflow as tf"]
    yield ""
    parameters = "constant" if part == "keras" else "Variable"
    yield from leaf_lines(lesson, arrays(session.sitting.leaves), parameters)
    if part == "derive":
        yield ""
        for line in lesson.program.assignments:
            yield f"{line.target} = {right_side(lesson, line)}"
    if part == "keras" and lesson.parameters:
        yield f"{LEARNING_RATE} = {lesson.learning_rate!r}"
    if part != "tape":
        yield ""


def _after(session: Session, body: list[str]) -> Iterator[str]:
    """What makes it run, and show what the last line computes."""
    if body and body[-1].endswith(":"):
        yield "    pass"
    found = (_COMPUTED.match(line) for line in reversed(body))
    last = next(filter(None, found), None)
    if last and "print" not in session.lesson.shapes:
        yield f"print({last[1]})"


_COMPUTED = re.compile(r"\s*([^\W\d]\w*)(?: = |\.assign_sub\()")  # what a line computes
