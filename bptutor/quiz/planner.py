"""Which item comes next: what went wrong, what is due, what tells most about the learner."""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import fsum

from bptutor.course.skills import Skill
from bptutor.quiz.schedule import Rating, due, rating, reviewed, strength
from bptutor.record.attempts import Met
from bptutor.record.sittings import Why

STARTS = 6
"""Selections that are begun with and bettered; the best is taken."""


def cover(sets: Sequence[frozenset[str]], count: int, seed: int) -> list[int]:
    """The places of at most `count` sets that cover as much as can be found together.

    The best selection is hard to find (maximum coverage is NP-hard), a good one is not: to take
    what adds most, again and again, covers 63 % of what the best one does at least (Nemhauser,
    Wolsey and Fisher 1978), and as a rule nearly all. That selection, and some that are drawn, are
    bettered by one exchange after another until none gains anything. The seed chooses between
    selections that are as good.
    """
    bits = {each: 1 << place for place, each in enumerate(sorted(frozenset().union(*sets)))}
    masks = {sum(bits[each] for each in one): place for place, one in enumerate(sets)}
    pool = _largest(list(masks))
    chance = random.Random(seed)
    chance.shuffle(pool)
    found = [_bettered([0] * count, pool)]
    found += [_bettered(chance.choices(pool, k=count), pool) for _ in range(STARTS - 1) if pool]
    best = max(found, key=lambda selected: _union(selected).bit_count())
    return [masks[mask] for mask in dict.fromkeys(best) if mask]


def _bettered(selected: list[int], pool: Sequence[int]) -> list[int]:
    """Each in turn exchanged for what adds most to the others, until nothing is gained."""
    before = -1
    while before < (covered := _union(selected).bit_count()):
        before = covered
        for place, now in enumerate(selected):
            missing = ~_union(selected[:place] + selected[place + 1 :])
            gained = (now & missing).bit_count()
            best = max(pool, key=lambda mask: (mask & missing).bit_count(), default=0)
            if (best & missing).bit_count() > gained:
                selected[place] = best
    return selected


def _largest(masks: list[int]) -> list[int]:
    """Those that are not within another one."""
    found: list[int] = []
    for mask in sorted(masks, key=int.bit_count, reverse=True):
        if not any(mask & other == mask for other in found):
            found.append(mask)
    return found


def _union(masks: Sequence[int]) -> int:
    together = 0
    for mask in masks:
        together |= mask
    return together


# ── planning ──────────────────────────────────────────────────────────────────────────────────────


GENTLE = 3
"""Items at the beginning of a quiz of which none is heavier than need be."""
APART = 3
"""Other items between what went wrong and its coming back."""
WITHIN = 12
"""Items within which as many mistakes as possible have their occasion."""


@dataclass(frozen=True)
class Candidate:
    """A step that can be asked."""

    lesson: str
    step: str
    skill: Skill
    burden: float
    """How much work it is by hand."""
    mistakes: frozenset[str]
    """The misconceptions that can show themselves there."""


@dataclass(frozen=True)
class Memory:
    """What the record knew of a learner when the quiz began; nothing where a seed was given.

    A quiz that goes on has to be given the same one, since what was done since is told apart.
    """

    cards: Mapping[str, str] = field(default_factory=dict)
    """By skill, as JSON."""
    met: Mapping[str, Met] = field(default_factory=dict)
    """By misconception."""


@dataclass(frozen=True)
class Outcome:
    """How an item went, once it is over."""

    candidate: Candidate
    solved: bool
    wrong: int = 0
    """Wrong attempts."""
    hints: int = 0
    shown: bool = False
    mistakes: tuple[str, ...] = ()
    """The ids of what was named, the likeliest first."""

    @property
    def rating(self) -> Rating:
        """How well it went."""
        solved = self.solved and not self.shown
        return rating(solved=solved, wrong=self.wrong, hints=self.hints)

    @property
    def failed(self) -> bool:
        """Did it go wrong at first, or altogether?"""
        return self.wrong > 0 or self.shown or not self.solved

    @property
    def evidence(self) -> frozenset[str]:
        """The misconceptions of which it tells whether this learner makes them."""
        solved = self.solved and not self.shown
        return evidence(self.candidate.mistakes, self.mistakes, solved=solved)


def evidence(mistakes: frozenset[str], named: Iterable[str], *, solved: bool) -> frozenset[str]:
    """Of the mistakes that can show themselves at a step, those of which an item tells.

    What was solved tells of all: they were named, or not made. What was given up tells of those
    alone that were named.
    """
    return mistakes if solved else mistakes.intersection(named)


@dataclass(frozen=True)
class Choice:
    """What comes next, and why."""

    candidate: Candidate
    why: Why


@dataclass
class _Weakness:
    """What went wrong in this sitting and has not come right at full difficulty since."""

    candidate: Candidate
    """The item at full difficulty."""
    mistake: str
    """The misconception that was named, or nothing."""
    since: int
    """How many items were over when it was asked last."""
    easier_first: bool

    def shows_at(self, candidate: Candidate) -> bool:
        """Would it show itself there?"""
        alike = candidate.skill == self.candidate.skill
        return alike and (not self.mistake or self.mistake in candidate.mistakes)


