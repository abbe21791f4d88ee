"""What is remembered, and for how long: a card a skill, scheduled by FSRS.

FSRS keeps three numbers of a memory: its difficulty, its stability (the days until recall has
fallen to 90 %) and, from the time gone by, its retrievability (the probability of recall now). A
review moves the first two by how it went and how much had been forgotten by then; it is due again
when retrievability is to fall to 90 %. The formulas are public:
https://github.com/open-spaced-repetition/fsrs4anki/wiki/The-Algorithm; the reasoning is in
J. Ye, J. Su, Y. Cao, "A Stochastic Shortest Path Algorithm for Optimizing Spaced Repetition
Scheduling", KDD 2022. FSRS speaks here of days alone: what comes back within a sitting is the
planner's matter, so that there are no learning steps of minutes. Nothing is drawn by lot: the same
reviews at the same times give the same card.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import cache
from time import time
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from fsrs import Card, Scheduler


Rating: TypeAlias = Literal["again", "hard", "good"]
"""How a review went, in FSRS' terms. Its fourth, easy, is for what took no thought: no arithmetic
by hand is that."""


def rating(*, solved: bool, wrong: int, hints: int) -> Rating:
    """How an item went: at once without help, with wrong attempts or hints, or not at all."""
    if not solved:
        return "again"
    return "hard" if wrong or hints else "good"


def reviewed(card: str | None, rating: Rating, now: float) -> tuple[str, float]:
    """A skill's card after a review.

    Args:
        card: the card as JSON; None for a skill that was never practised. One that cannot be read
            begins again.
        rating: how it went.
        now: when; seconds since 1970, UTC.

    Returns:
        The card, and when the skill is due.
    """
    from fsrs import Card, Rating

    known = card is not None and is_readable(card)
    before = _card(card) if card and known else Card(card_id=0, due=_time(now))
    after, _ = _scheduler().review_card(before, Rating[rating.capitalize()], _time(now))
    return after.to_json(), after.due.timestamp()


def is_readable(card: str) -> bool:
    """Is it a card, and not something that a damage or another program has put there?"""
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
    """When the day is over by the learner's own calendar; seconds since 1970, UTC.

    What is due on a day is due from its morning on, however late it was practised last.
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
