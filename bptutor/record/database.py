"""The database under the record: opened for each piece of work, and set aside where it is damaged.

SQLite by default, in one file. There is no write-ahead log, since homes are on NFS, where it does
not work; and no connection that stays, so that a file that was moved, deleted or set aside by
another process is never written into. Waiting for a connection, a lock or a statement has a limit.
"""

import contextlib
import os
import sqlite3
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import (
    DOUBLE_PRECISION,
    URL,
    BigInteger,
    Boolean,
    Column,
    Connection,
    Engine,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    create_engine,
    event,
    func,
    inspect,
    make_url,
    select,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, SAWarning
from sqlalchemy.pool import NullPool

from bptutor.record.files import (
    RECORD,
    data_directory,
    make_private,
    name_aside,
    named_aside,
    reason,
)
from bptutor.text import Message, UserError
from bptutor.text.address import shown_address

T = TypeVar("T")

PATIENCE = 5.0
"""Seconds that another process may hold the database, or take to answer."""
PRAGMAS = (
    "foreign_keys = ON",
    "journal_mode = DELETE",
    "synchronous = EXTRA",  # FULL, and the directory too: what is kept outlives a power failure
    "secure_delete = ON",  # what is forgotten is not left in the file
)
DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
IS_DAMAGED = Message("it is damaged")
REASONS: dict[int, Message] = {
    sqlite3.SQLITE_CORRUPT: IS_DAMAGED,
    sqlite3.SQLITE_NOTADB: IS_DAMAGED,
    sqlite3.SQLITE_FULL: Message("the disk is full"),
    sqlite3.SQLITE_READONLY: Message("it is read-only"),
    sqlite3.SQLITE_BUSY: Message("another program holds it"),
    sqlite3.SQLITE_LOCKED: Message("another program holds it"),
    sqlite3.SQLITE_CANTOPEN: Message("it cannot be opened"),
    sqlite3.SQLITE_IOERR: Message("the disk does not take it"),
}
NO_ANSWER = Message("it does not answer")
SERVER_REASONS = {"55P03": Message("another program holds it"), "57014": NO_ANSWER}
"""By SQLSTATE: the limit of waiting for a lock is over, or that of a statement."""
CREATING = 0x62707475746F72
"""The number of PostgreSQL's lock under which one process at a time makes the tables."""

# ── the tables ────────────────────────────────────────────────────────────────────────────────

VERSION = 1
"""Raise it with a change of the tables, and change those of a record that has a lower one."""

metadata = MetaData()

versions = Table(
    "record_versions",
    metadata,
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("since", DOUBLE_PRECISION, nullable=False),
)
"""The version that the tables are of: the greatest one here."""

attempts = Table(
    "attempts",
    metadata,
    Column("learner", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("at", DOUBLE_PRECISION, nullable=False),
    Column("day", Integer, nullable=False),
    Column("lesson", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("part", Text, nullable=False),
    Column("step", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("skill", Text, nullable=False),
    Column("seed", BigInteger),
    Column("made_for", Text, nullable=False),
    Column("iteration", Integer, nullable=False),
    Column("sitting", Text, nullable=False),
    Column("product", Text, nullable=False),
    Column("cells", Text, nullable=False),
    Column("verdict", Text, nullable=False),
    Column("hints", Integer, nullable=False),
    Column("number", Integer, nullable=False),
    Column("closed", Boolean, nullable=False),
    Column("milliseconds", BigInteger, nullable=False),
    Index(
        "attempts_by_day",
        *("learner", "day", "skill", "verdict", "closed", "number", "hints"),
    ),
)
"""`day` is in the learner's own time when the attempt was made, as `date.toordinal` counts; `cells`
is a JSON list. All that the progress sums up is in the index."""

mistakes = Table(
    "mistakes",
    metadata,
    Column("learner", Text, primary_key=True),
    Column("attempt", Text, primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("misconception", Text, nullable=False),
    Column("day", Integer, nullable=False),
    Column("at", DOUBLE_PRECISION, nullable=False),
    ForeignKeyConstraint(["learner", "attempt"], ["attempts.learner", "attempts.id"]),
    Index("mistakes_by_misconception", "learner", "misconception", "day", "at"),
)
"""What went wrong in an attempt, the likeliest (`place` 0) first."""

cards = Table(
    "cards",
    metadata,
    Column("learner", Text, primary_key=True),
    Column("skill", Text, primary_key=True),
    Column("data", Text, nullable=False),
    Column("due", DOUBLE_PRECISION, nullable=False),
)
"""The schedule: an FSRS card, as JSON, for each kind of step."""

probes = Table(
    "probes",
    metadata,
    Column("learner", Text, primary_key=True),
    Column("misconception", Text, primary_key=True),
    Column("met", Integer, nullable=False),
    Column("made", Integer, nullable=False),
    Column("last_made", DOUBLE_PRECISION, nullable=False),
)
"""How often an item could have shown a misconception, and did."""

# ── the database ──────────────────────────────────────────────────────────────────────────────


UNREADABLE = Message("a part of it cannot be read")
KINDS = Message("it is neither sqlite:////a/path nor postgresql://host/name")


class AddressError(ValueError):
    """Why an address is none, in words that quote nothing of it."""

    def __init__(self, why: Message) -> None:
        super().__init__(why)
        self.why = why


class UnusableError(Exception):
    """The database does not do it now."""

    def __init__(self, why: Message | str) -> None:
        super().__init__(why)
        self.why = why


class SetAsideError(UserError):
    """The database was damaged, and is now under another name; there is a new one."""


class Database:
    """Where the record is. One thread at a time may use it."""

    def __init__(self, url: URL | str | None) -> None:
        """At a URL, else in a file in the data directory. Opens nothing yet.

        Raises:
            UserError: it is no address of a database of the kinds that there are.
        """
        try:
            self.url = _anywhere(make_url(url or URL.create("sqlite", database=RECORD)))
            _require_sound(self.url)
            self.engine = self._engine()
            self._require_options()
        except (ArgumentError, ImportError, TypeError, ValueError) as error:
            raise UserError(
                Message(
                    "The record cannot be in “{url}” ({reason}); README.md tells how its address "
                    "is written.",
                    url=shown_address(str(url)),
                    reason=_why(error),
                )
            ) from error
        name = self.url.database or ""
        self.path = Path(name) if self.is_sqlite and not name.startswith("file:") else None
        self.patience = PATIENCE
        """0 where nobody is to wait: then a file must be free, and a server is not asked."""
        self._known: object = None
        """The state in which the tables were last seen to be of this version."""

    @property
    def is_sqlite(self) -> bool:
        """Is it a file?"""
        return self.url.get_backend_name() == "sqlite"

    @property
    def _reading(self) -> Engine:
        return self.engine.execution_options(reading=True)

    @property
    def place(self) -> str:
        """Where it is, for people to read: without a password."""
        return str(self.path or shown_address(str(self.url)))

    def set_aside(self) -> list[Path]:
        """The files that were damaged and set aside here, the oldest first."""
        return named_aside(self.path) if self.path else []

    def is_there(self) -> bool:
        """Is there a file, where it is to be one? Raises UnusableError."""
        with self._translated():
            return self.path is None or self.path.exists()

    def look(self, work: Callable[[Connection], T]) -> T:
        """Do something that changes nothing, in whatever version the tables are.

        Raises:
            UnusableError: it does not let itself be read.
            SetAsideError: it was damaged.
        """
        with self._translated(), self._reading.begin() as connection:
            return work(connection)

    def read(self, work: Callable[[Connection], T], nothing: T) -> T:
        """Do something that changes nothing; `nothing` where there is no database yet.

        Raises:
            UnusableError: it does not let itself be read.
            SetAsideError: it was damaged.
        """
        if not self.is_there():
            return nothing
        with self._translated(), self._reading.begin() as connection:
            return work(connection) if self._has_tables(connection) else nothing

    def write(self, work: Callable[[Connection], T]) -> T:
        """Do something in one transaction, which is on the disk when this returns.

        Raises:
            UnusableError: nothing of it was done.
            SetAsideError: what was there was damaged; the work was done in a new database.
        """
        try:
            return self._write(work)
        except SetAsideError:
            self._write(work)
            raise

    def _write(self, work: Callable[[Connection], T]) -> T:
        with self._translated():
            if self.path and not self.is_there():
                make_private(self.path.parent)
                with contextlib.suppress(FileExistsError):
                    os.close(os.open(self.path, os.O_CREAT | os.O_EXCL, 0o600))
            with self.engine.begin() as connection:
                if not self._has_tables(connection):
                    create(connection)
                return work(connection)

    def _has_tables(self, connection: Connection) -> bool:
        """Are the tables there, in this version?

        Looked at once for a file, and again when another process has changed its tables.

        Raises:
            UnusableError: they are of a newer bptutor.
        """
        state = self._state(connection)
        if state and state == self._known:
            return True
        version = version_of(connection)
        if version > VERSION:
            raise UnusableError(Message("it is of a newer bptutor; install that one to use it"))
        if version:
            self._known = state
        return version > 0

    def _state(self, connection: Connection) -> object:
        """What is another one when the tables are; None where it cannot be told without a look."""
        if self.path is None:
            return None
        return _inode(self.path), connection.exec_driver_sql("PRAGMA schema_version").scalar()

    def _engine(self) -> Engine:
        if self.url.get_backend_name() == "postgresql":
            timeout = {"connect_timeout": int(PATIENCE)}
            engine = create_engine(self.url, connect_args=timeout, poolclass=NullPool)

            @event.listens_for(engine, "do_connect")
            def connecting(*_: Any) -> None:
                if not self.patience:  # a server cannot be asked without waiting for it
                    raise UnusableError(NO_ANSWER)

            @event.listens_for(engine, "begin")
            def begun_there(connection: Connection) -> None:
                for limit, seconds in (("statement", PATIENCE), ("lock", 0.8 * PATIENCE)):
                    milliseconds = int(1000 * seconds)
                    connection.exec_driver_sql(f"SET LOCAL {limit}_timeout = {milliseconds}")

            return engine
        if not self.is_sqlite or self.url.database in (None, "", ":memory:"):
            raise AddressError(KINDS)
        engine = create_engine(self.url, poolclass=NullPool)

        @event.listens_for(engine, "connect")
        def connected(connection: Any, _: Any) -> None:
            connection.text_factory = lambda text: text.decode("utf-8", "replace")
            connection.isolation_level = None  # BEGIN is ours, and begins for tables too
            connection.execute(f"PRAGMA busy_timeout = {int(self.patience * 1000)}")
            for pragma in PRAGMAS:
                connection.execute(f"PRAGMA {pragma}")

        @event.listens_for(engine, "begin")
        def begun(connection: Connection) -> None:
            reading = connection.get_execution_options().get("reading")
            connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

        return engine

    def _require_options(self) -> None:
        """Look at the options in the address, as connecting would. Raises ValueError."""
        with warnings.catch_warnings():
            warnings.simplefilter("error", SAWarning)
            try:
                self.engine.dialect.create_connect_args(self.url)
            except SAWarning as error:  # one that the driver does not know
                raise AddressError(UNREADABLE) from error

    # ── what goes wrong ───────────────────────────────────────────────────────────────────────

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        """What the database and the disk say, in the tutor's terms."""
        before = _inode(self.path)
        try:
            yield
        except OSError as error:
            raise UnusableError(reason(error)) from error
        except (DBAPIError, sqlite3.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            code = getattr(cause, "sqlite_errorcode", None) or 0
            if self.path and code & 0xFF in DAMAGED and _inode(self.path) == before:
                raise self._put_aside(self.path) from error
            said = " ".join(str(cause).split())[:200]
            state = SERVER_REASONS.get(getattr(cause, "sqlstate", None) or "")
            raise UnusableError(REASONS.get(code & 0xFF) or state or said) from error

    def _put_aside(self, path: Path) -> Exception:
        """Rename a damaged file with its journal, never over another one."""
        aside = name_aside(path)
        try:
            with contextlib.suppress(FileNotFoundError):  # first, else it would be the new file's
                _journal(path).rename(_journal(aside))
            path.rename(aside)
        except OSError:
            return UnusableError(IS_DAMAGED)
        return SetAsideError(
            Message(
                "Your record was damaged; it was set aside as {path}, and a new one begins.",
                path=str(aside),
            )
        )


def create(connection: Connection) -> None:
    """Make the tables, in the transaction that there is."""
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(CREATING)))
        if version_of(connection):  # another process made them meanwhile
            return
    metadata.create_all(connection, checkfirst=False)
    connection.execute(versions.insert(), {"version": VERSION, "since": time.time()})


def version_of(connection: Connection) -> int:
    """The version of the tables that there are; 0 where there are none."""
    if not inspect(connection).has_table(versions.name):
        return 0
    return connection.scalar(select(func.max(versions.c.version))) or 0


def _anywhere(url: URL) -> URL:
    """The URL with a file's relative path taken from the data folder, whatever the current one."""
    name = url.database or ""
    if url.get_backend_name() != "sqlite" or name in ("", ":memory:") or name.startswith("file:"):
        return url
    return url.set(database=str(data_directory() / name))


def _require_sound(url: URL) -> None:
    """Refuse what drivers would take for something else, and might quote. Raises AddressError."""
    parts = (url.username, url.password, url.host, url.database)
    if any("\0" in str(part or "") for part in parts):
        raise AddressError(Message("it holds a null character, %00"))
    if "@" in (url.host or ""):
        raise AddressError(Message("an @ in a name or a password is written %40"))


def _why(error: Exception) -> Message | str:
    """What is wrong with an address. Others' errors may quote it, with a password in it."""
    if isinstance(error, AddressError):
        return error.why
    return " ".join(str(error).split())[:200] if isinstance(error, ImportError) else UNREADABLE


def read_only(path: Path) -> URL:
    """The URL of a file that is not to be changed."""
    name = f"file:{quote(str(path.absolute()))}"
    return URL.create("sqlite", database=name, query={"mode": "ro", "uri": "true"})


def _journal(path: Path) -> Path:
    return path.with_name(f"{path.name}-journal")


def _inode(path: Path | None) -> int | None:
    try:
        return path.stat().st_ino if path else None
    except OSError:
        return None
