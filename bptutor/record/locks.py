"""Locks that the processes of one learner hold on their places, where the file system has locks."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from bptutor.files import open_own

try:
    import fcntl
except ImportError:  # as on Windows: no process knows of another one
    fcntl = None  # type: ignore[assignment]

NAME = ".locks"
PATIENCE = 1.0  # seconds to wait for a lock: a stopped process may hold one for hours
PAUSE = 0.005  # seconds between two attempts to get it


class Locks:
    """Two bytes of a file for each key: whoever locks the first saves, whoever the second is there.

    The system unlocks both when a process ends, however it ends. It would do so when the file is
    closed, too, which therefore stays open.
    """

    def __init__(self, directory: Path) -> None:
        self._path = directory / NAME
        self._descriptor: int | None = None

    def __del__(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)

    @contextmanager
    def saving(self, key: str) -> Iterator[None]:
        """Let no other process save under a key meanwhile; for some time, where there are locks."""
        byte, deadline = _byte(key), time.monotonic() + PATIENCE
        while (held := self._lock(byte, "alone")) is False and time.monotonic() < deadline:
            time.sleep(PAUSE)
        try:
            yield
        finally:
            if held:
                self._lock(byte, "not")

    def enter(self, key: str) -> bool:
        """Be there until `leave` or the end of the process; was another process there before?"""
        with self.saving(key):
            occupied = self._lock(_byte(key) + 1, "alone") is False
            self._lock(_byte(key) + 1, "together")
        return occupied

    def leave(self, key: str) -> None:
        self._lock(_byte(key) + 1, "not")

    def _lock(self, byte: int, how: Literal["alone", "together", "not"]) -> bool | None:
        """Lock a byte at once, or unlock it; False if it is taken, None if nothing is locked."""
        if fcntl is None:
            return None
        operations = {
            "alone": fcntl.LOCK_EX | fcntl.LOCK_NB,
            "together": fcntl.LOCK_SH | fcntl.LOCK_NB,
            "not": fcntl.LOCK_UN,
        }
        try:
            fcntl.lockf(self._opened(), operations[how], 1, byte)
        except OSError as error:
            taken = error.errno in (errno.EAGAIN, errno.EACCES) and self._descriptor is not None
            return False if taken else None
        return True

    def _opened(self) -> int:
        if self._descriptor is None:
            self._descriptor = open_own(self._path, os.O_RDWR)
        return self._descriptor


def _byte(key: str) -> int:
    """The first byte of a key: an even number that other keys hardly have."""
    digest = blake2b(key.encode("utf-8", "surrogateescape"), digest_size=7).digest()
    return 2 * int.from_bytes(digest, "big")
