"""The host's clock: that of the system, except that it does not jump while somebody's time runs."""

from __future__ import annotations

import logging
import struct
import time
from collections.abc import Callable
from mmap import mmap
from typing import Protocol

UNNOTICED = 1.0
"""Seconds: a smaller jump is taken over at once."""
LONGEST_WAIT = 3600.0
"""Seconds that a closing time waits which a jump has passed over."""

_SECONDS = struct.Struct("d")
_log = logging.getLogger(__name__)


class Running(Protocol):
    """The papers that are in progress."""

    def would_lose(self, now: float, jump: float, *, closing: bool) -> bool: ...


class HostClock:
    """Seconds since 1970. It is shared by all processes that are forked after it was made.

    Between two jumps of the system's clock it goes with that. A jump is a time server's step, the
    administrator's mistake, or the time in which the machine slept.
    """

    def __init__(
        self,
        system: Callable[[], float] = time.time,
        steady: Callable[[], float] = time.monotonic,
    ) -> None:
        """`steady` never jumps, and stands still while the machine sleeps."""
        self._system, self._steady = system, steady
        self._shared = mmap(-1, _SECONDS.size)
        self._jumped: float | None = None
        """When the jump was noticed that is not taken over yet, by the steady clock."""
        self._follow()

    def now(self) -> float:
        offset: float = _SECONDS.unpack_from(self._shared)[0]
        return self._steady() + offset

    @property
    def jump(self) -> float:
        """By how much the system's clock is ahead."""
        return self._system() - self.now()

    def _follow(self) -> None:
        _SECONDS.pack_into(self._shared, 0, self._system() - self._steady())
        self._jumped = None

    def keep_up(self, running: Running) -> None:
        """Take a jump of the system's clock over, unless a learner would lose or gain by it.

        Raises:
            UserError: the papers cannot be read now.
        """
        jump = self.jump
        if abs(jump) <= UNNOTICED:
            self._follow()
            return
        noticed = self._steady()
        if self._jumped is None:
            self._jumped = noticed
            _log.warning("The system's clock has jumped by %.0f seconds.", jump)
        closing = noticed - self._jumped < LONGEST_WAIT
        if not running.would_lose(self.now(), jump, closing=closing):
            self._follow()
            _log.warning("The host's clock follows the system's, by %.0f seconds.", jump)
