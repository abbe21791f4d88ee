"""Lessons and answers for the tests of sessions."""

from collections.abc import Callable

import numpy as np
import pytest

from bptutor.course.session import Session
from bptutor.language.render import write
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.lesson.steps import Step
from bptutor.literals import Ask, Part
from bptutor.record.sittings import part_key

Begin = Callable[..., Session]


@pytest.fixture(scope="session")
def course() -> Lesson:
    return load("two-hidden-layers")


@pytest.fixture
def begin(course: Lesson) -> Begin:
    def begin(ask: Ask = "all", lesson: Lesson = course) -> Session:
        session = Session.begin(lesson, ask, lesson.name, "ascii")
        session.prepare()
        return session

    return begin


def right_cells(session: Session, step: Step | None = None) -> list[str]:
    """What a learner who makes no mistake types."""
    facts = session.prepare()
    step = step or session.step
    flat = np.asarray(facts.truth(step), "float64").reshape(-1)
    return [repr(float(flat[cell])) for cell in session.cells(step)]


def answer(session: Session) -> None:
    """Answer the current step rightly, as far as it is asked."""
    step = session.step
    if step.kind == "code":
        session.check(str(session.exercise.written()), None)
    else:
        session.check(write(step.product, "ascii"), right_cells(session))


def begin_part(lesson: Lesson, at: str | None = None, *, part: Part) -> Session:
    """A session of a part of the course, at a step."""
    session = Session.begin(lesson, "all", part_key(lesson.name, part), "ascii", part)
    session.prepare()
    if at:
        ids = [step.id for step in session.steps]
        session.sitting.index = session.sitting.furthest = ids.index(at)
    return session


def verdict(session: Session, text: str) -> tuple[str | None, str]:
    """What comes of an answer in the text field."""
    session.check(text, None)
    return session.mark(session.step).product_verdict, str(session.said.message)


MINE = """
program = "z = w * x\\nL = (z - y) ** 2"
loss = "L"
parameters = ["w"]
[values]
w = 0.5
x = 3.0
y = 2.0
"""
