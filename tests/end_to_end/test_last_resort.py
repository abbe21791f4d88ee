"""An app that hangs on its way out is ended, and its terminal is given back all the same."""

from __future__ import annotations

import select
import signal
import stat
from pathlib import Path

import pytest

from tests.end_to_end.terminal import Terminal, ended, python
from tests.end_to_end.test_learn import (
    CURSOR,
    MOUSE_AND_PASTE,
    OTHER_SCREEN,
    service_of,
)

pytestmark = pytest.mark.whole

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


@pytest.mark.parametrize("what", [BEFORE, AFTER])
def test_whatever_hangs_no_process_stays_and_the_terminal_is_given_back(
    what: str, tmp_path: Path
) -> None:
    environment = {"BPTUTOR_STATE_DIR": str(tmp_path)}
    with Terminal(hanging(what), environment=environment) as terminal:
        terminal.wait_for(lambda now: "Enter Begin" in now.text and now.children != [])
        service = service_of(terminal)
        terminal.kill(signal.SIGTERM)
        assert terminal.wait_for_end() == 1
        assert not terminal.modes & {OTHER_SCREEN, *MOUSE_AND_PASTE}
        assert CURSOR in terminal.modes
        assert terminal.reads_lines
        assert ended(service)
    log = tmp_path / "app.log"
    assert "in hang" in log.read_text()
    assert stat.S_IMODE(log.stat().st_mode) == 0o600


@pytest.mark.whole
def test_a_terminal_that_takes_nothing_any_more_holds_nobody() -> None:
    with Terminal(hanging("driver.never")) as terminal:
        terminal.wait_for("Enter Begin")
        for number in range(100):  # nobody reads what this makes it draw
            terminal.resize(100 + number, 24)
            terminal.press("down", "up")
            select.select([], [], [], 0.02)
        terminal.kill(signal.SIGTERM)
        assert ended(terminal.pid)
        assert terminal.wait_for_end() == 1
