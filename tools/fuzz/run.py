"""A child that tries cases, watched: it may hang, and it may die."""

from __future__ import annotations

import os
import select
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

import msgspec

from tools.fuzz.outcome import Outcome

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0
"""Seconds for one case, on a busy machine."""

MOST_KEPT = 850
"""Megabytes, of which much is stored from earlier cases, with which a child goes on."""


class Child:
    """Tries cases in another process; a new one takes the place of one that died."""

    def __init__(self, folder: Path) -> None:
        """The child keeps its data under the folder."""
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def attempt(self, subject: str, case: Path, patience: float = PATIENCE) -> Outcome:
        """What comes of a case of a subject within so many seconds."""
        if self._process is None:
            self._process = self._started()
        process, started = self._process, time.monotonic()
        assert process.stdin
        assert process.stdout
        process.stdin.write(subject.encode() + b" " + os.fsencode(case) + b"\n")
        process.stdin.flush()
        answer = b""
        while not answer.endswith(b"\n"):
            left = started + patience - time.monotonic()
            if left <= 0 or not select.select([process.stdout], [], [], left)[0]:
                self.end()
                return Outcome("hang", f"no end within {patience:.0f} s", patience)
            more = os.read(process.stdout.fileno(), 1 << 16)
            if not more:
                status = process.wait()
                self.end()
                return Outcome("died", f"status {status}", time.monotonic() - started)
            answer += more
        outcome = msgspec.json.decode(answer, type=Outcome)
        if outcome.megabytes > MOST_KEPT:
            self.end()
        return outcome

    def end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None

    def _started(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-m", "tools.fuzz.child"],
            cwd=ROOT,
            env={**os.environ, **_places(self._folder)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            bufsize=0,
        )


def _places(folder: Path) -> Mapping[str, str]:
    kinds = ("DATA", "STATE", "CONFIG")
    return {f"BPTUTOR_{kind}_DIR": str(folder / kind.lower()) for kind in kinds} | {
        "BPTUTOR_LAB_CONFIG": str(folder / "lab.toml"),
        "TMPDIR": str(folder),
    }
