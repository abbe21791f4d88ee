"""The record's database: opened for each transaction, and set aside where it is damaged.

SQLite by default, in one file. There is no write-ahead log, since homes are on NFS, where it does
not work; and no connection stays open, so that a file that was moved, deleted or set aside by
another process is never written into. Waiting for a connection, a lock or a statement has a limit.
"""

import contextlib
import os
import sqlite3
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, SAWarning
from sqlalchemy.pool import NullPool, Pool

from bptutor.files import followed, make_private, open_own, reason
from bptutor.record.files import RECORD, data_directory, name_aside, named_aside
from bptutor.record.server import server_engine
from bptutor.record.soundness import DAMAGED, driver, is_damaged, is_sound
from bptutor.record.tables import VERSION, create, migrate, version_of, versions
from bptutor.text import Message, UserError
from bptutor.text.printable import shown_address

T = TypeVar("T")

PATIENCE = 5.0  # seconds to wait for another process' lock, or for a server's answer
PRAGMAS: tuple[str, ...] = (
    "foreign_keys = ON",
    "journal_mode = DELETE",
    "synchronous = EXTRA",  # FULL, and the directory too: what is kept outlives a power failure
    "secure_delete = ON",  # what is forgotten is not left in the file
)
IS_DAMAGED = Message("it is damaged")
REASONS: dict[int, Message] = {
    sqlite3.SQLITE_CORRUPT: IS_DAMAGED,
    sqlite3.SQLITE_NOTADB: IS_DAMAGED,
    sqlite3.SQLITE_FULL: Message("the disk is full"),
    sqlite3.SQLITE_READONLY: Message("it is read-only"),
    sqlite3.SQLITE_BUSY: Message("another program is using it"),
    sqlite3.SQLITE_LOCKED: Message("another program is using it"),
    sqlite3.SQLITE_CANTOPEN: Message("it cannot be opened"),
    sqlite3.SQLITE_IOERR: Message("the disk cannot be written"),
}
NO_ANSWER = Message("it does not answer")
NOT_REACHED = Message("its server cannot be reached")
SERVER_REASONS = {
    "55P03": Message("another program is using it"),
    "57014": NO_ANSWER,
    "42501": Message("your login may not do that; see bptutor doctor"),
}
"""By SQLSTATE: lock_timeout, statement_timeout, insufficient_privilege."""

UNREADABLE = Message("a part of it cannot be read")
KINDS = Message("it is neither sqlite:////a/path nor postgresql://host/name")


class AddressError(ValueError):
    """An address that cannot be used; its message quotes nothing of it."""

    def __init__(self, why: Message) -> None:
        super().__init__(why)
        self.why = why


class UnusableError(Exception):
    """The database cannot be read or written now."""

    def __init__(self, why: Message | str) -> None:
        super().__init__(why)
        self.why = why


class DamagedError(Exception):
    """The file is not whole."""


class SetAsideError(UserError):
    """The database was damaged; it was renamed, and a new one begins."""


