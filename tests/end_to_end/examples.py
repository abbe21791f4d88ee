"""What a learner at a terminal does again and again: begin, pass a worked example, leave."""

import sys
from pathlib import Path

from bptutor.course.example import HEADING
from bptutor.text import Message
from tests.end_to_end.terminal import Terminal, python
from tests.keys import key_label

COURSE = "two-hidden-layers"
OTHER_SCREEN, CURSOR, MOUSE = 1049, 25, 1000
MOUSE_AND_PASTE = {MOUSE, 1002, 1003, 1006, 2004}  # a shell asks for the paste itself
BEGIN = key_label("introduction", "begin")
GO_ON_IN_TEXT = Message("Press Enter to continue.")


def pass_example(terminal: Terminal, language: str = "en") -> None:
    """To the question, whether a worked example comes before it or not."""
    question, heading = key_label("step", "check", language), HEADING.to(language)
    terminal.wait_for(lambda now: question in now.text or heading in now.text)
    while question not in terminal.text:
        before = terminal.text
        terminal.press("enter")
        terminal.wait_for(lambda now, before=before: now.text != before)  # type: ignore[misc]
        terminal.wait_for_quiet(0.15)  # a screen may come in pieces, and Enter would check


def pass_example_in_text(terminal: Terminal, prompt: str, language: str = "en") -> None:
    """To the prompt of the first question, in text mode."""
    go_on, passed = GO_ON_IN_TEXT.to(language), 0
    while prompt not in terminal.text:
        if terminal.text.count(go_on) > passed:
            passed += 1
            terminal.press("enter")
        terminal.wait_for(
            lambda now, passed=passed: prompt in now.text or now.text.count(go_on) > passed  # type: ignore[misc]
        )


def bptutor(*arguments: str) -> list[str]:
    """The installed command; in a bare checkout the module."""
    script = Path(sys.executable).with_name("bptutor")
    return [str(script), *arguments] if script.exists() else python("-m", "bptutor", *arguments)


def service_of(terminal: Terminal) -> int:
    """The process id of its service."""
    (service,) = terminal.children
    return service


def wait_for_tensorflow(terminal: Terminal) -> None:
    terminal.wait_for(lambda now: "TensorFlow is loading" not in now.text)


def begin(terminal: Terminal, loaded: bool = False) -> None:
    """From the introduction to the first question; where it is wanted, with TensorFlow there."""
    terminal.wait_for(BEGIN)
    if loaded:
        wait_for_tensorflow(terminal)
    terminal.press("enter")
    terminal.wait_for("1/")
    pass_example(terminal)


def fill(terminal: Terminal, *cells: str) -> None:
    """Type into cell after cell, in one burst, as a slow link delivers it."""
    terminal.send("\t".join(cells))
    terminal.wait_for(lambda now: {*cells} <= {*now.fields})


def leave(terminal: Terminal) -> None:
    terminal.press("f10")
    assert terminal.wait_for_end() == 0


def is_given_back(terminal: Terminal) -> bool:
    """Is the terminal as it was before the app?"""
    modes = terminal.modes
    return terminal.reads_lines and CURSOR in modes and not modes & {OTHER_SCREEN, *MOUSE_AND_PASTE}
