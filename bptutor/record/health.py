"""The state of the record, examined without changing anything."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from bptutor.text import UserError

if TYPE_CHECKING:
    from sqlalchemy import Connection

State: TypeAlias = Literal["sound", "none", "damaged", "newer", "unusable", "forbidden", "outdated"]
"""none: there is no database yet. newer: a newer bptutor wrote it. Of a server, forbidden: this
login may not do all that bptutor needs; outdated: an older bptutor made the tables, and this login
may not change them."""


class Rights(Struct, frozen=True):
    user: str  # the login's name there
    missing: list[str]  # such as `INSERT on attempts`; without tables `CREATE TABLE`
    owner: bool  # may it change the tables?
    separated: bool = False  # does the database keep learners' rows apart?
    shared: bool = False  # may others than the owner write to the tables?


class Health(Struct, frozen=True):
    """The record's database."""

    kind: str  # sqlite or postgresql; empty for an address that cannot be used
    state: State
    path: str | None = None
    private: bool = True  # is the file closed to others?
    version: int | None = None
    attempts: int | None = None  # of all learners whose rows this login may see
    rights: Rights | None = None  # of a server


def health(url: str | None = None) -> Health:
    try:
        from bptutor.record.database import IS_DAMAGED, Database, UnusableError, read_only

        database = Database(url)
    except (ImportError, UserError):
        return Health("", "unusable")
    kind, path = database.url.get_backend_name(), database.path
    result = Health(kind, "unusable", str(path) if path else None)
    try:
        if path and not database.exists():
            return replace(result, state="none")
        if path:
            result = replace(result, private=not stat.S_IMODE(path.stat().st_mode) & 0o077)
            database = Database(read_only(path))
        return database.look(lambda connection: _examined(connection, result))
    except UnusableError as error:
        return replace(result, state="damaged" if error.why == IS_DAMAGED else "unusable")


def _examined(connection: Connection, result: Health) -> Health:
    from sqlalchemy import func, select

    from bptutor.record.soundness import driver, is_sound
    from bptutor.record.tables import VERSION, attempts, version_of

    if result.kind == "sqlite" and not is_sound(driver(connection)):
        return replace(result, state="damaged")
    if result.kind == "postgresql":
        from bptutor.record.roles import rights

        result = replace(result, rights=rights(connection))
        if result.rights and result.rights.missing:
            return replace(result, state="forbidden")
    version = version_of(connection)
    if version > VERSION:
        return replace(result, state="newer", version=version)
    if version == 0:
        return replace(result, state="none")
    count = connection.scalar(select(func.count()).select_from(attempts))
    may = version == VERSION or result.rights is None or result.rights.owner
    return replace(result, state="sound" if may else "outdated", version=version, attempts=count)
