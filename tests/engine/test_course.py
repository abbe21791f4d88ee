"""The course's network comes out as in the course, to the last bit."""

import json
from pathlib import Path

import numpy as np

from bptutor.engine.trace import run
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import steps

COURSE = json.loads((Path(__file__).parents[1] / "data" / "course_values.json").read_text())


def test_the_steps_are_those_of_the_course_in_its_order(course: Lesson) -> None:
    assert [step.id for step in steps(course)] == list(COURSE)
    assert len(COURSE) == 35


def test_every_value_is_that_of_the_course_to_the_last_float32_bit(course: Lesson) -> None:
    trace = run(course)
    for step, published in COURSE.items():
        value = trace.known(step)
        assert value.dtype == np.float32
        assert value.tobytes() == np.asarray(published, np.float32).tobytes(), step


def test_the_update_makes_the_loss_smaller(course: Lesson) -> None:
    trace = run(course)
    assert run(course, trace.leaves).loss < trace.loss == np.float32(COURSE["Loss"])
