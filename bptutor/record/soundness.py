"""Is a record's file whole? What is damaged is not written into."""

import contextlib
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, Table

from bptutor.record.tables import ADDED, VERSION, metadata, versions

DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


def is_sound(on: sqlite3.Connection) -> bool:
    """Are its pages and indexes whole, and are the tables as we made them, or not ours at all?

    Raises sqlite3.Error: that cannot be told now, since another program is using it.
    """
    try:
        if on.execute("PRAGMA integrity_check(1)").fetchone() != ("ok",):
            return False
        if not _columns(on, versions):
            return not any(_columns(on, each) >= _made(each, 1) for each in _others())
        version = on.execute(f"SELECT max(version) FROM {versions.name}").fetchone()[0]
        return version is not None and (
            version > VERSION
            or all(_columns(on, each) == _made(each, version) for each in _others())
        )
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        if code in (*DAMAGED, sqlite3.SQLITE_ERROR):
            return False
        raise


def is_damaged(path: Path) -> bool:
    """Is a file damaged, as far as that can be told now?"""
    address = f"{path.absolute().as_uri()}?mode=ro"
    with (
        contextlib.suppress(sqlite3.Error),
        contextlib.closing(sqlite3.connect(address, uri=True)) as on,
    ):
        return not is_sound(on)
    return False


def driver(connection: Connection) -> sqlite3.Connection:
    """SQLite's own connection."""
    own = connection.connection.driver_connection
    assert isinstance(own, sqlite3.Connection)
    return own


def _others() -> Iterator[Table]:
    return (table for table in metadata.sorted_tables if table is not versions)


def _columns(on: sqlite3.Connection, table: Table) -> set[str]:
    """The columns that are there; none without the table."""
    return {row[1] for row in on.execute(f"PRAGMA table_info({table.name})")}


def _made(table: Table, version: int) -> set[str]:
    """The columns that a version has made."""
    later = {column for since, column in ADDED.items() if since > version}
    return {column.name for column in table.c if column not in later}
