"""The tutor in all kinds of terminals, and in the hands of a shell."""

from __future__ import annotations

import os
import re
import signal
from pathlib import Path

import pytest

from tests.end_to_end.examples import pass_example
from tests.end_to_end.terminal import Terminal, ended, python
from tests.end_to_end.walker import COLOURLESS, Listening
from tests.examples import every
from tests.keys import key_label

pytestmark = pytest.mark.whole

LEARN = python("-m", "bptutor", "learn", "two-hidden-layers")
BEGIN = key_label("introduction", "begin")
OTHER_SCREEN, MOUSE = 1049, 1000


def solve_the_first(terminal: Terminal) -> None:
    """From the introduction to the first step's verdict."""
    terminal.wait_for(BEGIN)
    terminal.press("enter")
    terminal.wait_for("step 1/40")
    pass_example(terminal)
    terminal.send("1.4\t-1\t-0.4")
    terminal.wait_for(lambda now: "-0.4" in now.fields)
    terminal.press("enter")
    terminal.wait_for(lambda now: now.count_marks("✗") > 0)


@pytest.mark.parametrize(
    ("options", "environment", "kinds"),
    every(
        5,
        [
            (["--theme", "dark"], {"TERM": "xterm-256color"}, {"38;5", "48;5"}),
            (["--theme", "light"], {"COLORTERM": "truecolor"}, {"38;2", "48;2"}),
            ([], {"TERM": "xterm"}, set()),
            ([], {"TERM": "screen", "COLORTERM": "truecolor"}, set()),
            (["--theme", "dark"], {"TERM": "xterm"}, set()),
        ],
    ),
)
def test_the_colours_are_those_that_the_terminal_has(
    options: list[str], environment: dict[str, str], kinds: set[str]
) -> None:
    with Listening([*LEARN, *options], environment=environment) as terminal:
        solve_the_first(terminal)
        terminal.wait_for_quiet(0.2)
        assert terminal.shades == kinds
        assert kinds or any(re.search(r"\b3[1-6]\b", style) for style in terminal.styles)


@pytest.mark.whole
@pytest.mark.parametrize(
    "options", [[], pytest.param(["--theme", "light"], marks=pytest.mark.whole)]
)
def test_without_colour_there_is_none_and_marks_tell_everything(options: list[str]) -> None:
    environment = {"NO_COLOR": "1", "COLORTERM": "truecolor"}
    with Listening([*LEARN, *options], environment=environment) as terminal:
        solve_the_first(terminal)
        terminal.wait_for(lambda now: now.count_marks("✓") == 2)
        assert terminal.codes <= COLOURLESS


@pytest.mark.parametrize("options", every(2, [[], ["--notation", "unicode"]]))
def test_a_locale_that_is_not_utf8_gets_ascii_unless_it_is_told_otherwise(
    options: list[str],
) -> None:
    with Terminal([*LEARN, *options], environment={"LANG": "xx_XX.ISO-8859-1"}) as terminal:
        terminal.wait_for(BEGIN)
        terminal.press("enter")
        terminal.wait_for("step 1/40")
        pass_example(terminal)
        assert terminal.text.isascii() is (not options)


@pytest.mark.skipif(not Path("/bin/bash").exists(), reason="there is no shell with jobs")
def test_ctrl_z_hands_the_terminal_back_and_fg_takes_it_again() -> None:
    with Terminal(["/bin/bash", "--norc", "--noprofile", "-i"]) as terminal:
        terminal.send(" ".join(LEARN) + "\r")
        terminal.wait_for(BEGIN)
        terminal.press("enter")
        pass_example(terminal)
        terminal.send("1.4")
        terminal.wait_for("[1.4 ")
        terminal.press("ctrl+z")
        terminal.wait_for("Stopped")
        assert not terminal.modes & {OTHER_SCREEN, MOUSE}
        terminal.send("echo back in the $((40 + 2))\r")
        terminal.wait_for("back in the 42")
        terminal.send("fg\r")
        terminal.wait_for(lambda now: OTHER_SCREEN in now.modes)
        terminal.wait_for("[1.4 ")
        terminal.send("5")
        terminal.wait_for("[1.45 ")
        terminal.press("f10")
        terminal.wait_for(lambda now: OTHER_SCREEN not in now.modes)
        terminal.send("exit\r")
        terminal.wait_for_end()


@pytest.mark.whole
def test_a_service_that_nobody_needs_gives_its_memory_back_and_comes_again_unnoticed() -> None:
    environment = {"BPTUTOR_IDLE_MINUTES": "0.1"}
    with Terminal(LEARN, environment=environment) as terminal:
        terminal.wait_for(BEGIN)
        terminal.press("enter")
        pass_example(terminal)
        terminal.wait_for(lambda now: "TensorFlow is loading" not in now.text)
        terminal.send("1.4\t-1\t0.4")
        terminal.wait_for(lambda now: "0.4" in now.fields)
        (first,) = terminal.children
        terminal.wait_for_quiet(0.2)
        before = terminal.text
        assert ended(first)
        assert terminal.bytes_within(0.5) == 0
        assert terminal.text == before

        terminal.press("enter")
        terminal.wait_for(lambda now: now.count_marks("✓") == 3)
        assert "The service has stopped" not in terminal.text
        (second,) = terminal.children
        assert second != first
        terminal.wait_for("tf.Tensor")
        terminal.press("enter")
        terminal.wait_for("step 2/40")
        terminal.press("f10")
        assert terminal.wait_for_end() == 0
        assert ended(second)


@pytest.mark.whole
def test_a_signal_that_stops_it_from_outside_is_taken_too() -> None:
    with Terminal(["/bin/bash", "--norc", "--noprofile", "-i"]) as terminal:
        terminal.send(" ".join(LEARN) + "\r")
        terminal.wait_for(BEGIN)
        (tutor,) = terminal.children
        os.kill(tutor, signal.SIGTSTP)
        terminal.wait_for("Stopped")
        assert not terminal.modes & {OTHER_SCREEN, MOUSE}
        terminal.send("fg\r")
        terminal.wait_for(lambda now: OTHER_SCREEN in now.modes)
        terminal.wait_for(BEGIN)
        terminal.press("f10")
        terminal.wait_for(lambda now: OTHER_SCREEN not in now.modes)
