"""When a paper may be begun and when it ends, from the assignment, the learner, and what happened.

Everything is computed from the events each time: nothing that depends on a time is stored.
"""

from collections.abc import Iterable, Sequence

from msgspec import Struct

from bptutor.classroom.assignment import Assignment
from bptutor.classroom.people import Person
from bptutor.classroom.rows import Event, Paper


class Times(Struct, frozen=True):
    """The times of an assignment for one learner; None: there is none."""

    opens: float | None
    due: float | None
    closes: float | None  # nobody else's: with extensions and the time factor
    minutes: float  # from Begin on, with extensions and the time factor; 0 for no limit
    extended: float  # minutes that were added by hand

    def is_open(self, now: float) -> bool:
        """May a paper be begun?"""
        return not self.is_planned(now) and not self.is_closed(now)

    def is_planned(self, now: float) -> bool:
        return self.opens is not None and now < self.opens

    def is_closed(self, now: float) -> bool:
        return self.closes is not None and now >= self.closes


def of_learner(events: Iterable[Event], login: str) -> list[Event]:
    """What happened to this learner, or to all, in order."""
    return [event for event in events if event.login in ("", login)]


def times(assignment: Assignment, person: Person, events: Sequence[Event]) -> Times:
    """The times for a learner, from the events of the assignment.

    A time factor adds to the closing time what it adds to the time limit, so that who begins in
    time has all of it. An extension adds to every time and to the limit.
    """
    own = of_learner(events, person.login)
    extended = sum(event.number or 0 for event in own if event.what == "extend")
    factor_adds = assignment.minutes * max(0.0, person.time_factor - 1)
    more = 60 * (extended + factor_adds)
    closes = _later(assignment.closes, more)
    closed = _closed_by_hand(own)
    if closed is not None:
        closes = closed if closes is None else min(closes, closed)
    limit = assignment.minutes * person.time_factor
    return Times(
        opens=assignment.opens,
        due=_later(assignment.due, more),
        closes=closes,
        minutes=limit + extended if limit else 0.0,
        extended=extended,
    )


def ends(
    assignment: Assignment, person: Person, events: Sequence[Event], paper: Paper
) -> float | None:
    """When a paper ends; None: only once it is submitted.

    With the time limit, but cut at the closing time; one that was reopened, when that time is over.
    """
    own = of_learner(events, person.login)
    for place, event in reversed([*enumerate(own)]):
        if event.what == "reopen" and event.attempt == paper.attempt and event.number:
            after = own[place + 1 :]
            more = sum(each.number or 0 for each in after if each.what == "extend")
            return _least(event.at + 60 * (event.number + more), _closed_by_hand(after))
    allowed = times(assignment, person, events)
    limit = paper.begun + 60 * allowed.minutes if allowed.minutes else None
    return _least(limit, allowed.closes)


def is_limited(assignment: Assignment, events: Sequence[Event], paper: Paper) -> bool:
    """Has a paper a time limit, which runs from a moment of its own?"""
    reopened = (e for e in of_learner(events, paper.login) if e.what == "reopen" and e.number)
    return bool(assignment.minutes) or any(e.attempt == paper.attempt for e in reopened)


def is_late(assignment: Assignment, person: Person, events: Sequence[Event], at: float) -> bool:
    due = times(assignment, person, events).due
    return due is not None and at > due


def closes_for_all(
    assignment: Assignment, people: Iterable[Person], events: Sequence[Event]
) -> float | None:
    """When nobody can work on it any more, but on a paper that is reopened."""
    closing = [times(assignment, each, events).closes for each in people]
    closing.append(times(assignment, Person(""), events).closes)
    return None if None in closing else max(each for each in closing if each is not None)


def _closed_by_hand(events: Sequence[Event]) -> float | None:
    """When a teacher closed it, if nothing was given back since."""
    last = next((e for e in reversed(events) if e.what in ("close", "extend", "reopen")), None)
    return last.at if last and last.what == "close" else None


def _later(time: float | None, more: float) -> float | None:
    return None if time is None else time + more


def _least(*given: float | None) -> float | None:
    return min((time for time in given if time is not None), default=None)
