"""`python -m tools.fuzz`: hostile files, answers and frames for so many minutes, or cases.

Each case is tried in a process of its own, with limits. What is a fault, or takes too long, is
written into a folder with what came of it. The exit status is 1 where there is one.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import count, takewhile
from pathlib import Path
from random import Random

from tools.fuzz.outcome import Outcome
from tools.fuzz.run import Child
from tools.fuzz.subjects import SUBJECTS

LONGEST = 5.0
"""Seconds from which a case hangs."""
MOST_KINDS = 5


@dataclass
class Tally:
    """What came of the cases of one subject."""

    cases: int = 0
    refused: int = 0
    accepted: Counter[str] = field(default_factory=Counter)
    """By what can be said of it."""
    faults: int = 0
    slowest: float = 0.0
    largest: int = 0

    def take(self, outcome: Outcome, first: bool) -> bool:
        """Whether it is sound; the first case of a child loads TensorFlow."""
        self.cases += 1
        self.refused += outcome.result == "refused"
        if outcome.result == "accepted":
            self.accepted[outcome.said] += 1
        if not first:
            self.slowest = max(self.slowest, outcome.seconds)
        self.largest = max(self.largest, outcome.megabytes)
        sound = outcome.sound and (first or outcome.seconds < LONGEST)
        self.faults += not sound
        return sound

    @property
    def kinds(self) -> str:
        """How many of each kind were accepted, where there are few kinds."""
        if len(self.accepted) > MOST_KINDS:
            return ""
        return ", ".join(f"{kind}: {count}" for kind, count in self.accepted.most_common())


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.fuzz", description=__doc__)
    parser.add_argument("subjects", nargs="*", default=list(SUBJECTS), help="of which kinds")
    parser.add_argument("--minutes", type=float, default=30.0, help="for all kinds together")
    parser.add_argument("--cases", type=int, help="so many of each kind, however long that takes")
    parser.add_argument("--seed", type=int, default=0, help="other cases")
    parser.add_argument("--folder", type=Path, default=Path("faults"), help="for what fails")
    arguments = parser.parse_args()
    tallies = {name: Tally() for name in arguments.subjects}
    with tempfile.TemporaryDirectory() as folder:
        for name, tally in tallies.items():
            share = arguments.minutes * 60 / len(tallies)
            numbers = range(arguments.cases) if arguments.cases else _for(share)
            _fuzz(name, tally, numbers, arguments.seed, arguments.folder, Path(folder))
    sys.stdout.write(_table(tallies))
    return 1 if any(tally.faults for tally in tallies.values()) else 0


def _for(seconds: float) -> Iterator[int]:
    """Count for so long."""
    end = time.monotonic() + seconds
    return takewhile(lambda _: time.monotonic() < end, count())


def _fuzz(
    name: str, tally: Tally, numbers: Iterable[int], seed: int, faults: Path, folder: Path
) -> None:
    child, fresh = Child(folder), True
    for number in numbers:
        file, content = SUBJECTS[name].made(Random(f"{seed} {name} {number}"))
        case = folder / file
        case.write_bytes(content)
        outcome = child.attempt(name, case)
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
    heads = ("subject", "cases", "refused", "accepted", "faults", "slowest", "memory", "of these")
    rows = [
        (
            *(name, str(each.cases), str(each.refused), str(each.accepted.total())),
            *(str(each.faults), f"{each.slowest:.1f} s", f"{each.largest} MB", each.kinds),
        )
        for name, each in tallies.items()
    ]
    lines = [f"| {' | '.join(row)} |" for row in (heads, ("---",) * len(heads), *rows)]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
