"""The desk of a teacher: what `desk` promises, done in the class's database."""

import logging
import math
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from bptutor.classroom import queries
from bptutor.classroom.assignment import Assignment, read_assignment
from bptutor.classroom.lessons import Opener, composed, contents, items_of, opened, opener
from bptutor.classroom.marks import grade, regrade
from bptutor.classroom.papers import Papers, sitting_of
from bptutor.classroom.people import Person, read_roster
from bptutor.classroom.rows import BY_TIME, Event, Given, Happened, Paper
from bptutor.classroom.store import ClassStore, Transaction, no_assignment, required
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.source import fault
from bptutor.quiz.assigned import paper_of
from bptutor.service.class_paper import mistakes, paper_view, preview_items
from bptutor.service.class_view import ClassView, person_line, person_marks
from bptutor.service.engine import Engine
from bptutor.service.present import Viewer
from bptutor.service.protocol import Hello
from bptutor.text import Message, UserError
from bptutor.text.numbers import SHOWN, showing
from bptutor.text.printable import printable
from bptutor.views.classroom import (
    AssignmentLine,
    Changed,
    MarksView,
    MistakesView,
    PaperView,
    PreviewView,
    Regraded,
    Released,
    RosterView,
    WatchView,
)

T = TypeVar("T")

_log = logging.getLogger(__name__)

MOST_MINUTES = 366 * 24 * 60  # of an extension
LONGEST_REASON = 500


