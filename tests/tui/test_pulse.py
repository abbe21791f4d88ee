"""What keeps a learner going: the end leads on, training is a choice, a step can be tried again."""

import pytest

from bptutor.course.parts import steps_of
from bptutor.course.session import Session
from bptutor.lesson.load import load
from bptutor.record.sittings import Mark, Sittings
from tests.near import COURSE
from tests.tui.learner import Learner, learning

FIRST = "one-neuron"


def walked(lesson: str) -> None:
    """Save a place at the end of a lesson."""
    session = Session.begin(load(lesson), "all", lesson, "unicode")
    count = len(session.steps)
    session.sitting.index = session.sitting.furthest = count
    session.sitting.marks = {step.id: Mark(stage="solved") for step in session.steps}
    Sittings().save(lesson, session.sitting)


def named(learner: Learner, name: str) -> int:
    return len(learner.service.named(name))


async def test_the_end_opens_at_the_end_and_enter_leads_on_without_a_training() -> None:
    walked(FIRST)
    async with learning(FIRST) as learner:
        assert learner.app.room.id == "summary"
        await learner.press("enter")
        assert named(learner, "train") == 0
        assert learner.service.requests[-1][:2] == ("open", "circuit")
        menu = await learner.press("escape")
        assert "▶ ○○  A circuit" in menu
        assert "  ○✓  One neuron" in menu


async def test_a_training_has_its_own_key_and_enter_once_a_number_is_typed() -> None:
    walked(FIRST)
    async with learning(FIRST) as learner:
        await learner.press("ctrl+u")
        assert learner.service.named("train")[-1] == ("train", 100, False)
        assert "logarithmic" in learner.screen
        await learner.press("backspace", "backspace", "backspace")
        await learner.type("7")
        await learner.press("enter")
        assert learner.service.named("train")[-1] == ("train", 7, False)
        back = await learner.press("f4")
        assert "iteration" not in back
        assert f"step {len(steps_of(load(FIRST), 'tape'))}/" in back


@pytest.mark.whole
async def test_a_larger_rate_is_offered_and_can_be_trained_with() -> None:
    walked(COURSE)
    async with learning(COURSE) as learner:
        assert "with 0.03" in str(learner.app.screen.larger.content)  # type: ignore[attr-defined]
        assert "logarithmic · learning rate 0.03" in learner.screen
        assert "iteration 20" in learner.screen
        await learner.press("alt+m")
        assert learner.service.named("train")[-1] == ("train", 100, True)


async def test_a_step_is_tried_again_on_new_numbers_and_leads_back() -> None:
    async with learning(FIRST, at="dL_dw") as learner:
        await learner.press("f3", "f3")
        own = learner.service.session.prepare().truth(learner.service.session.step)
        await learner.press("f8")
        assert learner.view.quiz is not None
        assert learner.step == "dL_dw"
        assert learner.service.session.prepare().truth(learner.service.session.step) != own
        await learner.solve()
        assert learner.view.stage == "solved"
        await learner.press("enter")
        assert learner.view.quiz is None
        assert (learner.step, learner.view.stage) == ("dL_dw", "shown")
        await learner.press("f8", "escape")
        assert (learner.step, learner.view.quiz) == ("dL_dw", None)


async def test_an_answer_is_shown_once_it_is_asked_for_twice_in_a_row() -> None:
    async with learning(FIRST, at="z") as learner:
        await learner.press("f3")
        await learner.type("1")
        await learner.press("f3")
        assert named(learner, "show") == 0
        await learner.press("f3")
        assert named(learner, "show") == 1


@pytest.mark.whole
async def test_beginning_anew_is_asked_for_twice_in_a_row_too() -> None:
    async with learning(FIRST, at="dz_dw") as learner:
        await learner.solve()
        await learner.press("escape", "f8", "escape", "f8")
        assert learner.app.room.id == "menu"
        await learner.press("f8")
        assert learner.app.room.id == "introduction"


async def test_what_is_asked_is_remembered_for_the_next_start() -> None:
    async with learning(None, ask=None) as learner:
        assert "[everything]" in learner.screen
        await learner.press("right")
        assert "[everything]" not in learner.screen
        chosen = learner.app.tour.choice
    async with learning(None, ask=None) as learner:
        assert learner.app.tour.choice == chosen
