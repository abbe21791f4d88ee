"""A model of what the learner remembers: a card for each skill, scheduled by FSRS.

FSRS keeps three numbers of a memory: its difficulty, its stability (the days until recall has
fallen to 90 %) and, from the time gone by, its retrievability (the probability of recall now). A
review moves the first two by how it went and how much had been forgotten by then; it is due again
when retrievability is to fall to 90 %. The formulas are public:
https://github.com/open-spaced-repetition/fsrs4anki/wiki/The-Algorithm; the reasoning is in
J. Ye, J. Su, Y. Cao, "A Stochastic Shortest Path Algorithm for Optimizing Spaced Repetition
Scheduling", KDD 2022. Intervals are whole days: repetition within a sitting is up to the planner,
so there are no learning steps of minutes. Nothing is random: the same reviews at the same times
give the same card.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from time import time
from typing import TYPE_CHECKING

from bptutor.literals import Rating

if TYPE_CHECKING:
    from fsrs import Card, Scheduler


WRONG = 0.5  # of the credit for each wrong attempt: a second try counts, guessing does not pay
HINT = 0.8  # each hint costs a fifth of the credit
FORGOTTEN = 0.25  # an answer of less credit was found, not remembered


def credit(wrong: int, hints: int) -> float:
    """The credit for a right answer after wrong attempts and hints, from 0 to 1."""
    return float(WRONG**wrong * HINT**hints)


def rating(*, solved: bool, wrong: int, hints: int) -> Rating:
    """How an item went: at once without help, with help, or with so much that it was not known."""
    if not solved or credit(wrong, hints) < FORGOTTEN:
        return "again"
    return "hard" if wrong or hints else "good"


def reviewed(card: str | None, rating: Rating, now: float) -> tuple[str, float]:
    """A skill's card after a review, as JSON, and when the skill is due (UTC).

    None is a new skill's card; an unreadable one starts again.
    """
    from fsrs import Card
    from fsrs import Rating as Went

    known = card is not None and is_readable(card)
    before = _card(card) if card and known else Card(card_id=0, due=_time(now))
    after, _ = _scheduler().review_card(before, Went[rating.capitalize()], _time(now))
    return after.to_json(), after.due.timestamp()


def is_readable(card: str) -> bool:
    """Is it a card, not damaged and of no other program?"""
    from fsrs import Rating

    try:
        due(card)
        _scheduler().review_card(_card(card), Rating.Good, _time(time()))
        return 0 <= strength(card, time()) <= 1
    except (ArithmeticError, AttributeError, KeyError, OSError, TypeError, ValueError):
        return False


def strength(card: str, now: float) -> float:
    """The probability that a skill is remembered now, in whole days since it was practised."""
    return _scheduler().get_card_retrievability(_card(card), _time(now))


def due(card: str) -> float:
    """When a skill is to be practised again; seconds since 1970, UTC."""
    return _card(card).due.timestamp()


def end_of_day(now: float) -> float:
    """The end of the learner's local day; seconds since 1970, UTC.

    A skill is due from the morning of its day on, however late it was practised last.
    """
    midnight = datetime.fromtimestamp(now).replace(hour=0, minute=0, second=0, microsecond=0)
    return (midnight + timedelta(days=1)).timestamp()


def _card(card: str) -> Card:
    from fsrs import Card

    return Card.from_json(card)


@cache
def _scheduler() -> Scheduler:
    from fsrs import Scheduler

    return Scheduler(learning_steps=(), relearning_steps=(), enable_fuzzing=False)


def _time(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
