"""What is typed while a command leads to another place is typed there."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from textual.events import Key, Paste
from textual.keys import _character_to_key

from bptutor.tui.ahead import MOST
from bptutor.views.quiz import QuizSpec
from tests.near import COURSE, Near
from tests.tui.learner import Learner, learning

KEYS = {"\r": "enter", "\t": "tab", "\x7f": "backspace", "\x15": "ctrl+u"}


def burst(learner: Learner, text: str) -> None:
    """All of it in one, as a link that stalled delivers it; a carriage return is Enter."""
    for character in text:
        key = KEYS.get(character)
        learner.app.post_message(Key(key or _character_to_key(character), character))


class Held:
    """Has a request wait until it is let go."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.asked, self.there = asyncio.Event(), asyncio.Event()

    def hold(self, service: Near) -> None:
        answer = service.answer

        async def slowly(name: str, *of: Any) -> Any:
            if name == self.name and not self.there.is_set():
                self.asked.set()
                await self.there.wait()
            return await answer(name, *of)

        service.answer = slowly  # type: ignore[method-assign]


def fields(learner: Learner) -> list[str]:
    """What stands in the fields of the step that is shown."""
    product, cells = learner.app.get_screen("step").body.entry.typed  # type: ignore[attr-defined]
    return [product, *cells]


async def at_solved_step(learner: Learner) -> str:
    """The step of which everything is right, so that Enter continues."""
    await learner.press("enter")
    await learner.solve()
    assert learner.view.stage == "solved"
    return learner.step


async def test_what_comes_with_the_enter_of_continue_is_typed_into_the_next_step() -> None:
    async with learning() as learner:
        before = await at_solved_step(learner)
        burst(learner, "\r0.5")
        await learner.settle()
        assert learner.step != before
        assert fields(learner)[1] == "0.5"


async def test_enter_behind_it_checks_it() -> None:
    async with learning() as learner:
        await at_solved_step(learner)
        await learner.press("enter")
        count = len(learner.view.grid.asked)
        await learner.press("f4")
        burst(learner, "\r" + "\t".join(["0.5"] * count) + "6\x7f\r")
        await learner.settle()
        assert learner.service.requests[-1] == ("check", "", ["0.5"] * count, "value")


async def test_enter_waits_until_every_field_has_taken_what_was_typed_in_it() -> None:
    async with learning() as learner:
        await learner.press("enter")
        cells = learner.app.get_screen("step").body.entry.grid.cells  # type: ignore[attr-defined]
        count = len(learner.view.grid.asked)
        assert count > 1
        for field in [cell.field for cell in cells[:-1]]:  # each is behind, those before it more so
            field.call_later(turns, 40 if field is cells[0].field else 20)
        burst(learner, "\t".join(["0.5"] * count) + "\r")
        await learner.settle()
        assert learner.service.requests[-1] == ("check", "", ["0.5"] * count, "value")


async def turns(count: int) -> None:
    """Have so many others go first."""
    for _ in range(count):
        await asyncio.sleep(0)


@pytest.mark.whole
async def test_what_comes_while_the_step_is_on_its_way_waits_for_it() -> None:
    held = Held("go")
    held.there.set()
    async with learning(prepare=held.hold) as learner:
        before = await at_solved_step(learner)
        held.there.clear()
        burst(learner, "\r")
        await held.asked.wait()
        burst(learner, "0.")
        await learner.pause()
        learner.app.post_message(Paste("25"))
        burst(learner, "5")
        await learner.pause()
        assert learner.step == before
        held.there.set()
        await learner.settle()
        assert fields(learner)[1] == "0.255"


async def test_enter_pressed_twice_passes_over_nothing() -> None:
    held = Held("go")
    held.there.set()
    async with learning(prepare=held.hold) as learner:
        await at_solved_step(learner)
        held.there.clear()
        burst(learner, "\r\r\r")
        await held.asked.wait()
        held.there.set()
        await learner.settle()
        assert [name for name, *_ in learner.service.requests].count("check") == 1
        assert learner.view.message == ""


@pytest.mark.whole
async def test_keys_that_lead_away_are_heard_while_others_wait() -> None:
    held = Held("go")
    held.there.set()
    async with learning(prepare=held.hold) as learner:
        await at_solved_step(learner)
        held.there.clear()
        burst(learner, "\r0.5")
        learner.app.post_message(Key("ctrl+c", None))
        await held.asked.wait()
        await learner.pause()
        assert learner.shows("Press F10 or Ctrl+Q to quit")
        held.there.set()
        await learner.settle()


@pytest.mark.whole
async def test_no_more_is_held_than_a_learner_may_type() -> None:
    held = Held("go")
    held.there.set()
    async with learning(prepare=held.hold) as learner:
        await at_solved_step(learner)
        held.there.clear()
        burst(learner, "\r" + "1" * (MOST + 500))
        await held.asked.wait()
        await learner.pause()
        held.there.set()
        await learner.settle()
        assert fields(learner)[1] == "1" * MOST


@pytest.mark.whole
@pytest.mark.parametrize("typed", ["0.25", "\x150.25", "\r0.25", "0.25\t0.5\t7\x7f8"])
async def test_a_burst_passes_the_worked_example_whole_and_in_order(typed: str) -> None:
    async with learning() as learner:
        learner.examples = True
        await learner.press("enter")
        assert learner.app.screen.body.in_example  # type: ignore[attr-defined]
        burst(learner, typed)
        await learner.settle()
        typed_at_last = typed.strip("\x15\r").replace("7\x7f", "").split("\t")
        assert [text for text in fields(learner) if text] == typed_at_last


@pytest.mark.whole
async def test_so_is_what_comes_with_the_enter_of_begin() -> None:
    async with learning("one-neuron") as learner:
        burst(learner, "\r0.25")
        await learner.settle()
        assert fields(learner)[1] == "0.25"


async def test_in_an_exam_what_comes_with_the_enter_of_save_is_for_the_next_item() -> None:
    exam = QuizSpec([COURSE], 2, seed=7, exam=True, minutes=15, resume=False)
    async with learning(None, quiz=exam) as learner:
        await learner.press("enter")
        view = learner.view
        burst(learner, "\t".join(["1"] * (view.asks_product + len(view.grid.asked))) + "\r2")
        await learner.settle()
        assert learner.view.index == view.index + 1
        assert [text for text in fields(learner) if text] == ["2"]
