"""What comes before an answer: the worked example, and the hints."""

from typing import Any

import pytest
from textual.events import Key

from bptutor.service.words import SHOWING
from bptutor.tui.screens.step import StepScreen
from tests.examples import every
from tests.tui.learner import Learner, learning

FIRST = "one-neuron"


def body(learner: Learner) -> Any:
    screen = learner.app.screen
    assert isinstance(screen, StepScreen)
    return screen.body


async def at_example(learner: Learner) -> None:
    """From the introduction to the first question's example, and to its end."""
    learner.examples = True
    await learner.press("enter")
    assert body(learner).in_example
    await learner.press(*["enter"] * (len(learner.view.example) - 1))
    assert body(learner).in_example


@pytest.mark.parametrize(
    "keys", every(4, [["f9", "escape"], ["f1", "escape"], [], ["f6", "escape"]])
)
async def test_what_is_typed_during_an_example_stands_in_the_field(keys: list[str]) -> None:
    async with learning(FIRST) as learner:
        await at_example(learner)
        await learner.press(*keys)
        assert learner.app.focused is None
        await learner.type("1")
        assert not body(learner).in_example
        assert learner.shows(learner.view.question)
        assert "[1 " in learner.screen
        await learner.type(".2")
        assert "[1.2 " in learner.screen
        assert not learner.service.named("check")
        await learner.press("enter")
        assert learner.view.grid.asked[0].text == "1.2"
        assert learner.view.stage == "solved"


async def test_enter_in_one_burst_with_what_passed_the_example_checks_nothing() -> None:
    async with learning(FIRST) as learner:
        await at_example(learner)
        learner.app.post_message(Key("1", "1"))
        learner.app.post_message(Key("enter", None))
        await learner.settle()
        assert "[1 " in learner.screen
        assert not learner.service.named("check")


async def test_after_the_last_hint_the_answer_is_asked_for_twice() -> None:
    async with learning(FIRST, at="dL_dw") as learner:
        while not learner.view.last_hint:
            await learner.press("f2")
        stages = []
        await learner.press("f2")
        stages.append(learner.view.stage)
        assert learner.shows(str(SHOWING[0]))
        await learner.press("f2")
        stages.append(learner.view.stage)
        assert stages == ["open", "shown"]


async def test_what_is_said_beside_an_example_does_not_end_it() -> None:
    async with learning(FIRST) as learner:
        await at_example(learner)
        await learner.press("f3")
        assert learner.shows(str(SHOWING[0]))
        assert body(learner).in_example
        await learner.press("f3")
        assert learner.view.stage == "shown"
