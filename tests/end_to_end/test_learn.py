"""`bptutor learn` as a learner runs it: in a terminal of 80 by 24, cut off in every way."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bptutor.record.sittings import Sittings
from tests.end_to_end.examples import pass_example
from tests.end_to_end.terminal import Terminal, ended, python
from tests.examples import every

COURSE = "two-hidden-layers"
OTHER_SCREEN, CURSOR = 1049, 25
MOUSE_AND_PASTE = {1000, 1002, 1003, 1006, 2004}


def bptutor(*arguments: str) -> list[str]:
    """The installed command; in a bare checkout the module."""
    script = Path(sys.executable).with_name("bptutor")
    return [str(script), *arguments] if script.exists() else python("-m", "bptutor", *arguments)


@contextmanager
def learning(*arguments: str) -> Iterator[Terminal]:
    """The course's lesson in a terminal."""
    with Terminal(bptutor("learn", COURSE, *arguments)) as terminal:
        yield terminal


def service_of(terminal: Terminal) -> int:
    """The process id of its service."""
    (service,) = terminal.children
    return service


def begin(terminal: Terminal, introduction: str) -> None:
    """From the first screen to the first question."""
    terminal.wait_for(introduction)
    terminal.press("enter")
    terminal.wait_for("1/40")
    pass_example(terminal)


def fill(terminal: Terminal, *cells: str) -> None:
    """Type into cell after cell, in one burst, as a slow link delivers it."""
    terminal.send("\t".join(cells))
    terminal.wait_for(lambda now: {*cells} <= {*now.fields})


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


def product(terminal: Terminal, text: str) -> None:
    """Type the product anew, having looked at what is there."""
    terminal.wait_for_quiet(0.2)
    terminal.press("ctrl+e", "ctrl+u")
    terminal.send(text)
    terminal.wait_for(lambda now: text in now.fields)
    terminal.press("enter")


@pytest.mark.whole
def test_a_sitting_with_a_killed_service_and_a_second_start() -> None:
    with learning("--lang", "en") as terminal:
        begin(terminal, "Two numbers go in")
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
        terminal.press("f10")
        assert terminal.wait_for_end() == 0
        assert ended(service)
        assert terminal.reads_lines
        assert not terminal.modes & {OTHER_SCREEN, *MOUSE_AND_PASTE}
        assert CURSOR in terminal.modes

    with learning("--lang", "en") as terminal:
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
        terminal.press("f10")
        assert terminal.wait_for_end() == 0


@pytest.mark.whole
def test_the_backward_pass_in_korean() -> None:
    with learning("--lang", "ko", "--ask", "backward") as terminal:
        terminal.wait_for("순전파")
        terminal.press("enter")
        terminal.wait_for("1/40")
        terminal.wait_for("tf.Tensor")  # the forward pass is worked out before the learner's eyes
        terminal.press("f5")
        terminal.wait_for("22/40")
        pass_example(terminal, "ko")
        product(terminal, "2*(Y_true - Y_pred)")
        terminal.wait_for(lambda now: now.count_marks("✗") > 0)
        product(terminal, "2*(Y_pred - Y_true)")
        terminal.wait_for(lambda now: now.count_marks("✓") > 0)
        terminal.wait_for_quiet(0.2)
        terminal.send("0,072")
        terminal.wait_for("[0,072 ")
        terminal.press("enter")
        terminal.wait_for("소수점은")
        correct(terminal, "0,072", "0.072")
        terminal.wait_for("tf.Tensor([[0.07199989]], shape=(1, 1), dtype=float32)")
        wait_for_ticks(terminal, 2)
        terminal.press("enter")
        terminal.wait_for("23/40")
        terminal.press("f5")  # past the question on the tape
        terminal.wait_for("24/40")
        pass_example(terminal, "ko")
        product(terminal, "∂Loss/∂Y_pred · ∂Y_pred/∂W3")
        wait_for_ticks(terminal, 1)
        terminal.press("f10")
        assert terminal.wait_for_end() == 0


@pytest.mark.whole
def test_the_part_in_symbols_from_the_command_line_and_back_again() -> None:
    with learning("--part", "derive") as terminal:
        terminal.wait_for("This part uses symbols")
        terminal.press("enter")
        terminal.wait_for("1/31")
        product(terminal, "X.T")
        wait_for_ticks(terminal, 1)
        terminal.press("enter")
        terminal.wait_for("2/31")
        terminal.press("f10")
        assert terminal.wait_for_end() == 0
    with learning("--part", "derive") as terminal:
        terminal.wait_for("2/31")
        terminal.press("f10")
        assert terminal.wait_for_end() == 0
    with learning() as terminal:  # the part with numbers has a place of its own
        begin(terminal, "Two numbers go in")
        terminal.press("f10")
        assert terminal.wait_for_end() == 0


def hang_up(terminal: Terminal) -> None:
    terminal.hang_up()


def send(number: signal.Signals) -> Callable[[Terminal], None]:
    return lambda terminal: terminal.kill(number)


@pytest.mark.parametrize(
    "leave",
    every(3, [send(signal.SIGHUP), hang_up, send(signal.SIGTERM)]),
    ids=["hup", "closed", "term"],
)
def test_what_is_half_typed_is_kept_when_the_terminal_goes(
    leave: Callable[[Terminal], None],
) -> None:
    with learning() as terminal:
        begin(terminal, "Two numbers go in")
        fill(terminal, "1.4", "half")
        service = service_of(terminal)
        leave(terminal)
        assert terminal.wait_for_end() == 0
        assert ended(service)
        if leave is not hang_up:
            assert terminal.reads_lines
            assert not terminal.modes & {OTHER_SCREEN, *MOUSE_AND_PASTE}
            assert CURSOR in terminal.modes
    sitting = Sittings().load(COURSE)
    assert sitting is not None
    assert sitting.marks["Z1"].cells == ["1.4", "half", ""]


@pytest.mark.whole
def test_an_app_that_is_killed_takes_its_service_with_it() -> None:
    with learning() as terminal:
        begin(terminal, "Two numbers go in")
        service = service_of(terminal)
        terminal.kill(signal.SIGKILL)
        assert terminal.wait_for_end() == -signal.SIGKILL
        assert ended(service)


@pytest.mark.whole
def test_nothing_of_an_example_stays_after_a_dialog() -> None:
    with Terminal(bptutor("learn", "one-neuron")) as terminal:
        terminal.wait_for("Begin")
        terminal.press("enter")
        terminal.wait_for("Continue")
        for part in ("Multiply q by r.", "With the numbers:"):
            terminal.press("enter")
            terminal.wait_for(part)
        terminal.wait_for(lambda now: "TensorFlow is loading" not in now.text)
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
