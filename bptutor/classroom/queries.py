"""The SQL of a class."""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, TypeAlias

import msgspec
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bptutor.classroom.assignment import Assignment, read_assignment
from bptutor.classroom.people import Person
from bptutor.classroom.rows import Answer, Event, Given, Happened, Paper, Points
from bptutor.classroom.tables import (
    answers,
    assignments,
    events,
    files,
    marks,
    papers,
    people,
    prepared,
    secrets,
)
from bptutor.record.sittings import AskedItem, Mark

Insert: TypeAlias = postgresql.Insert | sqlite.Insert
Key = tuple[str, str, int]  # of a paper: assignment, login, attempt


def as_json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def insert(on: Connection, table: Any) -> Insert:
    """The dialect's INSERT, which has ON CONFLICT."""
    if on.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


# ── the secret, the roster ────────────────────────────────────────────────────────────────────────


def secret(on: Connection, name: str) -> bytes | None:
    found = on.scalar(select(secrets.c.secret).where(secrets.c.name == name))
    return None if found is None else bytes(found)


def put_secret(on: Connection, name: str, drawn: bytes) -> bytes:
    """The secret of this name; `drawn` where there is none yet."""
    on.execute(insert(on, secrets).on_conflict_do_nothing(), {"name": name, "secret": drawn})
    return secret(on, name) or drawn


_PERSON = [people.c[name] for name in Person.__struct_fields__]


def select_people(on: Connection, assignment: str | None = None) -> list[Person]:
    """The roster, by login; with an assignment also who began it and is no longer listed."""
    which: ColumnElement[bool] = people.c.listed
    if assignment is not None:
        began = select(papers.c.login).where(papers.c.assignment == assignment)
        which = or_(which, people.c.login.in_(began))
    return [
        Person(*row) for row in on.execute(select(*_PERSON).where(which).order_by(people.c.login))
    ]


def select_person(on: Connection, login: str) -> Person | None:
    row = on.execute(select(*_PERSON).where(people.c.login == login, people.c.listed)).first()
    return Person(*row) if row else None


def select_everybody(on: Connection) -> list[Person]:
    """Whoever is on the roster, or was."""
    return [Person(*row) for row in on.execute(select(*_PERSON))]


def select_anybody(on: Connection, login: str) -> Person:
    """Whoever has this login, on the roster or no longer."""
    row = on.execute(select(*_PERSON).where(people.c.login == login)).first()
    return Person(*row) if row else Person(login)


def put_people(on: Connection, listed: Sequence[Person]) -> None:
    """Replace the roster; who is no longer on it is kept, unlisted."""
    on.execute(update(people).values(listed=False))
    adding = insert(on, people)
    fields = {name: adding.excluded[name] for name in (*Person.__struct_fields__, "listed")}
    put = adding.on_conflict_do_update(index_elements=["login"], set_=fields)
    rows = [{**msgspec.structs.asdict(person), "listed": True} for person in listed]
    if rows:
        on.execute(put, rows)


# ── assignments and the files of their lessons ────────────────────────────────────────────────────


def put_file(on: Connection, digest: str, content: bytes) -> None:
    on.execute(insert(on, files).on_conflict_do_nothing(), {"digest": digest, "content": content})


def select_file(on: Connection, digest: str) -> bytes | None:
    found = on.scalar(select(files.c.content).where(files.c.digest == digest))
    return None if found is None else bytes(found)


def put_assignment(on: Connection, given: Given, content: bytes) -> None:
    on.execute(
        assignments.insert(),
        {
            "name": given.assignment.name,
            "version": given.version,
            "at": given.at,
            "author": given.author,
            "content": content,
            "lessons": as_json(given.lessons),
        },
    )


def _latest() -> Select[Any]:
    newest = (
        select(assignments.c.name, func.max(assignments.c.version).label("version"))
        .group_by(assignments.c.name)
        .subquery()
    )
    same = and_(assignments.c.name == newest.c.name, assignments.c.version == newest.c.version)
    return select(assignments).join(newest, same).order_by(assignments.c.name)


def select_assignments(on: Connection) -> list[Given]:
    """The latest version of each, by name."""
    return [_given(row) for row in on.execute(_latest())]


def select_assignment(on: Connection, name: str, version: int | None = None) -> Given | None:
    """An assignment in its latest version, or in this one."""
    found = select(assignments).where(assignments.c.name == name)
    if version is not None:
        found = found.where(assignments.c.version == version)
    row = on.execute(found.order_by(assignments.c.version.desc()).limit(1)).first()
    return _given(row) if row else None


@lru_cache(maxsize=256)
def _parsed(name: str, content: bytes) -> Assignment:
    return read_assignment(f"{name}.toml", content)


def _given(row: Row[Any]) -> Given:
    found = row._mapping
    return Given(
        assignment=_parsed(found["name"], bytes(found["content"])),
        version=found["version"],
        at=found["at"],
        author=found["author"],
        lessons=msgspec.json.decode(found["lessons"], type=dict[str, dict[str, str]]),
    )


