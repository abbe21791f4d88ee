"""Who is connected, and when they last did something, written down beside what they do."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from collections.abc import Callable

from bptutor.classroom.store import PRESENCE_SECONDS, ClassStore
from bptutor.text import UserError

_log = logging.getLogger(__name__)

Where = Callable[[], tuple[str, int]]
"""The assignment at which a learner is, and the item from 0; "" and -1 for none."""


class Presence:
    """One connection, as the teacher sees it. Nobody waits for the database."""

    def __init__(self, store: ClassStore, login: str, clock: Callable[[], float]) -> None:
        self._store = store
        self._clock = clock
        self._login = login
        self._row = socket.gethostname(), str(os.getpid())
        self._last: tuple[float, tuple[str, int]] = (0.0, ("", -1))
        self._writing: threading.Thread | None = None

    def notice(self, where: tuple[str, int]) -> None:
        """They did something: write it down, if that has not just been done."""
        last, there = self._last
        now = time.monotonic()
        if (now - last < PRESENCE_SECONDS and where == there) or self._is_writing:
            return
        self._last = now, where
        self._writing = threading.Thread(target=self._write, args=(where,), daemon=True)
        self._writing.start()

    @property
    def _is_writing(self) -> bool:
        return self._writing is not None and self._writing.is_alive()

    def _write(self, where: tuple[str, int]) -> None:
        try:
            self._store.seen(*self._row, self._login, self._clock(), *where)
        except UserError as error:
            _log.warning("That %s is there was not written down: %s", self._login, error)

    def end(self) -> None:
        """They are gone."""
        if self._writing:
            self._writing.join()
        try:
            self._store.gone(*self._row)
        except UserError as error:
            _log.warning("That %s is gone was not written down: %s", self._login, error)