class LocalDesk:
    """The desk itself. What opens lessons or grades is done where the engine is."""

    def __init__(
        self,
        store: ClassStore,
        engine: Engine,
        author: str,
        clock: Callable[[], float] = time.time,
        renew: Callable[[int], None] = lambda more: None,
    ) -> None:
        """The desk of the teacher with this login; `renew` gives each paper its own time."""
        self._store = store
        self._papers = Papers(store)
        self._engine = engine
        self._author = author
        self._clock = clock
        self._renew = renew
        self._viewer = Viewer("en", "unicode")
        self._figures = SHOWN

    async def hello(self, hello: Hello, /) -> None:
        self._viewer = Viewer(hello.language, hello.notation)
        self._figures = hello.figures

    # ── roster and assignments ────────────────────────────────────────────────────────────────

    async def assignments(self) -> list[AssignmentLine]:
        now = self._clock()

        def work(on: Transaction) -> list[AssignmentLine]:
            given = queries.select_assignments(on)
            return [ClassView.look(on, each, now).line() for each in given]

        return self._store.read(work, [])

    async def roster(self, text: str | None = None, file: str = "") -> RosterView:
        before = {person.login: person for person in self._store.people()}
        if text is None:
            return RosterView([person_line(each) for each in before.values()])
        people = {person.login: person for person in read_roster(file, text)}
        self._store.list_people([*people.values()], self._author, self._clock())
        return RosterView(
            people=[person_line(people[login]) for login in sorted(people)],
            added=sorted(people.keys() - before.keys()),
            changed=sorted(
                login for login in people.keys() & before.keys() if people[login] != before[login]
            ),
            removed=sorted(before.keys() - people.keys()),
        )

    async def assign(self, text: str, file: str, lessons: dict[str, bytes]) -> AssignmentLine:
        def work() -> AssignmentLine:
            content = text.encode()
            assignment = read_assignment(file, content)
            files = contents(assignment, lessons)
            found = {name: opened(name, files[name]) for name in assignment.lessons}
            self._try(Path(file), assignment, found)
            changed = self._store.assign(assignment, content, files, self._author, self._clock())
            return self._look(assignment.name).line(changed=changed)

        return await self._in_engine(work)

    def _try(self, path: Path, assignment: Assignment, lessons: dict[str, Lesson]) -> None:
        """Make a paper, so that the first learner does not find out that there can be none."""
        try:
            composed(assignment, lessons, self._store.seed("try"), self._store.seed("try"))
        except UserError as error:
            raise fault(path, None, error.message) from None

    async def preview(self, name: str, login: str = "") -> PreviewView:
        def work() -> PreviewView:
            look = self._look(name)
            opens = self._opener(look.given)
            paper = look.counting(login) if login else None
            if login and login not in {person.login for person in look.people}:
                raise UserError(_not_on_the_roster(login))
            if paper is None:
                items = items_of(self._store, self._papers.prepared(look.given, login))
                paper = Paper(name, login, 1, 0, look.given.lessons, items, look.now)
            else:
                opens = opener(self._store.file, paper.lessons)
            sitting = sitting_of(paper, look.given.assignment.kind, {})
            sitting.finished = True  # a teacher may see all values
            quiz = paper_of(sitting, opens, self._viewer.style)
            return PreviewView(look.line(), login, preview_items(quiz, self._viewer))

        return await self._in_engine(work)

    # ── now ───────────────────────────────────────────────────────────────────────────────────

    async def watch(self, name: str) -> WatchView:
        def work() -> WatchView:
            look = self._look(name)
            bars = look.bars(self._viewer, self._opener(look.given))
            return WatchView(look.now, look.line(), look.learners(), bars)

        return await self._in_engine(work)

    # ── times ─────────────────────────────────────────────────────────────────────────────────

    async def extend(self, name: str, logins: list[str], minutes: float, why: str) -> list[Changed]:
        if not 0 < minutes <= MOST_MINUTES:  # neither is NaN
            raise UserError("Write a number of minutes from 1 to {most}.", most=MOST_MINUTES)
        look = self._changed_for(name, logins, "extend", why, minutes)
        affected = logins or [person.login for person in look.people]
        for login in affected:  # the time of some was over a moment ago
            papers = look.papers_of(login)
            if papers and papers[-1].author == BY_TIME:
                end = look.ends_as_planned(papers[-1])
                if end is None or end > look.now:
                    self._reopen(papers[-1], None, why)
        look = self._look(name)
        return [look.changed(login) for login in affected]

    async def reopen(self, name: str, login: str, minutes: float, why: str) -> Changed:
        if not 0 <= minutes <= MOST_MINUTES:
            raise UserError("Write a number of minutes from 1 to {most}.", most=MOST_MINUTES)
        self._reason(why)
        look = self._look(name)
        papers = look.papers_of(login)
        if not papers:
            raise UserError(_no_paper(name, login))
        if papers[-1].is_open:
            raise UserError("The paper of {login} is open.", login=login)
        end = look.ends_as_planned(papers[-1])
        if not minutes and end is not None and end <= self._clock():
            raise UserError(
                "The time of {login} is over. Give the minutes for which the paper is open again.",
                login=login,
            )
        self._reopen(papers[-1], minutes or None, why)
        return self._look(name).changed(login)

    def _reopen(self, paper: Paper, minutes: float | None, why: str) -> None:
        now, reason = self._clock(), self._reason(why)

        def work(on: Transaction) -> None:
            event = Event(now, self._author, "reopen", reason, *paper.key, number=minutes)
            queries.add_event(on, event)
            queries.reopen_paper(on, paper.key)

        self._store.write(work)

    async def close(self, name: str, logins: list[str], why: str) -> list[Changed]:
        look = self._changed_for(name, logins, "close", why)
        affected = logins or [person.login for person in look.people]
        for login in affected:
            papers = look.papers_of(login)
            if papers and papers[-1].is_open:
                self._papers.submit(papers[-1].key, self._author, look.now)
        look = self._look(name)
        return [look.changed(login) for login in affected]

    async def release(self, name: str, what: Released, why: str) -> AssignmentLine:
        self._store.assignment(name)
        reason = self._reason(why)
        event = Event(self._clock(), self._author, "release", reason, name, detail=what)
        self._store.happened(event)
        return self._look(name).line()

    def _changed_for(
        self,
        name: str,
        logins: Sequence[str],
        what: Happened,
        why: str,
        number: float | None = None,
    ) -> ClassView:
        """Write down a change for each of these learners, or for all; the class after it."""
        reason, now = self._reason(why), self._clock()
        known = {person.login for person in self._look(name).people}
        for login in logins:
            if login not in known:
                raise UserError(_not_on_the_roster(login))

        def work(on: Transaction) -> None:
            for login in logins or [""]:
                queries.add_event(
                    on, Event(now, self._author, what, reason, name, login, number=number)
                )

        self._store.write(work)
        return self._look(name)

    @staticmethod
    def _reason(why: str) -> str:
        """Why a time or a mark is changed; nothing is changed without a reason."""
        reason = printable(why.strip())
        if not reason or len(reason) > LONGEST_REASON:
            raise UserError(
                "Say why, in at most {most} characters. bptutor saves it with the change.",
                most=LONGEST_REASON,
            )
        return reason

    # ── marks ─────────────────────────────────────────────────────────────────────────────────

    async def marks(self, name: str = "") -> MarksView:
        def work() -> MarksView:
            self._grade_all()
            now = self._clock()

            def look(on: Transaction) -> tuple[list[ClassView], list[Person]]:
                given = queries.select_assignments(on)
                chosen = [each for each in given if name in ("", each.assignment.name)]
                looks = [ClassView.look(on, each, now) for each in chosen]
                everybody = {person.login: person for each in looks for person in each.people}
                return looks, [everybody[login] for login in sorted(everybody)]

            none: tuple[list[ClassView], list[Person]] = ([], [])
            looks, people = self._store.read(look, none)
            if name and not looks:
                raise UserError(no_assignment(name))
            columns = [each.column(self._viewer, self._opener(each.given)) for each in looks]
            return MarksView(now, columns, person_marks(looks, people))

        return await self._in_engine(work)

    async def mistakes(self, name: str) -> MistakesView:
        def work() -> MistakesView:
            self._grade_all()
            look = self._look(name)
            answers = self._papers.all_answers(name)
            opens = self._opener(look.given)
            return MistakesView(look.line(), mistakes(look, self._viewer, opens, answers))

        return await self._in_engine(work)

    async def paper(self, name: str, login: str, attempt: int = 0) -> PaperView:
        def work() -> PaperView:
            self._grade_all()
            return self._paper(name, login, attempt)

        return await self._in_engine(work)

    def _paper(self, name: str, login: str, attempt: int) -> PaperView:
        look = self._look(name)
        papers = look.papers_of(login)
        chosen = [paper for paper in papers if paper.attempt == attempt]
        paper = chosen[0] if chosen else None if attempt else look.counting(login)
        if paper is None:
            raise UserError(_no_paper(name, login, attempt if papers else 0))
        opens = opener(self._store.file, paper.lessons)
        return paper_view(look, paper, self._papers.answers(paper.key), opens, self._viewer)

    async def mark(
        self, name: str, login: str, item: int, points: float | None, why: str
    ) -> PaperView:
        def work() -> PaperView:
            reason = self._reason(why)
            if points is not None and not (math.isfinite(points) and 0 <= points <= 1):
                raise UserError("The points for an item are a number from 0 to 1.")
            self._grade_all()
            paper = self._look(name).counting(login)
            if paper is None:
                raise UserError(_no_paper(name, login))
            if not 1 <= item <= len(paper.items):
                raise UserError("This paper has no item {item}.", item=item)
            if paper.is_open:
                raise UserError("The paper of {login} is open; close it first.", login=login)
            self._store.happened(
                Event(
                    *(self._clock(), self._author, "mark", reason, *paper.key),
                    item=item - 1,
                    number=points,
                )
            )
            return self._paper(name, login, paper.attempt)

        return await self._in_engine(work)

    async def regrade(self, name: str, why: str) -> list[Regraded]:
        def work() -> list[Regraded]:
            reason = self._reason(why)
            self._grade_all()
            changed, failed = regrade(
                self._papers, name, self._author, reason, self._clock(), self._next
            )
            if failed:
                raise UserError(
                    "Papers that cannot be graded again: {count}. The first: {why}",
                    count=len(failed),
                    why=failed[0],
                )
            return changed

        return await self._in_engine(work)

    # ── how it is done ────────────────────────────────────────────────────────────────────────

    def _grade_all(self) -> None:
        """Submit what is over, and grade what is submitted, as the host does a moment later."""
        now = self._clock()
        self._papers.submit_overdue(now)
        for paper in self._papers.ungraded():
            self._next()
            try:
                grade(self._papers, paper, now)
            except UserError as error:  # it stays without points; a regrade tells why
                _log.warning("The paper %s cannot be graded: %s", paper.key, error)

    def _next(self) -> None:
        self._renew(0)

    def _look(self, name: str) -> ClassView:
        now = self._clock()

        def work(on: Transaction) -> ClassView:
            return ClassView.look(on, required(queries.select_assignment(on, name), name), now)

        return self._store.look(work, no_assignment(name))

    def _opener(self, given: Given) -> Opener:
        return opener(self._store.file, given.lessons)

    async def _in_engine(self, work: Callable[[], T]) -> T:
        def shown() -> T:
            with showing(self._figures):
                return work()

        return await self._engine.run(shown)


def _not_on_the_roster(login: str) -> Message:
    return Message("{login} is not on the roster.", login=login)


def _no_paper(name: str, login: str, attempt: int = 0) -> Message:
    if attempt:
        return Message(
            "{login} has no attempt {attempt} in {name}.", login=login, attempt=attempt, name=name
        )
    return Message("{login} has no paper in {name}.", login=login, name=name)
