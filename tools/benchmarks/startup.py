"""How soon the tutor is there: its first frame, and TensorFlow behind it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable

from tests.end_to_end.terminal import Terminal, python
from tools.benchmarks.learner import LOADING
from tools.benchmarks.measure import Row, in_turns, ratio, seconds

EMPTY_APP = """
from textual.app import App
from textual.widgets import Label

class Empty(App):
    def compose(self):
        yield Label("empty")

Empty().run()
"""

COURSE = python("-m", "bptutor", "learn", "two-hidden-layers")


def first_frame() -> list[Row]:
    """From the command to the first frame, and to the lesson's introduction on the screen."""
    taken = in_turns(
        {
            "empty": lambda: _until(python("-c", EMPTY_APP), lambda screen: "empty" in screen),
            "frame": lambda: _until(COURSE, lambda screen: bool(screen.strip())),
            "introduction": lambda: _until(COURSE, lambda screen: "Enter Begin" in screen),
        },
        runs=9,
    )
    return [
        ratio("First frame, by an empty app's", 1.5, taken["frame"], taken["empty"]),
        ratio("Introduction, by an empty app's frame", None, taken["introduction"], taken["empty"]),
    ]


def help_text() -> list[Row]:
    """From the command to the end of its help."""
    taken = in_turns({"help": lambda: _run("-m", "bptutor", "--help")}, runs=9)
    return [Row("`bptutor --help`", taken["help"], 0.15, "s")]


def engine_ready() -> list[Row]:
    """From the command to TensorFlow ready: in a bare process, and told by the app."""
    loading = "from bptutor.engine.runtime import tensorflow; tensorflow()"

    def engine_told(screen: str) -> bool:
        return "Enter Begin" in screen and LOADING not in screen

    taken = in_turns(
        {
            "import": lambda: _run("-c", "import tensorflow"),
            "engine": lambda: _run("-c", loading),
            "app": lambda: _until(COURSE, engine_told),
        }
    )
    return [
        ratio("Engine ready, by `import tensorflow`", 1.15, taken["engine"], taken["import"]),
        ratio("The app told so, by the same", 1.15, taken["app"], taken["import"]),
    ]


def _until(command: list[str], shown: Callable[[str], bool]) -> float:
    started = time.monotonic()
    with Terminal(command) as terminal:
        terminal.wait_for(lambda terminal: shown(terminal.text))
        return terminal.heard - started


def _run(*arguments: str) -> float:
    command, null = python(*arguments), subprocess.DEVNULL
    return seconds(lambda: subprocess.run(command, check=True, stdout=null, stderr=null))