# ── events ────────────────────────────────────────────────────────────────────────────────────────

_EVENT = [events.c[name] for name in Event.__struct_fields__]


def add_event(on: Connection, event: Event) -> int:
    """Write an event; its id."""
    row = msgspec.structs.asdict(event)
    del row["id"]
    return int(on.execute(events.insert().returning(events.c.id), row).scalar_one())


def select_events(on: Connection, assignment: str, login: str | None = None) -> list[Event]:
    """What happened in an assignment, in order; with a login, to this learner or to all."""
    found = select(*_EVENT).where(events.c.assignment == assignment).order_by(events.c.id)
    if login is not None:
        found = found.where(events.c.login.in_(("", login)))
    return [Event(*row) for row in on.execute(found)]


def count_events(on: Connection, what: Happened, assignment: str, login: str, since: float) -> int:
    """How often something happened to a learner since then."""
    which = events.c.assignment == assignment, events.c.login == login
    counted = select(func.count()).select_from(events).where(*which)
    return on.scalar(counted.where(events.c.what == what, events.c.at > since)) or 0


# ── papers and answers ────────────────────────────────────────────────────────────────────────────

_PAPER = [papers.c[name] for name in Paper.__struct_fields__]


def _papers(on: Connection, chosen: Select[Any]) -> list[Paper]:
    ordered = chosen.order_by(papers.c.assignment, papers.c.login, papers.c.attempt)
    return [_paper(row) for row in on.execute(ordered)]


def _paper(row: Row[Any]) -> Paper:
    fields = dict(row._mapping)
    fields["lessons"] = msgspec.json.decode(fields["lessons"], type=dict[str, dict[str, str]])
    fields["items"] = msgspec.json.decode(fields["items"], type=list[AskedItem])
    return Paper(**fields)


def add_paper(on: Connection, paper: Paper) -> bool:
    """Write a new paper; False where there is one of this attempt."""
    row = msgspec.structs.asdict(paper)
    row["lessons"], row["items"] = as_json(paper.lessons), as_json(paper.items)
    on.execute(prepared.delete().where(_is(paper.key, prepared)))
    new = insert(on, papers).on_conflict_do_nothing().returning(papers.c.attempt)
    return on.execute(new, row).first() is not None


def _is(key: Key, table: Any) -> Any:
    return and_(table.c.assignment == key[0], table.c.login == key[1], table.c.attempt == key[2])


def select_paper(on: Connection, key: Key, *, alone: bool = False) -> Paper | None:
    """A paper; `alone`: until the transaction ends, nobody else submits or reopens it."""
    found = select(*_PAPER).where(_is(key, papers))
    row = on.execute(found.with_for_update() if alone else found).first()
    return _paper(row) if row else None


def select_papers(
    on: Connection, assignment: str | None = None, login: str | None = None
) -> list[Paper]:
    found = select(*_PAPER)
    if assignment is not None:
        found = found.where(papers.c.assignment == assignment)
    if login is not None:
        found = found.where(papers.c.login == login)
    return _papers(on, found)


def open_papers(on: Connection) -> list[Paper]:
    return _papers(on, select(*_PAPER).where(papers.c.submitted.is_(None)))


def ungraded_papers(on: Connection) -> list[Paper]:
    """Submitted papers whose last round has no marks."""
    ready = papers.c.submitted.is_not(None), papers.c.graded != papers.c.round
    return _papers(on, select(*_PAPER).where(*ready))


def submit_paper(on: Connection, key: Key, at: float, author: str) -> bool:
    """Take a paper as submitted; False where it is."""
    still_open = _is(key, papers), papers.c.submitted.is_(None)
    done = on.execute(update(papers).where(*still_open).values(submitted=at, author=author))
    return bool(done.rowcount)


def reopen_paper(on: Connection, key: Key) -> None:
    on.execute(update(papers).where(_is(key, papers)).values(submitted=None, author=""))


def begin_round(on: Connection, key: Key, event: int) -> None:
    """From now on the marks of this event count, once there are any."""
    on.execute(update(papers).where(_is(key, papers)).values(round=event))


_ANSWER = [answers.c[name] for name in Answer.__struct_fields__]


def add_answer(on: Connection, key: Key, answer: Answer) -> None:
    row = msgspec.structs.asdict(answer)
    del row["id"]
    row["mark"], row["mistakes"] = as_json(answer.mark), as_json(answer.mistakes)
    on.execute(answers.insert(), {**row, **_named(key)})


def _named(key: Key) -> dict[str, object]:
    return dict(zip(("assignment", "login", "attempt"), key, strict=True))


def count_answers(on: Connection, key: Key) -> int:
    return on.scalar(select(func.count()).select_from(answers).where(_is(key, answers))) or 0


