"""The record of what learners answered, and what is known of them by it."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from time import monotonic
from typing import TYPE_CHECKING, TypeVar

from bptutor.record.attempts import Activity, Attempt, Met, Review
from bptutor.text import Message, UserError

if TYPE_CHECKING:
    from pathlib import Path

    from sqlalchemy import Connection

    from bptutor.record.database import Database

T = TypeVar("T")

AT_A_TIME = 1_000
"""Attempts that are read at once where all are wanted."""
PAUSE = 60.0
"""Seconds in which a database that was waited for in vain is not waited for again."""


class Record:
    """The attempts of any number of learners. All methods may be called from any thread.

    Nothing is imported or opened before the first call. What is read is empty as long as nothing
    was kept. A database that is damaged is set aside, which is said once by a UserError; what was
    to be kept then is in the new one.
    """

    def __init__(self, url: str | None = None) -> None:
        """Keep the record at a URL, else in a file in the learner's data directory."""
        self._url = url
        self._database: Database | None = None
        self._lock = threading.RLock()
        self._failing = False
        self._patient_from = 0.0
        """When the database may be waited for again, by the monotonic clock."""
        self.whole = True
        """Is every attempt in it that was to be kept?"""

    def prepare(self) -> None:
        """Import what it takes, so that the first answer does not wait for that."""
        with contextlib.suppress(UserError):
            self._opened()

    # ── writing: once it returns, it outlives a power failure ─────────────────────────────────

    def add(self, attempt: Attempt) -> None:
        """Keep an attempt, by its id once.

        Raises:
            UserError: it cannot be kept. This is said once; further calls that fail are silent,
                until one succeeds again. So it is with `practised`.
        """
        from bptutor.record import queries

        self._keep(lambda to: queries.insert_attempt(to, attempt))

    def practised(
        self, attempt: Attempt, review: Review, met: Sequence[str], made: Sequence[str]
    ) -> None:
        """Keep the last attempt at a step and what follows from it, all or nothing, and once.

        Args:
            attempt: the attempt by which the step is over.
            review: gives the card of its kind of step.
            met: the misconceptions that the step could have shown.
            made: those that it did show, in all attempts at it.
        """
        from bptutor.record import queries

        def work(to: Connection) -> None:
            if not queries.insert_attempt(to, attempt):
                return
            before = queries.select_cards(to, attempt.learner).get(attempt.skill)
            queries.put_card(to, attempt.learner, attempt.skill, *review(before))
            queries.count_met(to, attempt.learner, met, made, attempt.at)

        self._keep(work)

    def forget(self, learner: str) -> int:
        """Delete all that is kept of a learner; how many attempts that were.

        Raises:
            UserError: it cannot be deleted.
        """
        from bptutor.record import queries
        from bptutor.record.database import UnusableError

        with self._lock:
            database = self._opened()
            try:
                with self._waited_for(database):
                    if not database.is_there():
                        return 0
                    return database.write(lambda to: queries.delete_learner(to, learner))
            except UnusableError as error:
                raise UserError(
                    Message(
                        "Your record in {path} cannot be changed ({reason}); nothing was deleted.",
                        path=database.place,
                        reason=error.why,
                    )
                ) from error

    def set_aside(self) -> list[Path]:
        """Files of this record that were damaged and set aside. Nobody is forgotten in them.

        Raises:
            UserError: the record has no address that can be used.
        """
        return self._opened().set_aside()

    # ── reading: raises UserError where there is something that cannot be read ────────────────

    def cards(self, learner: str) -> dict[str, str]:
        """The JSON of the FSRS card of each kind of step."""
        from bptutor.record import queries

        return self._read(lambda from_: queries.select_cards(from_, learner), {})

    def met(self, learner: str) -> dict[str, Met]:
        """How often items could have shown each misconception, and did."""
        from bptutor.record import queries

        return self._read(lambda from_: queries.select_met(from_, learner), {})

    def activity(self, learner: str) -> Activity:
        """All that a learner did, summed up."""
        from bptutor.record import queries

        return self._read(lambda from_: queries.select_activity(from_, learner), Activity())

    def attempts(self, learner: str, before: str = "", count: int = 100) -> list[Attempt]:
        """The latest attempts, the latest first; of those before one (its id) if it is given."""
        from bptutor.record import queries

        return self._read(lambda from_: queries.latest_attempts(from_, learner, before, count), [])

    def every(self, learner: str) -> Iterator[Attempt]:
        """All attempts, the first one first."""
        after = ""
        while found := self._next(learner, after):
            yield from found
            after = found[-1].id

    def _next(self, learner: str, after: str) -> list[Attempt]:
        from bptutor.record import queries

        return self._read(lambda from_: queries.next_attempts(from_, learner, after, AT_A_TIME), [])

    # ── the database ──────────────────────────────────────────────────────────────────────────

    def _opened(self) -> Database:
        with self._lock:
            if self._database is None:
                from bptutor.record.database import Database

                self._database = Database(self._url)
            return self._database

    @contextlib.contextmanager
    def _waited_for(self, database: Database) -> Iterator[None]:
        """Wait for the database within; but not while it was just waited for in vain.

        Whoever answers would else wait at each answer.
        """
        from bptutor.record.database import PATIENCE, UnusableError

        began = monotonic()
        database.patience = PATIENCE if began >= self._patient_from else 0.0
        try:
            yield
        except UnusableError:
            if (ended := monotonic()) - began > PATIENCE / 2:
                self._patient_from = ended + PAUSE
            raise
        self._patient_from = 0.0

    def _read(self, work: Callable[[Connection], T], nothing: T) -> T:
        from bptutor.record.database import UnusableError

        with self._lock:
            database = self._opened()
            try:
                with self._waited_for(database):
                    return database.read(work, nothing)
            except UnusableError as error:
                raise UserError(
                    Message(
                        "Your record in {path} cannot be read ({reason}).",
                        path=database.place,
                        reason=error.why,
                    )
                ) from error

    def _keep(self, work: Callable[[Connection], object]) -> None:
        from bptutor.record.database import SetAsideError, UnusableError

        with self._lock:
            try:
                database = self._opened()
                try:
                    with self._waited_for(database):
                        database.write(work)
                except UnusableError as error:
                    raise UserError(
                        Message(
                            "Your answers cannot be added to your record in {path} ({reason}); you "
                            "can go on, but your progress will not know of them.",
                            path=database.place,
                            reason=error.why,
                        )
                    ) from error
            except SetAsideError:
                raise
            except UserError:
                self.whole = False
                said, self._failing = self._failing, True
                if not said:
                    raise
            else:
                self._failing = False
