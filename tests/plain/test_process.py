"""Text mode as a process: in a terminal that cannot be drawn on, cut off in every way."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from bptutor.record.sittings import Sittings
from tests.end_to_end.examples import pass_example_in_text
from tests.end_to_end.terminal import Terminal
from tests.examples import every
from tests.near import ASKED, COURSE
from tests.plain.script import DRAWN, command, course, script, speak

KEPT = "Your answers are saved."


@pytest.mark.whole
def test_a_dumb_terminal_with_a_killed_service_and_ctrl_c() -> None:
    dumb = {"TERM": "dumb"}
    with Terminal(command("learn", COURSE), environment=dumb, rows=200) as terminal:
        pass_example_in_text(terminal, "Type the value: 3 numbers.")
        assert terminal.reads_lines
        assert not terminal.modes & {1049, 1000, 2004}
        assert not DRAWN.search(terminal.text)
        (service,) = terminal.children
        os.kill(service, signal.SIGKILL)
        terminal.send("1.4 -1 0.4\n")
        terminal.wait_for("The service has stopped. Another one is starting; nothing is lost.")
        terminal.wait_for("Press Enter to continue.")
        terminal.send("\n")
        terminal.wait_for("step 2 of 40")
        terminal.press("ctrl+c")
        assert terminal.wait_for_end() == 130
        assert KEPT in terminal.text
        assert not DRAWN.search(terminal.text)
    sitting = Sittings().load(COURSE)
    assert sitting
    assert sitting.index == 1


@pytest.mark.whole
def test_ctrl_c_stops_a_training_and_ctrl_d_ends() -> None:
    lesson = "one-neuron"
    with Terminal(command("learn", lesson, "--plain"), rows=200) as terminal:
        terminal.send(script(*["/show", "/show", ""] * 9))
        terminal.wait_for("for one by hand")
        terminal.send("1000000\n")
        terminal.wait_for("Press Ctrl+C to stop.")
        terminal.press("ctrl+c")
        terminal.wait_for("The loss during training: ")
        terminal.press("ctrl+d")
        assert terminal.wait_for_end() == 0
        assert "after iteration 1000001" not in terminal.text


@pytest.mark.skipif(not Path("/bin/bash").exists(), reason="there is no shell with jobs")
@pytest.mark.whole
def test_after_ctrl_z_the_prompt_is_said_again() -> None:
    prompt = "Type the value: 3 numbers."
    with Terminal(["/bin/bash", "--norc", "--noprofile", "-i"], rows=60) as terminal:
        terminal.send(" ".join(command("learn", COURSE, "--plain")) + "\r")
        pass_example_in_text(terminal, prompt)
        terminal.press("ctrl+z")
        terminal.wait_for("Stopped")
        terminal.send("clear; fg\r")
        terminal.wait_for(lambda now: prompt in now.text and "Stopped" not in now.text)
        terminal.send("/quit\r")
        terminal.wait_for(KEPT)
        assert terminal.text.count(prompt) == 1
        terminal.send("exit\r")
        terminal.wait_for_end()


@pytest.mark.parametrize(("number", "status"), every(2, [(signal.SIGHUP, 0), (signal.SIGTERM, 0)]))
def test_a_signal_ends_it_and_keeps_what_is_typed(number: signal.Signals, status: int) -> None:
    with subprocess.Popen(
        command("learn", COURSE), stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    ) as process:
        assert process.stdin
        assert process.stdout
        process.stdin.write(script(*course(ASKED[: ASKED.index("dZ1_dW1")]), "1, 1, 1").encode())
        for line in process.stdout:
            if line == b"Type row 2: 3 numbers.\n":
                break
        process.send_signal(number)
        rest, _ = process.communicate(timeout=30)
        assert process.returncode == status
        assert rest == b"Your answers are saved. You can resume where you stopped.\n"
    sitting = Sittings().load(COURSE)
    assert sitting
    assert sitting.marks["dZ1_dW1"].cells[:3] == ["1", "1", "1"]


def test_at_the_end_it_is_said_where_something_could_not_be_kept(tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    (data / "sittings").write_text("no folder")
    told = speak(script(*course(["Z1"])), "learn", COURSE)
    assert (told.status, told.err) == (0, "")
    assert "continue, but" in " ".join(told.lines)
    assert (
        told.lines[-1]
        == "Some answers could not be saved. You will resume from the last saved one."
    )


def test_a_closed_pipe_ends_it() -> None:
    answers = " ".join(command("learn", COURSE)) + " | head -1; echo ${PIPESTATUS[0]}"
    done = subprocess.run(
        ["bash", "-c", answers], stdin=subprocess.DEVNULL, capture_output=True, timeout=60
    )
    assert done.stdout.splitlines()[-1] == b"141"
    assert done.stderr == b""


def test_closed_streams_end_it() -> None:
    line = " ".join(command("--plain")) + " <&- >&-; echo $? >&2"
    done = subprocess.run(["bash", "-c", line], capture_output=True, timeout=60)
    assert (done.stdout, done.stderr) == (b"", b"0\n")


@pytest.mark.whole
def test_a_lesson_that_there_is_not(tmp_path: Path) -> None:
    told = speak("", "learn", str(tmp_path / "none.toml"))
    assert told.status == 2
    assert told.err.count("\n") == 1
    told = speak("", "--plain", "learn", "two-hiden-layers")
    assert told.status == 2
    assert "did you mean two-hidden-layers?" in told.err


def test_it_imports_nothing_heavy_and_nothing_that_draws() -> None:
    code = "import bptutor.plain.run, sys; print(*sys.modules)"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found = set(run.stdout.split())
    assert "bptutor.plain.places" in found
    assert not found & {
        "bptutor.engine",
        "bptutor.grading",
        "bptutor.language",
        "bptutor.record",
        "bptutor.tui",
        "fsrs",
        "keras",
        "numpy",
        "rich",
        "sqlalchemy",
        "tensorflow",
        "textual",
    }


@pytest.mark.whole
def test_a_quiz_whose_service_is_killed_and_whose_terminal_is_interrupted_goes_on() -> None:
    quiz = command("quiz", COURSE, "--items", "2", "--seed", "5", "--plain")
    with Terminal(quiz, rows=200) as terminal:
        terminal.wait_for("TensorFlow is loading.")
        terminal.wait_for("item 1 of 2")
        (service,) = terminal.children
        terminal.send("/show\n/show\n")
        terminal.wait_for("Press Enter to continue.")
        os.kill(service, signal.SIGKILL)
        terminal.send("\n")
        terminal.wait_for("The service has stopped. Another one is starting; nothing is lost.")
        terminal.wait_for("item 2 of 2")
        terminal.press("ctrl+c")
        assert terminal.wait_for_end() == 130
        assert KEPT in terminal.text
    told = speak(script("/show", "/show", "", "/quit"), "quiz", "--plain")
    assert "You are back where you left." in told.lines
    assert "item 2 of 2" in told.out
    assert "The quiz is over." in told.lines