def kept_bytes(on: Connection, assignment: str, login: str) -> int:
    """What all papers of a learner in an assignment take."""
    sizes = (
        select(func.sum(func.length(column))).where(
            table.c.assignment == assignment, table.c.login == login
        )
        for table, column in ((answers, answers.c.mark), (papers, papers.c["items"]))
    )
    return sum(int(on.scalar(size) or 0) for size in sizes)


def last_row(on: Connection, key: Key, item: int) -> int:
    """The id of the last answer to an item; 0 where there is none."""
    which = _is(key, answers), answers.c.item == item
    return on.scalar(select(func.max(answers.c.id)).where(*which)) or 0


def select_answers(on: Connection, key: Key) -> list[Answer]:
    """All that was done in a paper, in order."""
    found = select(*_ANSWER).where(_is(key, answers)).order_by(answers.c.id)
    return [_answer(row) for row in on.execute(found)]


def select_all_answers(on: Connection, assignment: str) -> list[tuple[Key, Answer]]:
    """All that was done in an assignment, with the paper, in order."""
    columns = (answers.c.login, answers.c.attempt, *_ANSWER)
    found = select(*columns).where(answers.c.assignment == assignment).order_by(answers.c.id)
    return [((assignment, row[0], row[1]), _answer(row[2:])) for row in on.execute(found)]


def last_answers(
    on: Connection, assignment: str, key: Key | None = None
) -> dict[Key, dict[int, Answer]]:
    """By paper and item the last answer: in an assignment, or in one paper."""
    which = answers.c.assignment == assignment if key is None else _is(key, answers)
    by_item = (answers.c.assignment, answers.c.login, answers.c.attempt, answers.c.item)
    last = select(func.max(answers.c.id).label("id")).where(which).group_by(*by_item).subquery()
    found = select(answers.c.login, answers.c.attempt, *_ANSWER).join(
        last, answers.c.id == last.c.id
    )
    by_paper: dict[Key, dict[int, Answer]] = {}
    for login, attempt, *values in on.execute(found):
        answer = _answer(values)
        by_paper.setdefault((assignment, login, attempt), {})[answer.item] = answer
    return by_paper


def answer_times(
    on: Connection, assignment: str, login: str | None = None
) -> dict[Key, list[float]]:
    """When each paper of an assignment was changed; of all learners, or of one."""
    found = select(answers.c.login, answers.c.attempt, answers.c.at).where(
        answers.c.assignment == assignment, answers.c.what != "flag"
    )
    if login is not None:
        found = found.where(answers.c.login == login)
    by_paper: dict[Key, list[float]] = {}
    for login, attempt, at in on.execute(found):
        by_paper.setdefault((assignment, login, attempt), []).append(at)
    return by_paper


def _answer(values: Sequence[Any]) -> Answer:
    """An answer from the columns `_ANSWER`; there are thousands of them in a live view."""
    item, at, what, mark, flagged, verdict, mistakes, id_ = values
    return Answer(item, at, what, _MARK(mark), flagged, verdict, _TEXTS(mistakes), id_)


_MARK = msgspec.json.Decoder(Mark).decode
_TEXTS = msgspec.json.Decoder(list[str]).decode


# ── marks ─────────────────────────────────────────────────────────────────────────────────────────

_POINTS = [marks.c[name] for name in Points.__struct_fields__]


def add_marks(on: Connection, paper: Paper, points: Iterable[Points]) -> None:
    """Write the marks of a paper's round, once."""
    rows = []
    for each in points:
        row = {**msgspec.structs.asdict(each), **_named(paper.key)}
        row["mistakes"] = as_json(each.mistakes)
        rows.append(row)
    if rows:
        on.execute(insert(on, marks).on_conflict_do_nothing(), rows)
    same = _is(paper.key, papers), papers.c.round == paper.round
    on.execute(update(papers).where(*same).values(graded=paper.round))


def select_marks(
    on: Connection, assignment: str, login: str | None = None
) -> dict[Key, list[Points]]:
    """By paper, the marks of the last graded round; of all learners, or of one."""
    graded = and_(
        marks.c.assignment == papers.c.assignment,
        marks.c.login == papers.c.login,
        marks.c.attempt == papers.c.attempt,
        marks.c.round == papers.c.graded,
    )
    found = (
        select(marks.c.login, marks.c.attempt, *_POINTS)
        .join(papers, graded)
        .where(marks.c.assignment == assignment)
        .order_by(marks.c.login, marks.c.attempt, marks.c.item)
    )
    if login is not None:
        found = found.where(marks.c.login == login)
    by_paper: dict[Key, list[Points]] = {}
    for login, attempt, *values in on.execute(found):
        fields = dict(zip(Points.__struct_fields__, values, strict=True))
        fields["mistakes"] = _TEXTS(fields["mistakes"])
        by_paper.setdefault((assignment, login, attempt), []).append(Points(**fields))
    return by_paper
