"""An assignment as a learner has it: its times, what they may do, and what they may see.

The times are computed from the events each time: nothing that depends on a time is stored.
"""

from collections.abc import Iterable, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct
from sqlalchemy import Connection

from bptutor.classroom import queries
from bptutor.classroom.assignment import Assignment
from bptutor.classroom.people import Person
from bptutor.classroom.rows import Event, Given, Paper
from bptutor.text import UserError
from bptutor.views.classroom import Shown


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


State: TypeAlias = Literal["planned", "open", "begun", "submitted", "closed"]
"""open: the learner may begin. begun: a paper is open. submitted: there is one, and no other may be
begun. closed: too late, and there is none."""


class Offered(Struct, frozen=True):
    """An assignment as a learner has it now."""

    given: Given
    person: Person
    times: Times
    papers: list[Paper]  # in the order of attempts
    state: State
    ends: float | None  # of the paper that is open
    left: int | None  # attempts that may still be begun; None for any number
    score_shown: bool
    answers_shown: bool

    @property
    def paper(self) -> Paper | None:
        """The open paper, or the last one."""
        return self.papers[-1] if self.papers else None


def listed(on: Connection, login: str) -> Person:
    person = queries.select_person(on, login)
    if person is None:
        raise UserError(
            "{login} is not on the roster of this class. Ask your teacher to add you.", login=login
        )
    return person


def offer_to(on: Connection, given: Given, person: Person, now: float) -> Offered:
    assignment = given.assignment
    events = queries.select_events(on, assignment.name)
    papers = queries.select_papers(on, assignment.name, person.login)
    allowed = times(assignment, person, events)
    left = max(0, assignment.attempts - len(papers)) if assignment.attempts else None
    end, last = None, papers[-1] if papers else None
    if last and last.is_open:
        state: State = "begun"
        end = ends(assignment, person, events, last)
    elif allowed.is_planned(now):
        state = "planned"
    elif left == 0 or (papers and allowed.is_closed(now)):
        state = "submitted"
    else:
        state = "closed" if allowed.is_closed(now) else "open"
    answers = score = False
    if last and not last.is_open:
        answers = is_shown(on, given, events, assignment.answers_shown, "answers", now)
        score = answers or is_shown(on, given, events, assignment.score_shown, "score", now)
    return Offered(given, person, allowed, papers, state, end, left, score, answers)


def is_shown(
    on: Connection, given: Given, events: Sequence[Event], when: Shown, what: str, now: float
) -> bool:
    """May learners see the score, or the answers, of their submitted papers?"""
    if when == "submitted":
        return True
    if any(each.what == "release" and each.detail in (what, "both") for each in events):
        return True
    if when == "released":
        return False
    name = given.assignment.name
    closing = closes_for_all(given.assignment, queries.select_people(on, name), events)
    if closing is None or now < closing:
        return False
    return not any(each.is_open for each in queries.select_papers(on, name))


def require_open(offered: Offered) -> None:
    title = offered.given.assignment.title
    if offered.state == "planned":
        raise UserError("{title} is not open yet.", title=title)
    if offered.state == "closed":
        raise UserError("{title} is closed.", title=title)
    if offered.state == "submitted":
        raise UserError("You have submitted {title}.", title=title)
