"""The command from outside: its processes, its pipes, and what differs from run to run taken out.

Nothing here knows a module of bptutor, so that it goes on holding while they are rebuilt.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

ROOT = Path(__file__).parents[2]
CLOCK = Path(__file__).parent / "clock"
FILES = Path(__file__).parent / "files"
NOON = 1772625600
"""At which the clock of every command stands still: 2026-03-04 12:00 UTC, a Wednesday."""
WEEK = 7 * 24 * 3600
COURSE = "two-hidden-layers"
_ALL = sorted(path.stem for path in (ROOT / "lessons").glob("*.toml"))
LESSONS = sorted({*_ALL[::3], COURSE, "attention", "one-neuron"})
"""Each third, and those that are compared by default or in Korean."""

_VERSION = re.compile(r"\bbptutor[ /]v?\d+\.\d+[\w.+]*")


def command(*arguments: str) -> list[str]:
    """The command of this Python's bptutor."""
    return [sys.executable, "-m", "bptutor", *arguments]


def environment(folder: Path, clock: int = NOON) -> dict[str, str]:
    """What a command is given so that nothing of this machine or of today is in what it says."""
    return {
        "BPTUTOR_DATA_DIR": str(folder / "data"),
        "BPTUTOR_STATE_DIR": str(folder / "state"),
        "BPTUTOR_CONFIG_DIR": str(folder / "config"),
        "BPTUTOR_LAB_CONFIG": str(folder / "lab.toml"),
        "BPTUTOR_LEARNER": "learner",
        "GOLDEN_CLOCK": str(clock),
        "PYTHONPATH": os.pathsep.join([str(CLOCK), str(ROOT)]),
        "COLUMNS": "80",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
    }


def forget_this_machine() -> None:
    """Take out of this process' environment what a test's own places take out of it."""
    for name in [*os.environ]:
        if name.startswith(("LC_", "BPTUTOR_")) or name in ("LANG", "LANGUAGE", "NO_COLOR"):
            del os.environ[name]


def tidy(text: str, folder: Path) -> str:
    """Without the folder's path and the version."""
    return _VERSION.sub("bptutor VERSION", text.replace(str(folder), "FOLDER"))


def run(folder: Path, *arguments: str, typed: str = "", clock: int = NOON) -> str:
    """What a command writes; what it writes on stderr, and a status other than 0, at the end."""
    done = subprocess.run(
        command(*arguments),
        input=typed.encode(),
        capture_output=True,
        cwd=folder,
        env={**os.environ, **environment(folder, clock)},
        timeout=150,
        check=False,
    )
    said = done.stdout.decode()
    if done.stderr:
        said += f"stderr: {done.stderr.decode()}"
    if done.returncode:
        said += f"status: {done.returncode}\n"
    return tidy(said, folder)


def machine() -> str:
    """On what the last digit of an `exp` depends: TensorFlow, and the widest vectors there are."""
    name = "tensorflow_cpu" if sys.platform == "linux" else "tensorflow"
    try:
        engine = version(name)
    except ModuleNotFoundError:
        engine = version("tensorflow")
    cpu = Path("/proc/cpuinfo")
    flags = set(cpu.read_text().split()) if cpu.exists() else set()
    vectors = next((flag for flag in ("avx512f", "avx2", "avx") if flag in flags), "none")
    return f"tensorflow {engine} {vectors}\n"
