"""Is the file of a class whole? The host looks when it starts, and changes nothing."""

import sqlite3
from contextlib import closing
from pathlib import Path

from bptutor.classroom.tables import VERSION, metadata, versions
from bptutor.record.soundness import DAMAGED
from bptutor.text import Message, UserError

IS_DAMAGED = Message(
    "The class in {path} is damaged, so the host does not start. Put a backup of the file in its "
    "place, or move the file away to begin a new class. bptutor has changed nothing."
)


def require_sound(path: Path) -> None:
    """Raises UserError: the file is damaged. What else is wrong is said where it is used."""
    if path.exists() and not _is_sound(path):
        raise UserError(Message(IS_DAMAGED.text, path=str(path)))


def _is_sound(path: Path) -> bool:
    """A file of no bytes is what a full disk or a copy that was broken off leaves."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as on:
            whole = on.execute("PRAGMA integrity_check(1)").fetchone() == ("ok",)
            return whole and path.stat().st_size > 0 and _has_all(on)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
        return code not in (*DAMAGED, sqlite3.SQLITE_ERROR)


def _has_all(on: sqlite3.Connection) -> bool:
    """Are the tables there that its version has?"""
    there = {row[0] for row in on.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    made = {name for name in metadata.tables if name != versions.name}
    if versions.name not in there:
        return not made & there
    (version,) = on.execute(f"SELECT max(version) FROM {versions.name}").fetchone()
    return version is not None and (version != VERSION or made <= there)
