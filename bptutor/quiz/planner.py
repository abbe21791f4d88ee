"""Chooses the next item: what went wrong, what is due, what says most about the learner."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, reduce
from math import fsum
from operator import or_

from bptutor.course.skills import Skill
from bptutor.literals import Part, Rating
from bptutor.quiz.schedule import due, rating, reviewed, strength
from bptutor.record.attempts import Met
from bptutor.record.sittings import Why

STARTS = 6  # selections that the local search starts from; the best result is taken


def cover(sets: Sequence[frozenset[str]], count: int, seed: int) -> list[int]:
    """The indices of at most `count` sets whose union is as large as local search finds.

    Maximum coverage is NP-hard. Greedy choice covers at least 63 % of the best selection
    (Nemhauser, Wolsey and Fisher 1978), and as a rule nearly all. That selection and some random
    ones are improved by exchanges until none gains anything. The seed chooses between equal ones.
    """
    bits = {element: 1 << bit for bit, element in enumerate(sorted(frozenset().union(*sets)))}
    masks = {sum(map(bits.__getitem__, members)): index for index, members in enumerate(sets)}
    pool = _maximal(list(masks))
    chance = random.Random(seed)
    chance.shuffle(pool)
    selections = [_improved([0] * count, pool)]
    for _ in range(STARTS - 1) if pool else ():
        selections.append(_improved(chance.choices(pool, k=count), pool))
    best = max(selections, key=lambda selected: _union(selected).bit_count())
    return [masks[mask] for mask in dict.fromkeys(best) if mask]


def _improved(selected: list[int], pool: Sequence[int]) -> list[int]:
    """Exchange each set for the one that adds most to the others, until nothing is gained."""
    before = -1
    while before < (covered := _union(selected).bit_count()):
        before = covered
        for index, now in enumerate(selected):
            missing = ~_union(selected[:index] + selected[index + 1 :])
            gained = (now & missing).bit_count()
            best = max(pool, key=lambda mask: (mask & missing).bit_count(), default=0)
            if (best & missing).bit_count() > gained:
                selected[index] = best
    return selected


def _maximal(masks: list[int]) -> list[int]:
    """The sets that are not a subset of another one."""
    maximal: list[int] = []
    for mask in sorted(masks, key=int.bit_count, reverse=True):
        if not any(mask & other == mask for other in maximal):
            maximal.append(mask)
    return maximal


def _union(masks: Sequence[int]) -> int:
    return reduce(or_, masks, 0)


# ── planning ──────────────────────────────────────────────────────────────────────────────────────


GENTLE = 3  # items at the beginning of a quiz that are as light as possible
APART = 3  # other items between a mistake and the item that repeats it
WITHIN = 12  # items within which as many misconceptions as possible can show


@dataclass(frozen=True)
class Candidate:
    lesson: str
    step: str
    skill: Skill
    burden: float
    mistakes: frozenset[str]  # the misconceptions that can show there
    part: Part = "tape"

    @property
    def key(self) -> tuple[str, Part, str]:
        return self.lesson, self.part, self.step


@dataclass(frozen=True)
class Memory:
    """What the record knew of a learner when the quiz began; nothing where a seed was given.

    A resumed quiz needs the same one: its own outcomes are counted separately.
    """

    cards: Mapping[str, str] = field(default_factory=dict)  # by skill, as JSON
    met: Mapping[str, Met] = field(default_factory=dict)  # by misconception


@dataclass(frozen=True)
class Outcome:
    """How an item went, once it is over."""

    candidate: Candidate
    solved: bool
    wrong: int = 0  # wrong attempts
    hints: int = 0
    shown: bool = False
    mistakes: tuple[str, ...] = ()  # the misconceptions that were diagnosed, the likeliest first
    possible: tuple[str, ...] = ()  # those of which nobody can tell whether they were made

    @property
    def rating(self) -> Rating:
        solved = self.solved and not self.shown
        return rating(solved=solved, wrong=self.wrong, hints=self.hints)

    @property
    def failed(self) -> bool:
        """Was there a wrong attempt, or no right one?"""
        return self.wrong > 0 or self.shown or not self.solved

    @property
    def evidence(self) -> frozenset[str]:
        solved = self.solved and not self.shown
        return evidence(
            self.candidate.mistakes, self.mistakes, solved=solved, possible=self.possible
        )


def evidence(
    mistakes: frozenset[str], named: Iterable[str], *, solved: bool, possible: Iterable[str] = ()
) -> frozenset[str]:
    """The misconceptions about which an item is evidence, for or against.

    A solved item is evidence about all that can show at its step: each was diagnosed, or not made,
    but for those that are only possible.
    An item given up is evidence about the diagnosed ones only.
    """
    return mistakes.difference(possible) if solved else mistakes.intersection(named)


@dataclass(frozen=True)
class Choice:
    candidate: Candidate
    why: Why


@dataclass
class _Weakness:
    """A failed item that was not solved at full difficulty since."""

    candidate: Candidate  # the item at full difficulty
    mistake: str
    since: int  # how many items were over when it was asked last
    easier_first: bool

    def shows_at(self, candidate: Candidate) -> bool:
        same_skill = candidate.skill == self.candidate.skill
        return same_skill and (not self.mistake or self.mistake in candidate.mistakes)


class Planner:
    """Chooses the items of one quiz, one after another."""

    def __init__(
        self, candidates: Iterable[Candidate], memory: Memory, seed: int, now: float
    ) -> None:
        """The same arguments, in any order of the candidates, make the same choices."""
        self._candidates = sorted(
            candidates, key=lambda each: (each.lesson, each.step, each.part != "tape", each.part)
        )
        random.Random(seed).shuffle(self._candidates)
        self._memory = memory
        self._seed = seed
        self._now = now

    def next(self, done: Sequence[Outcome]) -> Choice:
        """What to ask after these outcomes; it depends on nothing else."""
        last = done[-1].candidate if done else None
        others = [each for each in self._candidates if each != last] or self._candidates
        weaknesses = _weaknesses(done)
        for weakness in weaknesses:
            matching = [each for each in others if weakness.shows_at(each)]
            if matching and len(done) - weakness.since >= APART:
                return self._repeat(done, weakness, matching)
        rested = [each for each in others if not any(w.shows_at(each) for w in weaknesses)]
        pool = rested or others
        return self._due(done, pool) or self._new(done, pool) or self._ahead(done, pool)

    def _repeat(
        self, done: Sequence[Outcome], weakness: _Weakness, matching: list[Candidate]
    ) -> Choice:
        full = weakness.candidate.burden
        easiest = min(matching, key=lambda each: each.burden)
        if weakness.easier_first and easiest.burden < full:
            return Choice(easiest, "easier")
        whole = [each for each in matching if each.burden >= full] or matching
        unknown = self._unknown(done)
        return Choice(_most(whole, lambda each: (len(unknown(each)),)), "again")

    def _due(self, done: Sequence[Outcome], others: list[Candidate]) -> Choice | None:
        practised = {each.candidate.skill for each in done}
        waiting = {
            skill: card
            for skill, card in self._memory.cards.items()
            if skill not in practised and due(card) <= self._now
        }
        pool = [each for each in others if each.skill in waiting]
        return self._weakest(done, pool, waiting, "due") if pool else None

    def _new(self, done: Sequence[Outcome], others: list[Candidate]) -> Choice | None:
        unknown = self._unknown(done)
        skills = {*self._memory.cards, *(each.candidate.skill for each in done)}
        pool = [each for each in others if unknown(each) or each.skill not in skills]
        if not pool:
            return None
        plain = [each for each in pool if each.skill in self._plain and each.skill not in skills]
        if plain and len(done) % 2:
            return Choice(min(plain, key=lambda each: self._plain[each.skill]), "new")
        selected = [each for each in pool if unknown(each) and each in self._covering]
        before = done[-1].candidate.lesson if done else ""
        if selected and len(done) < GENTLE:
            best = min(selected, key=lambda each: each.burden)
        else:
            best = _most(selected or pool, lambda each: (len(unknown(each)),))
        as_good = [each for each in pool if each.mistakes >= unknown(best)]
        lightest = min(as_good, key=lambda each: (each.lesson == before, each.burden))
        return Choice(lightest if selected else best, "new")

    @cached_property
    def _plain(self) -> Counter[Skill]:
        """The skills without misconceptions, with how many candidates they have.

        They take turns with the others, which would all come first.
        """
        diagnosed = {each.skill for each in self._candidates if each.mistakes}
        return Counter(each.skill for each in self._candidates if each.skill not in diagnosed)

    @cached_property
    def _covering(self) -> set[Candidate]:
        """A few items at which most misconceptions without evidence can show."""
        unknown = self._unknown([])
        selected = cover([unknown(each) for each in self._candidates], WITHIN, self._seed)
        return {self._candidates[index] for index in selected}

    def _ahead(self, done: Sequence[Outcome], others: list[Candidate]) -> Choice:
        cards = dict(self._memory.cards)
        for outcome in done:
            skill = outcome.candidate.skill
            cards[skill], _ = reviewed(cards.get(skill), outcome.rating, self._now)
        just = {each.candidate.skill for each in done[-APART:]}
        pool = [each for each in others if each.skill not in just] or others
        return self._weakest(done, pool, cards, "ahead")

    def _weakest(
        self, done: Sequence[Outcome], pool: list[Candidate], cards: Mapping[str, str], why: Why
    ) -> Choice:
        """An item of the weakest skill, if possible new, where the likeliest mistake can show."""
        weakness = {skill: (strength(card, self._now), due(card)) for skill, card in cards.items()}
        weakest = min(pool, key=lambda each: weakness[each.skill]).skill
        asked = {each.candidate for each in done}
        matching = [each for each in pool if each.skill == weakest]
        probability = self._probability(done)
        fresh = [each for each in matching if each not in asked] or matching

        def value(candidate: Candidate) -> tuple[float, float]:
            likely = [probability(mistake) for mistake in candidate.mistakes]
            return max(likely, default=0.0), fsum(likely)

        return Choice(_most(fresh, value), why)

    def _unknown(self, done: Sequence[Outcome]) -> Callable[[Candidate], frozenset[str]]:
        """The misconceptions without evidence so far that can show at a candidate."""
        known = frozenset(self._memory.met).union(*(each.evidence for each in done))
        return lambda candidate: candidate.mistakes - known

    def _probability(self, done: Sequence[Outcome]) -> Callable[[str], float]:
        """The probability that a mistake is made, by Laplace's rule of succession."""
        known = self._memory.met
        met, made = Counter[str](), Counter[str]()
        for outcome in done:
            met.update(outcome.evidence)
            made.update(outcome.evidence.intersection(outcome.mistakes))

        def probability(id_: str) -> float:
            before = known.get(id_)
            times_met = met[id_] + (before.met if before else 0)
            times_made = made[id_] + (before.made if before else 0)
            return (times_made + 1) / (times_met + 2)

        return probability


def _weaknesses(done: Sequence[Outcome]) -> list[_Weakness]:
    """What has to be repeated, the longest waiting first."""
    weaknesses: list[_Weakness] = []
    for count, outcome in enumerate(done, 1):
        candidate = outcome.candidate
        here = [each for each in weaknesses if each.shows_at(candidate)]
        for each in here:
            each.since = count
        if not outcome.failed:
            for each in here:
                each.easier_first = False
                if candidate.burden >= each.candidate.burden:
                    weaknesses.remove(each)
            continue
        named = [id_ for id_ in outcome.mistakes if id_ in candidate.mistakes]
        mistake = named[0] if named else ""
        slip = bool(outcome.mistakes) and not named
        known = next((each for each in here if each.mistake == mistake), None)
        if known is None:
            weaknesses.append(_Weakness(candidate, mistake, count, not slip))
        else:
            known.easier_first = not slip
    return sorted(weaknesses, key=lambda each: each.since)


def _most(pool: Sequence[Candidate], value: Callable[[Candidate], tuple[float, ...]]) -> Candidate:
    """The candidate of the highest value; of several the one with the least work."""
    return max(pool, key=lambda each: (value(each), -each.burden))
