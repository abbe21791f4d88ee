"""Scripts for text mode: files of answers, and runs of the command that reads them."""

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tests.near import ASKED, FORMULAS, VALUES, cells

DRAWN = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2190-\u21ff\u2500-\u25ff\u2800-\u28ff]")
"""Escape sequences, arrows, box drawing, blocks and braille: nothing of it is in lines of text."""


@dataclass(frozen=True)
class Spoken:
    """What a run said, and how it ended."""

    status: int
    out: str
    err: str

    @property
    def lines(self) -> list[str]:
        return self.out.splitlines()


def command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "bptutor", *arguments]


def speak(typed: str, *arguments: str, **environment: str) -> Spoken:
    """Type lines into `bptutor` through a pipe, to the end of the input."""
    done = subprocess.run(
        command(*arguments),
        input=typed.encode(),
        capture_output=True,
        env={**os.environ, **environment},
        timeout=90,
    )
    return Spoken(done.returncode, done.stdout.decode(), done.stderr.decode())


def rows(value: Any) -> list[list[float]]:
    """A published value as rows: of a vector one, of a scalar one of one number."""
    if not isinstance(value, list):
        return [[value]]
    return value if isinstance(value[0], list) else [value]


def answer(step: str) -> list[str]:
    """The right answer to a step of the course, line by line."""
    product = [FORMULAS[step]] if step in FORMULAS else []
    if step.endswith("_new"):
        return cells(step)
    value = rows(VALUES[step]) if step in VALUES else []
    return product + [", ".join(f"{number:.9g}" for number in row) for row in value]


def course(steps: Sequence[str] = tuple(ASKED)) -> Iterator[str]:
    """Right answers to these steps, an empty line after each to go on."""
    for step in steps:
        yield f"# {step}"
        yield from answer(step)
        yield ""


def script(*lines: str) -> str:
    return "".join(f"{line}\n" for line in lines)
