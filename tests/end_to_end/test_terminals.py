"""The tutor in all kinds of terminals, and in the hands of a shell."""

import os
import re
import signal

import pytest

from tests.end_to_end.examples import (
    BEGIN,
    COURSE,
    CURSOR,
    MOUSE,
    OTHER_SCREEN,
    begin,
    bptutor,
    fill,
    is_given_back,
    leave,
)
from tests.end_to_end.terminal import Terminal
from tests.end_to_end.walker import COLOURLESS, Listening
from tests.examples import every

LEARN = bptutor("learn", COURSE)


def solve_the_first(terminal: Terminal) -> None:
    """From the introduction to the first step's verdict."""
    begin(terminal)
    fill(terminal, "1.4", "-1", "-0.4")
    terminal.press("enter")
    terminal.wait_for(lambda now: now.count_marks("✗") > 0)


@pytest.mark.usefixtures("idle_engine")
@pytest.mark.whole
@pytest.mark.parametrize(
    ("options", "environment", "kinds"),
    every(
        6,
        [
            (["--theme", "dark"], {"TERM": "xterm-256color"}, {"38;5", "48;5"}),
            (
                ["--theme", "dark"],
                {"TERM": "tmux-256color", "TMUX": "/tmp/t,1,0"},
                {"38;5", "48;5"},
            ),
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
        begin(terminal)
        terminal.wait_for_quiet(0.2)
        assert terminal.shades == kinds
        assert kinds or any(re.search(r"\b3[1-6]\b", style) for style in terminal.styles)


@pytest.mark.whole
def test_without_colour_there_is_none_and_marks_tell_everything() -> None:
    environment = {"NO_COLOR": "1", "COLORTERM": "truecolor"}
    with Listening([*LEARN, "--theme", "light"], environment=environment) as terminal:
        solve_the_first(terminal)
        terminal.wait_for(lambda now: now.count_marks("✓") == 2)
        assert terminal.codes <= COLOURLESS


@pytest.mark.usefixtures("idle_engine")
@pytest.mark.whole
@pytest.mark.parametrize("options", [[], ["--notation", "unicode"]])
def test_a_locale_that_is_not_utf8_gets_ascii_unless_it_is_told_otherwise(
    options: list[str],
) -> None:
    with Terminal([*LEARN, *options], environment={"LANG": "xx_XX.ISO-8859-1"}) as terminal:
        begin(terminal)
        assert terminal.text.isascii() is (not options)


@pytest.mark.usefixtures("idle_engine")
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


class Telling(Listening):
    """A terminal that tells its background when it is asked."""

    REPLY = "\x1b]11;rgb:1e1e/1e1e/1e1e\x1b\\"
    told = False

    def _answer(self, written: bytes) -> None:
        super()._answer(written)
        if b"\x1b]11;?" in self.written and not self.told:
            self.told = True
            self.send(self.REPLY)


def test_the_colours_suit_the_background_and_a_late_reply_is_nothing_typed() -> None:
    with Telling(LEARN, environment={"COLORTERM": "truecolor"}) as terminal:
        terminal.wait_for(BEGIN)
        assert CURSOR not in terminal.modes
        begin(terminal)
        terminal.send("1.4")
        terminal.wait_for("[1.4")
        assert terminal.told
        assert terminal.shades == {"38;2", "48;2"}
        terminal.wait_for(lambda now: CURSOR in now.modes)
        row, column = terminal.cursor
        assert terminal.lines[row][:column].endswith("1.4")
        half = len(Telling.REPLY) // 2
        for part in (Telling.REPLY[:half], Telling.REPLY[half:]):
            terminal.send(part)
            terminal.wait_for_quiet(0.3)  # a link that stops in the middle of it
        terminal.send("7")
        terminal.wait_for("[1.47 ")
        assert "rgb" not in terminal.text
        leave(terminal)
        assert is_given_back(terminal)
