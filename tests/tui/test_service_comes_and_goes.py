"""TensorFlow that is not there yet, and a service that dies."""

from __future__ import annotations

import re

import pytest

from bptutor.service.engine import EngineThread
from tests.near import Near, cells, stand_at
from tests.tui.learner import learning


async def test_the_first_screen_stands_while_tensorflow_loads_and_a_check_waits() -> None:
    async with learning(ready=False) as learner:
        assert "TensorFlow is loading" in learner.screen
        await learner.press("enter")
        await learner.type(*cells("Z1"))
        await learner.pilot.press("enter")
        await learner.pilot.pause()
        waiting = learner.screen
        assert "as soon as it is ready" in waiting
        assert not learner.marks("✓")
        learner.service.finish_loading()
        await learner.settle()
        assert "TensorFlow is loading" not in learner.screen
        assert learner.marks("✓") == 3


@pytest.mark.whole
async def test_what_waits_to_be_worked_out_comes_with_tensorflow() -> None:
    async with learning(ready=False, ask="backward") as learner:
        assert "1.4 -1 0.4" not in await learner.press("enter")
        learner.service.finish_loading()
        await learner.settle()
        assert "TensorFlow computed this step" in learner.screen


async def test_a_service_that_dies_is_replaced_and_nothing_is_lost() -> None:
    async with learning() as learner:
        await learner.press("enter")
        await learner.solve()
        await learner.press("enter")
        await learner.type(*cells("a1"))
        learner.service.die()
        screen = await learner.press("enter")
        assert learner.service.starts == 2
        assert (
            "open",
            "two-hidden-layers",
            "all",
            True,
            "tape",
            False,
            False,
        ) in learner.service.requests[-3:]
        assert learner.service.requests[-1][0] == "check"
        assert "step 2/40" in screen
        assert learner.marks("✓") == 3


async def test_a_service_that_cannot_be_brought_back_is_said() -> None:
    async with learning() as learner:
        await learner.press("enter")
        await learner.type("1.4")
        learner.service.die()
        learner.service.startable = False
        screen = await learner.press("f2")
        assert "no room for it" in screen
        assert "[1.4 " in screen
        learner.service.startable = True
        assert "Hint 1" in await learner.press("f2")


@pytest.mark.whole
async def test_a_service_that_cannot_be_started() -> None:
    def refuse(service: Near) -> None:
        service.startable = False

    async with learning(lesson=None, prepare=refuse) as learner:
        assert "no room for it" in learner.screen
        await learner.press("f10")
    assert learner.app.return_code == 0


@pytest.mark.whole
async def test_training_shows_how_far_it_is_and_can_be_stopped() -> None:
    stand_at("W1_new")
    engine = EngineThread(lambda: "2.21.0")
    engine.loaded.result()
    async with learning(engine=engine) as learner:
        await learner.press("f3", "f3", "enter", "f3", "f3", "enter")
        assert learner.app.room.id == "summary"
        field = learner.app.room.iterations  # type: ignore[attr-defined]
        field.value = "many"
        assert "Type the number of iterations" in await learner.press("enter")
        field.value = "100000"
        await learner.pilot.press("enter")
        while "━" not in learner.screen:
            await learner.pause()
        assert re.search(r"[1-9][0-9]* of 100000, loss [0-9]", learner.screen)
        assert "Esc Stop the training" in learner.screen
        await learner.press("escape")
        assert learner.service.requests[-1] == ("cancel",)
        assert "Esc Stop the training" not in learner.screen
        iteration = re.search(r"iteration (\d+)", learner.screen)
        assert iteration
        assert 1 < int(iteration[1]) < 100_000
    engine.end()


async def test_nothing_can_be_begun_before_there_are_lessons() -> None:
    def prepare(service: Near) -> None:
        service.startable = False

    async with learning(None, prepare=prepare) as learner:
        assert "Loading the lessons" in learner.screen
        assert "Enter Begin" not in learner.screen
        assert "F10 Quit" in learner.screen
