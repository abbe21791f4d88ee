"""Learners who hold one misconception, and the quizzes that they are given."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import TypeAlias

from bptutor.grading.misconceptions import mistakes, situation
from bptutor.lesson.find import available
from bptutor.lesson.load import load
from bptutor.lesson.steps import steps
from bptutor.quiz.planner import Candidate, Choice, Memory, Outcome, Planner
from bptutor.quiz.practice import candidates_of
from bptutor.quiz.schedule import reviewed
from bptutor.record.attempts import Met

NOW = 1_790_000_000.0
DAY = 86_400.0
WITHIN = 12
"""Items within which a weak skill has to be found."""
LENGTH = 30
"""Items of a quiz that goes on after that."""
SLIPS = 0.04
"""How often something goes wrong that is no misconception."""


@cache
def candidates() -> tuple[Candidate, ...]:
    """All that can be asked of all lessons."""
    return tuple(candidate for name in available() for candidate in candidates_of(name, load(name)))


@cache
def made_at() -> dict[tuple[str, str], frozenset[str]]:
    """The mistakes that a learner can make at each step: those that the rules say, of its own."""
    return {
        (name, step.id): frozenset(each.id for each in mistakes(situation(lesson, step, "ascii")))
        for name in available()
        for lesson in (load(name),)
        for step in steps(lesson)
    }


@cache
def misconceptions() -> tuple[str, ...]:
    """All that can show themselves somewhere."""
    return tuple(sorted(frozenset[str]().union(*(each.mistakes for each in candidates()))))


@dataclass(frozen=True)
class Run:
    """A quiz that a learner was given."""

    held: str
    choices: tuple[Choice, ...]
    outcomes: tuple[Outcome, ...]

    @property
    def in_time(self) -> bool:
        """Was it found within a dozen items?"""
        return self.found is not None and self.found <= WITHIN

    @property
    def found(self) -> int | None:
        """At which item the misconception was named first."""
        named = (count for count, each in enumerate(self.outcomes, 1) if self.held in each.mistakes)
        return next(named, None)

    def share(self, id_: str, after: int) -> float:
        """The share of the later items at which a misconception can show itself."""
        later = self.choices[after:]
        return sum(id_ in each.candidate.mistakes for each in later) / len(later)


Answer: TypeAlias = Callable[[Candidate], Outcome]


def quiz(
    held: str,
    answer: Answer,
    seed: int,
    *,
    length: int = LENGTH,
    memory: Memory | None = None,
    now: float = NOW,
) -> Run:
    """What a learner is asked, and how it goes."""
    planner = Planner(candidates(), memory or Memory(), seed, now)
    choices: list[Choice] = []
    outcomes: list[Outcome] = []
    for _ in range(length):
        choices.append(planner.next(outcomes))
        outcomes.append(answer(choices[-1].candidate))
    return Run(held, tuple(choices), tuple(outcomes))


def learner(held: str, seed: int) -> Answer:
    """One who makes a mistake wherever it can be made, and slips now and then.

    Without one held, one who only slips.
    """
    chance = random.Random(f"{held} {seed}")

    def answer(candidate: Candidate) -> Outcome:
        makes = held in made_at()[candidate.lesson, candidate.step]
        if makes and held in candidate.mistakes:
            given_up = chance.random() < 0.5
            return Outcome(candidate, not given_up, wrong=1, shown=given_up, mistakes=(held,))
        if chance.random() < SLIPS:
            named = ("sign-slip",) if chance.random() < 0.5 else ()
            return Outcome(candidate, True, wrong=1, mistakes=named)
        return Outcome(candidate, True)

    return answer


def learners(each: int) -> Iterator[tuple[str, int]]:
    """So many learners for every misconception: what each holds, and a seed of its own."""
    for number, held in enumerate(misconceptions()):
        for seed in range(each):
            yield held, 1000 * number + seed


def runs(each: int) -> Iterator[Run]:
    """A first quiz for so many learners of every misconception."""
    for held, seed in learners(each):
        yield quiz(held, learner(held, seed), seed)


def remembered(run: Run, at: float) -> Memory:
    """What the record knows after a quiz."""
    cards: dict[str, str] = {}
    met, made = Counter[str](), Counter[str]()
    for outcome in run.outcomes:
        skill = outcome.candidate.skill
        cards[skill], _ = reviewed(cards.get(skill), outcome.rating, at)
        met.update(outcome.evidence)
        made.update(outcome.evidence.intersection(outcome.mistakes))
    return Memory(cards, {id_: Met(met[id_], made[id_], at) for id_ in met})
