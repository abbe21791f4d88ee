"""An exam: nothing is told, everything can be gone back to, and in the end it is handed in."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any

import pytest
from msgspec.structs import replace

from bptutor.service import quiz_opening, quizzes
from bptutor.service.quiz_words import TIME_IS_OVER
from bptutor.tui import clock
from bptutor.views.quiz import QuizSpec
from tests.examples import every
from tests.keys import key_label
from tests.near import COURSE, Near, right
from tests.tui.learner import Learner, learning
from tests.tui.test_looks import lines_fit

SEED = 1
"""With which the questions follow one another on the same numbers, from ∂Loss/∂Y_pred on."""
EXAM = QuizSpec([COURSE], items=3, seed=SEED, exam=True, resume=False)
BACK = replace(EXAM, resume=True, back=True)


def back_at(learner: Learner, spec: QuizSpec) -> bool:
    """Was this very exam opened again?"""
    name, opened = learner.service.requests[-1]
    return name == "quiz" and bool(opened.past) and replace(opened, past="") == spec


@asynccontextmanager
async def sitting(minutes: int = 0, **options: Any) -> AsyncIterator[Learner]:
    """An exam that was asked for on the command line."""
    async with learning(None, quiz=replace(EXAM, minutes=minutes), **options) as learner:
        if minutes:
            await learner.press("enter")
        yield learner


async def test_nothing_is_told_and_no_key_tells_it() -> None:
    async with sitting(size=(200, 40)) as learner:
        for key in ("F2 Hint", "F3 Answer", "F9 Why", "F12 Picture"):
            assert key not in learner.screen
        for name in ("note", "flag", "hand-in", "skip", "items", "values"):
            assert key_label("step", name) in learner.screen
        assert "points" not in learner.screen
        asked = len(learner.service.requests)
        assert "An exam shows no hints" in await learner.press("f2")
        await learner.press("f3", "f12")
        assert len(learner.service.requests) == asked
        assert not any(each[0] == "picture" for each in learner.service.requests)


async def test_enter_notes_the_answer_and_the_next_question_comes() -> None:
    async with sitting() as learner:
        assert "Exam · part a" in learner.screen
        await learner.type("dLoss_dY_pred", "7")
        there = await learner.press("enter")
        assert learner.service.requests[-1] == ("check", "dLoss_dY_pred", ["7"], "both")
        assert "Exam · part b" in there
        assert "item 2/3 ━━━━────────" in there
        assert "✗" not in there
        back = await learner.press("f4")
        assert "[7 " in back
        assert "✗" not in back
        assert "item 2/3" in await learner.press("pagedown")


async def test_after_the_product_enter_leads_to_the_value_and_from_there_on() -> None:
    async with sitting() as learner:
        await learner.type("dLoss_dY_pred")
        there = await learner.press("enter")
        assert "Exam · part a" in there
        assert not any(each[0] == "check" for each in learner.service.requests)
        await learner.type("7")
        assert "[7 " in learner.screen
        assert "Exam · part b" in await learner.press("enter")
        assert learner.service.requests[-1] == ("check", "dLoss_dY_pred", ["7"], "both")


async def test_what_is_left_empty_on_purpose_takes_one_more_enter() -> None:
    async with sitting() as learner:
        await learner.type("dLoss_dY_pred")
        assert "Exam · part b" in await learner.press("enter", "enter")
        assert "Exam · part b" not in await learner.press("enter")  # and where all is empty, one


async def test_a_timed_exam_has_a_cover_and_escape_leaves_nothing_behind(time: Time) -> None:
    async with learning(None, quiz=replace(EXAM, minutes=3)) as learner:
        assert learner.app.room.id == "exam"
        assert "There are no hints and no verdicts before you submit." in learner.screen
        assert "item 1/3" not in learner.screen
        assert learner.app.clock._timer is None
        assert "exam 0/3" not in await learner.press("escape")
    async with learning(None, quiz=replace(EXAM, minutes=3)) as learner:
        learner.service.die()
        time.pass_by(500)
        assert "3 minutes left" in await learner.press("enter")
        assert learner.service.starts == 2


async def test_escape_closes_the_overview_and_then_leaves_the_question() -> None:
    async with sitting() as learner:
        await learner.press("f5", "ctrl+x")
        assert "item 2/3" in await learner.press("escape")
        await learner.press("escape")
        assert learner.app.room.id == "menu"
    async with sitting() as learner:
        await learner.press("ctrl+x", "ctrl+x", "ctrl+x", "enter", "escape")
        assert learner.app.room.id == "quiz-end"
        await learner.press("escape")
        assert learner.app.room.id == "menu"


async def test_a_question_is_flagged_and_the_flag_taken_away() -> None:
    async with sitting() as learner:
        assert "part a · flagged" in await learner.press("f8")
        assert learner.service.requests[-1] == ("flag",)
        assert "flagged" not in await learner.press("f8")


async def test_handing_in_takes_an_overview_and_two_presses() -> None:
    async with sitting() as learner:
        await learner.type("Y", "7")
        await learner.press("enter", "f8", "f5")
        overview = await learner.press("ctrl+x")
        assert "Exam · before you submit" in overview
        assert "1 of 3 answered, 2 open, 1 flagged." in overview
        assert "● answered" in overview
        assert "○ not answered, flagged" in overview
        assert "By kind of step" not in overview
        assert "item 2/3" in await learner.press("enter")  # the first that is open
        assert "before you submit" in await learner.press("f6")
        assert "item 2/3" in await learner.press("f4")
        await learner.press("ctrl+x")
        assert "Press Ctrl+X again to submit. Items without an answer: 2." in await learner.press(
            "ctrl+x"
        )
        assert "Press Ctrl+X again" not in await learner.press("down")
        await learner.press("ctrl+x")
        assert ("hand_in",) not in learner.service.requests
        end = await learner.press("ctrl+x")
        assert ("hand_in",) in learner.service.requests
        assert "Exam · at its end" in end
        assert "Points: 0 of 3, 0 %." in end


async def test_each_mistake_is_walked_through_with_what_was_typed() -> None:
    async with sitting() as learner:
        await learner.type("Y", right(learner.service.session)[1][0])
        await learner.press("enter", "ctrl+x", "ctrl+x", "ctrl+x")
        first = await learner.press("enter")  # from which there is most to learn
        assert "item 1/3" in first
        assert "review" in first
        assert "[Y " in first
        assert "✗" in first
        assert "2 * (Y_pred - Y_true)" in first
        assert "F9 Why" in first
        assert "F8 Flag" not in first
        assert "item 2/3" in await learner.press("enter")
        assert "at its end" in await learner.press("enter", "enter")
        assert learner.app.room.id == "quiz-end"


@pytest.mark.whole
async def test_a_question_without_an_answer_is_looked_back_at_with_the_right_one() -> None:
    async with sitting() as learner:
        await learner.press("ctrl+x", "ctrl+x", "ctrl+x", "enter")
        there = await learner.press("enter")  # the second, of three cells
        assert "item 2/3" in there
        assert " is typed " not in there  # nothing can be typed any more
        for size in ((60, 18), (40, 12)):
            await learner.pilot.resize_terminal(*size)
            await learner.settle()
            assert "∂Loss/∂W3 = a2ᵀ @ ∂Loss/∂Y_pred" in learner.screen
            assert not learner.app.screen.query_one("#entry").display


async def test_an_exam_that_was_left_goes_on_with_what_was_typed() -> None:
    async with sitting() as learner:
        await learner.type("lr")
        menu = await learner.press("escape")
        assert ("draft", "lr", [""]) in learner.service.requests
        assert "Ctrl+K resumes: exam 0/3" in menu
        there = await learner.press("ctrl+k", "enter")
        assert "Exam · part a" in there
        assert "[lr " in there


class Time:
    """The time of day, which a test sets: the app's, and the service's."""

    now = service = 1000.0

    def pass_by(self, seconds: float) -> None:
        """So long after the exam has begun."""
        self.now = self.service = 1000.0 + seconds


@pytest.fixture
def time(monkeypatch: pytest.MonkeyPatch) -> Time:
    found = Time()
    monkeypatch.setattr(clock, "time", lambda: found.now)
    for module in (quizzes, quiz_opening):
        monkeypatch.setattr(module, "time", SimpleNamespace(time=lambda: found.service))
    return found


def losing(method: str) -> Callable[[Near], None]:
    """A service that is lost once it has done that, before it says so."""
    return lambda near: near.die_of(method, late=True)


@pytest.mark.whole
async def test_a_flag_that_was_set_before_the_service_was_lost_stays() -> None:
    async with sitting(prepare=losing("flag")) as learner:
        assert "flagged" in await learner.press("f8")
        assert learner.service.starts == 2


async def test_an_answer_that_was_noted_before_the_service_was_lost_is_noted_once_more() -> None:
    async with sitting(prepare=losing("check")) as learner:
        await learner.type("Y", "7")
        assert "item 2/3 ━━━━────────" in await learner.press("enter")
        assert "[7 " in await learner.press("f4")


@pytest.mark.whole
async def test_an_exam_that_was_handed_in_before_the_service_was_lost_is_over() -> None:
    async with sitting(prepare=losing("hand_in")) as learner:
        assert "Exam · at its end" in await learner.press("ctrl+x", "ctrl+x", "ctrl+x")
        assert not learner.service.named("hand_in")
        assert back_at(learner, BACK)


@pytest.mark.whole
async def test_an_exam_whose_time_ran_out_without_a_service_is_over(time: Time) -> None:
    async with sitting(3) as learner:
        await learner.type("Y", "7")
        learner.service.die()
        time.service += 181
        await learner.press("enter")
        assert "Exam · at its end" in learner.screen
        assert back_at(learner, replace(BACK, minutes=3))


async def test_the_time_is_told_by_the_minute_and_at_the_end_every_ten_seconds(time: Time) -> None:
    async with sitting(3) as learner:
        ticking = learner.app.clock
        for passed, told in (
            (0.0, "3 minutes left"),
            (60.1, "2 minutes left"),
            (119.9, "2 minutes left"),
            (120.1, "60 seconds left"),
            (141.0, "40 seconds left"),
            (179.0, "10 seconds left"),
        ):
            time.pass_by(passed)
            ticking._tick()
            await learner.settle()
            assert told in learner.screen


async def test_the_clock_sleeps_until_what_it_tells_changes(time: Time) -> None:
    async with sitting(3) as learner:
        waited = []
        for passed in (30.0, 60.0, 120.0, 125.0):
            time.pass_by(passed)
            learner.app.clock._tick()
            timer = learner.app.clock._timer
            assert timer
            waited.append(round(timer._interval - clock.SLACK, 2))
        assert waited == [30.0, 60.0, 10.0, 5.0]


@pytest.mark.whole
async def test_the_clock_says_nothing_to_an_app_that_has_ended(time: Time) -> None:
    async with sitting(3) as learner:
        pass
    timer = learner.app.clock._timer
    learner.app.clock._tick()
    assert learner.app.clock._timer is timer


async def test_without_a_limit_there_is_no_clock() -> None:
    async with sitting() as learner:
        assert learner.app.clock._timer is None
        assert "left" not in learner.screen.splitlines()[0]


async def test_when_the_time_is_over_it_is_handed_in_even_under_a_list(time: Time) -> None:
    async with sitting(3) as learner:
        await learner.type("Y", "7")
        await learner.press("f7")
        time.pass_by(181.0)
        learner.app.clock._tick()
        await learner.settle()
        assert ("draft", "Y", ["7"]) in learner.service.requests
        assert "Exam · at its end" in learner.screen
        assert str(TIME_IS_OVER) in learner.screen
        assert learner.app.clock._timer is None


async def test_an_app_whose_clock_is_ahead_hands_nothing_in(time: Time) -> None:
    async with sitting(3) as learner:
        time.now = 1181.0  # for the service it is not over
        learner.app.clock._tick()
        await learner.settle()
        assert learner.app.room.id == "step"
        assert "3 minutes left" in learner.screen
        assert not learner.service.named("hand_in")


@pytest.mark.whole
async def test_the_clock_waits_for_a_command_that_is_on_its_way(time: Time) -> None:
    async with sitting(3) as learner:
        learner.app.commands.busy = True
        time.pass_by(181.0)
        learner.app.clock._tick()
        assert learner.app.room.id == "step"
        learner.app.commands.busy = False
        learner.app.clock._tick()
        await learner.settle()
        assert "Exam · at its end" in learner.screen


async def test_the_clock_stops_in_the_menu_and_goes_on_with_the_exam(time: Time) -> None:
    async with sitting(3) as learner:
        await learner.press("escape")
        assert learner.app.clock._timer is None
        await learner.press("ctrl+k", "enter")
        assert learner.app.clock._timer
        assert "3 minutes left" in learner.screen


@pytest.mark.parametrize(("size", "language"), every(2, [((40, 12), "ko"), ((80, 24), "en")]))
async def test_every_screen_of_an_exam_fits(size: tuple[int, int], language: str) -> None:
    async with sitting(15, size=size, language=language) as learner:
        lines_fit(learner)
        for key in ("f8", "f6", "ctrl+x", "ctrl+x", "enter", "enter", "enter"):
            await learner.press(key)
            lines_fit(learner)
        assert learner.service.requests[-1] == ("go", "next")
