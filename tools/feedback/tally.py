"""How often wrong answers are told what went wrong, and the table of it."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median
from time import perf_counter
from typing import Literal, TypeAlias

from bptutor.course.answers import Answers, Checked
from bptutor.lesson.lesson import Lesson
from tools.feedback.wrong import PRECISIONS, Wrong, wrong_answers

Outcome: TypeAlias = Literal["first", "second", "alike", "missed", "accepted"]
OUTCOMES: tuple[Outcome, ...] = ("first", "second", "missed", "accepted", "alike")


@dataclass
class Tally:
    """The outcomes of wrong answers."""

    counts: defaultdict[tuple[str, int | None], Counter[Outcome]] = field(
        default_factory=lambda: defaultdict(Counter)
    )
    """By what was asked and with how many figures it was answered."""
    found: list[tuple[Outcome, Lesson, Wrong, Checked]] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)

    def total(self, outcome: Outcome) -> int:
        return sum(counts[outcome] for counts in self.counts.values())

    @property
    def ids(self) -> set[str]:
        """The mistakes that were made."""
        return {wrong.id for _, _, wrong, _ in self.found}

    @property
    def distinguishable(self) -> int:
        return self.total("first") + self.total("second") + self.total("missed")

    @property
    def first(self) -> float:
        return self.total("first") / self.distinguishable

    @property
    def among_two(self) -> float:
        return (self.total("first") + self.total("second")) / self.distinguishable


def tally(lessons: Iterable[Lesson], precisions: Iterable[int | None] = PRECISIONS) -> Tally:
    """Check every wrong answer to the lessons, at each of these precisions."""
    result = Tally()
    for lesson in lessons:
        answers = Answers(lesson)
        for wrong in wrong_answers(answers.facts, precisions):
            asked = "product" if wrong.asked == "product" else "value"
            started = perf_counter()
            checked = answers.check(wrong.step.id, **{asked: wrong.text})
            result.seconds.append(perf_counter() - started)
            outcome = judged(wrong, checked)
            result.counts[wrong.asked, wrong.figures][outcome] += 1
            result.found.append((outcome, lesson, wrong, checked))
    return result


def judged(wrong: Wrong, checked: Checked) -> Outcome:
    """What became of a wrong answer.

    One that nobody can tell from another mistake's is only missed where the first that is named
    is none of these.
    """
    named = checked.misconceptions
    if checked.correct or checked.verdict == "imprecise":
        return "alike" if wrong.right else "accepted"
    if wrong.right:
        return "alike"
    if wrong.alike:
        return "alike" if named and named[0] in {wrong.id, *wrong.alike} else "missed"
    if wrong.id in named[:1]:
        return "first"
    return "second" if wrong.id in named[:2] else "missed"


def table(result: Tally) -> str:
    """The outcomes as lines of text."""
    rows = [f"{'answer':<9}{'figures':>8}" + "".join(f"{each:>10}" for each in OUTCOMES)]
    for (asked, figures), counts in sorted(
        result.counts.items(), key=lambda item: (item[0][0], item[0][1] or 99)
    ):
        shown = "all" if figures is None else figures
        rows.append(f"{asked:<9}{shown:>8}" + "".join(f"{counts[each]:>10}" for each in OUTCOMES))
    rows.append(f"{'all':<17}" + "".join(f"{result.total(each):>10}" for each in OUTCOMES))
    rows.append(
        f"of {result.distinguishable} that can be told apart: named first {result.first:.1%},"
        f" among the first two {result.among_two:.1%}"
    )
    rows.append(f"median time of a check: {median(result.seconds) * 1e3:.1f} ms")
    return "\n".join(rows)
