"""The menu: groups and marks, where a lesson goes on, what is due, and a lesson found by words."""

import asyncio
from datetime import datetime

import pytest
from rich.cells import cell_len
from textual.events import Key

from bptutor.lesson.find import available
from bptutor.quiz.schedule import reviewed
from bptutor.record.attempts import learner_name
from bptutor.record.record import Record
from bptutor.service.tutor import LocalTutor
from bptutor.views.picture import Pictured
from tests.near import COURSE
from tests.record.attempts import attempt
from tests.tui.learner import Learner, learning


def practised() -> None:
    """A learner with a pace, with a day of practice, and with something due."""
    record, name = Record(), learner_name()
    now = datetime.now().timestamp()
    for number in range(12):
        made = attempt(
            learner=name, at=now - 60 + number, step=f"s{number}", kind="backward",
            skill="weight-gradient", closed=True, verdict="right", milliseconds=30_000,
        )  # fmt: skip
        record.add(made, lambda card: reviewed(card, "again", now - 5 * 86_400), [], [])


def chosen(learner: Learner) -> str:
    """The name of the lesson that the cursor is on."""
    item = learner.app.get_screen("menu").here.lesson  # type: ignore[attr-defined]
    return item.name if item else ""


async def test_where_the_last_lesson_goes_on_and_what_is_due_stand_beside_the_groups() -> None:
    practised()
    async with learning(at="dLoss_dW2") as learner:
        menu = await learner.press("escape")
        assert chosen(learner) == COURSE
        left = learner.app.get_screen("menu")._outlook.left  # type: ignore[attr-defined]
        there = next(each for each in left if each.lesson == COURSE)
        assert there.kind == "backward"
        assert learner.shows(there.name)
        assert there.minutes is not None
        assert f"about {there.minutes} min left" in menu
        assert "gradient of a weight" in menu
        assert "123 Layers, with the course's lesson" in menu
        row = next(line for line in menu.splitlines() if line.startswith("│▶ "))
        assert row[3:6] == "○◐○"
        assert "━" in row
        await learner.pilot.resize_terminal(160, 40)
        await learner.settle()
        assert learner.app.screen.query_one("#lessons").outer_size.width <= 80


async def test_a_lesson_is_found_by_its_name_and_its_title_in_any_language() -> None:
    async with learning(lesson=None) as learner:
        await learner.press("slash")
        await learner.type("어텐션 헤드")
        names = {choice.key for choice in learner.app.get_screen("menu").lessons._choices}  # type: ignore[attr-defined]
        assert {available()[key] for key in names} == {"attention"}
        await learner.press("escape")
        assert chosen(learner) == "attention"  # all lessons again, with the cursor there
        await learner.press("slash")
        await learner.type("RELU")
        first = chosen(learner)
        await learner.press("down")
        assert {first, chosen(learner)} == {"dead-relu", "relu-at-zero"}
        await learner.press("enter")
        assert learner.service.named("open")[-1][1] == "relu-at-zero"
        await learner.press("escape", "slash")
        await learner.type("xyz")
        assert chosen(learner) == ""


async def test_a_small_terminal_shows_the_list_the_lesson_and_what_is_asked() -> None:
    async with learning(lesson=None, size=(40, 12), language="ko") as learner:
        lines = learner.screen.splitlines()
        assert all(cell_len(line) <= 40 for line in lines)
        assert sum("○" in line for line in lines) >= 4
        assert "뉴런 하나" in learner.screen


async def test_a_wide_menu_draws_the_chosen_lesson_and_asks_for_each_once() -> None:
    async with learning(lesson=None, size=(120, 40)) as learner:
        menu = await learner.choose()
        assert "2 → 3 → 3 → 1" in menu  # as its summary says
        drawn = menu.splitlines()[-3 - 22 : -3]  # beside the lessons, below the parts
        assert sum(line[60:].count("○") for line in drawn) >= 3 + 3 + 1
        assert "→" not in (await learner.choose("rnn")).splitlines()[14][60:]
        await learner.choose()
        asked = [lesson for _, lesson in learner.service.named("sketch")]
        assert len(asked) == len(set(asked)) > 1
        await learner.press("enter")
        opened = learner.app.client.opened
        assert opened
        assert "2 → 3 → 3 → 1" in learner.screen
        assert all(line.text in learner.screen for line in opened.view.tape)  # type: ignore[union-attr]
        assert f"steps: {opened.parts['tape'].steps} ─╮" in learner.screen  # type: ignore[union-attr]


@pytest.fixture
def may_come(monkeypatch: pytest.MonkeyPatch) -> asyncio.Event:
    """When the picture of the course's lesson comes; those of the others come at once."""
    sketch, may_come = LocalTutor.sketch, asyncio.Event()

    async def late(tutor: LocalTutor, lesson: str) -> Pictured:
        if lesson == COURSE:
            await may_come.wait()
        return await sketch(tutor, lesson)

    monkeypatch.setattr(LocalTutor, "sketch", late)
    return may_come


async def test_an_introduction_has_one_picture_however_late_it_comes(
    may_come: asyncio.Event,
) -> None:
    async with learning() as learner:  # with no room for a picture
        for columns in (120, 119, 80, 121, 120):
            await learner.pilot.resize_terminal(columns, 40)
            await learner.pause()
        may_come.set()
        await learner.settle()
        assert len(learner.app.screen.query("PicturePanel")) == 1


async def test_a_picture_that_comes_too_late_is_not_drawn_beside_another_lesson(
    may_come: asyncio.Event,
) -> None:
    async with learning() as learner:
        introduction = learner.app.screen
        await learner.pilot.resize_terminal(120, 40)
        for key in ("escape", "down", "enter"):
            learner.app.post_message(Key(key, None))
            await learner.pause()
        while learner.app.client.lesson == COURSE:
            await learner.pause()
        may_come.set()
        await learner.settle()
        (panel,) = introduction.query("PicturePanel")
        assert "2 → 3 → 3 → 1" not in str(panel.border_title)
