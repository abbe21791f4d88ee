"""The SQL of the record."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, TypeVar

import msgspec
from sqlalchemy import (
    Column,
    Connection,
    Select,
    Table,
    and_,
    case,
    delete,
    func,
    inspect,
    not_,
    select,
)

from bptutor.record.attempts import Activity, Attempt, Made, Met, Practice
from bptutor.record.tables import attempts, cards, mistakes, probes

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql, sqlite

T = TypeVar("T")

COLUMNS = [column for column in attempts.c if column.name != "day"]
RIGHT = attempts.c.verdict.in_(("exact", "right"))
LAST = 1e11  # the latest time that is believed, in seconds since 1970
SOUND = and_(attempts.c.at.between(0, LAST), attempts.c.cells.like("[%]"))  # rows to read
ON_A_DAY = attempts.c.day.between(1, date.max.toordinal())
AT_ONCE = and_(attempts.c.closed, RIGHT, attempts.c.number == 1, attempts.c.hints == 0)

# ── writing ───────────────────────────────────────────────────────────────────────────────────


def insert_attempt(connection: Connection, attempt: Attempt) -> bool:
    """Insert an attempt with its misconceptions; False where its id exists already."""
    row = msgspec.structs.asdict(attempt)
    misconceptions = row.pop("misconceptions")
    row["day"] = datetime.fromtimestamp(attempt.at).toordinal()
    row["cells"] = msgspec.json.encode([_storable(cell) for cell in attempt.cells]).decode()
    done = connection.execute(
        _insert(connection)(attempts).on_conflict_do_nothing(),
        {key: _storable(value) if isinstance(value, str) else value for key, value in row.items()},
        execution_options={"preserve_rowcount": True},  # else there is none of an INSERT
    )
    if not done.rowcount:
        return False
    if misconceptions:
        connection.execute(
            mistakes.insert(),
            [
                {
                    "learner": _storable(attempt.learner),
                    "attempt": attempt.id,
                    "place": place,
                    "misconception": misconception,
                    "day": row["day"],
                    "at": attempt.at,
                }
                for place, misconception in enumerate(misconceptions)
            ],
        )
    return True


def _storable(text: str) -> str:
    """The text without what a database refuses: lone surrogates and NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "?")


def put_card(connection: Connection, learner: str, skill: str, data: str, due: float) -> None:
    insert = _insert(connection)(cards)
    changed = {"data": insert.excluded.data, "due": insert.excluded.due}
    connection.execute(
        insert.on_conflict_do_update(index_elements=["learner", "skill"], set_=changed),
        {"learner": learner, "skill": skill, "data": data, "due": due},
    )


def count_met(
    connection: Connection, learner: str, met: Sequence[str], made: Sequence[str], at: float
) -> None:
    """Count an item that could have shown the misconceptions `met`, and did show those `made`."""
    insert = _insert(connection)(probes)
    new = insert.excluded
    last_made = case((new.made > 0, new.last_made), else_=probes.c.last_made)
    counted = insert.on_conflict_do_update(
        index_elements=["learner", "misconception"],
        set_={
            "met": probes.c.met + new.met,
            "made": probes.c.made + new.made,
            "last_made": last_made,
        },
    )
    rows = [
        {
            "learner": learner,
            "misconception": misconception,
            "met": 1,
            "made": int(misconception in made),
            "last_made": at if misconception in made else 0.0,
        }
        for misconception in dict.fromkeys((*met, *made))
    ]
    if rows:
        connection.execute(counted, rows)


def _insert(connection: Connection) -> Callable[[Table], postgresql.Insert | sqlite.Insert]:
    """The dialect's INSERT, which has ON CONFLICT. Only the dialect in use is imported."""
    if connection.dialect.name == "postgresql":
        from sqlalchemy.dialects.postgresql import insert

        return insert
    from sqlalchemy.dialects.sqlite import insert as insert_in_sqlite

    return insert_in_sqlite


def delete_learner(connection: Connection, learner: str) -> int:
    """Delete a learner's rows, and return how many attempts that were."""
    for table in (mistakes, cards, probes):
        connection.execute(delete(table).where(table.c.learner == learner))
    return connection.execute(delete(attempts).where(attempts.c.learner == learner)).rowcount


# ── reading ───────────────────────────────────────────────────────────────────────────────────


def select_cards(connection: Connection, learner: str) -> dict[str, str]:
    """By kind of step, the JSON of its card."""
    rows = connection.execute(select(cards.c.skill, cards.c.data).where(cards.c.learner == learner))
    return dict(_sound(rows, tuple[str, str]))


def select_met(connection: Connection, learner: str) -> dict[str, Met]:
    columns = (probes.c.misconception, probes.c.met, probes.c.made, probes.c.last_made)
    rows = connection.execute(select(*columns).where(probes.c.learner == learner))
    sound = _sound(rows, tuple[str, int, int, float])
    return {name: Met(met, made, last_made) for name, met, made, last_made in sound}


def select_right_at_once(connection: Connection, learner: str) -> dict[str, int]:
    """By kind of step that was met, how many steps were right at once and without a hint."""
    by_skill = _practice(connection, learner, attempts.c.skill)
    return {skill: practice.at_once for skill, practice in by_skill.items()}


