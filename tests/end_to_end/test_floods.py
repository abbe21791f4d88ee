"""A megabyte that nobody has typed: the app goes on, is left with a key, and frees the terminal."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest

from tests.end_to_end.examples import pass_example
from tests.end_to_end.terminal import Terminal, python

LEARN = python("-m", "bptutor", "learn", "two-hidden-layers")
OTHER_SCREEN = 1049
MOST_MEMORY = 200_000
"""kB; without a flood it is a quarter of that."""
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


def begin(terminal: Terminal) -> None:
    terminal.wait_for("Enter Begin")
    terminal.wait_for(lambda now: "TensorFlow is loading" not in now.text)
    terminal.press("enter")
    terminal.wait_for("1/40")
    pass_example(terminal)


@pytest.mark.parametrize(
    "name",
    ["noise"] + [pytest.param(each, marks=pytest.mark.whole) for each in (*FLOODS, *UNENDED)],
)
def test_it_is_left_with_a_key_and_the_terminal_is_as_it_was(name: str) -> None:
    with Terminal(LEARN) as terminal:
        begin(terminal)
        terminal.pour(flood(name))
        terminal.press("ctrl+q")
        status = Path(f"/proc/{terminal.pid}/status").read_text()
        assert terminal.wait_for_end() == 0
        assert OTHER_SCREEN not in terminal.modes
        assert terminal.reads_lines
        assert "Traceback" not in terminal.text
        most = re.search(r"VmHWM:\s+(\d+) kB", status)
        assert most
        assert int(most[1]) < MOST_MEMORY


@pytest.mark.whole
def test_after_a_flood_it_says_so_and_goes_on() -> None:
    with Terminal(LEARN) as terminal:
        begin(terminal)
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
        terminal.press("f10")
        assert terminal.wait_for_end() == 0
