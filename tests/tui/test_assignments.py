"""Assignments in the app: the list, the cover, the items, what is shown at the end."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from time import monotonic

import pytest

from bptutor.service.papers import PaperPlace
from bptutor.tui import clock
from bptutor.tui.app import TutorApp
from tests.classroom.people import MINUTE, NINE
from tests.near import Near
from tests.service.classroom import Class
from tests.tui.learner import SIZE, Learner
from tests.tui.test_looks import lines_fit


@pytest.fixture
def class_(tmp_path: Path) -> Iterator[Class]:
    with Class.at(tmp_path) as made:
        yield made


@asynccontextmanager
async def at(
    class_: Class, assignment: str = "", language: str = "en", size: tuple[int, int] = SIZE
) -> AsyncIterator[Learner]:
    """The app of Anna, as `bptutor do` opens it; without a name, at the menu."""
    app = TutorApp(
        lambda hear: Near(hear, make=lambda tell: class_.tutor(tell, "anna")),
        assignment=assignment,
        language=language,
    )
    async with app.run_test(size=size) as pilot:
        learner = Learner(pilot, app)
        await learner.settle()
        yield learner


def paper(learner: Learner) -> PaperPlace:
    assert learner.service.tutor
    place = learner.service.tutor.place
    assert isinstance(place, PaperPlace)
    return place


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_from_the_menu_to_the_items_everything_fits(class_: Class, language: str) -> None:
    async with at(class_, language=language) as learner:
        assert "Backward by hand, Warm up" in learner.screen
        for keys in (["f6"], ["enter"], ["enter"], ["f6"]):
            await learner.press(*keys)
            lines_fit(learner)
        assert "Backward by hand" in learner.screen
        await learner.press("escape")
        assert learner.app.room.id == "step"


async def test_homework_has_no_answer_key_and_is_submitted_from_its_overview(
    class_: Class,
) -> None:
    async with at(class_, "homework", size=(200, 40)) as learner:
        await learner.press("enter")
        assert "F2 Hint" in learner.screen
        assert "F3 Answer" not in learner.screen
        asked = len(learner.service.requests)
        assert "no answers before you submit" in await learner.press("f3")
        assert len(learner.service.requests) == asked
        await learner.solve()
        assert learner.view.stage == "solved"
        there = await learner.press("f6")
        assert "1 of 3 answered, 2 open" in there
        assert "Press Ctrl+X again" in await learner.press("ctrl+x")
        end = await learner.press("ctrl+x")
        assert "Points: 1 of 3" in end
        assert learner.shows("You see the right answers after the assignment closes")
        assert "Another quiz" not in end
        await learner.press("enter")
        assert learner.app.room.id == "quiz-end"


async def test_a_password_is_typed_before_enter_begins(class_: Class) -> None:
    async with at(class_, "warm-up") as learner:
        await learner.press("enter")
        assert learner.app.room.id == "assignment"
        await learner.type("crow")
        assert "not the password" in await learner.press("enter")
        assert "crow" not in learner.screen
        await learner.type("owl")
        assert "item 1/2" in await learner.press("enter")


async def test_after_an_attempt_comes_another_one(class_: Class) -> None:
    async with at(class_, "warm-up") as learner:
        await learner.type("owl")
        await learner.press("enter", "f6", "ctrl+x")
        assert "F8 Another attempt" in await learner.press("ctrl+x")
        await learner.press("f8")
        assert learner.app.room.id == "assignment"
        await learner.type("owl")
        assert "item 1/2" in await learner.press("enter")


async def test_an_exam_ends_where_the_host_ends_it(class_: Class) -> None:
    class_.now = NINE
    async with at(class_, "midterm") as learner:
        assert "45 minutes left" in await learner.press("enter")
        class_.happens("extend", "midterm", "anna", number=15)
        paper(learner)._watch.look()
        await learner.settle()
        assert "60 minutes left" in learner.screen
        class_.now += 61 * MINUTE
        class_.papers.submit_overdue(class_.now)
        end = await learner.press("f8")
        assert "Submitted. Items with an answer: 0 of 4." in end
        assert learner.shows("bptutor submitted it when the time was up")


async def test_a_clock_that_is_wrong_submits_nothing(
    class_: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The host's clock alone counts, and it has not jumped."""
    class_.now = NINE
    async with at(class_, "midterm") as learner:
        await learner.press("enter")
        await learner.type("7")
        monkeypatch.setattr(clock, "monotonic", lambda: monotonic() + 60 * MINUTE)
        learner.app.clock._tick()
        await learner.settle()
        assert learner.app.room.id == "step"
        assert "45 minutes left" in learner.screen
        assert paper(learner).file.papers.paper(("midterm", "anna", 1))[0].is_open


async def test_a_paper_that_is_reopened_is_a_key_away(class_: Class) -> None:
    class_.now = NINE
    async with at(class_, "midterm") as learner:
        await learner.press("enter", "ctrl+x", "ctrl+x", "ctrl+x")
        assert "Enter" not in learner.screen.splitlines()[-1]
        class_.reopen("midterm", "anna")
        paper(learner)._watch.look()
        await learner.settle()
        assert learner.shows("Your teacher has reopened this assignment.")
        assert "10 minutes left" in await learner.press("enter")
        assert "item 1/4" in learner.screen


async def test_while_it_is_locked_the_menu_leads_back_to_it_alone(class_: Class) -> None:
    class_.now = NINE
    async with at(class_, "midterm") as learner:
        await learner.press("enter", "escape")
        assert "Assignment in progress: Midterm." in learner.screen
        assert "One neuron" not in learner.screen
        assert learner.service.needs_host
        assert "Midterm is in progress" in await learner.press("ctrl+k", "down", "enter")
        await learner.press("escape", "f6", "enter")
        assert "item 1/4" in learner.screen


async def test_a_service_that_is_lost_comes_back_to_the_paper(class_: Class) -> None:
    class_.now = NINE
    async with at(class_, "midterm") as learner:
        await learner.press("enter", "f5")
        assert learner.view.index == 1
        learner.service.die()
        await learner.press("f8")
        assert learner.view.index == 1
        assert learner.view.quiz
        assert learner.view.quiz.flagged
        assert learner.view.quiz.assignment == "Midterm"


async def test_what_cannot_be_opened_says_why(class_: Class) -> None:
    async with at(class_, "final") as learner:
        assert "There is no assignment final." in learner.screen
        await learner.press("escape")
        assert learner.app.room.id == "menu"
