"""The papers of learners: begun once, answered in time, submitted by whoever comes first."""

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec.structs import replace
from sqlalchemy import Connection

from bptutor.classroom import queries
from bptutor.classroom.offers import Offered, ends, is_limited, listed, offer_to, require_open
from bptutor.classroom.queries import Key
from bptutor.classroom.rows import BY_TIME, Answer, Event, Given, Paper
from bptutor.classroom.store import ClassStore, no_assignment, required
from bptutor.quiz.schedule import credit
from bptutor.record.sittings import AskedItem, Mark, QuizSitting, is_long, require_short
from bptutor.text import Message, UserError
from bptutor.views.classroom import AssignmentKind

GRACE = 5.0  # seconds after the end in which an answer that was typed in time may still arrive


class PaperOverError(UserError):
    """The paper is submitted, or its time is over."""


class AnsweredMeanwhile(Exception):  # noqa: N818
    """Another window has answered the item: take that in, then try again."""


class Ticket(Struct, frozen=True):
    given: Given
    login: str
    attempt: int
    seed: int  # of the questions, which are the same for all
    numbers: int  # the seed of their numbers

    @property
    def key(self) -> tuple[str, int, str, int]:
        """What it is for: the assignment and its version, the learner, the attempt."""
        return self.given.assignment.name, self.given.version, self.login, self.attempt


