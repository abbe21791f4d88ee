"""Marks: what follows from answers and events, and can be computed again from them at any time."""

from collections.abc import Callable, Iterator, Mapping, Sequence

import msgspec
from msgspec import Struct
from sqlalchemy import Connection

from bptutor import __version__
from bptutor.classroom import queries
from bptutor.classroom.lessons import Opener, opener
from bptutor.classroom.offers import is_late
from bptutor.classroom.papers import Papers, sitting_of
from bptutor.classroom.people import Person
from bptutor.classroom.queries import Key
from bptutor.classroom.rows import Answer, Event, Given, Paper, Points
from bptutor.classroom.store import ClassStore, required
from bptutor.grading.facts import Facts
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import places
from bptutor.quiz.assigned import Homework, Marked, marked
from bptutor.quiz.items import make_item
from bptutor.quiz.schedule import credit
from bptutor.record.sittings import AskedItem, QuizSitting
from bptutor.text import LANGUAGES, Message, UserError
from bptutor.views.classroom import Override, Regraded


class Result(Struct, frozen=True):
    paper: Paper
    given: list[Points]  # by the tutor, for each item
    overrides: dict[int, Override]  # by a teacher, in place of that
    credit: float  # the share that counts; 1 where the last answer was in time

    @property
    def points(self) -> list[float]:
        """Of each item, from 0 to 1."""
        by_teacher = {item: override.points for item, override in self.overrides.items()}
        return [by_teacher.get(each.item, each.points) for each in self.given]

    @property
    def total(self) -> float:
        return self.credit * sum(self.points)


def best(results: Sequence[Result]) -> Result | None:
    """The paper that counts: the one with the most points, of equal ones the first."""
    return max(results, key=lambda result: (result.total, -result.paper.attempt), default=None)


def results(on: Connection, given: Given, login: str | None = None) -> dict[Key, Result]:
    """The graded papers of an assignment, of all or of one learner."""
    assignment = given.assignment
    events = queries.select_events(on, assignment.name, login)
    points = queries.select_marks(on, assignment.name, login)
    late_counts = assignment.late_credit < 1
    times = queries.answer_times(on, assignment.name, login) if late_counts else {}
    people = {person.login: person for person in queries.select_people(on, assignment.name)}
    found = {}
    for paper in queries.select_papers(on, assignment.name, login):
        if paper.is_open or paper.key not in points:
            continue
        person = people.get(paper.login) or Person(paper.login)
        at = _last_change(paper, events, times.get(paper.key, ()))
        late = late_counts and is_late(assignment, person, events, at)
        found[paper.key] = Result(
            paper=paper,
            given=points[paper.key],
            overrides=_overrides(events, paper),
            credit=assignment.late_credit if late else 1.0,
        )
    return found


def _last_change(paper: Paper, events: Sequence[Event], times: Sequence[float]) -> float:
    """When the paper was changed last; while it was reopened does not count."""
    reopened = min(
        (
            event.at
            for event in events
            if (event.what, event.login, event.attempt) == ("reopen", paper.login, paper.attempt)
        ),
        default=float("inf"),
    )
    return max((at for at in times if at < reopened), default=paper.begun)


def _overrides(events: Sequence[Event], paper: Paper) -> dict[int, Override]:
    found: dict[int, Override] = {}
    for event in events:
        if (event.what, event.login, event.attempt) != ("mark", paper.login, paper.attempt):
            continue
        if event.number is None:
            found.pop(event.item, None)
        else:
            found[event.item] = Override(event.number, event.author, event.why, event.at)
    return found


# ── grading ───────────────────────────────────────────────────────────────────────────────────────


def grade(papers: Papers, paper: Paper, now: float) -> None:
    """Grade a submitted paper, unless its round is graded. Needs TensorFlow.

    Raises UserError: a lesson cannot be opened, or the database cannot be used.
    """
    if paper.is_open or paper.graded == paper.round:
        return
    points = [*graded(papers.store, paper, now)]
    papers.store.write(lambda on: queries.add_marks(on, paper, points))


def graded(store: ClassStore, paper: Paper, now: float) -> Iterator[Points]:
    """What the tutor gives for each item of a paper, computed from its answers."""
    given, answers, lessons = store.look(
        lambda on: (
            required(queries.select_assignment(on, paper.assignment), paper.assignment),
            queries.select_answers(on, paper.key),
            _mended(on, paper),
        ),
        Message("There is no such paper."),
    )
    old = opener(store.file, paper.lessons)
    sitting = sitting_of(paper, given.assignment.kind, {each.item: each for each in answers})
    if lessons is None:
        marks = marked(sitting, old)
    else:
        new, on = _on_old_numbers(sitting, old, opener(store.file, lessons))
        if sitting.purpose != "exam":
            _replay(sitting, answers, new, on)
        marks = marked(sitting, new, on)
    for index, each in enumerate(marks):
        yield _points(index, each, paper, now)


