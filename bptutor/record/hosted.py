"""A database that the host of a class writes."""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakSet

from sqlalchemy import URL
from sqlalchemy.pool import Pool, StaticPool

from bptutor.record.database import Database


class HostDatabase(Database):
    """One whose damaged file stays: its marks are there.

    It is on the host's own disk, never on NFS. A write-ahead log takes one flush for each
    transaction instead of four, and each process keeps its connection.
    """

    _renews = False
    _pragmas = ("foreign_keys = ON", "journal_mode = WAL", "synchronous = FULL")
    _pool: type[Pool] = StaticPool

    def __init__(self, url: URL | str | None) -> None:
        super().__init__(url)
        self.busy = threading.RLock()  # held while the connection is used or the process forks
        _every.add(self)

    @contextmanager
    def _translated(self) -> Iterator[None]:
        with self.busy, super()._translated():
            yield


_every: WeakSet[HostDatabase] = WeakSet()
_forking = threading.Lock()
_held: list[HostDatabase] = []  # those whose connection the thread that forks has closed


def _close() -> None:
    """SQLite's locks do not survive a fork, but it would believe that it holds them."""
    _forking.acquire()
    for database in [*_every]:
        database.busy.acquire()
        _held.append(database)
        database.engine.dispose()


def _go_on() -> None:
    while _held:
        _held.pop().busy.release()
    _forking.release()


if hasattr(os, "register_at_fork"):  # not on Windows, which does not fork
    os.register_at_fork(before=_close, after_in_parent=_go_on, after_in_child=_go_on)
