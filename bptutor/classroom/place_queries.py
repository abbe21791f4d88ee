"""The SQL of what changes or goes: places, who is connected, papers made ahead."""

from typing import Any

import msgspec
from sqlalchemy import Connection, and_, func, select

from bptutor.classroom.queries import as_json, insert
from bptutor.classroom.tables import papers, places, prepared, presence
from bptutor.record.sittings import AskedItem

# ── places ────────────────────────────────────────────────────────────────────────────────────────


def _place(login: str, kind: str, key: str) -> Any:
    return and_(places.c.login == login, places.c.kind == kind, places.c.key == key)


def hold_place(on: Connection, login: str, kind: str, key: str) -> None:
    """Lock a place for this transaction; in SQLite a transaction that writes has the whole file."""
    if on.dialect.name == "postgresql":
        name = func.hashtextextended(f"{login}/{kind}/{key}", 0)
        on.execute(select(func.pg_advisory_xact_lock(name)))


def select_place(on: Connection, login: str, kind: str, key: str) -> bytes | None:
    found = on.scalar(select(places.c.content).where(_place(login, kind, key)))
    return None if found is None else bytes(found)


def put_place(on: Connection, login: str, kind: str, key: str, content: bytes, now: float) -> None:
    adding = insert(on, places)
    changed = {name: adding.excluded[name] for name in ("content", "at")}
    on.execute(
        adding.on_conflict_do_update(index_elements=["login", "kind", "key"], set_=changed),
        {"login": login, "kind": kind, "key": key, "content": content, "at": now},
    )


def place_keys(on: Connection, login: str, kind: str) -> list[str]:
    found = select(places.c.key).where(places.c.login == login, places.c.kind == kind)
    return [*on.scalars(found.order_by(places.c.key))]


def places_size(on: Connection, login: str) -> int:
    """Bytes of all places of a learner."""
    size = func.sum(func.length(places.c.content))
    return int(on.scalar(select(size).where(places.c.login == login)) or 0)


def delete_place(on: Connection, login: str, kind: str, key: str) -> None:
    on.execute(places.delete().where(_place(login, kind, key)))


# ── presence ──────────────────────────────────────────────────────────────────────────────────────


def put_presence(on: Connection, row: dict[str, object]) -> None:
    adding = insert(on, presence)
    changed = {name: adding.excluded[name] for name in ("seen", "assignment", "item")}
    on.execute(
        adding.on_conflict_do_update(index_elements=["machine", "connection"], set_=changed), row
    )


def delete_presence(on: Connection, machine: str, connection: str | None = None) -> None:
    gone = presence.delete().where(presence.c.machine == machine)
    if connection is not None:
        gone = gone.where(presence.c.connection == connection)
    on.execute(gone)


def select_presence(on: Connection) -> list[tuple[str, float, str, int]]:
    """Of each connection the login, the last key, the assignment and the item; last key last."""
    found = select(
        presence.c.login, presence.c.seen, presence.c.assignment, presence.c.item
    ).order_by(presence.c.seen)
    return [(row[0], row[1], row[2], row[3]) for row in on.execute(found)]


# ── papers made ahead ─────────────────────────────────────────────────────────────────────────────


def put_prepared(
    on: Connection, assignment: str, version: int, login: str, attempt: int, items: list[AskedItem]
) -> None:
    """Keep the items of a paper that is not begun; those of former versions go."""
    former = prepared.c.assignment == assignment, prepared.c.version < version
    on.execute(prepared.delete().where(*former))
    on.execute(
        insert(on, prepared).on_conflict_do_nothing(),
        {
            "assignment": assignment,
            "version": version,
            "login": login,
            "attempt": attempt,
            "items": as_json(items),
        },
    )


def select_prepared(
    on: Connection, assignment: str, version: int, login: str, attempt: int
) -> list[AskedItem] | None:
    columns = (prepared.c.assignment, prepared.c.version, prepared.c.login, prepared.c.attempt)
    key = (assignment, version, login, attempt)
    same = [column == value for column, value in zip(columns, key, strict=True)]
    found = on.scalar(select(prepared.c["items"]).where(*same))
    return None if found is None else msgspec.json.decode(found, type=list[AskedItem])


def prepared_or_begun(on: Connection, assignment: str, version: int) -> set[str]:
    """Whose first paper is made in this version, or begun."""
    made = select(prepared.c.login).where(
        prepared.c.assignment == assignment, prepared.c.version == version
    )
    began = select(papers.c.login).where(papers.c.assignment == assignment)
    return {*on.scalars(made), *on.scalars(began)}
