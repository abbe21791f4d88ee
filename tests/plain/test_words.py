"""What the transcripts do not show: a long record, what quiz is typed, the clock, the commands."""

import asyncio
import io
from datetime import datetime

import pytest

from bptutor.front.action import Action
from bptutor.front.actions import TABLE
from bptutor.plain import quiz_text
from bptutor.plain.commands import quiz_of
from bptutor.plain.dialogue import Clock, Dialogue, Lines
from bptutor.plain.mode import TextMode
from bptutor.plain.places import Changed, Menu, Step, Summary
from bptutor.plain.quiz_places import AssignmentStart, ExamStart, QuizEnd
from bptutor.service.process import ServiceProcess
from bptutor.service.protocol import Hello
from bptutor.service.quiz_words import points
from bptutor.views.quiz import Day, ProgressView, QuizSpec

NOW = datetime(2026, 11, 24, 12).timestamp()
OWN = [each for each in TABLE if each.word and isinstance(each.do, str)]


@pytest.mark.parametrize("action", OWN, ids=[f"{each.id} {each.places}" for each in OWN])
def test_a_command_that_text_mode_does_by_itself_is_a_method(action: Action) -> None:
    kinds = (Menu, Step, Summary, ExamStart, AssignmentStart, QuizEnd, Changed)
    places = {place.name: place for place in kinds}
    there = places if action.places == "app" else action.places.split()
    for name in there:
        assert any(hasattr(one, f"do_{action.do}") for one in (places[name], TextMode))


def test_of_a_long_record_the_latest_days_are_said() -> None:
    days = [Day(f"2026-11-{day:02}", day, day - 1) for day in range(1, 25)]
    view = ProgressView("kim", 120, NOW, [], [], [], days, [], "The record was damaged.")
    said = [str(each) for each in quiz_text.progress(view, NOW)]
    assert "The record was damaged." in said
    found = [line for line in said if line.startswith("2026-11-")]
    assert len(found) == quiz_text.MOST_DAYS
    assert found[-1] == "2026-11-24: 23 of 24 right."


@pytest.mark.parametrize(
    ("typed", "exam", "asked"),
    [
        ("", False, QuizSpec()),
        ("5 all", False, QuizSpec(items=5, resume=False, all_lessons=True)),
        ("", True, QuizSpec(exam=True)),
        ("5", False, QuizSpec(items=5, resume=False)),
        ("5 30", True, QuizSpec(items=5, minutes=30, exam=True, resume=False)),
        ("5 0 seed 4 again", True, QuizSpec(items=5, seed=4, exam=True, resume=False, again=True)),
        ("5 30 again", True, None),
        ("5, seed 42 batch", False, QuizSpec(["batch"], 5, 42, resume=False)),
        ("시드 7", False, QuizSpec(seed=7, resume=False)),
        ("batch a.toml", False, QuizSpec(["batch", "a.toml"], resume=False)),
        ("5 30", False, None),
        ("0", False, None),
        ("5 seed", False, None),
        ("5 seed x", False, None),
        ("3 seed 123456789012", False, QuizSpec(items=3, seed=123456789012, resume=False)),
        ("9" * 13, True, QuizSpec(["9" * 13], exam=True, resume=False)),
    ],
)
def test_what_quiz_is_typed(typed: str, exam: bool, asked: QuizSpec | None) -> None:
    assert quiz_of(typed, exam=exam) == asked


class Heard(io.StringIO):
    """An output at which somebody looks, and that tells when something is said."""

    def __init__(self) -> None:
        super().__init__()
        self.said = asyncio.Event()

    def isatty(self) -> bool:
        return True

    def flush(self) -> None:
        self.said.set()


def clock_at(out: io.StringIO) -> Clock:
    hello = Hello(version="", language="en", notation="ascii")
    return Clock(Dialogue(ServiceProcess, hello, out, Lines(None), 0))


async def test_a_little_before_the_end_of_the_time_it_is_said_unasked() -> None:
    for left, words in (
        (300.01, "5 minutes left."),
        (60.01, "60 seconds left."),
        (0.01, "Time is up."),
    ):
        out = Heard()
        clock = clock_at(out)
        clock.set(left)
        await asyncio.wait_for(out.said.wait(), 5)
        assert words in out.getvalue()
        assert clock.over == (left < 1)
        clock.set(None)
        assert clock.left is None
        assert not clock.over


async def test_nobody_listening_is_told_nothing_of_the_time() -> None:
    out = io.StringIO()
    clock = clock_at(out)
    clock.set(0.0)
    await asyncio.sleep(0)
    assert clock.over
    assert out.getvalue() == ""


@pytest.mark.parametrize(
    ("number", "told"), [(1.0, "1"), (0.512, "0.51"), (0.000488, "0"), (2.5, "2.5"), (39.99, "40")]
)
def test_points_are_told_to_the_hundredth(number: float, told: str) -> None:
    assert points(number) == told
