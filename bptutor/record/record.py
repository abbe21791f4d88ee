"""The record of what learners answered, and of what follows from it."""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from time import monotonic
from typing import TYPE_CHECKING, TypeAlias, TypeVar

from bptutor.record.attempts import Activity, Attempt, Met, Review
from bptutor.record.files import RECORD, data_directory
from bptutor.record.sittings import is_long
from bptutor.text import Message, UserError

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from bptutor.record.database import Database

T = TypeVar("T")
Entry: TypeAlias = "tuple[Attempt, Review | None, Sequence[str], Sequence[str]]"
"""The arguments of `Record.add`."""

AT_A_TIME = 1_000  # attempts per query where all are read
PAUSE = 60.0  # seconds in which a database that was waited for in vain is not waited for again
MOST_ATTEMPTS, MOST_TYPED = 50_000, 100_000_000  # of one learner in a class; bytes of what is typed


class Record:
    """The attempts of any number of learners. All methods may be called from any thread.

    Nothing is imported or opened before the first call. Without a database yet, everything read is
    empty. A damaged database is set aside: one UserError reports that, and what was to be written
    is in the new one.
    """

    def __init__(self, url: str | None = None, *, hosted: bool = False) -> None:
        """The record at a URL, by default a file in the learner's data directory.

        Of one that is `hosted`, with a class, a damaged file stays, and nothing can be recorded.
        """
        self._url = url
        self._hosted = hosted
        self._database: Database | None = None
        self._lock = threading.RLock()
        self._patient_from = 0.0  # when to wait for the database again (monotonic clock)

    def prepare(self) -> None:
        """Import the database library, so that the first answer does not wait for that."""
        with contextlib.suppress(UserError):
            self._opened()

    # ── writing: once a method returns, its work outlives a power failure ─────────────────────

    def add(
        self,
        attempt: Attempt,
        review: Review | None = None,
        met: Sequence[str] = (),
        made: Sequence[str] = (),
    ) -> None:
        """Write an attempt and what follows from it, in one transaction, unless it is there.

        Of the last one at its step `review` gives the new card of its kind of step. `met` are the
        misconceptions that the step could have shown, `made` those that all attempts at it did
        show. Raises UserError: it cannot be written.
        """
        self.add_all([(attempt, review, met, made)])

    def add_all(self, entries: Sequence[Entry]) -> None:
        """The same of several attempts, in order and in one transaction. Raises UserError."""
        from bptutor.record import queries

        def work(to: Connection) -> None:
            for attempt, review, met, made in entries:
                if self._hosted:
                    _require_room(to, attempt)
                if not queries.insert_attempt(to, attempt):
                    continue
                if review:
                    before = queries.select_cards(to, attempt.learner).get(attempt.skill)
                    queries.put_card(to, attempt.learner, attempt.skill, *review(before))
                queries.count_met(to, attempt.learner, met, made, attempt.at)

        self.write(work)

    def forget(self, learner: str) -> int:
        """Delete everything about a learner, and return how many attempts that were.

        Raises UserError: it cannot be deleted.
        """
        from bptutor.record import queries

        problem = Message(
            "bptutor cannot change your record in {path} ({reason}). Nothing is deleted."
        )
        with self._usable(problem) as database:
            if not database.exists():
                return 0
            return database.write(lambda to: queries.delete_learner(to, learner))

    def set_aside(self) -> list[Path]:
        """Damaged files of this record that were set aside; `forget` does not change them.

        Raises UserError: the record's address is not valid.
        """
        return self._opened().set_aside()

    # ── reading: raises UserError where the database cannot be read ───────────────────────────

    def cards(self, learner: str) -> dict[str, str]:
        from bptutor.record import queries

        return self._read(lambda on: queries.select_cards(on, learner), {})

    def met(self, learner: str) -> dict[str, Met]:
        if self._is_new():
            return {}
        from bptutor.record import queries

        return self._read(lambda on: queries.select_met(on, learner), {})

    def right_at_once(self, learner: str) -> dict[str, int]:
        if self._is_new():
            return {}
        from bptutor.record import queries

        return self._read(lambda on: queries.select_right_at_once(on, learner), {})

    def activity(self, learner: str) -> Activity:
        from bptutor.record import queries

        return self._read(lambda on: queries.select_activity(on, learner), Activity())

    def attempts(self, learner: str, before: str = "", count: int = 100) -> list[Attempt]:
        """The latest attempts, the latest first; with an id in `before`, those before it."""
        from bptutor.record import queries

        return self._read(lambda on: queries.latest_attempts(on, learner, before, count), [])

    def every(self, learner: str) -> Iterator[Attempt]:
        """All attempts that can be read, the first one first."""
        after: str | None = ""
        while after is not None:
            attempts, after = self._next(learner, after)
            yield from attempts

    def _next(self, learner: str, after: str) -> tuple[list[Attempt], str | None]:
        from bptutor.record import queries

        none: tuple[list[Attempt], str | None] = [], None
        return self._read(lambda on: queries.next_attempts(on, learner, after, AT_A_TIME), none)

    def count(self, learner: str) -> int:
        """The number of all attempts, also of those that cannot be read."""
        from bptutor.record import queries

        return self._read(lambda on: queries.count_attempts(on, learner), 0)

    # ── the database ──────────────────────────────────────────────────────────────────────────

    def _is_new(self) -> bool:
        """Is there no file yet? The first lesson opens sooner where that needs no database."""
        if self._url:
            return False
        try:
            os.lstat(data_directory() / RECORD)
        except FileNotFoundError:
            return True
        except OSError:
            return False
        return False

    def _opened(self) -> Database:
        with self._lock:
            if self._database is None:
                from bptutor.record.database import Database
                from bptutor.record.hosted import HostDatabase

                self._database = (HostDatabase if self._hosted else Database)(self._url)
            return self._database

    @contextlib.contextmanager
    def _usable(self, problem: Message) -> Iterator[Database]:
        """The database; where it cannot be used, a UserError with `problem`.

        After a wait in vain it is not waited for again for a while: else every answer would wait.
        """
        from bptutor.record.database import PATIENCE, UnusableError

        with self._lock:
            database = self._opened()
            began = monotonic()
            database.patience = PATIENCE if began >= self._patient_from else 0.0
            try:
                yield database
            except UnusableError as error:
                if (ended := monotonic()) - began > PATIENCE / 2:
                    self._patient_from = ended + PAUSE
                fields = {"path": database.place, "reason": error.why}
                raise UserError(Message(problem.text, **fields)) from error
            self._patient_from = 0.0

    def _read(self, work: Callable[[Connection], T], empty: T) -> T:
        problem = Message("bptutor cannot read your record in {path} ({reason}).")
        with self._usable(problem) as database:
            return database.read(work, empty)

    def write(self, work: Callable[[Connection], object]) -> None:
        """Do work in one transaction. Raises UserError: nothing of it was done."""
        problem = Message("bptutor cannot add your answers to your record in {path} ({reason}).")
        with self._usable(problem) as database:
            database.write(work)


def _require_room(on: Connection, attempt: Attempt) -> None:
    """Raises UserError: a learner fills the database, which is everybody's."""
    from bptutor.record import queries

    learner, is_full = attempt.learner, False
    if is_long(attempt.product, attempt.cells):
        is_full = queries.typed_bytes(on, learner) > MOST_TYPED
    if is_full or queries.count_attempts(on, learner) >= MOST_ATTEMPTS:
        raise UserError(
            "Your record of this class is full: {count} answers, or {limit} MB.",
            count=MOST_ATTEMPTS,
            limit=MOST_TYPED // 1_000_000,
        )
