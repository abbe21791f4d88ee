"""Surroundings and input that nobody meant: a default that works, or one sentence, and an end."""

import random
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from bptutor import budget
from bptutor.text import Message
from tests.end_to_end.examples import BEGIN, OTHER_SCREEN, begin, leave
from tests.end_to_end.terminal import Terminal, ended, python
from tests.examples import every

MENU = python("-m", "bptutor")
LEARN = python("-m", "bptutor", "learn", "two-hidden-layers")
LONG = "/".join(["", "tmp", *["y" * 200] * 30])
MOST_MEMORY = 200_000
"""kB that the app may take, whatever happens; in a window of 80x24 it takes 45,000."""


def require_little_memory(terminal: Terminal) -> None:
    status = Path(f"/proc/{terminal.pid}/status").read_text()
    most = re.search(r"VmHWM:\s+(\d+) kB", status)
    assert most
    assert int(most[1]) < MOST_MEMORY


RUBBISH = [
    {"TEXTUAL_COLOR_SYSTEM": "zzz", "BPTUTOR_DATA_DIR": LONG, "ESCDELAY": "9" * 30},
    {"TEXTUAL_LOG": "/nonexistent/textual.log", "TEXTUAL_SCREENSHOT": "1", "TEXTUAL_FPS": "-1"},
    {"TEXTUAL_ANIMATIONS": "zzz", "TEXTUAL_THEME": "zzz", "BPTUTOR_STATE_DIR": LONG},
    {"TEXTUAL_DRIVER": "zzz", "TEXTUAL": "devtools,debug", "TEXTUAL_PRESS": "ctrl+q"},
    {"ESCDELAY": "-5", "COLUMNS": "abc", "LINES": "-1", "COLORTERM": "zzz", "FORCE_COLOR": "zzz"},
    {"TERM": "no-such-terminal", "LC_ALL": "zz_ZZ.zzz", "BPTUTOR_CONFIG_DIR": LONG},
    {"NO_COLOR": "", "BPTUTOR_LAB_CONFIG": LONG},
]


@pytest.mark.usefixtures("idle_engine")
@pytest.mark.parametrize(
    "variables",
    [RUBBISH[0], *(pytest.param(each, marks=pytest.mark.whole) for each in RUBBISH[1:])],
)
def test_variables_that_mean_nothing(
    variables: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here = tmp_path / "here"
    here.mkdir()
    monkeypatch.chdir(here)
    with Terminal(MENU, environment=variables) as terminal:
        terminal.wait_for("Enter")
        terminal.wait_for("One neuron")
        leave(terminal)
        assert OTHER_SCREEN not in terminal.modes
        assert "Traceback" not in terminal.text
    assert list(here.iterdir()) == []


@pytest.mark.usefixtures("idle_engine")
def test_a_window_of_more_cells_than_there_is_memory_for() -> None:
    command = "stty cols 65535 rows 65535; exec " + shlex.join(MENU)
    with Terminal(["sh", "-c", command]) as terminal:
        terminal.wait_for(BEGIN)  # the last line, which this terminal has, too
        terminal.send("\x1b[?2048;2$y\x1b[48;65535;65535;65535;65535t")  # in the terminal's words
        terminal.wait_for_quiet(0.5)
        require_little_memory(terminal)
        leave(terminal)


def test_text_mode_ends_with_its_terminal() -> None:
    with Terminal([*MENU, "learn", "one-neuron"], environment={"TERM": "dumb"}) as terminal:
        terminal.wait_for("/quit quits")
        terminal.wait_for(lambda at: bool(at.children))
        (service,) = terminal.children
        terminal.hang_up()
        terminal.wait_for_end()
        assert ended(service)


# ── a megabyte that nobody has typed ──────────────────────────────────────────────────────────

LENGTH = 1_000_000
NOISE = bytes(set(range(256)) - {0x03, 0x11, 0x1A})  # not Ctrl+C, Ctrl+Q, Ctrl+Z
FLOODS = {
    "keys": b"x",
    "answers": b"1\t",
    "enter": b"\r",
    "escapes": b"\x1b[17~\x1b",
    "OSC": b"\x1b]0;a title\x07",
    "DCS": b"\x1bP1$r0m\x1b\\",
    "focus": b"\x1b[I\x1b[O",
    "sizes": b"\x1b[48;30;100;0;0t",
    "mouse": b"\x1b[<35;10;5M\x1b[<35;11;5M",
    "clicks": b"\x1b[<0;10;10M\x1b[<0;10;10m",
    "replies": b"\x1b[?1;2c\x1b[5;7R",
}
UNENDED = {"paste": b"\x1b[200~", "string": b"\x1b]0;"}


def flood(name: str) -> bytes:
    if name == "noise":
        return bytes(random.Random(14).choices(NOISE, k=LENGTH))
    if name in UNENDED:
        return UNENDED[name] + b"1 " * (LENGTH // 2)
    return FLOODS[name] * (LENGTH // len(FLOODS[name]))


@pytest.mark.usefixtures("idle_engine")
@pytest.mark.parametrize("name", every(99, ["noise", *FLOODS, *UNENDED]))
def test_it_is_left_with_a_key_and_the_terminal_is_as_it_was(name: str) -> None:
    with Terminal(LEARN) as terminal:
        begin(terminal)
        terminal.pour(flood(name))
        terminal.press("ctrl+q")
        require_little_memory(terminal)
        assert terminal.wait_for_end() == 0
        assert OTHER_SCREEN not in terminal.modes
        assert terminal.reads_lines
        assert "Traceback" not in terminal.text


@pytest.mark.whole
def test_after_a_flood_it_says_so_and_goes_on() -> None:
    with Terminal(LEARN) as terminal:
        begin(terminal, loaded=True)
        terminal.pour(flood("keys"))
        terminal.wait_for("Part of it is dropped.")
        terminal.press("ctrl+c")
        terminal.wait_for("to quit")
        terminal.send("\x15" + "\t\x15" * 2 + "\t1.4\t-1\t0.4\r")
        terminal.wait_for("Enter Continue")
        terminal.pour(flood("paste"))
        terminal.press("ctrl+c")
        terminal.press("f1")
        terminal.wait_for("Esc Close")
        leave(terminal)


# ── work without end ──────────────────────────────────────────────────────────────────────────

LIMITED = """
import sys
from bptutor import budget
from bptutor.text import Message
from bptutor.lesson import load
budget.SECONDS, budget.LOADING = {seconds}, {seconds} - 1
def spin(*_):
    while True:
        try:
            while True:
                pass
        except Exception:
            continue
def fill(*_):
    return [bytearray(100_000_000) for _ in range(1_000)]
load.load = {work}
from bptutor.cli.main import main
sys.exit(main(["lint", "one-neuron"]))
"""


@pytest.mark.parametrize(
    ("work", "seconds", "said"), [("spin", 1, budget.TOO_LONG), ("fill", 99, budget.TOO_LARGE)]
)
def test_a_command_without_end_is_stopped_with_a_sentence(
    work: str, seconds: int, said: Message
) -> None:
    command = [sys.executable, "-c", LIMITED.format(work=work, seconds=seconds)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr.strip()) == (2, "", said.to("en"))
