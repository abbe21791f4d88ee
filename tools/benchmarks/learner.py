"""A learner at the keyboard, who does nothing before the screen has said that it is ready."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.end_to_end.terminal import KEYS, Terminal, python
from tests.keys import key_label

LOADING = "TensorFlow is loading"
CHECK, GO_ON = key_label("step", "check"), key_label("step", "go-on")
SURE = "Ask again to show the answer."


@contextmanager
def learning(lesson: str, *options: str, **environment: str) -> Iterator[Terminal]:
    """`bptutor learn` in an 80x24 terminal, with no record of anything before."""
    with TemporaryDirectory() as folder:
        environment |= {"BPTUTOR_DATA_DIR": folder, "BPTUTOR_STATE_DIR": folder}
        command = python("-m", "bptutor", "learn", lesson, *options)
        with Terminal(command, environment=environment) as terminal:
            yield terminal


def begin(terminal: Terminal) -> float:
    """From the introduction to the first step, with TensorFlow there; how long that last key took.

    Seconds.
    """
    terminal.wait_for("Enter Begin")
    terminal.wait_for(lambda terminal: LOADING not in terminal.text)
    terminal.wait_for_quiet(0.3)
    return timed_key(terminal, "enter", "step 1/")


def timed_key(terminal: Terminal, key: str, shown: str) -> float:
    """From a key, or a character, to what it brings on the screen, in seconds."""
    pressed = time.monotonic()
    terminal.send(KEYS.get(key, key))
    terminal.wait_for(shown)
    return terminal.heard - pressed


def reaction(terminal: Terminal, keys: str) -> int:
    """Type something that makes the tutor write; how many bytes it writes."""
    before = terminal.bytes
    terminal.send(keys)
    terminal.wait_for(lambda terminal: terminal.bytes > before)
    terminal.wait_for_quiet(0.05)
    return terminal.bytes - before


def processor_time(pid: int) -> float:
    """How long a process has been on a core so far, all its threads together, in ms."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e6


def memory(pid: int) -> tuple[float, float]:
    """A process' memory in MB: its proportional share, and all that it has mapped in."""
    sizes = dict(re.findall(r"(\w+): +(\d+) kB", Path(f"/proc/{pid}/smaps_rollup").read_text()))
    return int(sizes["Pss"]) / 1000, int(sizes["Rss"]) / 1000
