"""The paper of an exam: questions of one to three steps, drawn from a seed.

The steps of a question are on one set of numbers, and each later one goes on with an answer before
it. Which steps make a question follows from what their formulas read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache
from random import Random

from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step, known_names, places
from bptutor.locale import UserError
from bptutor.record.sittings import AskedItem
from bptutor.tutoring.questions import numbers_read
from bptutor.tutoring.quiz.items import NOTHING_TO_ASK, Item, askable, burden, make_item, serves
from bptutor.tutoring.skills import Skill, skill

LONGEST = 3
"""Steps of a question at most."""
TRIES = 12
"""Sets of numbers made for a question's first step that may fail to serve the others."""
SEEDS = 1_000_000
"""Seeds have at most six digits, as in practice."""

Chain = tuple[Step, ...]


@lru_cache(maxsize=64)
def chains(lesson: Lesson) -> tuple[Chain, ...]:
    """The questions that a lesson has: steps of which each later one reads an earlier one.

    Whatever else they read is known before the first of them, so that nothing gives away an
    answer that is asked.
    """
    reads = {step: frozenset(numbers_read(step.product)) for step in askable(lesson)}
    return tuple(chain for first in reads for chain in _onward(lesson, (first,), reads))


def _onward(lesson: Lesson, chain: Chain, reads: Mapping[Step, Set[str]]) -> Iterator[Chain]:
    """A question, and the longer ones that begin with it."""
    yield chain
    if len(chain) == LONGEST:
        return
    place = places(lesson)
    asked = {step.id for step in chain}
    ready = asked.union(known_names(lesson, place[chain[0].id]))
    for step, needed in reads.items():
        if place[step.id] > place[chain[-1].id] and needed & asked and needed <= ready:
            yield from _onward(lesson, (*chain, step), reads)


@dataclass(frozen=True, eq=False)
class _Question:
    """A question that may be asked, whatever its numbers."""

    name: str
    """By which its lesson is opened."""
    lesson: Lesson
    chain: Chain
    skills: tuple[Skill, ...]


def paper(lessons: Mapping[str, Lesson], items: int, seed: int) -> list[list[AskedItem]]:
    """The questions of an exam, from light to heavy ones, with `items` steps to answer in all.

    It is the same paper for the same lessons, by whatever name they are opened, and seed.

    Raises:
        UserError: there is nothing in these lessons of which items can be made.
    """
    random = Random(f"exam {seed}")
    ready = [
        _Question(name, lesson, chain, tuple(skill(lesson, step) for step in chain))
        for name, lesson in lessons.items()
        for chain in chains(lesson)
    ]
    chosen: list[tuple[_Question, Item]] = []
    while (left := items - sum(len(each.chain) for each, _ in chosen)) > 0:
        fitting = [each for each in ready if len(each.chain) <= left]
        if not fitting:
            raise UserError(NOTHING_TO_ASK)
        question = _next(fitting, [each for each, _ in chosen], random)
        item = _numbers(question, random)
        if item:
            chosen.append((question, item))
        else:
            ready.remove(question)
    chosen.sort(key=lambda pair: _work(pair[0]))
    return [_asked(*pair, group) for group, pair in enumerate(chosen)]


def _next(ready: Sequence[_Question], chosen: Sequence[_Question], random: Random) -> _Question:
    """The question that balances the paper best: new steps, rare skills, rare lessons, long."""
    steps = Counter((each.name, step.id) for each in chosen for step in each.chain)
    skills = Counter(each for question in chosen for each in question.skills)
    lessons = Counter(each.name for each in chosen)

    def rank(each: _Question) -> tuple[float, ...]:
        repeated = sum(steps[each.name, step.id] for step in each.chain)
        met = Counter(skills)
        common = 0
        for kind in each.skills:
            common += met[kind]
            met[kind] += 1
        length = len(each.chain)
        return repeated / length, common / length, lessons[each.name], -length, random.random()

    return min(ready, key=rank)


def _numbers(question: _Question, random: Random) -> Item | None:
    """Numbers at which every step of a question tells mistakes apart; None where they are rare."""
    first, *later = question.chain
    for _ in range(TRIES):
        try:
            item = make_item(question.lesson, first.id, int(random.random() * SEEDS))
        except UserError:
            return None
        if all(serves(item.lesson, step) for step in later):
            return item
    return None


def _work(question: _Question) -> float:
    return sum(burden(question.lesson, step) for step in question.chain)


def _asked(question: _Question, item: Item, group: int) -> list[AskedItem]:
    first = question.chain[0].id
    return [
        AskedItem(
            lesson=question.name,
            digest=question.lesson.digest,
            step=step.id,
            skill=kind,
            seed=item.seed,
            made_for="" if step.id == first else first,
            group=group,
        )
        for step, kind in zip(question.chain, question.skills, strict=True)
    ]
