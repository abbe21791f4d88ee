"""One lesson in two terminals: whose answer stands there is said."""

import pytest

from bptutor.service.messages import Check, Draft, Go, Open, Opened, Show
from tests.service.desk import Desk

pytestmark = pytest.mark.usefixtures("warm")

LESSON = "one-neuron"
TOLD = "Another terminal has answered z meanwhile; what stands there is that answer."


def session(desk: Desk) -> str:
    opened = desk.ask(Open(lesson=LESSON, ask="all", resume=True))
    assert isinstance(opened, Opened)
    return opened.session


@pytest.mark.parametrize("drafted", [True, False], ids=["drafted", "at once"])
def test_an_answer_that_came_too_late_is_told_so_once(drafted: bool) -> None:
    one, two = Desk.anew(), Desk.anew()
    here, there = session(one), session(two)
    shown = two.view(Show(there))
    assert shown.message
    assert TOLD not in shown.message
    if drafted:
        one.ask(Draft(here, "", ["7"]))
    late = one.view(Check(here, None, ["7"]))
    assert late.stage == "shown"
    assert TOLD in late.message
    assert TOLD not in one.view(Go(here, "here")).message
    assert TOLD not in two.view(Go(there, "next")).message


def test_what_is_answered_elsewhere_is_said_where_the_learner_is(desk: Desk) -> None:
    here = session(desk)
    other = Desk.anew()
    other.view(Show(session(other)))
    assert TOLD in desk.view(Go(here, "here")).message
