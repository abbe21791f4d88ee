"""Does the quiz find what a learner gets wrong, and does practice go there?"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Sequence
from functools import lru_cache
from statistics import mean, median

import numpy as np

from bptutor.course.questions import asked_of
from bptutor.grading.cells import diagnose_cells, grade_cells
from bptutor.lesson.load import load
from bptutor.quiz.items import Item, make_item
from bptutor.quiz.planner import Candidate, Memory, Outcome, Planner
from bptutor.text import UserError
from tests.quiz.simulated import (
    DAY,
    NOW,
    WITHIN,
    Answer,
    Run,
    candidates,
    learner,
    learners,
    quiz,
    remembered,
    runs,
)
from tools.benchmarks.measure import Row, almost_all
from tools.feedback.written import texts

EACH = 40
"""Simulated learners for every misconception."""
FIGURES, FIGURES_OF_UPDATES = 3, 6
"""How many significant figures are typed."""


def planner() -> list[Row]:
    """Simulated learners, each with one misconception; some of them work real items."""
    first = list(runs(EACH))
    later = [
        quiz(
            run.held,
            learner(run.held, seed),
            seed,
            length=WITHIN,
            memory=remembered(run, NOW - 4 * DAY),
        )
        for seed, run in enumerate(first)
        if run.in_time and seed % 10 == 0
    ]
    real = [quiz(held, _working(held), seed, length=WITHIN) for held, seed in learners(2)]
    return [
        _missed("Weak skills missed in 12 items", first),
        _missed("The same, days later", later),
        _missed("The same, with real items", real),
        _fair(first),
        _time(first[:: len(first) // 20]),
    ]


def _missed(name: str, done: Sequence[Run]) -> Row:
    found = [run.found for run in done if run.found is not None and run.in_time]
    times = defaultdict(list)
    for run in done:
        times[run.held].append(run.in_time)
    rarest = sorted((mean(each), held) for held, each in times.items() if not all(each))
    details = f"{len(done):,} runs; found at item {mean(found):.1f}"
    details += f"; {len(times) - len(rarest)} of {len(times)} misconceptions always"
    if rarest:
        details += ", " + ", ".join(f"{held} {share:.0%}" for share, held in rarest)
    return Row(name, 1 - len(found) / len(done), 0.05, "", details)


def _fair(done: Sequence[Run]) -> Row:
    """The share of practice that a weak skill would have had, by the one that it got, at worst."""
    shares = defaultdict(list)
    for run in done:
        if run.found is not None and run.in_time:
            shares[run.held].append(run.share(run.held, run.found))
    fair = {held: mean(held in each.mistakes for each in candidates()) for held in shares}
    got = {held: mean(each) for held, each in shares.items()}
    worst = max(fair, key=lambda held: fair[held] / got[held])
    details = f"{worst}; on average {mean(got.values()):.0%} against {mean(fair.values()):.0%}"
    return Row("Fair share of practice, by that got", fair[worst] / got[worst], 0.67, "x", details)


def _time(done: Sequence[Run]) -> Row:
    """What it takes of the processor to choose an item, with a planner that is new each time."""
    taken = []
    for run in done:
        for count in range(len(run.outcomes)):
            begun = time.process_time()
            Planner(candidates(), Memory(), 1, NOW).next(run.outcomes[:count])
            taken.append(1000 * (time.process_time() - begun))
    details = f"median {median(taken):.1f} ms"
    return Row("An item planned, 99th percentile", almost_all(taken), 5, "ms", details)


@lru_cache(maxsize=512)
def _item(lesson: str, step: str) -> Item | None:
    """An item; all learners have the same numbers at a step."""
    try:
        return make_item(load(lesson), step, seed=1)
    except UserError:
        return None


def _working(held: str) -> Answer:
    """A learner who works real items, with the numbers that the mistake gives where it applies."""

    def answer(candidate: Candidate) -> Outcome:
        item = _item(candidate.lesson, candidate.step)
        if item is None:
            return Outcome(candidate, True)
        facts, step = item.facts, item.step
        truth = np.asarray(facts.truth(step), "float64")
        wrong = facts.diagnostician(step).candidates if held in candidate.mistakes else []
        value = next((np.asarray(each.value) for each in wrong if each.ids == (held,)), truth)
        places = asked_of(facts, step)
        figures = FIGURES_OF_UPDATES if step.kind == "update" else FIGURES
        typed = texts(value.reshape(-1)[places], figures)
        graded = grade_cells(facts, step, typed, places)
        if all(each.verdict != "wrong" for each in graded):
            return Outcome(candidate, True)
        named = diagnose_cells(facts, step, graded, places, "ascii")
        return Outcome(
            candidate, True, 1, mistakes=tuple(id_ for each in named for id_ in each.ids)
        )

    return answer
