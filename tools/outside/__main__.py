"""`python -m tools.outside`: how good the diagnosis is on answers that its rules did not make.

Prints a table; the exit status is 1 where a target is missed. `--list CATEGORY` prints what was
missed or falsely said in it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter

from bptutor.course.answers import Answers
from bptutor.lesson.load import load
from tools.outside.formulas import formulas
from tools.outside.large import large
from tools.outside.measure import Outcome, ask
from tools.outside.program import read
from tools.outside.right import right
from tools.outside.table import CATEGORIES, listed, table
from tools.outside.wrong import Wrong

HERE = Path(__file__).parent
FOLDERS = (HERE.parents[1] / "lessons", HERE / "lessons")
BEYOND = {
    *("convolution", "embedding", "gate", "logits", "max-pooling", "multi-head-attention"),
    *("momentum", "adam", "clipping"),
    "gradient-checking",
}
"""Lessons with functions for which there are no rules here: parts, gather, silu, max, where; those
with an optimizer; and one with numbers that float32 rounds away."""


def files(names: list[str]) -> list[Path]:
    found = (file for folder in FOLDERS for file in sorted(folder.glob("*.toml")))
    every = [file for file in found if file.parent == HERE / "lessons" or file.stem not in BEYOND]
    return [file for file in every if not names or file.stem in names]


def outcomes(file: Path) -> Iterator[Outcome]:
    lesson = load(str(file))
    wrong = Wrong(read(file), lesson)
    answers = Answers(lesson)
    some = [*wrong.answers(), *right(wrong.working), *formulas(wrong)]
    ask(answers, some[:3])  # warm
    yield from ask(answers, some)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.outside", description=__doc__)
    parser.add_argument(
        "--list", nargs="+", choices=CATEGORIES, default=[], help="each that was missed or false"
    )
    parser.add_argument("--lessons", nargs="+", default=[], help="these lessons only")
    arguments = parser.parse_args()
    started = perf_counter()
    found: list[Outcome] = []
    for file in files(arguments.lessons):
        found += outcomes(file)
        sys.stderr.write(f"{file.stem}: {len(found)} answers, {perf_counter() - started:.0f} s\n")
    for category in arguments.list:
        sys.stdout.writelines(f"{line}\n" for line in listed(found, category))
    if not arguments.lessons:
        found += large()
    text, missed = table(found)
    sys.stdout.write(text)
    sys.stdout.writelines(f"missed: {each}\n" for each in missed)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
