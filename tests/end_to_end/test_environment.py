"""Surroundings that nobody meant: a default that works, or one sentence."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from tests.end_to_end.terminal import Terminal, ended, python

MENU = python("-m", "bptutor")
LONG = "/".join(["", "tmp", *["y" * 200] * 30])
MOST_MEMORY = 200_000
"""kB that the app may take in a window of any size; in one of 80x24 it takes 45,000."""

whole = pytest.mark.whole
RUBBISH = [
    ("TEXTUAL_COLOR_SYSTEM", "zzz"),
    ("BPTUTOR_DATA_DIR", LONG),
    *(
        pytest.param(*row, marks=whole)
        for row in (
            ("TEXTUAL_LOG", "/nonexistent/textual.log"),
            ("TEXTUAL_SCREENSHOT", "1"),
            ("ESCDELAY", "9" * 30),
            ("BPTUTOR_STATE_DIR", LONG),
            ("TEXTUAL_ANIMATIONS", "zzz"),
            ("TEXTUAL_THEME", "zzz"),
            ("TEXTUAL_DRIVER", "zzz"),
            ("TEXTUAL", "devtools,debug"),
            ("TEXTUAL_FPS", "-1"),
            ("TEXTUAL_PRESS", "ctrl+q"),
            ("ESCDELAY", "-5"),
            ("COLUMNS", "abc"),
            ("LINES", "-1"),
            ("COLORTERM", "zzz"),
            ("TERM", "no-such-terminal"),
            ("NO_COLOR", ""),
            ("FORCE_COLOR", "zzz"),
            ("LC_ALL", "zz_ZZ.zzz"),
            ("BPTUTOR_CONFIG_DIR", LONG),
            ("BPTUTOR_LAB_CONFIG", LONG),
        )
    ),
]


@pytest.mark.parametrize(("variable", "value"), RUBBISH)
def test_a_variable_that_means_nothing(
    variable: str, value: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    with Terminal(MENU, environment={variable: value}) as terminal:
        terminal.wait_for("Enter")
        terminal.wait_for("One neuron")
        terminal.press("f10")
        assert terminal.wait_for_end() == 0
        assert OTHER_SCREEN not in terminal.modes
        assert "Traceback" not in terminal.text
    assert list(here.iterdir()) == []


OTHER_SCREEN = 1049


def test_a_window_of_more_cells_than_there_is_memory_for() -> None:
    command = "stty cols 65535 rows 65535; exec " + shlex.join(MENU)
    with Terminal(["sh", "-c", command]) as terminal:
        terminal.wait_for("Enter Begin")  # the last line, which this terminal has, too
        terminal.send("\x1b[?2048;2$y\x1b[48;65535;65535;65535;65535t")  # in the terminal's words
        terminal.wait_for_quiet(0.5)
        status = Path(f"/proc/{terminal.pid}/status").read_text()
        most = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert most
        assert int(most[1]) < MOST_MEMORY
        terminal.press("f10")
        assert terminal.wait_for_end() == 0


def test_text_mode_ends_with_its_terminal() -> None:
    with Terminal([*MENU, "learn", "one-neuron"], environment={"TERM": "dumb"}) as terminal:
        terminal.wait_for("/quit quits")
        terminal.wait_for(lambda at: bool(at.children))
        (service,) = terminal.children
        terminal.hang_up()
        terminal.wait_for_end()
        assert ended(service)
