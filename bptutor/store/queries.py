"""What the record asks of its database."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Connection, Select, Table, and_, case, delete, func, select
from sqlalchemy.dialects import postgresql, sqlite

from bptutor.store.attempts import Activity, Attempt, Made, Met, Practice
from bptutor.store.schema import attempts, cards, mistakes, probes

COLUMNS = [column for column in attempts.c if column.name != "day"]
RIGHT = attempts.c.verdict.in_(("exact", "right"))
AT_ONCE = and_(attempts.c.closed, RIGHT, attempts.c.number == 1, attempts.c.hints == 0)

# ── writing ───────────────────────────────────────────────────────────────────────────────────


def insert_attempt(connection: Connection, attempt: Attempt) -> None:
    """Keep an attempt with its mistakes."""
    row = msgspec.structs.asdict(attempt)
    named = row.pop("misconceptions")
    row["day"] = datetime.fromtimestamp(attempt.at).toordinal()
    row["cells"] = msgspec.json.encode([_storable(cell) for cell in attempt.cells]).decode()
    connection.execute(
        attempts.insert(),
        {key: _storable(value) if isinstance(value, str) else value for key, value in row.items()},
    )
    if named:
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
                for place, misconception in enumerate(named)
            ],
        )


def _storable(text: str) -> str:
    """The text without what is no character in a database: half a surrogate pair, NUL."""
    return text.encode("utf-8", "replace").decode().replace("\0", "?")


def put_card(connection: Connection, learner: str, skill: str, data: str, due: float) -> None:
    """Keep the card of a kind of step in the place of the one before."""
    values = {"data": data, "due": due}
    _put(connection, cards, {"learner": learner, "skill": skill}, values, values)


def count_met(
    connection: Connection, learner: str, met: Sequence[str], made: Sequence[str], at: float
) -> None:
    """Count an item that could have shown some misconceptions, and did show some."""
    for misconception in dict.fromkeys((*met, *made)):
        shown = misconception in made
        new = {"met": 1, "made": int(shown), "last_made": at if shown else 0.0}
        more: dict[str, Any] = {"met": probes.c.met + 1, "made": probes.c.made + int(shown)}
        if shown:
            more["last_made"] = at
        _put(connection, probes, {"learner": learner, "misconception": misconception}, new, more)


def _put(
    connection: Connection,
    table: Table,
    key: dict[str, Any],
    new: dict[str, Any],
    changed: dict[str, Any],
) -> None:
    """Insert a row, or change the one that there is."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(
        insert(table)
        .values({**key, **new})
        .on_conflict_do_update(index_elements=list(key), set_=changed)
    )


def delete_learner(connection: Connection, learner: str) -> int:
    """Forget all of a learner; how many attempts that were."""
    for table in (mistakes, cards, probes):
        connection.execute(delete(table).where(table.c.learner == learner))
    return connection.execute(delete(attempts).where(attempts.c.learner == learner)).rowcount


# ── reading ───────────────────────────────────────────────────────────────────────────────────


def select_cards(connection: Connection, learner: str) -> dict[str, str]:
    """The JSON of each kind of step's card."""
    rows = connection.execute(select(cards.c.skill, cards.c.data).where(cards.c.learner == learner))
    return {row.skill: row.data for row in rows}


def select_met(connection: Connection, learner: str) -> dict[str, Met]:
    """How often each misconception could have been seen, and was."""
    columns = (probes.c.misconception, probes.c.met, probes.c.made, probes.c.last_made)
    rows = connection.execute(select(*columns).where(probes.c.learner == learner))
    return {misconception: Met(*counts) for misconception, *counts in rows}


def latest_attempts(connection: Connection, learner: str, before: str, count: int) -> list[Attempt]:
    """The latest attempts before one (or of all), the latest first."""
    mine = select(*COLUMNS).where(attempts.c.learner == learner)
    if before:
        mine = mine.where(attempts.c.id < before)
    return _attempts(connection, learner, mine.order_by(attempts.c.id.desc()).limit(count))


def next_attempts(connection: Connection, learner: str, after: str, count: int) -> list[Attempt]:
    """The attempts after one, in the order in which they were made."""
    mine = select(*COLUMNS).where(attempts.c.learner == learner, attempts.c.id > after)
    return _attempts(connection, learner, mine.order_by(attempts.c.id).limit(count))


def _attempts(connection: Connection, learner: str, chosen: Select[Any]) -> list[Attempt]:
    rows = connection.execute(chosen).mappings().all()
    named = _mistakes(connection, learner, [row["id"] for row in rows])
    return [
        Attempt(
            **{
                **row,
                "cells": msgspec.json.decode(row["cells"], type=list[str]),
                "misconceptions": named.get(row["id"], []),
            }
        )
        for row in rows
    ]


def _mistakes(connection: Connection, learner: str, ids: list[str]) -> dict[str, list[str]]:
    """What went wrong in some attempts that follow one another."""
    named: dict[str, list[str]] = {}
    if ids:
        rows = connection.execute(
            select(mistakes.c.attempt, mistakes.c.misconception)
            .where(
                mistakes.c.learner == learner,
                mistakes.c.attempt.between(min(ids), max(ids)),
            )
            .order_by(mistakes.c.attempt, mistakes.c.place)
        )
        for attempt, misconception in rows:
            named.setdefault(attempt, []).append(misconception)
    return named


def select_activity(connection: Connection, learner: str) -> Activity:
    """All that a learner did, summed up."""
    count = func.count()
    practice = connection.execute(
        select(
            attempts.c.day,
            attempts.c.skill,
            count,
            _sum(RIGHT),
            _sum(attempts.c.closed),
            _sum(AT_ONCE),
        )
        .where(attempts.c.learner == learner)
        .group_by(attempts.c.day, attempts.c.skill)
        .order_by(attempts.c.day, attempts.c.skill)
    )
    made = connection.execute(
        select(
            mistakes.c.misconception,
            count,
            func.count(mistakes.c.day.distinct()),
            func.max(mistakes.c.at),
        )
        .where(mistakes.c.learner == learner)
        .group_by(mistakes.c.misconception)
        .order_by(count.desc(), mistakes.c.misconception)
    )
    first = select(attempts.c.at).where(attempts.c.learner == learner).order_by(attempts.c.id)
    rows = [Practice(*row) for row in practice]
    return Activity(
        attempts=sum(row.attempts for row in rows),
        since=connection.scalar(first.limit(1)),
        practice=rows,
        made=[Made(*row) for row in made],
    )


def _sum(condition: Any) -> Any:
    """How many rows a condition holds for."""
    return func.sum(case((condition, 1), else_=0))
