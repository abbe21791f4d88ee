"""The items of papers, made ahead: a whole class begins at the same moment, and drawing takes long.

Nothing depends on it: what is not made ahead is made at Begin, and comes out the same.
"""

from collections.abc import Mapping

from bptutor.classroom import place_queries, queries
from bptutor.classroom.assignment import Assignment
from bptutor.classroom.lessons import opener
from bptutor.classroom.papers import Papers, Ticket
from bptutor.classroom.people import Person
from bptutor.classroom.rows import Given
from bptutor.classroom.store import ClassStore, Transaction
from bptutor.classroom.times import times
from bptutor.lesson.lesson import Lesson
from bptutor.quiz.assigned import compose
from bptutor.record.sittings import AskedItem

AHEAD = 3600.0  # seconds before an assignment opens in which its papers are made


def items_of(store: ClassStore, ticket: Ticket) -> list[AskedItem]:
    """The items of a paper. Needs TensorFlow where they were not made ahead.

    Raises UserError: they cannot be made.
    """
    nothing: list[AskedItem] | None = None
    found = store.read(lambda on: place_queries.select_prepared(on, *ticket.key), nothing)
    return _made(store, ticket) if found is None else found


def prepare(store: ClassStore, ticket: Ticket) -> None:
    """Make the items of a paper and keep them until it is begun. Needs TensorFlow.

    Raises UserError: they cannot be made, or not written.
    """
    items = _made(store, ticket)
    store.write(lambda on: place_queries.put_prepared(on, *ticket.key, items))


def composed(
    assignment: Assignment, lessons: Mapping[str, Lesson], seed: int, numbers: int
) -> list[AskedItem]:
    """Items of an assignment. Raises UserError: they cannot be made."""
    exam, items, steps = assignment.kind == "exam", assignment.items, assignment.steps
    return compose(lessons, seed, numbers, exam=exam, items=items, steps=steps)


def missing(papers: Papers, now: float) -> list[Ticket]:
    """First papers that may be begun now or soon and are not made yet; what opens next first."""

    def work(on: Transaction) -> list[tuple[float, Given, str]]:
        found: list[tuple[float, Given, str]] = []
        people = queries.select_people(on)
        for given in queries.select_assignments(on):
            assignment = given.assignment
            events = queries.select_events(on, assignment.name)
            allowed = times(assignment, Person(""), events)
            opens = allowed.opens if allowed.opens is not None else given.at
            if opens > now + AHEAD or allowed.is_closed(now):
                continue
            done = place_queries.prepared_or_begun(on, assignment.name, given.version)
            found += [
                (abs(now - opens), given, person.login)
                for person in people
                if person.login not in done
            ]
        return sorted(found, key=lambda each: each[0])

    nothing: list[tuple[float, Given, str]] = []
    return [papers.prepared(given, login) for _, given, login in papers.store.read(work, nothing)]


def _made(store: ClassStore, ticket: Ticket) -> list[AskedItem]:
    assignment = ticket.given.assignment
    open_lesson = opener(store.file, ticket.given.lessons)
    lessons = {name: open_lesson(name) for name in assignment.lessons}
    return composed(assignment, lessons, ticket.seed, ticket.numbers)
