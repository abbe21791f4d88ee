"""What is half typed is kept a moment after the typing pauses, besides any command."""

import asyncio
from pathlib import Path
from typing import Any

import pytest
from textual.events import Key

from bptutor.service.protocol import EngineState
from tests.near import Near
from tests.tui.learner import Learner, learning


class Kept:
    """Every draft once the service has kept it, in turn."""

    def __init__(self) -> None:
        self.drafts: asyncio.Queue[list[str]] = asyncio.Queue()

    def watch(self, service: Near) -> None:
        answer = service.answer

        async def watched(name: str, *of: Any) -> Any:
            reply = await answer(name, *of)
            if name == "draft":
                self.drafts.put_nowait(of[1])
            return reply

        service.answer = watched  # type: ignore[method-assign]

    async def next(self, learner: Learner) -> list[str]:
        """The cells of the next draft, once the app knows that it is kept."""
        cells = await self.drafts.get()
        await learner.settle()
        return cells


async def test_what_is_half_typed_is_kept_when_the_typing_pauses_and_only_then() -> None:
    kept = Kept()
    async with learning(prepare=kept.watch) as learner:
        await learner.press("enter")
        asked = len(learner.service.requests)
        await learner.type("1.4", "-")
        assert len(learner.service.requests) == asked
        assert await kept.next(learner) == ["1.4", "-", ""]
        await learner.press("backspace")
        assert await kept.next(learner) == ["1.4", "", ""]
        await learner.press("shift+tab", *["backspace"] * 3)
        assert await kept.next(learner) == ["", "", ""]  # as it was at first
        assert len(learner.service.requests) == asked + 3


@pytest.mark.whole
async def test_what_a_command_has_told_is_not_told_again() -> None:
    kept = Kept()
    async with learning(prepare=kept.watch) as learner:
        await learner.press("enter")
        await learner.type("1.4", "1", "0.4")
        await kept.next(learner)
        asked = len(learner.service.requests)
        await learner.press("enter")
        (check,) = learner.service.requests[asked:]
        assert check[0] == "check"
        await learner.press("backspace", "enter")  # which carries what is typed
        assert learner.service.requests[-1] == ("check", "", ["1.4", "", "0.4"], "value")
        await learner.type("5")
        assert await kept.next(learner) == ["1.4", "5", "0.4"]


async def test_what_is_typed_while_the_step_comes_anew_is_left_alone() -> None:
    kept = Kept()
    there = asyncio.Event()

    def slow(service: Near) -> None:
        kept.watch(service)
        answer = service.answer

        async def slowly(name: str, *of: Any) -> Any:
            reply = await answer(name, *of)
            if name == "go" and service.engine.ready:
                await there.wait()
            return reply

        service.answer = slowly  # type: ignore[method-assign]

    async with learning(prepare=slow, ready=False) as learner:
        await learner.press("enter")
        await learner.type("1.4", "2")
        await kept.next(learner)
        learner.service.finish_loading()
        await learner.type("5", "7")
        there.set()
        assert await kept.next(learner) == ["1.4", "25", "7"]
        assert "  25 " in learner.screen
        assert "  7 " in learner.screen
        assert learner.app.focused is learner.app.screen.query("AnswerInput").last()


@pytest.mark.whole
async def test_whoever_leaves_without_knowing_that_the_service_is_gone_loses_nothing() -> None:
    async with learning() as learner:
        await learner.press("enter")
        learner.service.die()
        await learner.type("1.4")
        await learner.press("f10")
    async with learning() as learner:
        assert "[1.4 " in learner.screen


@pytest.mark.whole
async def test_enter_is_taken_while_the_step_comes_anew() -> None:
    there, in_turn = asyncio.Event(), asyncio.Lock()

    def slow(service: Near) -> None:
        answer = service.answer

        async def slowly(name: str, *of: Any) -> Any:
            async with in_turn:
                if name == "go" and service.engine.ready:
                    await there.wait()
                return await answer(name, *of)

        service.answer = slowly  # type: ignore[method-assign]

    async with learning(prepare=slow, ready=False) as learner:
        await learner.press("enter")
        await learner.type("1.4", "1", "0.4")
        learner.service.finish_loading()
        await learner.pilot.pause()
        learner.app.post_message(Key("enter", None))
        await learner.pilot.pause()
        there.set()
        await learner.settle()
        assert any(request[0] == "check" for request in learner.service.requests)
        assert learner.marks("✗") == 1


async def test_what_is_said_once_stays_while_the_step_comes_anew(tmp_path: Path) -> None:
    (tmp_path / "data" / "record.sqlite").mkdir(parents=True)
    async with learning(ready=False) as learner:
        await learner.press("enter")
        await learner.type("1.4", "1", "0.4")
        learner.app.post_message(Key("enter", None))
        await learner.pilot.pause()
        learner.service.finish_loading()
        await learner.settle()
        assert "It saves them in" in learner.screen


async def test_what_is_said_besides_any_command_stays_when_tensorflow_comes() -> None:
    async with learning(ready=False) as learner:
        await learner.press("enter")
        assert "to quit" in await learner.press("ctrl+c")
        learner.service.finish_loading()
        await learner.settle()
        assert any(request[0] == "go" for request in learner.service.requests)
        assert "to quit" in learner.screen


@pytest.mark.whole
async def test_a_service_that_is_gone_comes_back_for_it_unsaid() -> None:
    kept = Kept()
    async with learning(prepare=kept.watch) as learner:
        await learner.press("enter")
        learner.service.die()
        await learner.type("1.4")
        assert await kept.next(learner) == ["1.4", "", ""]
        assert learner.service.starts == 2
        assert "Another one is starting" not in learner.screen
        assert "[1.4 " in learner.screen


@pytest.mark.whole
async def test_one_that_does_not_come_back_is_said_when_something_is_asked() -> None:
    tried = asyncio.Event()
    async with learning() as learner:
        await learner.press("enter")
        learner.service.die()
        learner.service.startable = False
        restart = learner.service.restart

        async def watched() -> EngineState:
            tried.set()
            return await restart()

        learner.service.restart = watched  # type: ignore[method-assign]
        await learner.type("1.4")
        await tried.wait()
        await learner.settle()
        assert "Another one is starting" not in learner.screen
        assert "no room for it" in await learner.press("f2")
