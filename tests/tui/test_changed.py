"""Of a lesson that has changed since the learner was in it, the learner is asked."""

from typing import Any

from bptutor.views.lesson import LessonChanged
from tests.tui.fake import LESSON, Course, FakeService
from tests.tui.learner import Learner, learning


def has_changed(service: FakeService) -> None:
    """The lesson is another one than that of the sitting, until it is gone on with."""
    answer = service.answer

    async def asking(name: str, *of: Any) -> Any:
        if name == "open":
            _, _, resume, _, _, changed = of
            if resume and not changed:
                return LessonChanged("Two hidden layers", 1)
        return await answer(name, *of)

    service.answer = asking  # type: ignore[method-assign]


def left() -> Course:
    """A course in which the first step is answered."""
    course = Course()
    course.marks["Z1"].stage = "solved"
    course.index = course.furthest = 1
    return course


def opened(learner: Learner) -> list[tuple[Any, ...]]:
    return [request for request in learner.service.requests if request[0] == "open"]


async def test_enter_goes_on_with_what_still_holds() -> None:
    async with learning(course=left(), prepare=has_changed) as learner:
        assert "“Two hidden layers” has changed since you were here." in learner.screen
        assert "Steps answered: 1." in learner.screen
        screen = await learner.press("enter")
        assert opened(learner)[1:] == [("open", LESSON, "all", True, "tape", True, True)]
        assert "step 2/" in screen


async def test_f8_begins_anew() -> None:
    async with learning(course=left(), prepare=has_changed) as learner:
        screen = await learner.press("f8")
        assert opened(learner)[1:] == [("open", LESSON, "all", False, "tape", False, False)]
        assert "Down, then up." in screen
        assert "step 1/" in await learner.press("enter")


async def test_esc_leaves_all_as_it_is_and_leads_to_the_menu() -> None:
    async with learning(course=left(), prepare=has_changed) as learner:
        screen = await learner.press("escape")
        assert "1 of 35 steps" in screen
        assert len(opened(learner)) == 1
        screen = await learner.press("enter")
        assert "has changed" in screen
        screen = await learner.press("escape")
        assert "1 of 35 steps" in screen
        assert len(opened(learner)) == 2


async def test_the_question_fits_the_smallest_screen_in_korean() -> None:
    async with learning(
        course=left(), prepare=has_changed, language="ko", size=(40, 12)
    ) as learner:
        assert "바뀌었어요" in learner.screen
        assert "Esc를 누르면" in learner.screen
