"""The database of a class: one file, or one PostgreSQL database for several machines."""

import hmac
import secrets
import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from itertools import product
from pathlib import Path
from typing import TypeAlias, TypeVar

from sqlalchemy import Connection, Table

from bptutor.classroom import place_queries, queries
from bptutor.classroom.assignment import Assignment
from bptutor.classroom.people import Person
from bptutor.classroom.rows import Event, Given
from bptutor.classroom.tables import ADDED_TO_ONLY, VERSION, metadata, versions
from bptutor.record.database import NO_ANSWER, UnusableError
from bptutor.record.hosted import HostDatabase
from bptutor.record.record import Record
from bptutor.record.soundness import DAMAGED
from bptutor.record.tables import alone, note_version, version_of
from bptutor.text import Message, UserError

T = TypeVar("T")
Transaction: TypeAlias = Connection  # work in the database is given one (see `ClassStore.read`)

SECRET_BYTES = 32
SEED_BITS = 63  # as many as a signed BIGINT has
PRESENCE_SECONDS = 10.0  # so long a key press may wait until it is written down

CANNOT_READ = Message("bptutor cannot read the class in {path} ({reason}).")
CANNOT_WRITE = Message(
    "bptutor cannot write to the class in {path} ({reason}). Nothing is changed."
)
SILENT = Message(
    "The class in {path} does not answer, so your last change may not be saved. Try again."
)
LARGE, MOST_OF_PLACES = 100_000, 100_000_000  # bytes of a place, and in all of whoever keeps such
TOO_MUCH = Message("your lessons and quizzes take more than {limit} MB", limit=100)


class ClassDatabase(HostDatabase):
    """The tables of a class."""

    _no_address = Message(
        "bptutor cannot use the class “{url}” ({reason}). See docs/lab.md for how to write its "
        "address."
    )
    _versions: Table = versions

    @property
    def _newest(self) -> int:
        return VERSION

    def _create(self, connection: Connection) -> None:
        create(connection)

    def _migrate(self, connection: Connection) -> None:
        """Add the tables that came since; none has changed."""
        alone(connection)
        metadata.create_all(connection)
        if version_of(connection, versions) < VERSION:
            note_version(connection, versions, VERSION)

    def _state(self, connection: Connection) -> object:
        """A server's tables are looked at once: its schema changes while no host runs."""
        return super()._state(connection) or self.place


def create(connection: Connection) -> None:
    """Create the tables of a class."""
    alone(connection)
    if connection.dialect.name == "postgresql" and version_of(connection, versions):
        return  # another process made them meanwhile
    metadata.create_all(connection, checkfirst=False)
    if connection.dialect.name == "sqlite":  # PostgreSQL has its grants for that
        for table, doing in product(ADDED_TO_ONLY, ("UPDATE", "DELETE")):
            connection.exec_driver_sql(
                f"CREATE TRIGGER {table.name}_no_{doing.lower()} BEFORE {doing} ON {table.name} "
                f"BEGIN SELECT RAISE(ABORT, 'rows of {table.name} are only added'); END"
            )
    note_version(connection, versions, VERSION)


@dataclass
class PlaceContent:
    """What is kept under a key; None for nothing. It may be replaced."""

    content: bytes | None