class Database:
    """The database of the record. One thread at a time may use it."""

    _no_address = Message(
        "bptutor cannot use the record “{url}” ({reason}). See docs/lab.md for how to write its "
        "address."
    )
    _renews = True  # is a damaged file set aside, and a new one begun?
    _pragmas = PRAGMAS
    _pool: type[Pool] = NullPool

    def __init__(self, url: URL | str | None) -> None:
        """A database at a URL, by default a file in the data directory. Opens nothing yet.

        Raises UserError: the URL is not that of an SQLite or PostgreSQL database.
        """
        try:
            self.url = _absolute(make_url(url or URL.create("sqlite", database=RECORD)))
            _require_sound(self.url)
            self.engine = self._engine()
            self._require_options()
        except (ArgumentError, ImportError, TypeError, ValueError) as error:
            fields = {"url": shown_address(str(url)), "reason": _why(error)}
            raise UserError(Message(self._no_address.text, **fields)) from error
        name = self.url.database or ""
        self.path = Path(name) if self.is_sqlite and not name.startswith("file:") else None
        self.patience = PATIENCE  # seconds to wait for a lock; at 0 no server is asked
        self._opened: int | None = None  # the file that a connection that stays open is to
        self._known: object = None  # the `_state` in which the tables last had this version

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @property
    def _reading(self) -> Engine:
        return self.engine.execution_options(reading=True)

    @property
    def place(self) -> str:
        """The path or address, for people to read, without a password."""
        return str(self.path or shown_address(str(self.url)))

    def set_aside(self) -> list[Path]:
        """The damaged files that were set aside here, the oldest first."""
        return named_aside(self.path) if self.path else []

    def exists(self) -> bool:
        """False for a file that does not exist. Raises UnusableError."""
        with self._translated():
            return self.path is None or self.path.exists()

    def look(self, work: Callable[[Connection], T]) -> T:
        """Run a query, whatever the version of the tables. Raises UnusableError, SetAsideError."""
        with self._translated(), self._reading.begin() as connection:
            return work(connection)

    def read(self, work: Callable[[Connection], T], empty: T) -> T:
        """Run a query; without a database or tables the result is `empty`.

        Raises UnusableError; SetAsideError: the database was damaged.
        """
        if not self.exists():
            return empty
        return self.look(lambda on: work(on) if self._version(on) else empty)

    def write(self, work: Callable[[Connection], T]) -> T:
        """Do work in one transaction, which is on the disk when this returns.

        Raises UnusableError: nothing was done. SetAsideError: it was done in a new database.
        """
        try:
            return self._write(work)
        except SetAsideError:
            self._write(work)
            raise

    def _write(self, work: Callable[[Connection], T]) -> T:
        with self.writing() as connection:
            return work(connection)

    @contextlib.contextmanager
    def writing(self) -> Iterator[Connection]:
        """A transaction to write in, whose work is on the disk once it is left without an error.

        Raises UnusableError, or SetAsideError: nothing was done; the next call begins a new
        database.
        """
        with self._translated():
            if self.path and not self.exists():
                make_private(self.path.parent)
                os.close(open_own(self.path, os.O_RDWR))
            with self.engine.begin() as connection:
                version = self._version(connection)
                if version == 0:
                    self._create(connection)
                elif version < self._newest:
                    self._migrate(connection)
                yield connection

    def _version(self, connection: Connection) -> int:
        """The version of the tables; 0 where there are none. Raises DamagedError, UnusableError.

        A file is examined once, and again when another process has changed its tables.
        """
        state = self._state(connection)
        newest = self._newest
        if state and state == self._known:
            return newest
        if self.path and self._renews and not is_sound(driver(connection)):
            raise DamagedError
        version = version_of(connection, self._versions)
        if version > newest:
            raise UnusableError(Message("a newer bptutor wrote it; install that version to use it"))
        if version == newest:
            self._known = state
        return version

    # ── the tables, which are others in a class ───────────────────────────────────────────────

    _versions = versions

    @property
    def _newest(self) -> int:
        """The version of the tables that this bptutor makes."""
        return VERSION

    def _create(self, connection: Connection) -> None:
        create(connection)

    def _migrate(self, connection: Connection) -> None:
        migrate(connection)

    def _state(self, connection: Connection) -> object:
        """A value that changes when the tables do; None for a server."""
        if self.path is None:
            return None
        return _inode(self.path), connection.exec_driver_sql("PRAGMA schema_version").scalar()

    def _engine(self) -> Engine:
        if self.url.get_backend_name() == "postgresql":
            return server_engine(self.url, PATIENCE, self._require_patience)
        if not self.is_sqlite or self.url.database in (None, "", ":memory:"):
            raise AddressError(KINDS)
        with warnings.catch_warnings(action="ignore", category=SAWarning):  # it is an error below
            engine = create_engine(self.url, poolclass=self._pool)

        @event.listens_for(engine, "connect")
        def connected(connection: Any, _: Any) -> None:
            connection.text_factory = lambda text: text.decode("utf-8", "replace")
            connection.isolation_level = None  # so that our BEGIN holds for CREATE TABLE too
            connection.execute(f"PRAGMA busy_timeout = {int(self.patience * 1000)}")
            for pragma in self._pragmas:
                connection.execute(f"PRAGMA {pragma}")

        @event.listens_for(engine, "begin")
        def begun(connection: Connection) -> None:
            reading = connection.get_execution_options().get("reading")
            connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")

        return engine

    def _require_patience(self) -> None:
        """Raises UnusableError: a server cannot be asked without waiting."""
        if not self.patience:
            raise UnusableError(NO_ANSWER)

    def _require_options(self) -> None:
        """Check the options in the address, as connecting would. Raises ValueError."""
        with warnings.catch_warnings():
            warnings.simplefilter("error", SAWarning)
            try:
                self.engine.dialect.create_connect_args(self.url)
            except SAWarning as error:  # one that the driver does not know
                raise AddressError(UNREADABLE) from error

    # ── errors ────────────────────────────────────────────────────────────────────────────────

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        """Errors of the database and the disk as UnusableError or SetAsideError."""
        before = _inode(self.path)
        self._leave_other(before)
        try:
            if self.path:
                followed(self.path)
            yield
        except OSError as error:
            raise UnusableError(reason(error)) from error
        except (DamagedError, UnicodeDecodeError) as error:  # SQLite may quote a damaged schema
            if self.path and _inode(self.path) == before:
                raise self._put_aside(self.path) from error
            raise UnusableError(UNREADABLE) from error
        except (DBAPIError, sqlite3.Error) as error:
            cause = error.orig if isinstance(error, DBAPIError) else error
            code = getattr(cause, "sqlite_errorcode", None) or 0
            damaged = code & 0xFF in DAMAGED
            if (
                self.path and code & 0xFF == sqlite3.SQLITE_ERROR
            ):  # tables that are not as we made them
                damaged = is_damaged(self.path)
            if self.path and damaged and _inode(self.path) == before:
                raise self._put_aside(self.path) from error
            state = getattr(cause, "sqlstate", None) or ""
            why = REASONS.get(code & 0xFF) or SERVER_REASONS.get(state) or _in_its_words(cause)
            raise UnusableError(why) from error

    def _leave_other(self, inode: int | None) -> None:
        """Leave a connection to a file that is no longer there."""
        if inode != self._opened:
            self.engine.dispose()
            self._opened = inode

    def _put_aside(self, path: Path) -> Exception:
        """Rename a damaged file with its journal, never over another one."""
        if not self._renews:
            return UnusableError(IS_DAMAGED)
        aside = name_aside(path)
        try:
            with contextlib.suppress(FileNotFoundError):  # first, else it would be the new file's
                _journal(path).rename(_journal(aside))
            path.rename(aside)
        except OSError:
            return UnusableError(IS_DAMAGED)
        return SetAsideError(
            "Your record is damaged. bptutor renamed it to {path} and started a new one.",
            path=str(aside),
        )


