"""Nothing is lost: kills, two terminals at once, a lesson that has changed since."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from bptutor import __version__
from bptutor.course.example import HEADING
from bptutor.course.session import Session
from bptutor.lesson.load import load
from bptutor.record.sittings import Mark, Sittings
from bptutor.service import wire
from bptutor.service.process import ServiceProcess
from bptutor.service.protocol import Hello, Screen, Tutor
from bptutor.views.lesson import Opened, StepView
from tests.end_to_end.examples import pass_example
from tests.end_to_end.terminal import Terminal, ended
from tests.end_to_end.test_learn import bptutor, fill, service_of
from tests.examples import every
from tools.kills.ledger import SOON
from tools.kills.lesson import TEXT, write_lesson

pytestmark = pytest.mark.whole


def kept(lesson: Path, step: str) -> Mark:
    """What is kept of a step, as the next start finds it."""
    sitting = Sittings().load(str(lesson.resolve()))
    return sitting.marks.get(step, Mark()) if sitting else Mark()


def begin(terminal: Terminal) -> None:
    """From the introduction to the first step, which TensorFlow can check."""
    terminal.wait_for("Enter Begin")
    terminal.press("enter")
    pass_example(terminal)


def leave(terminal: Terminal) -> None:
    terminal.press("f10")
    assert terminal.wait_for_end() == 0


@pytest.mark.parametrize("also_the_service", every(2, [True, False]))
def test_what_is_half_typed_outlives_a_kill(also_the_service: bool, tmp_path: Path) -> None:
    lesson = write_lesson(tmp_path, 1)
    with Terminal(bptutor("learn", str(lesson))) as terminal:
        begin(terminal)
        service = service_of(terminal)
        fill(terminal, "0.5*3")
        terminal.bytes_within(SOON)
        if also_the_service:
            os.kill(service, signal.SIGKILL)
        terminal.kill(signal.SIGKILL)
        assert terminal.wait_for_end() == -signal.SIGKILL
        assert ended(service)
    assert kept(lesson, "z").cells == ["0.5*3"]
    with Terminal(bptutor("learn", str(lesson))) as terminal:
        terminal.wait_for("[0.5*3 ")
        terminal.wait_for("Enter Check")
        leave(terminal)


@pytest.mark.whole
def test_keeping_what_is_half_typed_draws_nothing_and_ends(tmp_path: Path) -> None:
    lesson = write_lesson(tmp_path, 1)
    with Terminal(bptutor("learn", str(lesson))) as terminal:
        begin(terminal)
        terminal.wait_for(lambda now: "TensorFlow is loading" not in now.text)
        fill(terminal, "0.5*3")
        terminal.wait_for_quiet(SOON)
        assert terminal.bytes_within(SOON) == 0
        file = next((Path(os.environ["BPTUTOR_DATA_DIR"]) / "sittings").glob("*.sitting"))
        written = file.stat().st_mtime_ns
        assert terminal.bytes_within(SOON) == 0
        assert file.stat().st_mtime_ns == written
        leave(terminal)


def test_rows_typed_in_plain_mode_outlive_a_kill(tmp_path: Path) -> None:
    lesson = tmp_path / "rows.toml"
    lesson.write_text(
        TEXT.replace("w = 0.5", "w = [[0.5], [1.0], [2.0]]").replace(
            "L = (z - y) ** 2", "L = sum(z - y)"
        )
    )
    with Terminal(bptutor("learn", "--plain", str(lesson)), rows=60) as terminal:
        terminal.wait_for(HEADING.to("en"))
        terminal.send("\r\r\r")
        terminal.wait_for("Type row 1")
        terminal.send("2.5\r")
        terminal.wait_for("Type row 2")
        terminal.send("4\r")
        terminal.wait_for("Type row 3")
        service = service_of(terminal)
        terminal.kill(signal.SIGKILL)
        terminal.wait_for_end()
        assert ended(service)
    assert kept(lesson, "z").cells == ["2.5", "4", ""]


# ── a lesson that has changed ─────────────────────────────────────────────────────────────────


@pytest.fixture
def left(tmp_path: Path) -> Path:
    """A lesson that was left at its second step, and has changed since."""
    lesson = write_lesson(tmp_path, 1)
    session = Session.begin(load(str(lesson)), "all", str(lesson.resolve()), "ascii")
    session.check(None, ["2.5"])
    session.go("next")
    session.draft(None, ["half"])
    Sittings().save(session.sitting.lesson, session.sitting)
    lesson.write_text(TEXT.replace("y = 2.0", "y = 1.5"))
    return lesson


@pytest.mark.whole
def test_of_a_lesson_that_has_changed_the_learner_is_asked(left: Path) -> None:
    with Terminal(bptutor("learn", str(left))) as terminal:
        terminal.wait_for("has changed since you were here. Steps answered: 1.")
        terminal.press("escape")
        terminal.wait_for("Enter Begin")  # the menu, where such a file is not
        leave(terminal)
    assert kept(left, "dz_dw").cells == ["half"]
    with Terminal(bptutor("learn", str(left), "--lang", "ko")) as terminal:
        terminal.wait_for("레슨이 바뀌었어요")
        terminal.press("enter")
        terminal.wait_for("2/9")
        terminal.wait_for("[half ")
        terminal.press("f4")
        terminal.wait_for("1/9")
        terminal.wait_for("[2.5")
        leave(terminal)
    assert kept(left, "z").stage == "solved"
    with Terminal(bptutor("learn", str(left))) as terminal:
        terminal.wait_for("step 1/9")  # it is not asked twice
        leave(terminal)


@pytest.mark.whole
def test_it_is_begun_anew_where_that_is_wanted(left: Path) -> None:
    with Terminal(bptutor("learn", str(left))) as terminal:
        terminal.wait_for("has changed since you were here")
        terminal.press("f8")
        terminal.wait_for("Enter Begin")
        terminal.press("enter")
        terminal.wait_for("step 1/9")
        leave(terminal)
    mark = kept(left, "z")
    assert (mark.stage, mark.cells) == ("open", [])


@pytest.mark.whole
def test_in_plain_mode_it_is_a_prompt(left: Path) -> None:
    command = bptutor("learn", "--plain", str(left))
    done = subprocess.run(command, input="", capture_output=True, text=True, check=True)
    assert "has changed since you were here" in done.stdout
    assert kept(left, "dz_dw").cells == ["half"]
    done = subprocess.run(command, input="\n3\n", capture_output=True, text=True, check=True)
    assert "Answers that are still right: 1 of 1" in done.stdout
    assert kept(left, "dz_dw").stage == "solved"


# ── two terminals of one learner ──────────────────────────────────────────────────────────────


@asynccontextmanager
async def open_lesson(lesson: Path) -> AsyncIterator[tuple[Tutor, Opened]]:
    """A service of its own with a lesson, as a terminal has it."""
    service = ServiceProcess(lambda event: None)
    await service.start(Hello(__version__, "en", "ascii"))
    tutor = wire.caller(service.call)
    try:
        opened = await tutor.open(str(lesson), "all", resume=True)
        assert isinstance(opened, Opened)
        yield tutor, opened
    finally:
        await service.stop()


def stage(screen: Screen) -> str:
    assert isinstance(screen, StepView)
    return screen.stage


@pytest.mark.whole
async def test_two_terminals_at_once_do_no_harm(tmp_path: Path) -> None:
    lesson = write_lesson(tmp_path, 1)
    async with open_lesson(lesson) as (one, _), open_lesson(lesson) as (two, _):
        assert stage(await one.check("", ["2.5"], "value")) == "solved"
        await one.go("next")
        await one.draft("", ["three"])
        # The other one was opened before all that, and is at the first step still.
        await two.draft("", ["2.4"])
        assert kept(lesson, "z").stage == "solved"
        assert kept(lesson, "dz_dw").cells == ["three"]
        await two.go("here")
        for cell in ("2.5", "3"):
            await two.check("", [cell], "value")
            screen = await two.go("next")
        assert isinstance(screen, StepView)
        assert screen.step == "dz_db"
        await asyncio.gather(
            one.check("", ["3"], "value"),
            two.check("", ["1"], "value"),
        )
        await one.go("here")
    for step in ("z", "dz_dw", "dz_db"):
        assert kept(lesson, step).stage == "solved", step
    async with open_lesson(lesson) as (_, again):
        assert again.resumed
        assert again.view.furthest == 2
