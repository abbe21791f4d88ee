"""A service that hangs, on a real terminal: it is said within five seconds, and leaving works."""

from __future__ import annotations

import os
import signal
import subprocess
from pathlib import Path

import pytest

from bptutor.record.sittings import Sittings
from bptutor.service.words import LATE, LATE_ANSWER
from tests.end_to_end.examples import pass_example, pass_example_in_text
from tests.end_to_end.terminal import Terminal
from tests.near import COURSE
from tests.plain.script import command

IN_TIME = 5.0
ASKED = {"en": "Type the value: 3", "ko": "3개"}
UNSAVED = {"en": "may not be saved", "ko": "저장되지 않았을 수 있어요."}


def unwrapped(terminal: Terminal) -> str:
    """What is on the screen, in one line, without its frames."""
    return " ".join(terminal.text.replace("│", " ").split())


@pytest.mark.whole
@pytest.mark.parametrize("language", ["en", "ko"])
def test_in_text_mode(language: str) -> None:
    learn = command("learn", COURSE, "--plain", "--lang", language)
    with Terminal(learn, rows=60, columns=120) as terminal:
        pass_example_in_text(terminal, ASKED[language], language)
        (service,) = terminal.children
        os.kill(service, signal.SIGSTOP)
        terminal.send("1.4 -1 0.4\n")
        terminal.wait_for(LATE_ANSWER.to(language), within=IN_TIME)
        terminal.press("ctrl+c")
        assert terminal.wait_for_end(within=15) == 130
        assert UNSAVED[language] in terminal.text
        assert not os.path.exists(f"/proc/{service}")


@pytest.mark.whole
def test_a_late_service_in_text_mode_goes_on_and_is_left_by_quit() -> None:
    with Terminal(command("learn", COURSE, "--plain"), rows=60, columns=120) as terminal:
        pass_example_in_text(terminal, ASKED["en"])
        (service,) = terminal.children
        os.kill(service, signal.SIGSTOP)
        terminal.send("1.4 -1 0.4\n")
        terminal.wait_for(LATE_ANSWER.text, within=IN_TIME)
        os.kill(service, signal.SIGCONT)
        terminal.wait_for("In TensorFlow: ")
        os.kill(service, signal.SIGSTOP)
        terminal.send("\n")
        terminal.wait_for(LATE.text, within=IN_TIME)
        terminal.send("/quit\n")
        assert terminal.wait_for_end(within=15) == 0
    sitting = Sittings().load(COURSE)
    assert sitting
    assert sitting.marks["Z1"].stage == "solved"


@pytest.mark.whole
def test_on_the_screen() -> None:
    with Terminal(command("learn", COURSE, "--lang", "en")) as terminal:
        terminal.wait_for("Enter Begin")
        terminal.press("enter")
        terminal.wait_for("step 1/40")
        pass_example(terminal)
        terminal.wait_for(lambda now: "TensorFlow is loading" not in now.text)
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
        terminal.wait_for(lambda now: UNSAVED["en"] in unwrapped(now))
        os.kill(service, signal.SIGCONT)
        terminal.wait_for(lambda now: now.count_marks("✓") == 3)
        terminal.press("ctrl+c")
        terminal.wait_for(lambda now: "Your answers are saved." in unwrapped(now))
        terminal.press("f10")
        assert terminal.wait_for_end() == 0


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
