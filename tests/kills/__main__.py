"""`python -m tests.kills [COUNT]`: the tutor is killed so often, and nothing may be lost.

The exit status is 1 where something is.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from tests.kills.run import Run

SPAN = 12.0
"""Seconds within which a kill comes: TensorFlow is there after the first few of them."""


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.kills", description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=200, help="how many kills")
    parser.add_argument("--seed", type=int, default=0, help="other moments and ways")
    parser.add_argument("--span", type=float, default=SPAN, help="seconds between two of them")
    arguments = parser.parse_args()
    started, failures = perf_counter(), 0
    with TemporaryDirectory() as folder:
        run = Run(Path(folder), arguments.seed, arguments.span)
        for number in range(1, arguments.count + 1):
            for wrong in run.once():
                failures += 1
                sys.stdout.write(f"kill {number}: {wrong}\n")
                sys.stdout.flush()
        run.end()
    ways = ", ".join(f"{way} {count}" for way, count in sorted(run.ways.items()))
    sys.stdout.write(
        f"kills: {arguments.count} ({ways})\n"
        f"verdicts seen: {run.answers}\n"
        f"slowest until no process was left: {run.slowest:.1f} s\n"
        f"seconds: {perf_counter() - started:.0f}\n"
        f"lost or left over: {failures}\n"
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
