"""An answer over which the service never ends: it is stopped, said, and practice goes on."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from bptutor import budget
from tests.end_to_end.examples import pass_example
from tests.end_to_end.terminal import Terminal, python

SERVICE = """
import runpy, sys
from bptutor import budget
from bptutor.service.places import Place
budget.SECONDS, check = 2, Place.check
def hanging(self, product, cells, judge):
    while "77" in cells:
        pass
    check(self, product, cells, judge)
Place.check = hanging
sys.argv = sys.argv[1:]
runpy.run_path(sys.argv[0], run_name="__main__")
"""
APP = """
import sys
from bptutor.service import child
child.COMMAND = (*child.COMMAND[:-1], sys.argv[1], child.COMMAND[-1])
from bptutor.cli.main import main
sys.exit(main(sys.argv[2:]))
"""
SPINNING = """
import sys
from bptutor import budget
from bptutor.lesson import load
budget.SECONDS, budget.LOADING = 1, 0
def spin(*_):
    while True:
        try:
            while True:
                pass
        except Exception:
            continue
load.load = spin
from bptutor.cli.main import main
sys.exit(main(sys.argv[1:]))
"""
FILLING = """
import sys
from bptutor import budget
from bptutor.lesson import load
load.load = lambda *_: [bytearray(100_000_000) for _ in range(1_000)]
from bptutor.cli.main import main
sys.exit(main(sys.argv[1:]))
"""


@pytest.mark.whole
def test_a_check_without_end_is_stopped_and_the_lesson_goes_on(tmp_path: Path) -> None:
    (tmp_path / "service.py").write_text(SERVICE)
    app = python("-c", APP, str(tmp_path / "service.py"), "learn", "two-hidden-layers")
    said = budget.TOO_LONG.to("en").split()
    with Terminal(app) as now:
        now.wait_for("Enter Begin")
        now.press("enter")
        now.wait_for("1/40")
        pass_example(now)
        now.wait_for(lambda now: "TensorFlow is loading" not in now.text)
        now.send("1.4\t-1\t77\r")
        now.wait_for(lambda now: " ".join(said) in " ".join(now.text.split()))
        assert "77" in now.fields
        now.wait_for(lambda now: "TensorFlow is loading" not in now.text)
        now.send("\x7f\x7f0.4\r")
        now.wait_for("Enter Continue")
        now.press("f10")
        assert now.wait_for_end() == 0


def run(code: str) -> tuple[int, str]:
    command = [sys.executable, "-c", code, "lint", "one-neuron"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.stdout == ""
    return done.returncode, done.stderr.strip()


def test_a_command_without_end_is_stopped_with_a_sentence() -> None:
    assert run(SPINNING) == (2, budget.TOO_LONG.to("en"))


def test_a_command_that_takes_all_memory_is_stopped_with_a_sentence() -> None:
    assert run(FILLING) == (2, budget.TOO_LARGE.to("en"))