def _in_its_words(cause: object) -> Message | str:
    """What a database says is wrong; of a server that cannot be reached, only that."""
    text = " ".join(str(cause).split())
    if "timeout expired" in text:
        return NO_ANSWER
    _, refused, why = text.partition("FATAL: ")
    if "connection to server" in text and not refused:
        return NOT_REACHED
    return (why.strip() or text)[:200]


def _absolute(url: URL) -> URL:
    """The URL with a relative path taken from the data directory, not the current one."""
    name = url.database or ""
    if url.get_backend_name() != "sqlite" or name in ("", ":memory:") or name.startswith("file:"):
        return url
    return url.set(database=str(data_directory() / name))


def _require_sound(url: URL) -> None:
    """Refuse what drivers would misread, and might quote in an error. Raises AddressError."""
    parts = (url.username, url.password, url.host, url.database)
    if any("\0" in str(part or "") for part in parts):
        raise AddressError(Message("it contains a null character, %00"))
    if "@" in (url.host or ""):
        raise AddressError(Message("write an @ in a name or password as %40"))


def _why(error: Exception) -> Message | str:
    """What is wrong with an address. A library's error is not quoted: it may hold a password."""
    if isinstance(error, AddressError):
        return error.why
    return " ".join(str(error).split())[:200] if isinstance(error, ImportError) else UNREADABLE


def read_only(path: Path) -> URL:
    query = {"mode": "ro", "uri": "true"}
    return URL.create("sqlite", database=f"file:{quote(str(path.absolute()))}", query=query)


def _journal(path: Path) -> Path:
    return path.with_name(f"{path.name}-journal")


def _inode(path: Path | None) -> int | None:
    with contextlib.suppress(OSError):
        return path.stat().st_ino if path else None
    return None
