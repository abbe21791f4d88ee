"""Items by the thousand: how long one takes, and how many break a rule."""

from __future__ import annotations

import statistics
import sys
import time
from collections import Counter
from itertools import cycle, islice

from bptutor.grading.facts import Facts
from bptutor.lesson.find import available
from bptutor.lesson.load import load
from bptutor.quiz.items import askable, make_item
from bptutor.text import UserError
from tests.quiz.item_rules import RULES, broken
from tools.benchmarks.measure import Row, almost_all

ITEMS = 10_000
"""Over all steps of all lessons that can be asked, each as often."""
LIMIT = 30.0
"""Milliseconds that an item may take, with the engine warm."""


def items() -> list[Row]:
    """Make the items, and hold each against the rules."""
    lessons = [load(name) for name in available()]
    wanted = [(lesson, step.id) for lesson in lessons for step in askable(lesson)]
    for lesson in lessons:
        Facts(lesson)
    taken: list[float] = []
    breaks: Counter[str] = Counter()
    for number, (lesson, step) in enumerate(islice(cycle(wanted), ITEMS)):
        started = time.perf_counter()
        try:
            item = make_item(lesson, step, number)
        except UserError:
            breaks["made"] += 1
            continue
        taken.append(1000 * (time.perf_counter() - started))
        for rule in broken(item):
            breaks[rule] += 1
            sys.stderr.write(f"{lesson.name} {step} {number}: {rule}\n")
    shown = f"{len(wanted)} steps of {len(lessons)} lessons, 99 % under {almost_all(taken):.0f} ms"
    return [
        Row("An item made (median)", statistics.median(taken), LIMIT, "ms", shown),
        Row("Items not made", breaks["made"], 0, "", f"of {ITEMS}"),
        *(Row(f"Items that break a rule: {rule}", breaks[rule], 0, "") for rule in RULES),
    ]