class ClassStore:
    """A class. All methods may be called from any thread.

    Nothing is opened before the first call. A fork closes the connection, and the next call opens
    another, in either process.
    """

    def __init__(self, url: str) -> None:
        """The class at `sqlite:////a/path` or `postgresql+psycopg://host/name`.

        Raises UserError: the address cannot be used.
        """
        self.url = url
        self._database = ClassDatabase(url)
        self._lock = threading.Lock()
        self._secret = b""

    def require_sound(self) -> None:
        """Raises UserError: the class is in a file that is damaged."""
        if self._database.path:
            require_sound(self._database.path)

    def record(self) -> Record:
        """The record of all learners of the class, which is in the same database."""
        return Record(self.url, hosted=True)

    # ── transactions ──────────────────────────────────────────────────────────────────────────

    def read(self, work: Callable[[Connection], T], empty: T) -> T:
        """Look something up; `empty` before there is a class.

        Raises UserError: the database cannot be read now.
        """
        with self._usable(CANNOT_READ) as database:
            return database.read(work, empty)

    def look(self, work: Callable[[Connection], T], otherwise: Message) -> T:
        """The same of something that there must be; else a UserError with this sentence."""
        found: list[T] = []
        self.read(lambda on: found.append(work(on)), None)
        if not found:
            raise UserError(otherwise)
        return found[0]

    def write(self, work: Callable[[Connection], T]) -> T:
        """Do work in one transaction, which is on the disk when this returns.

        Raises UserError: nothing of it was done.
        """
        with self._usable(CANNOT_WRITE) as database:
            return database.write(work)

    @contextmanager
    def _usable(self, problem: Message) -> Iterator[ClassDatabase]:
        with self._lock:
            try:
                yield self._database
            except UnusableError as error:
                if error.why is NO_ANSWER and problem is CANNOT_WRITE:
                    problem = SILENT
                fields = {"path": self._database.place, "reason": error.why}
                raise UserError(Message(problem.text, **fields)) from error

    # ── seeds ─────────────────────────────────────────────────────────────────────────────────

    def seed(self, *of: object) -> int:
        """A number that follows from the class's secret alone, and leads back to nothing.

        Raises UserError: the database cannot be written, where there is no secret yet.
        """
        key = self._secret or self.read(lambda on: queries.secret(on, "seeds"), None)
        if key is None:
            drawn = secrets.token_bytes(SECRET_BYTES)
            key = self.write(lambda on: queries.put_secret(on, "seeds", drawn))
        self._secret = key
        told = "\0".join(map(str, of)).encode()
        return int.from_bytes(hmac.digest(key, told, "sha256")[:8]) >> (64 - SEED_BITS)

    # ── the roster ────────────────────────────────────────────────────────────────────────────

    def people(self) -> list[Person]:
        return self.read(queries.select_people, [])

    def person(self, login: str) -> Person | None:
        return self.read(lambda on: queries.select_person(on, login), None)

    def list_people(self, people: Sequence[Person], author: str, now: float) -> None:
        """Replace the roster. Who is no longer on it is not forgotten: papers and marks stay."""

        def work(on: Connection) -> None:
            queries.put_people(on, people)
            queries.add_event(on, Event(now, author, "roster", number=len(people)))

        self.write(work)

    # ── assignments ───────────────────────────────────────────────────────────────────────────

    def assignments(self) -> list[Given]:
        return self.read(queries.select_assignments, [])

    def assignment(self, name: str) -> Given:
        """An assignment. Raises UserError: there is none of this name."""
        return required(self.read(lambda on: queries.select_assignment(on, name), None), name)

    def assign(
        self,
        assignment: Assignment,
        content: bytes,
        lessons: Mapping[str, Mapping[str, bytes]],
        author: str,
        now: float,
    ) -> bool:
        """Give an assignment to the class, or change it; was there one of this name?

        Times and the contents of lessons may change at any time. Papers that were begun keep their
        lessons as they were. `content` is the file itself, `lessons` the files of each lesson.
        Raises UserError: what it asks has changed, and there is a paper already.
        """
        contents = {digest(each): each for files in lessons.values() for each in files.values()}
        kept = {
            name: {file: digest(each) for file, each in files.items()}
            for name, files in lessons.items()
        }

        def work(on: Connection) -> bool:
            before = queries.select_assignment(on, assignment.name)
            if before and _asks(before.assignment) != _asks(assignment):
                papers = queries.select_papers(on, assignment.name)
                if papers:
                    raise UserError(
                        "{count} papers of {name} have begun, so what it asks cannot change. "
                        "Give the file another name to assign something else.",
                        count=len(papers),
                        name=assignment.name,
                    )
            for sum_, each in contents.items():
                queries.put_file(on, sum_, each)
            version = before.version + 1 if before else 1
            given = Given(assignment, version, now, author, kept)
            queries.put_assignment(on, given, content)
            event = Event(now, author, "assign", assignment=assignment.name, number=version)
            queries.add_event(on, event)
            return before is not None

        return self.write(work)

    def file(self, digest: str) -> bytes:
        """The content of a lesson's file, as it was when it was assigned."""
        found = self.read(lambda on: queries.select_file(on, digest), None)
        if found is None:
            raise UserError("A lesson of this assignment is missing in the class's database.")
        return found

    # ── what happened ─────────────────────────────────────────────────────────────────────────

    def events(self, assignment: str, login: str | None = None) -> list[Event]:
        return self.read(lambda on: queries.select_events(on, assignment, login), [])

    def happened(self, event: Event) -> None:
        self.write(lambda on: queries.add_event(on, event))

    # ── where learners are in lessons and quizzes ─────────────────────────────────────────────

    def places(self, login: str, kind: str) -> list[str]:
        return self.read(lambda on: place_queries.place_keys(on, login, kind), [])

    def place(self, login: str, kind: str, key: str) -> bytes | None:
        return self.read(lambda on: place_queries.select_place(on, login, kind, key), None)

    @contextmanager
    def changing_place(self, login: str, kind: str, key: str, now: float) -> Iterator[PlaceContent]:
        """A place to change, which nobody else changes meanwhile.

        Raises UserError: it cannot be written; it is as it was.
        """
        with self._usable(CANNOT_WRITE) as database, database.writing() as on:
            place_queries.hold_place(on, login, kind, key)
            place = PlaceContent(place_queries.select_place(on, login, kind, key))
            before = place.content
            yield place
            if place.content is None:
                place_queries.delete_place(on, login, kind, key)
            elif place.content != before:
                grown = len(place.content) - len(before or b"")
                if len(place.content) > LARGE and grown > 0:
                    whole = place_queries.places_size(on, login) + grown
                    if whole > MOST_OF_PLACES:
                        raise UserError(TOO_MUCH)
                place_queries.put_place(on, login, kind, key, place.content, now)

    # ── who is there ──────────────────────────────────────────────────────────────────────────

    def seen(
        self,
        machine: str,
        connection: str,
        login: str,
        now: float,
        assignment: str = "",
        item: int = -1,
    ) -> None:
        """A learner pressed a key in a connection. Call this at most every PRESENCE_SECONDS."""
        row = {
            "machine": machine,
            "connection": connection,
            "login": login,
            "since": now,
            "seen": now,
            "assignment": assignment,
            "item": item,
        }
        self.write(lambda on: place_queries.put_presence(on, row))

    def gone(self, machine: str, connection: str | None = None) -> None:
        """A connection ended; without one, all of a machine, whose host starts again."""
        self.write(lambda on: place_queries.delete_presence(on, machine, connection))


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


def required(given: Given | None, name: str) -> Given:
    """The assignment of this name. Raises UserError: there is none."""
    if given is None:
        raise UserError(no_assignment(name))
    return given


def no_assignment(name: str) -> Message:
    return Message("There is no assignment {name}.", name=name)


def _asks(assignment: Assignment) -> tuple[object, ...]:
    """What papers are made from."""
    lessons, steps = tuple(assignment.lessons), tuple(assignment.steps)
    return assignment.kind, lessons, assignment.items, steps, assignment.numbers


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
