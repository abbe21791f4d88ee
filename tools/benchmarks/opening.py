"""What goes over the line as one looks around: the arrows of the menu, and dialogs."""

from __future__ import annotations

import statistics
from tempfile import TemporaryDirectory

from tests.end_to_end.examples import pass_example
from tests.end_to_end.terminal import KEYS, Terminal, python
from tools.benchmarks.learner import LOADING, begin, learning
from tools.benchmarks.measure import Row

BEGUN = "one-neuron", "dense-layer"
PRESSES = 22
"""From the first lesson to where the list has scrolled."""
LIST = slice(4, 46)
"""The columns of a lesson's line."""
ARROW = 400
DIALOGS = "f1", "f6", "f7", "f9", "f12"
LOST = 4
"""Bytes that a first opening may take more than the second: a longer move to its first cell."""


def arrows() -> list[Row]:
    """The bytes of each arrow in the menu at 80x24, two of whose lessons are begun."""
    with TemporaryDirectory() as folder:
        environment = {"BPTUTOR_DATA_DIR": folder, "BPTUTOR_STATE_DIR": folder}
        for lesson in BEGUN:
            answers = "/show\n/show\n\n" * 2 + "/quit\n"
            command = python("-m", "bptutor", "learn", lesson, "--plain")
            with Terminal(command, environment=environment) as talk:
                talk.send(answers)
                talk.wait_for_end()
        with Terminal(python("-m", "bptutor"), environment=environment) as menu:
            menu.wait_for("Enter")
            menu.wait_for(lambda now: LOADING not in now.text)
            menu.wait_for_quiet(0.5)
            menu.send("\x1b[H")
            menu.wait_for_quiet(0.5)
            sent, scrolled = list[int](), list[int]()
            for _ in range(PRESSES):
                first = menu.lines[2][LIST]
                used = _reaction(menu, KEYS["down"])
                (sent if menu.lines[2][LIST] == first else scrolled).append(used)
    details = f"{len(sent)} arrows, most often {statistics.median(sent):.0f} B"
    return [
        Row("The longest arrow in the menu", max(sent), ARROW, "B", details),
        Row("An arrow where the list scrolls", max(scrolled, default=0), None, "B"),
    ]


def dialogs() -> list[Row]:
    """The bytes of a dialog's first opening, and what they are more than those of the second."""
    rows = []
    with learning("two-hidden-layers") as terminal:
        begin(terminal)
        pass_example(terminal)
        for key in DIALOGS:
            first, _, second, _ = (_reaction(terminal, KEYS[each]) for each in (key, "escape") * 2)
            details = f"{first} B, then {second} B"
            rows.append(Row(f"{key.upper()} opened first", first - second, LOST, "B", details))
    return rows


def _reaction(terminal: Terminal, keys: str) -> int:
    """The bytes until a key has changed the screen and the app is quiet."""
    before, shown = terminal.bytes, terminal.text
    terminal.send(keys)
    terminal.wait_for(lambda now: now.text != shown)
    terminal.wait_for_quiet(0.4)
    return terminal.bytes - before
