"""`python -m tools.kills [COUNT]`: the tutor is killed so often, and nothing may be lost.

The exit status is 1 where something is.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

from tools.kills.run import Run
from tools.kills.subject import Exam, Lesson, Quiz

SPAN = 12.0
"""Seconds within which a kill comes: TensorFlow is there after the first few of them."""

KINDS = (Lesson, Quiz, Exam)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.kills", description=__doc__)
    parser.add_argument(
        "count",
        nargs="?",
        type=int,
        default=200,
        help="how many kills: as many in lessons as in quizzes and in exams",
    )
    parser.add_argument("--seed", type=int, default=0, help="other moments and ways")
    parser.add_argument("--span", type=float, default=SPAN, help="seconds between two of them")
    arguments = parser.parse_args()
    started, failures = perf_counter(), 0
    ways: Counter[str] = Counter()
    answers, slowest = 0, 0.0
    for kind in KINDS:
        with TemporaryDirectory() as folder:
            run = Run(Path(folder), arguments.seed, arguments.span, kind)
            for number in range(1, -(-arguments.count // len(KINDS)) + 1):
                for wrong in run.once():
                    failures += 1
                    sys.stdout.write(f"{kind.__name__}, kill {number}: {wrong}\n")
                    sys.stdout.flush()
            run.end()
        ways += run.ways
        answers, slowest = answers + run.answers, max(slowest, run.slowest)
    told = ", ".join(f"{way} {count}" for way, count in sorted(ways.items()))
    sys.stdout.write(
        f"kills: {sum(ways.values())} ({told})\n"
        f"verdicts and answers seen: {answers}\n"
        f"slowest until no process was left: {slowest:.1f} s\n"
        f"seconds: {perf_counter() - started:.0f}\n"
        f"lost or left over: {failures}\n"
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
