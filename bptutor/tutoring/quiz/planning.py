"""What a learner is asked next.

First comes back what went wrong in this sitting, after three other items (spaced and interleaved,
which is what makes practice last), in its easiest form and, once that is right, at full
difficulty; until then it rests. Then the skills that are due, those first that are likeliest
forgotten (see `memory`). Then what is not known yet of this learner: a dozen items is looked for
at which as many mistakes as possible can show themselves that had no occasion so far (see
`cover`), and of those the one comes that tells most, so that a weak spot is found in few items;
but a quiz begins with the lightest ones.
When every mistake has had its occasion the skills are practised ahead, the weakest first. Of a
skill that is due or weak a step comes that was not asked yet, where the mistake can be made that
this learner makes most probably. Among items that serve equally well the one with the least work
by hand comes, and among those the seed chooses.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from math import fsum

from bptutor.record.attempts import Met
from bptutor.record.sittings import Why
from bptutor.tutoring.quiz.cover import cover
from bptutor.tutoring.quiz.memory import Rating, due, rating, reviewed, strength
from bptutor.tutoring.skills import Skill

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