class Planner:
    """Chooses the items of one quiz, one after another."""

    def __init__(
        self, candidates: Iterable[Candidate], memory: Memory, seed: int, now: float
    ) -> None:
        """The same arguments, in any order of the candidates, make the same choices.

        Args:
            candidates: all that can be asked; at least one.
            memory: what the record knew when the quiz began.
            seed: chooses among what serves equally well.
            now: when the quiz began; seconds since 1970, UTC.
        """
        self._candidates = sorted(candidates, key=lambda each: (each.lesson, each.step))
        random.Random(seed).shuffle(self._candidates)
        self._memory = memory
        self._seed = seed
        self._now = now

    def next(self, done: Sequence[Outcome]) -> Choice:
        """What to ask after what is done; it depends on nothing else."""
        last = done[-1].candidate if done else None
        others = [each for each in self._candidates if each != last] or self._candidates
        weaknesses = _weaknesses(done)
        for weakness in weaknesses:
            alike = [each for each in others if weakness.shows_at(each)]
            if alike and len(done) - weakness.since >= APART:
                return self._come_back(done, weakness, alike)
        rested = [each for each in others if not any(w.shows_at(each) for w in weaknesses)]
        pool = rested or others
        return self._due(done, pool) or self._new(done, pool) or self._ahead(done, pool)

    def _come_back(
        self, done: Sequence[Outcome], weakness: _Weakness, alike: list[Candidate]
    ) -> Choice:
        full = weakness.candidate.burden
        easiest = min(alike, key=lambda each: each.burden)
        if weakness.easier_first and easiest.burden < full:
            return Choice(easiest, "easier")
        whole = [each for each in alike if each.burden >= full] or alike
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
        selected = [each for each in pool if unknown(each) and each in self._dozen]
        if selected and len(done) < GENTLE:
            best = min(selected, key=lambda each: each.burden)
        else:
            best = _most(selected or pool, lambda each: (len(unknown(each)),))
        as_good = [each for each in pool if each.mistakes >= unknown(best)]
        return Choice(min(as_good, key=lambda each: each.burden) if selected else best, "new")

    @cached_property
    def _dozen(self) -> set[Candidate]:
        """A few items at which most of what the record does not know can show itself."""
        unknown = self._unknown([])
        found = cover([unknown(each) for each in self._candidates], WITHIN, self._seed)
        return {self._candidates[place] for place in found}

    def _ahead(self, done: Sequence[Outcome], others: list[Candidate]) -> Choice:
        cards = dict(self._memory.cards)
        for outcome in done:
            skill = outcome.candidate.skill
            cards[skill], _ = reviewed(cards.get(skill), outcome.rating, self._now)
        just = {each.candidate.skill for each in done[-APART:]}
        pool = [each for each in others if each.skill not in just] or others
        return self._weakest(done, pool, cards, "ahead")

    def _weakest(
        self,
        done: Sequence[Outcome],
        pool: list[Candidate],
        cards: Mapping[str, str],
        why: Why,
    ) -> Choice:
        """Of the weakest skill what was not asked yet, where the likeliest mistake can be made."""
        weakness = {skill: (strength(card, self._now), due(card)) for skill, card in cards.items()}
        weakest = min(pool, key=lambda each: weakness[each.skill]).skill
        asked = {each.candidate for each in done}
        alike = [each for each in pool if each.skill == weakest]
        doubt = self._doubt(done)
        fresh = [each for each in alike if each not in asked] or alike
        return Choice(_most(fresh, lambda each: _doubts(map(doubt, each.mistakes))), why)

    def _unknown(self, done: Sequence[Outcome]) -> Callable[[Candidate], frozenset[str]]:
        """The mistakes that had no occasion yet and would have one at a candidate."""
        known = frozenset(self._memory.met).union(*(each.evidence for each in done))
        return lambda candidate: candidate.mistakes - known

    def _doubt(self, done: Sequence[Outcome]) -> Callable[[str], float]:
        """How probable it is that a mistake is made, by Laplace's rule of succession."""
        known = self._memory.met
        met, made = Counter[str](), Counter[str]()
        for outcome in done:
            met.update(outcome.evidence)
            made.update(outcome.evidence.intersection(outcome.mistakes))

        def doubt(id_: str) -> float:
            before = known.get(id_)
            times_met = met[id_] + (before.met if before else 0)
            times_made = made[id_] + (before.made if before else 0)
            return (times_made + 1) / (times_met + 2)

        return doubt


def _weaknesses(done: Sequence[Outcome]) -> list[_Weakness]:
    """What has to come back, the longest waiting first."""
    found: list[_Weakness] = []
    for count, outcome in enumerate(done, 1):
        candidate = outcome.candidate
        here = [each for each in found if each.shows_at(candidate)]
        for each in here:
            each.since = count
        if not outcome.failed:
            for each in here:
                each.easier_first = False
                if candidate.burden >= each.candidate.burden:
                    found.remove(each)
            continue
        named = [id_ for id_ in outcome.mistakes if id_ in candidate.mistakes]
        mistake = named[0] if named else ""
        slip = bool(outcome.mistakes) and not named
        known = next((each for each in here if each.mistake == mistake), None)
        if known is None:
            found.append(_Weakness(candidate, mistake, count, not slip))
        else:
            known.easier_first = not slip
    return sorted(found, key=lambda each: each.since)


def _doubts(doubts: Iterable[float]) -> tuple[float, float]:
    """The largest of them, then all of them."""
    all_of_them = list(doubts)
    return max(all_of_them, default=0.0), fsum(all_of_them)


def _most(
    pool: Sequence[Candidate], telling: Callable[[Candidate], tuple[float, ...]]
) -> Candidate:
    """What tells most; of several such the one with the least work."""
    return max(pool, key=lambda each: (telling(each), -each.burden))
