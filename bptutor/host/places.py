"""A learner's places in the database of the class, so that they follow to any machine."""

from __future__ import annotations

import errno
import os
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bptutor.classroom.store import ClassStore
from bptutor.files import UnreachableError, make_private
from bptutor.record.database import UnusableError
from bptutor.record.locks import Locks
from bptutor.record.sittings import QuizSittings, Sittings, Standings
from bptutor.text import UserError
from bptutor.text.printable import shown_address

MOST_PLACES = 2_000
"""Of a kind, of one learner: nobody fills the disk with lessons of their own."""
MOST_BYTES = 8_000_000
"""Of one place: a hundred times as much as the longest lesson takes."""


class Shelf:
    """The drawer of one learner and one kind."""

    def __init__(self, store: ClassStore, login: str, kind: str, locks: Path) -> None:
        """`locks` is a folder in which the services of this machine see each other."""
        self._store, self._login, self._kind = store, login, kind
        self._folder = locks
        self._locks = Locks(locks)
        self._held = threading.local()
        """In the thread that saves: the place that it may change, and what is put aside."""
        self._known: set[str] = set()

    @property
    def place(self) -> str:
        return shown_address(self._store.url).removeprefix("sqlite:///")

    def names(self) -> list[str]:
        with _as_on_a_disk():
            return self._store.places(self._login, self._kind)

    def read(self, name: str) -> bytes | None:
        if (held := getattr(self._held, "place", None)) is not None:
            content: bytes | None = held.content
            return content
        with _as_on_a_disk():
            return self._store.place(self._login, self._kind, name)

    @contextmanager
    def saving(self, name: str) -> Iterator[None]:
        if name not in self._known:
            known = {*self.names(), name}
            if len(known) > MOST_PLACES:
                raise OSError(errno.EDQUOT, os.strerror(errno.EDQUOT))
            self._known = known
        self._held.aside = None
        with _as_on_a_disk():
            with self._store.changing_place(*self._row(name), time.time()) as place:
                self._held.place = place
                try:
                    yield
                finally:
                    self._held.place = None
            if self._held.aside:
                self._put(*self._held.aside)

    def write(self, name: str, data: bytes) -> None:
        if len(data) > MOST_BYTES:
            raise OSError(errno.EFBIG, os.strerror(errno.EFBIG))
        self._held.place.content = data

    def put_aside(self, name: str) -> str:
        aside = f"{name}.damaged-{time.strftime('%Y%m%d-%H%M%S')}-{os.getpid()}"
        if (held := getattr(self._held, "place", None)) is not None:
            self._held.aside = aside, held.content  # kept once this transaction is over
            held.content = None
            return aside
        with _as_on_a_disk():
            with self._store.changing_place(*self._row(name), time.time()) as place:
                content, place.content = place.content, None
            self._put(aside, content)
        return aside

    def _put(self, name: str, content: bytes | None) -> None:
        with self._store.changing_place(*self._row(name), time.time()) as place:
            place.content = content

    def _row(self, name: str) -> tuple[str, str, str]:
        return self._login, self._kind, name

    def enter(self, name: str) -> bool:
        with suppress(OSError):
            make_private(self._folder)
        return self._locks.enter("\0".join(self._row(name)))

    def leave(self, name: str) -> None:
        self._locks.leave("\0".join(self._row(name)))


@contextmanager
def _as_on_a_disk() -> Iterator[None]:
    """What is wrong with the database, as what is wrong with a disk."""
    try:
        yield
    except UserError as error:
        cause = error.__cause__
        why = cause.why if isinstance(cause, UnusableError) else error.message
        raise UnreachableError(why) from error


def stores(store: ClassStore, login: str, locks: Path) -> tuple[Sittings, QuizSittings, Standings]:
    """What a learner of the class has saved."""

    def shelf(kind: str) -> Shelf:
        return Shelf(store, login, kind, locks)

    return Sittings(shelf("sitting")), QuizSittings(shelf("quiz")), Standings(shelf("standing"))