def _sound(rows: Iterable[Any], kind: type[T]) -> Iterator[T]:
    """The rows of this type; SQLite takes any type in any column."""
    for row in rows:
        with suppress(msgspec.ValidationError):
            yield msgspec.convert(tuple(row), kind)


def latest_attempts(connection: Connection, learner: str, before: str, count: int) -> list[Attempt]:
    """The latest attempts before an id (or of all), the latest first."""
    mine = select(*_columns(connection)).where(SOUND, attempts.c.learner == learner)
    if before:
        mine = mine.where(attempts.c.id < before)
    return _attempts(connection, learner, mine.order_by(attempts.c.id.desc()).limit(count))


def next_attempts(
    connection: Connection, learner: str, after: str, count: int
) -> tuple[list[Attempt], str | None]:
    """The attempts after an id, in order, and the last id; None for that where there are no more.

    A row that cannot be read is passed over.
    """
    later = (attempts.c.learner == learner, attempts.c.id > after)
    these = select(attempts.c.id).where(*later).order_by(attempts.c.id).limit(count)
    ids = [each for each in connection.scalars(these) if isinstance(each, str)]
    if not ids:
        return [], None
    mine = select(*_columns(connection)).where(SOUND, *later, attempts.c.id <= ids[-1])
    return _attempts(connection, learner, mine.order_by(attempts.c.id)), ids[-1]


def count_attempts(connection: Connection, learner: str) -> int:
    mine = select(func.count()).select_from(attempts).where(attempts.c.learner == learner)
    return connection.scalar(mine) or 0


def typed_bytes(connection: Connection, learner: str) -> int:
    """The length of all that a learner has typed."""
    size = func.sum(func.length(attempts.c.product) + func.length(attempts.c.cells))
    return int(connection.scalar(select(size).where(attempts.c.learner == learner)) or 0)


def _columns(connection: Connection) -> list[Column[Any]]:
    """The columns that there are: a record of an older version is migrated when it is written."""
    there = {each["name"] for each in inspect(connection).get_columns(attempts.name)}
    return [column for column in COLUMNS if column.name in there]


def _attempts(connection: Connection, learner: str, chosen: Select[Any]) -> list[Attempt]:
    rows = connection.execute(chosen).mappings().all()
    ids = [row["id"] for row in rows if isinstance(row["id"], str)]
    misconceptions = _misconceptions(connection, learner, ids)
    sound = []
    for row in rows:
        with suppress(msgspec.MsgspecError):
            cells = msgspec.json.decode(row["cells"], type=list[str])
            fields = {str(name): value for name, value in row.items()}
            fields |= {"cells": cells, "misconceptions": misconceptions.get(row["id"], [])}
            sound.append(msgspec.convert(fields, Attempt))
    return sound


def _misconceptions(connection: Connection, learner: str, ids: list[str]) -> dict[str, list[str]]:
    """By attempt, for successive attempts."""
    by_attempt: dict[str, list[str]] = {}
    if ids:
        rows = connection.execute(
            select(mistakes.c.attempt, mistakes.c.misconception)
            .where(mistakes.c.learner == learner, mistakes.c.attempt.between(min(ids), max(ids)))
            .order_by(mistakes.c.attempt, mistakes.c.place)
        )
        for attempt, misconception in rows:
            by_attempt.setdefault(attempt, []).append(misconception)
    return by_attempt


def select_activity(connection: Connection, learner: str) -> Activity:
    mine = attempts.c.learner == learner
    first = select(attempts.c.at).where(mine, SOUND).order_by(attempts.c.id).limit(1)
    times = func.count()
    made = (
        select(
            mistakes.c.misconception,
            times,
            func.count(mistakes.c.day.distinct()),
            func.max(mistakes.c.at),
        )
        .where(mistakes.c.learner == learner, mistakes.c.at.between(0, LAST))
        .group_by(mistakes.c.misconception)
        .order_by(times.desc(), mistakes.c.misconception)
    )
    return Activity(
        since=connection.scalar(first),
        days=_practice(connection, learner, attempts.c.day),
        skills=_practice(connection, learner, attempts.c.skill),
        made=[Made(*row) for row in _sound(connection.execute(made), tuple[str, int, int, float])],
        unreadable=connection.scalar(select(times).where(mine, not_(and_(SOUND, ON_A_DAY)))) or 0,
    )


def _practice(connection: Connection, learner: str, by: Column[T]) -> dict[T, Practice]:
    """Counts of practice grouped by a column, in its order."""
    rows = connection.execute(
        select(by, func.count(), _sum(RIGHT), _sum(attempts.c.closed), _sum(AT_ONCE))
        .where(attempts.c.learner == learner, ON_A_DAY)
        .group_by(by)
        .order_by(by)
    )
    return {key: Practice(*counts) for key, *counts in rows if isinstance(key, by.type.python_type)}


def _sum(condition: Any) -> Any:
    """The number of rows for which a condition holds."""
    return func.sum(case((condition, 1), else_=0))
