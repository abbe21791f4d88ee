"""A class as data for its teacher, from one look at its database."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from bptutor.classroom import place_queries, queries
from bptutor.classroom.lessons import Opener
from bptutor.classroom.marks import Result, best, results
from bptutor.classroom.offers import ends, is_shown, of_learner, times
from bptutor.classroom.people import Person
from bptutor.classroom.queries import Key
from bptutor.classroom.rows import Answer, Event, Given, Paper
from bptutor.classroom.store import Transaction
from bptutor.language.render import display_name
from bptutor.lesson.names import own_name
from bptutor.lesson.steps import shown_name
from bptutor.record.sittings import AskedItem, Mark
from bptutor.service.present import Viewer
from bptutor.text import Message, UserError
from bptutor.text.numbers import significant
from bptutor.views.classroom import (
    AssignmentLine,
    Changed,
    EventLine,
    ItemBar,
    LearnerLine,
    MarkColumn,
    MarkLine,
    PersonLine,
    PersonMarks,
)

OUTCOMES = ("right", "partly", "wrong", "answered", "open")


@dataclass(frozen=True)
class ClassView:
    """An assignment with all that its class has made of it."""

    now: float
    given: Given
    people: Sequence[Person]  # those on the roster, and who has begun all the same
    events: Sequence[Event]
    papers: Sequence[Paper]
    last: Mapping[Key, Mapping[int, Answer]]
    results: Mapping[Key, Result]
    present: Mapping[str, tuple[float, str, int]]  # last key, assignment and item, by login
    score_shown: bool
    answers_shown: bool

    @classmethod
    def look(cls, on: Transaction, given: Given, now: float) -> "ClassView":
        name = given.assignment.name
        events = queries.select_events(on, name)
        answers = is_shown(on, given, events, given.assignment.answers_shown, "answers", now)
        score = is_shown(on, given, events, given.assignment.score_shown, "score", now)
        return cls(
            now=now,
            given=given,
            people=queries.select_people(on, name),
            events=events,
            papers=queries.select_papers(on, name),
            last=queries.last_answers(on, name),
            results=results(on, given),
            present={row[0]: row[1:] for row in place_queries.select_presence(on)},
            score_shown=score or answers,
            answers_shown=answers,
        )

    # ── the assignment ────────────────────────────────────────────────────────────────────────

    def line(self, *, changed: bool = False) -> AssignmentLine:
        assignment = self.given.assignment
        allowed = times(assignment, Person(""), self.events)
        open_ = {paper.login for paper in self.papers if paper.is_open}
        began = {paper.login for paper in self.papers}
        return AssignmentLine(
            name=assignment.name,
            title=assignment.title,
            kind=assignment.kind,
            state="planned"
            if allowed.is_planned(self.now)
            else "closed"
            if allowed.is_closed(self.now)
            else "open",
            opens=allowed.opens,
            due=allowed.due,
            closes=allowed.closes,
            minutes=assignment.minutes,
            items=assignment.count,
            people=len(self.people),
            begun=len(began),
            submitted=len(began - open_),
            score_shown=self.score_shown,
            answers_shown=self.answers_shown,
            changed=changed,
        )

    def papers_of(self, login: str) -> list[Paper]:
        """In the order of attempts."""
        return [paper for paper in self.papers if paper.login == login]

    def counting(self, login: str) -> Paper | None:
        """The paper of a learner that counts; the last one where none is graded."""
        papers = self.papers_of(login)
        found = best([self.results[each.key] for each in papers if each.key in self.results])
        return found.paper if found else papers[-1] if papers else None

    def changed(self, login: str) -> Changed:
        """When a learner's paper ends; before it is begun, when it has to."""
        person = self.person(login)
        papers = self.papers_of(login)
        if papers and papers[-1].is_open:
            return Changed(login, ends(self.given.assignment, person, self.events, papers[-1]))
        return Changed(login, times(self.given.assignment, person, self.events).closes)

    def ends_as_planned(self, paper: Paper) -> float | None:
        """When a paper ends, or did, whether or not it is submitted."""
        return ends(self.given.assignment, self.person(paper.login), self.events, paper)

    def person(self, login: str) -> Person:
        return next((each for each in self.people if each.login == login), Person(login))

    def extended(self, person: Person) -> float:
        return times(self.given.assignment, person, self.events).extended

    # ── now ───────────────────────────────────────────────────────────────────────────────────

    def learners(self) -> list[LearnerLine]:
        return [self._learner(person) for person in self.people]

    def _learner(self, person: Person) -> LearnerLine:
        papers = self.papers_of(person.login)
        paper = papers[-1] if papers else None
        last = self.last.get(paper.key, {}) if paper else {}
        seen, where, item = self.present.get(person.login, (None, "", -1))
        typed = max((each.at for each in last.values()), default=None)
        end = None
        if paper and paper.is_open:
            end = ends(self.given.assignment, person, self.events, paper)
        here = where == self.given.assignment.name
        return LearnerLine(
            login=person.login,
            name=person.name,
            section=person.section,
            state="absent" if paper is None else "working" if paper.is_open else "submitted",
            attempt=paper.attempt if paper else 0,
            item=item + 1 if here and paper and paper.is_open else 0,
            answered=sum(self._is_done(answer.mark) for answer in last.values()),
            items=self.given.assignment.count,
            seconds_left=None if end is None else max(0.0, end - self.now),
            last_key=max((at for at in (seen, typed) if at is not None), default=None),
            connected=seen is not None,
            extended=self.extended(person),
            by=paper.author if paper else "",
        )

    def _is_done(self, mark: Mark) -> bool:
        """As the learner counts: what an exam has an answer to, and what homework is through."""
        exam = self.given.assignment.kind == "exam"
        return is_whole(mark) if exam else mark.stage != "open"

    def bars(self, viewer: Viewer, opener: Opener) -> list[ItemBar]:
        counts: dict[int, Counter[str]] = defaultdict(Counter)
        for login in {paper.login for paper in self.papers}:
            paper = self.papers_of(login)[-1]
            for index in range(len(paper.items)):
                counts[index][self._outcome(paper, index)] += 1
        return [
            ItemBar(
                index=index,
                name=name_of(opener, item.lesson, item.step, viewer),
                lesson=title_of(opener, item, viewer),
                **{state: counts[index][state] for state in OUTCOMES},
            )
            for index, item in enumerate(self.items())
        ]

    def items(self) -> list[AskedItem]:
        """The items of any paper: their steps are the same for all."""
        return self.papers[0].items if self.papers else []

    def _outcome(self, paper: Paper, index: int) -> str:
        """What the tutor thinks of the last answer to an item."""
        graded = self.results.get(paper.key)
        if graded:
            state = graded.given[index].state
            return {"carried": "right", "shown": "wrong", "answered": "open"}.get(state, state)
        answer = self.last.get(paper.key, {}).get(index)
        if answer is None:
            return "open"
        mark = answer.mark
        if mark.stage == "solved":
            return "right" if mark.wrong == 0 and mark.hints == 0 else "partly"
        if mark.stage == "shown":
            return "wrong"
        verdicts = {"exact": "right", "carried": "right", "imprecise": "partly"}
        state = verdicts.get(answer.verdict, answer.verdict)
        if state in ("right", "partly", "wrong"):
            return state
        return "answered" if is_whole(mark) else "open"

    # ── marks ─────────────────────────────────────────────────────────────────────────────────

    def column(self, viewer: Viewer, opener: Opener) -> MarkColumn:
        assignment = self.given.assignment
        steps = [(item.lesson, item.step) for item in self.items()] or assignment.steps
        names = [name_of(opener, lesson, step, viewer) for lesson, step in steps]
        return MarkColumn(
            name=assignment.name,
            title=assignment.title,
            possible=float(assignment.count),
            items=names or [str(number + 1) for number in range(assignment.count)],
        )

    def mark(self, login: str) -> MarkLine:
        paper = self.counting(login)
        result = self.results.get(paper.key) if paper else None
        return MarkLine(
            assignment=self.given.assignment.name,
            points=result.total if result else None,
            begun=paper.begun if paper else None,
            submitted=paper.submitted if paper else None,
            late=result.credit if result else 1.0,
            extended=self.extended(self.person(login)),
            attempt=paper.attempt if paper else 0,
            items=list(result.points) if result else [None] * self.given.assignment.count,
            overridden=bool(result and result.overrides),
        )


