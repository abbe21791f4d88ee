"""A service that hangs, on a real terminal: it is said within five seconds, and leaving works."""

import os
import signal
import subprocess
from pathlib import Path

import pytest

from bptutor.record.sittings import Sittings
from bptutor.service.words import LATE, LATE_ANSWER
from tests.end_to_end.examples import begin, leave, pass_example_in_text
from tests.end_to_end.terminal import Terminal
from tests.near import COURSE
from tests.plain.script import command

IN_TIME = 5.0
ASKED = "Type the value: 3"
UNSAVED = "may not be saved"


def unwrapped(terminal: Terminal) -> str:
    """What is on the screen, in one line, without its frames."""
    return " ".join(terminal.text.replace("│", " ").split())


@pytest.mark.whole
def test_a_late_service_in_text_mode_goes_on_and_is_left_by_ctrl_c() -> None:
    with Terminal(command("learn", COURSE, "--plain"), rows=60, columns=120) as terminal:
        pass_example_in_text(terminal, ASKED)
        (service,) = terminal.children
        os.kill(service, signal.SIGSTOP)
        terminal.send("1.4 -1 0.4\n")
        terminal.wait_for(LATE_ANSWER.text, within=IN_TIME)
        os.kill(service, signal.SIGCONT)
        terminal.wait_for("In TensorFlow: ")
        os.kill(service, signal.SIGSTOP)
        terminal.send("\n")
        terminal.wait_for(LATE.text, within=IN_TIME)
        terminal.press("ctrl+c")
        assert terminal.wait_for_end(within=15) == 130
        assert "Your answers are saved." in terminal.text
        assert not os.path.exists(f"/proc/{service}")
    sitting = Sittings().load(COURSE)
    assert sitting
    assert sitting.marks["Z1"].stage == "solved"


@pytest.mark.whole
def test_on_the_screen() -> None:
    with Terminal(command("learn", COURSE, "--lang", "en")) as terminal:
        begin(terminal, loaded=True)
        (service,) = terminal.children
        os.kill(service, signal.SIGSTOP)
        terminal.send("1.4\t-1\t0.4")
        terminal.press("enter")
        terminal.wait_for(LATE_ANSWER.text, within=IN_TIME)
        terminal.press("f1")
        terminal.wait_for("Esc Close")
        terminal.press("escape")
        terminal.wait_for(LATE_ANSWER.text)
        terminal.press("ctrl+c")
        terminal.wait_for(lambda now: UNSAVED in unwrapped(now))
        os.kill(service, signal.SIGCONT)
        terminal.wait_for(lambda now: now.count_marks("✓") == 3)
        terminal.press("ctrl+c")
        terminal.wait_for(lambda now: "Your answers are saved." in unwrapped(now))
        leave(terminal)


@pytest.mark.timeout(100)
def test_a_service_that_keeps_dying_is_started_once_more_at_most(tmp_path: Path) -> None:
    """As on a processor that TensorFlow was not built for, or where memory ends."""
    (tmp_path / "tensorflow.py").write_text("import os\nos.kill(os.getpid(), 9)\n")
    done = subprocess.run(
        command("learn", "one-neuron", "--plain"),
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        input="/quit\n",
        capture_output=True,
        text=True,
        timeout=90,
    )
    assert (done.stdout + done.stderr).count("Another one is starting") <= 1
    assert done.returncode in (0, 2)
    assert "Traceback" not in done.stderr
