"""`python -m tools.feedback [--list [OUTCOME ...]]`: are wrong answers told what went wrong?

The exit status is 1 where something is not reached.
"""

from __future__ import annotations

import argparse
import sys
from time import perf_counter

from tools.feedback.chance import accused_by_chance
from tools.feedback.known import IDS
from tools.feedback.lessons import lessons
from tools.feedback.right import refused
from tools.feedback.speed import speeds
from tools.feedback.tally import Tally, table, tally

RIGHT_ANSWERS = 10_000
RANDOM_ANSWERS = 20
"""A step."""
SEED = 20_250_601


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tools.feedback", description=__doc__)
    parser.add_argument("--list", nargs="*", help="list these outcomes, or all that are not first")
    arguments = parser.parse_args()
    started = perf_counter()
    result = tally(lessons())
    if arguments.list is not None:
        sys.stdout.writelines(listed(result, arguments.list))
    sys.stdout.write(table(result) + "\n\n")
    if never := sorted(IDS - result.ids):
        sys.stdout.write(f"made in no lesson: {', '.join(never)}\n")
    wronged = list(refused(lessons(), RIGHT_ANSWERS, SEED))
    sys.stdout.write(f"of {RIGHT_ANSWERS} right answers refused or accused: {len(wronged)}\n")
    sys.stdout.writelines(f"    {line}\n" for line in wronged)
    given, accused = accused_by_chance(lessons(), RANDOM_ANSWERS, SEED)
    for cells in sorted(given):
        sys.stdout.write(
            f"of {given[cells]} random answers of {cells} numbers accused: {accused[cells]}"
            f" ({accused[cells] / given[cells]:.1%})\n"
        )
    for what, milliseconds in speeds().items():
        sys.stdout.write(f"median time of a diagnosis, {what}: {milliseconds:.0f} ms\n")
    sys.stdout.write(f"seconds: {perf_counter() - started:.0f}\n")
    reached = result.among_two >= 0.97 and result.first >= 0.85 and not result.total("accepted")
    return 0 if reached and not wronged and not never else 1


def listed(result: Tally, outcomes: list[str]) -> list[str]:
    """A line for each answer with one of these outcomes."""
    wanted = outcomes or ["second", "missed", "accepted", "alike"]
    return [
        f"{outcome:<9}{lesson.name} {wrong.step.id} {wrong.id} ({wrong.asked},"
        f" {wrong.figures or 'all'}) {wrong.text[:60]} -> {', '.join(checked.misconceptions)}"
        + (f" | alike: {', '.join(sorted(wrong.alike))}" if wrong.alike else "")
        + (" | right" if wrong.right else "")
        + "\n"
        for outcome, lesson, wrong, checked in result.found
        if outcome in wanted
    ]


if __name__ == "__main__":
    sys.exit(main())
