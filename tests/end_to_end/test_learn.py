"""`bptutor learn` as a learner runs it: in a terminal of 80 by 24, cut off in every way."""

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from bptutor.record.sittings import Sittings
from tests.end_to_end.examples import (
    BEGIN,
    COURSE,
    begin,
    bptutor,
    fill,
    is_given_back,
    leave,
    pass_example,
    service_of,
    wait_for_tensorflow,
)
from tests.end_to_end.terminal import Terminal, ended
from tests.examples import every


def correct(terminal: Terminal, old: str, cell: str) -> None:
    """Type another text into the cell that was typed last, having looked at the verdict."""
    terminal.wait_for_quiet(0.2)
    terminal.press(*["backspace"] * len(old))
    terminal.send(cell)
    terminal.wait_for(lambda now: cell in now.fields)
    terminal.press("enter")


def wait_for_ticks(terminal: Terminal, count: int) -> None:
    """Until so many fields are marked right (a screen may come in pieces)."""
    terminal.wait_for(lambda now: now.count_marks("✓") == count)


@pytest.mark.whole
def test_a_sitting_with_a_killed_service_and_a_second_start() -> None:
    with Terminal(bptutor("learn", COURSE, "--lang", "en")) as terminal:
        begin(terminal)
        fill(terminal, "1.4", "-1", "-0.4")
        terminal.press("enter")
        terminal.wait_for("sign")
        terminal.wait_for(lambda now: now.count_marks("✗") > 0)
        wait_for_ticks(terminal, 2)

        os.kill(service_of(terminal), signal.SIGKILL)
        correct(terminal, "-0.4", "0.4")  # the app notices, starts another service, and asks it
        terminal.wait_for("tf.Tensor([[ 1.4000001  -1.          0.40000004]], shape=(1, 3),")
        terminal.press("enter")
        terminal.wait_for("2/40")
        pass_example(terminal)
        fill(terminal, "1.4", "0", "0.4")
        terminal.press("enter")
        terminal.wait_for("tf.maximum")
        service = service_of(terminal)
        leave(terminal)
        assert ended(service)
        assert is_given_back(terminal)

    with Terminal(bptutor("learn", COURSE, "--lang", "en")) as terminal:
        terminal.wait_for("2/40")
        wait_for_ticks(terminal, 3)
        terminal.wait_for("tf.maximum")  # what TensorFlow says, once it is there
        terminal.press("enter")
        terminal.wait_for("3/40")
        terminal.press("f4")
        terminal.wait_for("2/40")
        terminal.press("f4")
        terminal.wait_for("1/40")
        wait_for_ticks(terminal, 3)
        leave(terminal)


def hang_up(terminal: Terminal) -> None:
    terminal.hang_up()


def send(number: signal.Signals) -> Callable[[Terminal], None]:
    return lambda terminal: terminal.kill(number)


@pytest.mark.parametrize(
    "how",
    every(3, [send(signal.SIGHUP), hang_up, send(signal.SIGTERM)]),
    ids=["hup", "closed", "term"],
)
def test_what_is_half_typed_is_kept_when_the_terminal_goes(
    how: Callable[[Terminal], None],
) -> None:
    with Terminal(bptutor("learn", COURSE)) as terminal:
        begin(terminal)
        fill(terminal, "1.4", "half")
        service = service_of(terminal)
        how(terminal)
        assert terminal.wait_for_end() == 0
        assert ended(service)
        assert how is hang_up or is_given_back(terminal)
    sitting = Sittings().load(COURSE)
    assert sitting is not None
    assert sitting.marks["Z1"].cells == ["1.4", "half", ""]


@pytest.mark.whole
def test_nothing_of_an_example_stays_after_a_dialog() -> None:
    with Terminal(bptutor("learn", "one-neuron")) as terminal:
        terminal.wait_for(BEGIN)
        terminal.press("enter")
        terminal.wait_for("Continue")
        for part in ("Multiply q by r.", "With the numbers:"):
            terminal.press("enter")
            terminal.wait_for(part)
        wait_for_tensorflow(terminal)
        example = terminal.text
        terminal.press("f1")
        terminal.wait_for("Esc Close")
        terminal.press("escape")
        terminal.wait_for(lambda now: now.text == example)
        terminal.press("enter")
        terminal.wait_for("Enter Check")
        terminal.wait_for_quiet(0.3)
        question = terminal.text
        assert "With the numbers:" not in question
        terminal.press("f1")
        terminal.wait_for("Esc Close")
        terminal.press("escape")
        terminal.wait_for("Enter Check")
        terminal.wait_for_quiet(0.3)
        assert terminal.text == question


LESSON = 'program = "z = w * x"\nloss = "z"\nwatch = ["w"]\n[values]\nw = 2.0\nx = 3.0\n'


@pytest.mark.whole
def test_the_screen_follows_the_file_that_an_author_changes(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(LESSON)
    with Terminal(bptutor("learn", str(path))) as terminal:
        begin(terminal)
        terminal.press("f2")  # a hint takes TensorFlow, so it is there afterwards
        terminal.wait_for("Hint 1")
        path.write_text(LESSON.replace("w * x", "w * x ** 2"))
        terminal.wait_for("z = w * x²")
        terminal.wait_for("The lesson file has changed.")
        path.write_text(LESSON.replace("w * x", "w *"))
        terminal.wait_for("A value is missing after")
        path.write_text(LESSON.replace("w * x", "w * x / 4"))
        terminal.wait_for("z = w * x / 4")


def test_what_is_not_taken_of_a_model_is_said_before_the_first_screen(tmp_path: Path) -> None:
    path = tmp_path / "mine.keras"
    path.write_text("no model")
    with Terminal(bptutor("learn", str(path), "--lang", "ko"), columns=200) as terminal:
        assert terminal.wait_for_end() == 2
        assert "model.save()로 다시 저장하세요" in terminal.text


def test_in_text_mode_lines_wait_for_their_prompts() -> None:
    with Terminal(bptutor("learn", "one-neuron", "--plain"), rows=400) as now:
        now.send("\r" * 9 + "1.2\r\r7\r/quit\r")
        assert now.wait_for_end() == 0
        assert "The value is right" in now.text
        assert "step 2 of 9" in now.text
