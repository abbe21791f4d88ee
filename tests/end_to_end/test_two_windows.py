"""One lesson in two windows of one learner: two apps, two services, one place."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bptutor.record.sittings import Sittings
from bptutor.service.lessons import LessonPlace
from tests.end_to_end.examples import pass_example
from tests.end_to_end.terminal import Terminal, python

LESSON = "two-hidden-layers"
LEARN = python("-m", "bptutor", "learn", LESSON)
PLAIN = [*LEARN, "--plain"]


def says(sentence: str) -> Callable[[Terminal], bool]:
    """Does a sentence stand on the screen, however its lines are broken?"""
    return lambda now: " ".join(sentence.split()) in " ".join(now.text.split())


TWICE = says(LessonPlace.twice.to("en"))


def begin(window: Terminal) -> None:
    window.wait_for("Enter Begin")
    window.wait_for(lambda now: "TensorFlow is loading" not in now.text)
    window.press("enter")
    window.wait_for("1/40")
    pass_example(window)


def leave(window: Terminal) -> None:
    window.press("f10")
    assert window.wait_for_end() == 0


@pytest.mark.whole
def test_the_second_window_is_told_and_nothing_done_in_either_is_lost() -> None:
    with Terminal(LEARN) as one:
        begin(one)
        one.send("1.4\t-1\t7\r")
        one.wait_for(lambda now: now.count_marks("✓") == 2 and now.count_marks("✗") == 1)
        assert not TWICE(one)
        with Terminal(LEARN) as two, Terminal(PLAIN, rows=80) as three:
            two.wait_for(TWICE)
            three.wait_for(TWICE)
            three.send("/quit\r")
            assert three.wait_for_end() == 0
            two.wait_for("Enter Check")
            two.wait_for(lambda now: "TensorFlow is loading" not in now.text)
            two.send("\x7f0.4\r")
            two.wait_for("Enter Continue")
            leave(two)
        leave(one)
    found = Sittings().load(LESSON)
    assert found
    assert found.marks["Z1"].stage == "solved"
    assert found.marks["Z1"].cells == ["1.4", "-1", "0.4"]
