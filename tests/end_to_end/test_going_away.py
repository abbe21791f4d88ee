"""Resized, stopped, left alone: the app is there again, with all that is typed."""

from __future__ import annotations

import signal
from pathlib import Path
from random import Random

import pytest

from tests.end_to_end.terminal import Terminal, ended
from tests.end_to_end.test_learn import OTHER_SCREEN, bptutor, service_of
from tests.end_to_end.test_resume import begin, kept, leave
from tests.keys import key_label
from tools.kills.ledger import SOON
from tools.kills.lesson import write_lesson

SMALLEST, LARGEST = (40, 12), (300, 80)
BACK = 3.0
"""Seconds that a service takes to come back."""


@pytest.mark.parametrize("seed", [1, pytest.param(2, marks=pytest.mark.whole)])
def test_it_may_be_resized_while_somebody_types_and_waits(seed: int, tmp_path: Path) -> None:
    chance = Random(seed)
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
