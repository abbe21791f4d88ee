"""The assignments of a class for one of its learners: listed, opened, begun."""

import time
from contextlib import suppress

from bptutor.classroom.lessons import items_of, opener
from bptutor.classroom.marks import best
from bptutor.classroom.offers import Offered
from bptutor.classroom.papers import Papers, Ticket, sitting_of
from bptutor.service.assignment_words import GROUPS, LOCKED, group_of
from bptutor.service.paper_file import Clock, PaperFile
from bptutor.service.papers import PaperPlace, author_of, results_of
from bptutor.service.places import Learner
from bptutor.text import Message, UserError
from bptutor.views.assignments import AssignmentCover, AssignmentItem, Assignments

NOT_OPEN = Message("No assignment is open. Open it again.")


class ClassWork:
    """What one learner has to do. Every method may raise UserError."""

    def __init__(self, papers: Papers, learner: Learner, clock: Clock = time.time) -> None:
        self._papers = papers
        self._learner = learner
        self._login = learner.recorder.learner
        self._clock = clock
        self._waiting: tuple[str, str] | None = None  # whose cover is shown, and its password

    # ── looks ─────────────────────────────────────────────────────────────────────────────────

    def every(self) -> Assignments:
        now = self._clock()
        offers = self._papers.offers(self._login, now)
        items = [self._item(offered, now, self._points(offered)) for offered in offers]
        return Assignments(self._login, now, sorted(items, key=_order))

    def in_menu(self) -> list[AssignmentItem] | None:
        """What can be worked on, without marks; None for who is not in the class."""
        now = self._clock()
        with suppress(UserError):
            offers = self._papers.offers(self._login, now)
            items = (self._item(each, now) for each in offers if each.state in ("open", "begun"))
            return sorted(items, key=_order)
        return None

    def _item(self, offered: Offered, now: float, points: float | None = None) -> AssignmentItem:
        assignment, paper = offered.given.assignment, offered.paper
        running = paper is not None and paper.is_open
        answered = 0
        if paper and running:
            items = sitting_of(paper, assignment.kind, self._papers.last_answers(paper.key)).items
            exam = assignment.kind == "exam"
            answered = sum(i.answered if exam else i.points is not None for i in items)
        ends = offered.ends
        return AssignmentItem(
            name=assignment.name,
            title=assignment.title,
            kind=assignment.kind,
            state=offered.state,
            opens=offered.times.opens,
            due=offered.times.due,
            closes=offered.times.closes,
            minutes=offered.times.minutes,
            items=assignment.count,
            attempt=paper.attempt if paper else 0,
            attempts=assignment.attempts,
            answered=answered,
            seconds_left=max(0.0, ends - now) if running and ends is not None else None,
            submitted=paper.submitted if paper else None,
            by=author_of(paper) if paper else "",
            points=points,
            possible=float(assignment.count),
            answers=offered.answers_shown,
            password=bool(assignment.password),
            lock=assignment.lock,
        )

    def _points(self, offered: Offered) -> float | None:
        """The mark, where it may be seen: of several attempts, the best one's."""
        if not offered.score_shown:
            return None
        mark = best([*results_of(self._papers, offered).values()])
        return mark.total if mark else None

    def locked(self, name: str = "") -> Message | None:
        """Why nothing but this assignment opens: another one is in progress that locks all else."""
        found = self._papers.locked(self._login, self._clock())
        if found is None or found.given.assignment.name == name:
            return None
        return Message(LOCKED.text, title=found.given.assignment.title)

    def _require_unlocked(self, name: str) -> None:
        if reason := self.locked(name):
            raise UserError(reason)

    # ── into a paper ──────────────────────────────────────────────────────────────────────────

    def open(self, name: str, password: str, again: bool) -> PaperPlace | AssignmentCover:
        """The paper that is open, or was submitted; `again`, or without one, the cover."""
        self._waiting = None
        self._require_unlocked(name)
        now = self._clock()
        offered = self._papers.offer(name, self._login, now)
        if offered.paper and (offered.paper.is_open or not again):
            return self._place(offered)
        asks = bool(offered.given.assignment.password)
        if password and offered.state == "open":
            self._papers.ticket(name, self._login, password, now)  # says so where it is wrong
            asks = False
        self._waiting = name, password
        return self._cover(offered, now, asks)

    def _place(self, offered: Offered) -> PaperPlace:
        assert offered.paper
        file = PaperFile(self._papers, offered, offered.paper, self._clock)
        return PaperPlace(self._learner, file)

    def _cover(self, offered: Offered, now: float, asks_password: bool) -> AssignmentCover:
        assignment, times = offered.given.assignment, offered.times
        open_lesson = opener(self._papers.store.file, offered.given.lessons)
        titles = (open_lesson(each).title for each in assignment.lessons)
        late = times.due is not None and times.due != times.closes
        return AssignmentCover(
            now=now,
            item=self._item(offered, now),
            lessons=[*map(self._learner.viewer.words, titles)],
            own=assignment.numbers == "own",
            score=assignment.score_shown,
            answers=assignment.answers_shown,
            late=assignment.late_credit if late else 1.0,
            asks_password=asks_password,
        )

    @property
    def waits(self) -> bool:
        """Is a cover shown?"""
        return self._waiting is not None

    def close(self) -> None:
        self._waiting = None

    def begin(self) -> PaperPlace:
        """Begin the assignment whose cover is shown: from here on its clock runs."""
        if self._waiting is None:
            raise UserError(NOT_OPEN)
        name, password = self._waiting
        self._require_unlocked(name)
        ticket = self._papers.ticket(name, self._login, password, self._clock())
        if isinstance(ticket, Ticket):
            items = items_of(self._papers.store, ticket)
            self._papers.begin(ticket, items, password, self._clock())
        self._waiting = None
        return self._place(self._papers.offer(name, self._login, self._clock()))


def _order(item: AssignmentItem) -> tuple[int, bool, float, str]:
    """Those to be worked on come first; of these, what is begun, then the next to be due."""
    group, due = [*GROUPS].index(group_of(item)), item.due if item.due is not None else item.closes
    return group, item.state != "begun", float("inf") if due is None else due, item.name