class Papers:
    """The papers of a class. Every method raises UserError where it cannot be done."""

    def __init__(self, store: ClassStore) -> None:
        self.store = store

    # ── what a learner may do ─────────────────────────────────────────────────────────────────

    def offers(self, login: str, now: float) -> list[Offered]:
        def work(on: Connection) -> list[Offered]:
            person = listed(on, login)
            return [offer_to(on, each, person, now) for each in queries.select_assignments(on)]

        return self.store.read(work, [])

    def offer(self, name: str, login: str, now: float) -> Offered:
        def work(on: Connection) -> Offered:
            given = required(queries.select_assignment(on, name), name)
            return offer_to(on, given, listed(on, login), now)

        return self.store.look(work, no_assignment(name))

    def locked(self, login: str, now: float) -> Offered | None:
        """The assignment that keeps its learner from everything else, if one is open."""
        none: list[Offered] = []
        for each in self.store.read(lambda on: _open_offers(on, login, now), none):
            over = each.ends is not None and now > each.ends + GRACE
            if each.given.assignment.lock and not over:
                return each
        return None

    # ── begin ─────────────────────────────────────────────────────────────────────────────────

    def ticket(self, name: str, login: str, password: str, now: float) -> Ticket | Paper:
        """What to make a new paper from; or the paper that is open.

        Raises UserError: it is not open, the password is wrong, or there is no attempt left.
        """
        offered = self.offer(name, login, now)
        if offered.state == "begun" and offered.paper:
            return offered.paper
        require_open(offered)
        if offered.given.assignment.password:
            self._require_password(offered, password, now)
        return self.prepared(offered.given, login, len(offered.papers) + 1)

    def _require_password(self, offered: Offered, password: str, now: float) -> None:
        """Raises UserError: it is wrong; or too many wrong ones came, so that nobody guesses it."""
        given, login = offered.given.assignment, offered.person.login
        attempt = len(offered.papers) + 1

        def guesses(on: Connection) -> None:
            since = now - GUESSES_SECONDS
            if queries.count_events(on, "password", given.name, login, since) >= MOST_GUESSES:
                raise UserError(GUESSED)

        def guess(on: Connection) -> None:
            guesses(on)
            queries.add_event(on, Event(now, login, "password", "", given.name, login, attempt))

        if _is_password(password, given.password):
            self.store.read(guesses, None)
            return
        if password:
            self.store.write(guess)
        raise UserError(_wrong_password(given.title))

    def prepared(self, given: Given, login: str, attempt: int = 1) -> Ticket:
        """What a learner's paper is made from; nothing is begun."""
        name = given.assignment.name
        own = (attempt, login) if given.assignment.numbers == "own" else (attempt,)
        return Ticket(
            given=given,
            login=login,
            attempt=attempt,
            seed=self.store.seed("questions", name),
            numbers=self.store.seed("numbers", name, *own),
        )

    def begin(self, ticket: Ticket, items: Sequence[AskedItem], password: str, now: float) -> Paper:
        """Start the clock of a paper with these items, or go on with the one that is open.

        Of two windows that begin at once, one makes the paper; both go on with it.
        """
        given = ticket.given

        def work(on: Connection) -> Paper:
            name = given.assignment.name
            latest = required(queries.select_assignment(on, name), name)
            offered = offer_to(on, latest, listed(on, ticket.login), now)
            if offered.state == "begun" and offered.paper:
                return offered.paper
            require_open(offered)
            if offered.papers:
                _require_room(on, name, ticket.login)
            if not _is_password(password, latest.assignment.password):
                raise UserError(_wrong_password(latest.assignment.title))
            if ticket.attempt != len(offered.papers) + 1 or latest.lessons != given.lessons:
                raise UserError("{name} has changed. Open it again.", name=given.assignment.title)
            paper = Paper(
                assignment=name,
                login=ticket.login,
                attempt=ticket.attempt,
                seed=ticket.numbers,
                lessons=given.lessons,
                items=[replace(item, mark=Mark()) for item in items],
                begun=now,
            )
            if queries.add_paper(on, paper):
                event = Event(now, paper.login, "begin", "", *paper.key)
                queries.add_event(on, event)
            return queries.select_paper(on, paper.key) or paper

        return self.store.write(work)

    # ── answer ────────────────────────────────────────────────────────────────────────────────

    def answer(self, key: Key, answer: Answer, now: float, after: int | None = None) -> None:
        """Add an answer: once this returns, it outlives a power failure.

        `after` is the last row of this item that it knows of; 0 for none, None for any. Raises
        PaperOverError; AnsweredMeanwhile: there is a later row.
        """
        require_short(answer.mark.product, answer.mark.cells)

        def work(on: Connection) -> None:
            paper, end = _running(on, key)
            if not paper.is_open or (end is not None and now > end + GRACE):
                raise PaperOverError("The time for this assignment is over.")
            if not 0 <= answer.item < len(paper.items):
                raise UserError("This paper has no item {item}.", item=answer.item + 1)
            if queries.count_answers(on, key) >= MOST_ANSWERS:
                raise UserError(TOO_MANY)
            if is_long(answer.mark.product, answer.mark.cells):
                _require_room(on, paper.assignment, paper.login)
            if after is not None and queries.last_row(on, key, answer.item) != after:
                raise AnsweredMeanwhile
            queries.add_answer(on, key, answer)

        self.store.write(work)

    def answers(self, key: Key) -> list[Answer]:
        """All that was done in a paper, in order."""
        return self.store.read(lambda on: queries.select_answers(on, key), [])

    def all_answers(self, assignment: str) -> list[tuple[Key, Answer]]:
        """All that was done in all papers of an assignment, in order."""
        none: list[tuple[Key, Answer]] = []
        return self.store.read(lambda on: queries.select_all_answers(on, assignment), none)

    def last_answers(self, key: Key) -> dict[int, Answer]:
        """By item the last answer of a paper."""
        none: dict[Key, dict[int, Answer]] = {}
        return self.store.read(lambda on: queries.last_answers(on, key[0], key), none).get(key, {})

    # ── the end ───────────────────────────────────────────────────────────────────────────────

    def paper(self, key: Key) -> tuple[Paper, float | None]:
        """A paper as it is now, and when it ends; one look, cheap enough for every few seconds."""
        return self.store.look(lambda on: _running(on, key, alone=False), NO_PAPER)

    def submit(self, key: Key, author: str, now: float) -> Paper:
        """Submit a paper, unless it is; the first one counts."""

        def work(on: Connection) -> Paper:
            paper, end = _running(on, key)
            return _submitted(on, paper, author, now if end is None else min(now, end), now)

        return self.store.write(work)

    def next_end(self) -> float | None:
        """When the next open paper is to be submitted, whoever is there."""

        def work(on: Connection) -> float | None:
            found = (end for _, end, _ in _open_papers(on) if end is not None)
            return min((end + GRACE for end in found), default=None)

        return self.store.read(work, None)

    def submit_overdue(self, now: float) -> list[Paper]:
        """Submit all papers whose time is over; those that were open until now."""

        def look(on: Connection) -> bool:
            return any(end is not None and now >= end + GRACE for _, end, _ in _open_papers(on))

        def work(on: Connection) -> list[Paper]:
            over = []
            for paper, end, _ in _open_papers(on):
                if end is not None and now >= end + GRACE:
                    here = queries.select_paper(on, paper.key, alone=True)
                    if here and here.is_open:
                        over.append(_submitted(on, here, BY_TIME, end, now))
            return over

        return self.store.write(work) if self.store.read(look, False) else []

    def would_lose(self, now: float, jump: float, *, closing: bool) -> bool:
        """Would an open paper have another time than its learner was told, if the clock jumped?

        One with a time limit would; with `closing`, also another one that ends meanwhile.
        """

        def look(on: Connection) -> bool:
            return any(
                limited or (closing and end is not None and now < end <= now + jump)
                for _, end, limited in _open_papers(on)
            )

        return self.store.read(look, False)

    def ungraded(self) -> list[Paper]:
        """Submitted papers that are still to be graded (see `marks.grade`)."""
        return self.store.read(queries.ungraded_papers, [])


