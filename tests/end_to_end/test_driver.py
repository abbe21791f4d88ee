"""The app and its terminal: what wakes it, what ends it even where it hangs, how it comes back."""

import os
import select
import signal
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.end_to_end.examples import (
    BEGIN,
    MOUSE,
    OTHER_SCREEN,
    is_given_back,
    leave,
    service_of,
    wait_for_tensorflow,
)
from tests.end_to_end.terminal import Terminal, ended, python

MENU = python("-m", "bptutor")
DEAF = "import os, signal; signal.signal(signal.SIGHUP, signal.SIG_IGN); os.execv({0!r}, {1!r})"
"""A command that is run with SIGHUP ignored, as by nohup."""


def wakings(process: int) -> int:
    """How often the threads of a process have gone to sleep so far."""
    counts = 0
    for thread in Path(f"/proc/{process}/task").iterdir():
        for line in (thread / "status").read_text().splitlines():
            if line.startswith("voluntary_ctxt_switches"):
                counts += int(line.split()[1])
    return counts


@pytest.mark.whole
def test_esc_alone_is_a_key_and_between_keys_the_app_sleeps() -> None:
    with Terminal(MENU) as terminal:
        terminal.wait_for(BEGIN)
        wait_for_tensorflow(terminal)
        terminal.press("f1")
        terminal.wait_for("Esc Close")
        terminal.press("escape")
        terminal.wait_for(BEGIN)
        terminal.wait_for_quiet(1.0)
        before = wakings(terminal.pid)
        assert terminal.bytes_within(2.0) == 0
        assert wakings(terminal.pid) - before <= 2
        leave(terminal)


def as_wide_as(columns: int) -> Callable[[Terminal], bool]:
    """Does a line of the screen reach the right edge?"""
    return lambda now: max(len(line.rstrip()) for line in now.lines) >= columns - 2


@pytest.mark.usefixtures("idle_engine")
@pytest.mark.whole
def test_the_size_is_the_terminals_whatever_the_environment_says() -> None:
    environment = {"COLUMNS": "80", "LINES": "24"}
    with Terminal(MENU, columns=120, rows=40, environment=environment) as terminal:
        for columns, rows in ((120, 40), (60, 16)):
            terminal.resize(columns, rows)
            terminal.wait_for(lambda now: now.lines[-1].strip().startswith(BEGIN))
            terminal.wait_for(as_wide_as(columns))
        leave(terminal)


@pytest.mark.usefixtures("idle_engine")
@pytest.mark.whole
def test_it_leaves_with_a_terminal_that_goes_without_a_signal() -> None:
    with Terminal(python("-c", DEAF.format(MENU[0], MENU))) as terminal:
        terminal.wait_for(BEGIN)
        terminal.hang_up()
        assert terminal.wait_for_end() == 0


@pytest.mark.usefixtures("idle_engine")
def test_a_signal_is_heard_among_a_thousand_keys() -> None:
    with Terminal(MENU) as terminal:
        terminal.wait_for(BEGIN)
        for _ in range(5):
            terminal.send("x" * 500)
        terminal.kill(signal.SIGTERM)
        assert terminal.wait_for_end() == 0


@pytest.mark.usefixtures("idle_engine")
@pytest.mark.skipif(
    not Path("/bin/bash").exists() or not Path("/proc/self/stat").exists(),
    reason="there is no shell with jobs, or no telling what has been stopped",
)
def test_stopped_without_being_asked_it_takes_the_terminal_again_once() -> None:
    with Terminal(["/bin/bash", "--norc", "--noprofile", "-i"]) as terminal:
        terminal.send(" ".join(MENU) + "\r")
        terminal.wait_for(BEGIN)
        (tutor,) = terminal.children
        for _ in range(2):
            os.kill(tutor, signal.SIGSTOP)
            terminal.wait_for("Stopped")
            terminal.send("clear; fg\r")
            terminal.wait_for(lambda now: not _is_stopped(tutor), within=20)
            terminal.wait_for_quiet(0.1, within=20)  # what was cleared before is read by then
            assert "Stopped" not in terminal.text
            terminal.wait_for(BEGIN, within=20)
        terminal.wait_for_quiet(0.5)
        terminal.press("down")
        terminal.wait_for("▶ ○○  A circuit")  # by one: nobody else reads the keys
        terminal.press("f10")
        terminal.wait_for(lambda now: OTHER_SCREEN not in now.modes)
        assert MOUSE not in terminal.modes
        terminal.send("exit\r")
        terminal.wait_for_end()


def _is_stopped(process: int) -> bool:
    """Is it in the state T of a process that a signal has stopped?"""
    return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] == "T"


HANGING = """
import time
from bptutor.cli import main
from bptutor.tui import app, driver
driver.PATIENCE = 1.0
def hang(*_):
    time.sleep(1000)
{what} = hang
main()
"""
BEFORE, AFTER = "app.TutorApp.action_leave", "app.Client.stop"
"""Where it hangs: before the terminal is given back, and after."""


def hanging(what: str) -> list[str]:
    return python("-c", HANGING.format(what=what))


@pytest.mark.whole
@pytest.mark.parametrize("what", [BEFORE, AFTER])
def test_whatever_hangs_no_process_stays_and_the_terminal_is_given_back(
    what: str, tmp_path: Path
) -> None:
    environment = {"BPTUTOR_STATE_DIR": str(tmp_path)}
    with Terminal(hanging(what), environment=environment) as terminal:
        terminal.wait_for(lambda now: BEGIN in now.text and now.children != [])
        service = service_of(terminal)
        terminal.kill(signal.SIGTERM)
        assert terminal.wait_for_end() == 1
        assert is_given_back(terminal)
        assert ended(service)
    log = tmp_path / "app.log"
    assert "in hang" in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


LEFT_IN_A_FRAME = """
from bptutor.cli import main
from bptutor.tui.app import TutorApp
leave = TutorApp.action_leave
def hold_and_leave(app):
    app._driver.hold()
    leave(app)
TutorApp.action_leave = hold_and_leave
main()
"""


@pytest.mark.usefixtures("idle_engine")
def test_left_before_a_frame_is_whole_it_shows_the_cursor() -> None:
    with Terminal(python("-c", LEFT_IN_A_FRAME)) as terminal:
        terminal.wait_for(BEGIN)
        terminal.kill(signal.SIGHUP)
        assert terminal.wait_for_end() == 0
        assert is_given_back(terminal)


@pytest.mark.usefixtures("idle_engine")
@pytest.mark.whole
def test_a_terminal_that_takes_nothing_any_more_holds_nobody() -> None:
    with Terminal(hanging("driver.never")) as terminal:
        terminal.wait_for(BEGIN)
        for number in range(100):  # nobody reads what this makes it draw
            terminal.resize(100 + number, 24)
            terminal.press("down", "up")
            select.select([], [], [], 0.02)
        terminal.kill(signal.SIGTERM)
        assert ended(terminal.pid)
        assert terminal.wait_for_end() == 1