def _points(index: int, each: Marked, paper: Paper, now: float) -> Points:
    said = each.message
    told = {
        language: said.to(language) if isinstance(said, Message) else said or ""
        for language in LANGUAGES
    }
    return Points(
        item=index,
        points=each.points,
        state=each.state,
        mistakes=list(each.mistakes),
        said=msgspec.json.encode(told).decode(),
        grader=__version__,
        at=now,
        round=paper.round,
    )


def _mended(on: Connection, paper: Paper) -> dict[str, dict[str, str]] | None:
    """The lessons by which a paper is graded again; None before that."""
    for event in reversed(queries.select_events(on, paper.assignment)):
        if event.what == "begin" and (event.login, event.attempt) == paper.key[1:]:
            return None
        if event.what == "regrade" and event.id <= paper.round:
            given = queries.select_assignment(on, paper.assignment, int(event.number or 0))
            return given.lessons if given else paper.lessons
    return None


def _on_old_numbers(
    sitting: QuizSitting, old: Opener, new: Opener
) -> tuple[Opener, dict[int, Lesson]]:
    """The mended lessons on the numbers that were asked.

    A lesson that no longer has a step or a leaf of the paper stays the old one.
    """
    opened: dict[str, Lesson] = {}
    on: dict[int, Lesson] = {}
    for name in sitting.lessons:
        items = {index: item for index, item in enumerate(sitting.items) if item.lesson == name}
        lessons = _fitted(items, old(name), new(name))
        opened[name] = old(name) if lessons is None else new(name)
        on |= lessons or {}
    return opened.__getitem__, on


def _fitted(
    items: Mapping[int, AskedItem], old: Lesson, mended: Lesson
) -> dict[int, Lesson] | None:
    """A mended lesson on the numbers of each item; None where it does not fit them."""
    fitted = {}
    leaves = mended.leaves
    for index, item in items.items():
        asked = make_item(old, item.made_for or item.step, item.seed or 0).lesson
        if item.step not in places(mended) or any(
            mended.shapes[name] != asked.shapes.get(name) for name in leaves
        ):
            return None
        fitted[index] = mended.on({name: asked.values[name] for name in leaves})
        try:
            Facts(fitted[index])
        except UserError:  # a line of it is not finite on these numbers
            return None
    return fitted


def _replay(
    sitting: QuizSitting, answers: Sequence[Answer], new: Opener, on: Mapping[int, Lesson]
) -> None:
    """Judge all answers of homework again, in order, as if they were given now."""
    for item in sitting.items:
        item.mark, item.points = type(item.mark)(), None
    quiz = Homework(sitting, new, "unicode")
    for index, lesson in on.items():
        quiz.ask_on(index, lesson)
    for answer in answers:
        session, mark = quiz.session_at(answer.item), answer.mark
        if answer.what == "check":
            product = mark.product if mark.product_verdict else None
            session.draft(mark.product, mark.cells)
            session.check(product, mark.cells if any(mark.verdicts) else None)
        elif answer.what == "hint":
            session.hint()
        elif answer.what == "show":
            session.show()
        now = session.mark(session.step)
        if now.stage != "open":
            shown = now.stage == "shown"
            sitting.items[answer.item].points = 0.0 if shown else credit(now.wrong, now.hints)


def regrade(
    papers: Papers,
    name: str,
    author: str,
    why: str,
    now: float,
    before_each: Callable[[], None] = lambda: None,
) -> tuple[list[Regraded], list[str]]:
    """Grade all submitted papers again, with the lessons as they are assigned now.

    The items whose points have changed, and why papers could not be graded.
    """

    def begin(on: Connection) -> dict[Key, list[Points]]:
        given = required(queries.select_assignment(on, name), name)
        before = queries.select_marks(on, name)
        event = Event(now, author, "regrade", why, name, number=given.version)
        round_ = queries.add_event(on, event)
        for paper in queries.select_papers(on, name):
            if not paper.is_open:
                queries.begin_round(on, paper.key, round_)
        return before

    before = papers.store.write(begin)
    failed = []
    for paper in papers.ungraded():
        if paper.assignment == name:
            before_each()
            try:
                grade(papers, paper, now)
            except UserError as error:
                failed.append(f"{paper.login}: {error}")
    after = papers.store.read(lambda on: queries.select_marks(on, name), before)
    changed = [
        Regraded(key[1], old.item, old.points, new.points)
        for key, points in sorted(after.items())
        for old, new in zip(before.get(key, ()), points, strict=False)
        if old.points != new.points
    ]
    return changed, failed