MOST_GUESSES, GUESSES_SECONDS = 10, 600.0  # in so many seconds; of four digits, all take a week
GUESSED = Message(
    "Too many wrong passwords. Wait {minutes} minutes.", minutes=round(GUESSES_SECONDS / 60)
)
NO_PAPER = Message("There is no such paper.")
MOST_ANSWERS = 20_000  # in a paper: nobody types so many, and the database is everybody's
TOO_MANY = Message("This paper has too many answers. Submit it.")
MOST_KEPT = 100_000_000  # bytes of all papers of a learner in an assignment


def sitting_of(paper: Paper, kind: AssignmentKind, last: Mapping[int, Answer]) -> QuizSitting:
    """A paper with its last answers as a sitting. Its seed stays on the host."""
    items = []
    for index, item in enumerate(paper.items):
        answer = last.get(index)
        mark = replace(answer.mark) if answer else Mark()
        points = None
        if kind != "exam" and mark.stage != "open":
            points = 0.0 if mark.stage == "shown" else credit(mark.wrong, mark.hints)
        flagged = answer.flagged if answer else False
        items.append(replace(item, mark=mark, flagged=flagged, points=points))
    return QuizSitting(
        purpose="exam" if kind == "exam" else "homework",
        seed=0,
        lessons=list(paper.lessons),
        length=len(items),
        minutes=0,
        begun=paper.begun,
        items=items,
        handed_in=paper.submitted or 0.0,
    )


# ── within a transaction ──────────────────────────────────────────────────────────────────────────


def _is_password(given: str, password: str) -> bool:
    return not password or given.strip() == password.strip()


def _wrong_password(title: str) -> Message:
    return Message("This is not the password of {title}. Ask your teacher.", title=title)


def _require_room(on: Connection, assignment: str, login: str) -> None:
    """Raises UserError: somebody fills the database, which is everybody's."""
    if queries.kept_bytes(on, assignment, login) > MOST_KEPT:
        raise UserError(
            "Your answers in {name} take more than {limit} MB, so no more are saved. Ask your "
            "teacher.",
            name=assignment,
            limit=MOST_KEPT // 1_000_000,
        )


def _running(on: Connection, key: Key, *, alone: bool = True) -> tuple[Paper, float | None]:
    """A paper and when it ends; `alone`: nobody else changes it until the transaction ends."""
    paper = queries.select_paper(on, key, alone=alone)
    if paper is None:
        raise UserError(NO_PAPER)
    return paper, _end(on, paper)


def _end(on: Connection, paper: Paper) -> float | None:
    given = required(queries.select_assignment(on, paper.assignment), paper.assignment)
    person = queries.select_anybody(on, paper.login)
    events = queries.select_events(on, paper.assignment, paper.login)
    return ends(given.assignment, person, events, paper)


def _open_papers(on: Connection) -> list[tuple[Paper, float | None, bool]]:
    """The open papers, when they end, and whether by a time limit."""
    papers = queries.open_papers(on)
    given: dict[str, Given | None] = {}
    events: dict[str, list[Event]] = {}
    for name in {paper.assignment for paper in papers}:
        given[name] = queries.select_assignment(on, name)
        events[name] = queries.select_events(on, name)
    people = {person.login: person for person in queries.select_everybody(on)} if papers else {}
    found = []
    for paper in papers:
        each, happened = given[paper.assignment], events[paper.assignment]
        if each and paper.login in people:
            end = ends(each.assignment, people[paper.login], happened, paper)
            found.append((paper, end, is_limited(each.assignment, happened, paper)))
    return found


def _open_offers(on: Connection, login: str, now: float) -> list[Offered]:
    person = queries.select_person(on, login)
    if person is None:
        return []
    open_ = {each.assignment for each in queries.select_papers(on, None, login) if each.is_open}
    given = (queries.select_assignment(on, name) for name in sorted(open_))
    return [offer_to(on, each, person, now) for each in given if each]


def _submitted(on: Connection, paper: Paper, author: str, at: float, now: float) -> Paper:
    if queries.submit_paper(on, paper.key, at, author):
        event = Event(now, author, "submit", "", *paper.key, number=at)
        queries.begin_round(on, paper.key, queries.add_event(on, event))
    return queries.select_paper(on, paper.key) or paper