def person_marks(looks: Sequence[ClassView], people: Iterable[Person]) -> list[PersonMarks]:
    return [
        PersonMarks(person_line(person), [look.mark(person.login) for look in looks])
        for person in people
    ]


def person_line(person: Person) -> PersonLine:
    return PersonLine(
        person.login, person.name, person.number, person.email, person.section, person.time_factor
    )


def typed(mark: Mark) -> str:
    cells = ", ".join(mark.cells) if any(cell.strip() for cell in mark.cells) else ""
    return "; ".join(text for text in (mark.product.strip(), cells) if text)


def is_whole(mark: Mark) -> bool:
    """Has the whole value been typed? Else the item has no answer yet."""
    return bool(mark.cells) and all(cell.strip() for cell in mark.cells)


def name_of(opener: Opener, lesson: str, step: str, viewer: Viewer) -> str:
    with suppress(UserError):
        opened = opener(lesson)
        return shown_name(opened, own_name(opened, step), viewer.style)
    return display_name(step, viewer.style)


def title_of(opener: Opener, item: AskedItem, viewer: Viewer) -> str:
    with suppress(UserError):
        return viewer.words(opener(item.lesson).title)
    return item.lesson


# ── events ────────────────────────────────────────────────────────────────────────────────────────


def event_lines(events: Iterable[Event], paper: Paper, language: str) -> list[EventLine]:
    return [
        EventLine(event.at, event.author, _what(event).to(language), event.why)
        for event in of_learner(events, paper.login)
        if event.attempt in (0, paper.attempt)
    ]


def _what(event: Event) -> Message:
    number = significant(event.number or 0)
    words = {
        "assign": Message("assigned, version {number}", number=number),
        "password": Message("a wrong password"),
        "begin": Message("begun"),
        "submit": Message("submitted"),
        "extend": Message("extended by {minutes} minutes", minutes=number),
        "reopen": Message("reopened for {minutes} minutes", minutes=number)
        if event.number
        else Message("reopened"),
        "close": Message("closed"),
        "release": Message("released: {what}", what=RELEASED.get(event.detail, event.detail)),
        "mark": Message("item {item}: points {points}", item=event.item + 1, points=number)
        if event.number is not None
        else Message("item {item}: back to the points of bptutor", item=event.item + 1),
        "regrade": Message("graded again"),
    }
    return words[event.what]


RELEASED: Mapping[str, Message] = {
    "score": Message("the score"),
    "answers": Message("the answers"),
    "both": Message("score and answers"),
}


def said(told: str, language: str) -> str:
    """The tutor's sentence on an item, as it is kept with its points."""
    found = json.loads(told)
    return str(found.get(language, ""))
