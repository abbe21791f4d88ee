"""A service that nobody needs for a while goes, and comes again without being noticed."""

from __future__ import annotations

import pytest

from bptutor.config.settings import Configuration, Settings
from tests.keys import key_label
from tests.near import COURSE, cells
from tests.tui.learner import Learner, learning


async def rest(learner: Learner) -> None:
    """The idle minutes are over."""
    learner.app.command(learner.app.idle.rest)
    await learner.settle()
    assert learner.service.tutor is None
    assert learner.app.client.resting


def resumed(learner: Learner) -> int:
    """How often the lesson was gone on with."""
    return sum(each[1] == COURSE and each[3] for each in learner.service.named("open"))


async def test_what_was_typed_is_kept_and_the_next_key_brings_it_back() -> None:
    async with learning() as learner:
        await learner.press("enter")
        await learner.type("1.4", "-1")
        before = learner.screen
        await rest(learner)
        assert learner.screen == before
        assert learner.service.requests[-1][0] == "draft"

        await learner.press("tab")
        assert learner.service.starts == 2
        assert resumed(learner) == 2
        assert "stopped" not in learner.screen
        await learner.type("0.4")
        screen = await learner.press("enter")
        assert key_label("step", "go-on") in screen
        assert learner.service.starts == 2


@pytest.mark.whole
async def test_an_answer_that_is_the_first_key_waits_for_it() -> None:
    async with learning() as learner:
        await learner.press("enter")
        await learner.type(*cells("Z1"))
        await rest(learner)
        screen = await learner.press("enter")
        assert learner.marks("✓") == 3
        assert "stopped" not in screen
        assert learner.service.starts == 2
        assert learner.service.requests[-1][0] == "check"


@pytest.mark.whole
async def test_it_rests_in_the_menu_too() -> None:
    async with learning(None) as learner:
        await rest(learner)
        assert "F10 Quit" in await learner.press("down")
        assert learner.service.starts == 2
        await rest(learner)
        await learner.press("enter")
        assert learner.app.room.id == "introduction"
        assert learner.service.requests.count(("menu",)) == 1


@pytest.mark.whole
async def test_what_is_typed_while_it_comes_is_kept_on_leaving() -> None:
    async with learning() as learner:
        await learner.press("enter")
        await rest(learner)
        await learner.type("1.4")
        await learner.press("f10")
        drafts = [each for each in learner.service.requests if each[0] == "draft"]
        assert drafts[-1][2][0] == "1.4"


@pytest.mark.whole
async def test_one_that_cannot_come_back_is_said_when_it_is_needed() -> None:
    async with learning() as learner:
        await learner.press("enter")
        await rest(learner)
        learner.service.startable = False
        await learner.type("1.4")
        await learner.settle()
        assert "no room for it" not in learner.screen
        assert "no room for it" in await learner.press("f2")
        assert "[1.4 " in learner.screen
        learner.service.startable = True
        assert "Hint 1" in await learner.press("f2")


@pytest.mark.whole
async def test_the_timer_lets_it_go_and_a_key_begins_anew() -> None:
    never = Configuration(Settings(idle_minutes=0))
    async with learning(configuration=never) as learner:
        assert learner.app.idle._timer is None
    soon = Configuration(Settings(idle_minutes=0.001))
    async with learning(configuration=soon) as learner:
        while not learner.app.client.resting:
            await learner.settle()
        await learner.press("enter")
        assert "step 1/40" in learner.screen


async def test_the_minutes_are_counted_from_the_last_key() -> None:
    ten = Configuration(Settings(idle_minutes=10))
    async with learning(configuration=ten) as learner:
        idle = learner.app.idle
        await learner.press("enter")
        idle._last -= 6 * 60
        idle._look()
        assert idle._timer
        assert 120 < idle._timer._interval <= 240  # less what the key took to be seen
        await learner.settle()
        assert not learner.app.client.resting
        idle._last -= 4 * 60
        idle._look()
        await learner.settle()
        assert learner.app.client.resting
