"""`python -m tools.fuzz`: hostile files, answers and frames for so many minutes.

Each case is tried in a process of its own, with limits. What is a fault, or takes too long, is
written into a folder with what came of it. The exit status is 1 where there is one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from random import Random

from tools.fuzz.outcome import Outcome
from tools.fuzz.run import Child
from tools.fuzz.subjects import SUBJECTS

LONGEST = 5.0
"""Seconds from which a case hangs."""


@dataclass
class Tally:
    """What came of the cases of one subject."""

    cases: int = 0
    refused: int = 0
    accepted: int = 0
    faults: int = 0
    slowest: float = 0.0
    largest: int = 0
    kinds: set[str] = field(default_factory=set)

    def take(self, outcome: Outcome, first: bool) -> bool:
        """Whether it is sound; the first case of a child loads TensorFlow."""
        self.cases += 1
        self.refused += outcome.result == "refused"
        self.accepted += outcome.result == "accepted"
        if not first:
            self.slowest = max(self.slowest, outcome.seconds)
        self.largest = max(self.largest, outcome.megabytes)
        sound = outcome.sound and (first or outcome.seconds < LONGEST)
        self.faults += not sound
        return sound


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz", description=__doc__)
    parser.add_argument("subjects", nargs="*", default=list(SUBJECTS), help="of which kinds")
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=0, help="other cases")
    parser.add_argument("--folder", type=Path, default=Path("faults"), help="for what fails")
    arguments = parser.parse_args()
    tallies = {name: Tally() for name in arguments.subjects}
    with tempfile.TemporaryDirectory() as folder:
        for name, tally in tallies.items():
            share = arguments.minutes * 60 / len(tallies)
            _fuzz(name, tally, share, arguments.seed, arguments.folder, Path(folder))
    sys.stdout.write(_table(tallies))
    return 1 if any(tally.faults for tally in tallies.values()) else 0


def _fuzz(name: str, tally: Tally, seconds: float, seed: int, faults: Path, folder: Path) -> None:
    child, fresh = Child(name, folder), True
    end = time.monotonic() + seconds
    for number in count():
        if time.monotonic() > end:
            break
        file, content = SUBJECTS[name].made(Random(f"{seed} {name} {number}"))
        case = folder / file
        case.write_bytes(content)
        outcome = child.attempt(case)
        if not tally.take(outcome, fresh):
            kept = faults / f"{name}-{seed}-{number}-{file}"
            kept.parent.mkdir(exist_ok=True, parents=True)
            kept.write_bytes(content)
            kept.with_name(kept.name + ".txt").write_text(
                f"{outcome.result} after {outcome.seconds:.1f} s\n{outcome.said}\n"
            )
            sys.stdout.write(
                f"{name} {number}: {outcome.result}, {outcome.said.splitlines()[-1]}\n"
            )
            sys.stdout.flush()
        fresh = outcome.result in ("hang", "died")
    child.end()


def _table(tallies: dict[str, Tally]) -> str:
    heads = ("subject", "cases", "refused", "accepted", "faults", "slowest", "memory")
    rows = [
        (
            *(name, str(each.cases), str(each.refused), str(each.accepted), str(each.faults)),
            *(f"{each.slowest:.1f} s", f"{each.largest} MB"),
        )
        for name, each in tallies.items()
    ]
    lines = [f"| {' | '.join(row)} |" for row in (heads, ("---",) * len(heads), *rows)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
