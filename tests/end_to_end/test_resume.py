"""Killed, resized, stopped, left alone, in two windows: all that is typed is there again."""

import os
import signal
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from bptutor.record.sittings import Mark, Sittings
from bptutor.service.lessons import LessonPlace
from tests.end_to_end.examples import (
    COURSE,
    OTHER_SCREEN,
    begin,
    bptutor,
    fill,
    leave,
    service_of,
    wait_for_tensorflow,
)
from tests.end_to_end.terminal import Terminal, ended
from tests.examples import every
from tests.keys import key_label
from tools.kills.ledger import SOON
from tools.kills.lesson import write_lesson
from tools.kills.run import Run
from tools.kills.subject import Exam, Lesson, Quiz, Subject


def kept(lesson: Path, step: str) -> Mark:
    """What is kept of a step, as the next start finds it."""
    sitting = Sittings().load(str(lesson.resolve()))
    return sitting.marks.get(step, Mark()) if sitting else Mark()


@pytest.mark.whole
def test_what_is_half_typed_outlives_a_kill(tmp_path: Path) -> None:
    lesson = write_lesson(tmp_path, 1)
    with Terminal(bptutor("learn", str(lesson))) as terminal:
        begin(terminal)
        service = service_of(terminal)
        fill(terminal, "0.5*3")
        terminal.bytes_within(SOON)
        os.kill(service, signal.SIGKILL)
        terminal.kill(signal.SIGKILL)
        assert terminal.wait_for_end() == -signal.SIGKILL
        assert ended(service)
    assert kept(lesson, "z").cells == ["0.5*3"]
    with Terminal(bptutor("learn", str(lesson))) as terminal:
        terminal.wait_for("[0.5*3 ")
        terminal.wait_for("Enter Check")
        leave(terminal)


SMALLEST, LARGEST = (40, 12), (300, 80)
BACK = 3.0
"""Seconds that a service takes to come back."""


def test_it_may_be_resized_while_somebody_types_and_waits(tmp_path: Path) -> None:
    chance = Random(1)
    lesson = write_lesson(tmp_path, 1)
    with Terminal(bptutor("learn", str(lesson))) as terminal:
        begin(terminal)
        for sign in "0.5*3.0 + 1.0":
            terminal.resize(*map(chance.randint, SMALLEST, LARGEST))
            terminal.send(sign)
            if chance.random() < 0.3:
                terminal.wait_for_quiet(0.05)
        terminal.press("enter")
        for size in (SMALLEST, LARGEST, SMALLEST, (80, 24)):
            terminal.resize(*size)
            terminal.bytes_within(chance.uniform(0, 0.3))
        terminal.wait_for("[0.5*3.0 + 1.0")
        terminal.wait_for(lambda now: now.count_marks("✓") > 0)
        terminal.wait_for(key_label("step", "go-on"))
        leave(terminal)
    assert kept(lesson, "z").stage == "solved"


@pytest.mark.whole
def test_resized_while_it_was_stopped_it_comes_back_in_the_new_size(tmp_path: Path) -> None:
    lesson = write_lesson(tmp_path, 1)
    with Terminal(["/bin/sh", "-i"], environment={"PS1": "$ "}) as terminal:
        terminal.send(" ".join(bptutor("learn", str(lesson))) + "\r")
        begin(terminal)
        terminal.send("0.5*3")
        terminal.wait_for("[0.5*3 ")
        terminal.press("ctrl+z")
        terminal.wait_for(lambda now: OTHER_SCREEN not in now.modes)
        terminal.wait_for("Stopped")
        terminal.resize(60, 16)
        terminal.send("fg\r")
        terminal.wait_for("[0.5*3 ")
        terminal.wait_for(lambda now: now.lines[-1].strip().startswith("Enter Check"))
        terminal.send("+1")
        terminal.wait_for("[0.5*3+1 ")
        terminal.press("f10")
        terminal.wait_for(lambda now: OTHER_SCREEN not in now.modes)
        terminal.send("exit\r")
        terminal.wait_for_end()
    assert kept(lesson, "z").cells == ["0.5*3+1"]


@pytest.mark.whole
def test_what_is_typed_while_the_service_rests_outlives_a_kill(tmp_path: Path) -> None:
    lesson = write_lesson(tmp_path, 1)
    environment = {"BPTUTOR_IDLE_MINUTES": "0.1"}
    with Terminal(bptutor("learn", str(lesson)), environment=environment) as terminal:
        begin(terminal)
        first = service_of(terminal)
        assert ended(first)
        terminal.send("0.5*3")
        terminal.wait_for("[0.5*3 ")
        terminal.bytes_within(SOON + BACK)
        assert "has stopped" not in terminal.text
        second = service_of(terminal)
        assert second != first
        terminal.kill(signal.SIGKILL)
        terminal.wait_for_end()
        assert ended(second)
    assert kept(lesson, "z").cells == ["0.5*3"]


def says(sentence: str) -> Callable[[Terminal], bool]:
    """Does a sentence stand on the screen, however its lines are broken, in a frame or not?"""
    return lambda now: " ".join(sentence.split()) in " ".join(now.text.replace("│", " ").split())


TWICE = says(LessonPlace.twice.to("en"))


@pytest.mark.whole
def test_the_second_window_is_told_and_nothing_done_in_either_is_lost() -> None:
    learn = bptutor("learn", COURSE)
    with Terminal(learn) as one:
        begin(one, loaded=True)
        one.send("1.4\t-1\t7\r")
        one.wait_for(lambda now: now.count_marks("✓") == 2 and now.count_marks("✗") == 1)
        assert not TWICE(one)
        with Terminal(learn) as two, Terminal([*learn, "--plain"], rows=80) as three:
            two.wait_for(TWICE)
            three.wait_for(TWICE)
            three.send("/quit\r")
            assert three.wait_for_end() == 0
            two.wait_for("Enter Check")
            wait_for_tensorflow(two)
            two.send("\x7f0.4\r")
            two.wait_for("Enter Continue")
            leave(two)
        leave(one)
    found = Sittings().load(COURSE)
    assert found
    assert found.marks["Z1"].stage == "solved"
    assert found.marks["Z1"].cells == ["1.4", "-1", "0.4"]


SPAN = 5.0


@pytest.mark.parametrize("kind", every(3, [Lesson, Quiz, Exam]))
def test_nothing_is_lost_and_nothing_left_over_however_it_ends(
    kind: type[Subject], tmp_path: Path
) -> None:
    run = Run(tmp_path, 1, SPAN, kind)
    wrong = [complaint for _ in range(2) for complaint in run.once()]
    run.end()
    assert not wrong, "\n".join(wrong)
    assert sum(run.ways.values()) == 2
