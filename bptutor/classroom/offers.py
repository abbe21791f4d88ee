"""An assignment as a learner has it: what they may do, and what they may see."""

from collections.abc import Sequence
from typing import Literal, TypeAlias

from msgspec import Struct
from sqlalchemy import Connection

from bptutor.classroom import queries
from bptutor.classroom.people import Person
from bptutor.classroom.rows import Event, Given, Paper
from bptutor.classroom.times import Times, closes_for_all, ends, times
from bptutor.text import UserError
from bptutor.views.classroom import Shown

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
