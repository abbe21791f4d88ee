"""How soon a key is seen while TensorFlow loads on the same machine."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator

from tests.end_to_end.examples import pass_example
from tests.end_to_end.terminal import KEYS, Terminal, python
from tools.benchmarks.learner import begin, learning, timed_key
from tools.benchmarks.measure import RUNS, Row, almost_all, ratio

EMPTY_APP = """
from textual.app import App
from textual.widgets import Input

class Empty(App):
    def compose(self):
        yield Input(placeholder="empty")

Empty().run()
"""

TYPED = "9876543210"
SEEN = 2
"""So many of them make a text that is nowhere else on the screen."""


def keys() -> list[Row]:
    """The slowest of a hundred keys: in an answer's cell, and in the one field of an empty app."""
    ours: list[float] = []
    theirs: list[float] = []
    with learning("two-hidden-layers") as tutor, Terminal(python("-c", EMPTY_APP)) as empty:
        begin(tutor)
        pass_example(tutor)
        empty.wait_for("empty")
        for _ in range(2 * RUNS):
            ours += _while_loading(tutor)
            theirs += _while_loading(empty)
    taken = almost_all(ours), almost_all(theirs)
    return [ratio(f"A key seen, TensorFlow loading ({len(ours)} keys)", 2, *taken, "ms")]


def _while_loading(terminal: Terminal) -> Iterator[float]:
    """From a key to its frame, in seconds, key after key until TensorFlow has been loaded."""
    with subprocess.Popen(python("-c", "import tensorflow"), stderr=subprocess.DEVNULL) as loading:
        while loading.poll() is None:
            terminal.send(TYPED[:SEEN])
            terminal.wait_for(TYPED[:SEEN])
            for end in range(SEEN, len(TYPED)):
                terminal.wait_for_quiet(0.05)
                yield timed_key(terminal, TYPED[end], TYPED[: end + 1])
            terminal.send(KEYS["backspace"] * len(TYPED))
            terminal.wait_for(lambda terminal: TYPED[:SEEN] not in terminal.text)
