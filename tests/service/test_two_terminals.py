"""One lesson in two terminals: whose answer stands there is said."""

import pytest

from bptutor.service.lessons import LessonPlace
from bptutor.service.protocol import Keeping
from tests.service.desk import Desk

pytestmark = pytest.mark.usefixtures("warm")

LESSON = "one-neuron"
TOLD = "Another terminal has answered z in the meantime. The fields show that answer."


@pytest.mark.parametrize("drafted", [True, False], ids=["drafted", "at once"])
def test_an_answer_that_came_too_late_is_told_so_once(drafted: bool) -> None:
    one, two = Desk.anew(), Desk.anew()
    one.opened(LESSON)
    two.opened(LESSON)
    shown = two.view(two.tutor.show())
    assert shown.message
    assert TOLD not in shown.message
    if drafted:
        one.ask(one.tutor.draft("", ["7"]))
    late = one.view(one.tutor.check("", ["7"], "value"))
    assert late.stage == "shown"
    assert TOLD in late.message
    assert TOLD not in one.view(one.tutor.go("here")).message
    assert TOLD not in two.view(two.tutor.go("next")).message


def test_what_is_answered_elsewhere_is_said_where_the_learner_is(desk: Desk) -> None:
    desk.opened(LESSON)
    other = Desk.anew()
    other.opened(LESSON)
    other.view(other.tutor.show())
    assert TOLD in desk.view(desk.tutor.go("here")).message


def test_a_lesson_begun_again_elsewhere_is_not_saved_here_and_that_is_said() -> None:
    one, two = Desk.anew(), Desk.anew()
    one.opened(LESSON)
    one.view(one.tutor.check("", ["7"], "value"))
    two.opened(LESSON, resume=False)
    two.view(two.tutor.check("", ["1.2"], "value"))
    late = one.view(one.tutor.check("", ["8"], "value"))
    assert LessonPlace.overtaken_elsewhere.to("en") in late.message
    assert one.events[-1] == Keeping(False)
    assert one.opened(LESSON).view.stage == "solved"
    assert one.events[-1] == Keeping(True)
