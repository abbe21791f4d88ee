"""Of a lesson that has changed since the learner was in it, the learner is asked."""

import pytest

from bptutor.record.sittings import Sittings
from tests.near import COURSE, cells
from tests.service.desk import Desk
from tests.tui.learner import learning


@pytest.fixture(autouse=True)
def of_another_file() -> None:
    """The first step is answered, in a lesson that is another one now."""
    desk = Desk.anew()
    desk.opened(COURSE)
    desk.view(desk.tutor.check("", cells("Z1"), "value"))
    desk.view(desk.tutor.go("next"))
    sittings = Sittings()
    left = sittings.load(COURSE)
    assert left
    left.digest = "of the file as it was"
    sittings.save(COURSE, left)


async def test_enter_goes_on_with_what_still_holds() -> None:
    async with learning() as learner:
        assert "“Two hidden layers” has changed since you were here." in learner.screen
        assert "Steps answered: 1." in learner.screen
        screen = await learner.press("enter")
        answered = (COURSE, "all", True, "tape", True, True)
        assert learner.service.named("open")[1:] == [("open", *answered)]
        assert "step 2/" in screen


@pytest.mark.whole
async def test_f8_begins_anew() -> None:
    async with learning() as learner:
        await learner.press("f8")
        answered = (COURSE, "all", False, "tape", False, False)
        assert learner.service.named("open")[1:] == [("open", *answered)]
        assert learner.app.room.id == "introduction"
        assert "step 1/" in await learner.press("enter")


@pytest.mark.whole
async def test_esc_leaves_all_as_it_is_and_leads_to_the_menu() -> None:
    async with learning() as learner:
        screen = await learner.press("escape")
        assert "1 of 40 steps" in screen
        assert len(learner.service.named("open")) == 1
        screen = await learner.press("enter")
        assert "has changed" in screen
        screen = await learner.press("escape")
        assert "1 of 40 steps" in screen
        assert len(learner.service.named("open")) == 2


async def test_the_question_fits_the_smallest_screen_in_korean() -> None:
    async with learning(language="ko", size=(40, 12)) as learner:
        assert "바뀌었어요" in learner.screen
        assert "Esc를 누르면" in learner.screen
