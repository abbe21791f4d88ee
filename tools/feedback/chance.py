"""How often a number drawn at random is accused of a mistake."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from math import prod
from random import Random

from bptutor.course.answers import Answers
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import steps
from tools.feedback.written import matrix, text
from tools.feedback.wrong import true_value

A_FACT = "tiny-for-zero"
"""That a number stands where the truth is 0 accuses nobody: it is so."""
DECADES = 2
"""How far up and down from the largest number of the truth the numbers are drawn."""


def accused_by_chance(
    lessons: Iterable[Lesson], each: int, seed: int
) -> tuple[Counter[int], Counter[int]]:
    """How many random answers there were, and how many were accused, by their number of cells.

    Numbers are drawn log-uniformly, signs evenly, with three figures; of an update, the changes.
    """
    random = Random(seed)
    given: Counter[int] = Counter()
    accused: Counter[int] = Counter()
    for lesson in lessons:
        answers = Answers(lesson)
        for step in steps(lesson):
            truth = true_value(answers.facts, step).reshape(-1)
            count = prod(step.shape)
            old = [0.0] * count
            if step.kind == "update":
                old = answers.facts.known(step.target).reshape(-1).tolist()
            scale = max((abs(t - o) for t, o in zip(truth, old, strict=True)), default=0.0) or 1.0
            for _ in range(each):
                drawn = [
                    random.choice((-1, 1)) * scale * 10 ** random.uniform(-DECADES, DECADES)
                    for _ in range(count)
                ]
                cells = [
                    f"{o!r} + {text(change, 3)}" if o else text(change, 3)
                    for o, change in zip(old, drawn, strict=True)
                ]
                checked = answers.check(step.id, value=matrix(cells, step.shape))
                given[count] += 1
                accused[count] += checked.misconceptions not in ([], [A_FACT])
    return given, accused
