"""What one request, or one command, may take: processor time and memory. The system enforces both.

A service serves one learner and limits itself, whoever has started it. Where its processor time is
over, the system ends it even in the middle of TensorFlow; its client says so and starts another.
"""

from __future__ import annotations

import math
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

from bptutor.text import Message

try:
    import resource
except ImportError:  # as on Windows, where nothing is limited
    resource = None  # type: ignore[assignment]

SECONDS = 30
"""Of processor time, of all threads; a training has as much between any two reports."""
LOADING = 30
"""How many more for loading TensorFlow."""
SILENCE = 60.0
"""Seconds without a reply or a report after which a service that has loaded TensorFlow is ended: it
may be stopped, or wait for something that does not come."""
MEMORY = 2 * 1024**3
"""Bytes of data (RLIMIT_DATA). TensorFlow and Keras take less than a fifth of it; of address space
they only reserve more."""

TOO_LONG = Message(
    "This took more than {seconds} seconds of processor time, so bptutor ended it.", seconds=SECONDS
)
TOO_LARGE = Message(
    "This needs more than {memory} GB of memory, so bptutor ended it.", memory=MEMORY // 1024**3
)
SILENT = Message(
    "The service did not reply within {seconds} seconds, so bptutor ended it.", seconds=int(SILENCE)
)


class OverTime(BaseException):
    """The processor time of a command is over. No `except Exception` keeps it from ending that."""


def is_over_memory(error: BaseException) -> bool:
    """Was there no more memory, for Python, NumPy or TensorFlow?"""
    names = [kind.__name__ for kind in type(error).__mro__]
    return "MemoryError" in names or "ResourceExhaustedError" in names


def limit_memory(most: int = MEMORY) -> None:
    """Let this process have so much memory, and leave no image of it where it is ended."""
    if resource:
        _lower(resource.RLIMIT_DATA, most)
        _lower(resource.RLIMIT_CORE, 0)


def renew(more: int = 0) -> None:
    """From now on there is as much processor time as for any request, and so much more."""
    if resource:
        _set(resource.RLIMIT_CPU, math.ceil(time.process_time()) + SECONDS + more)


@contextmanager
def limited() -> Iterator[None]:
    """Limit what this process does meanwhile. Raises OverTime; of memory, what is_over_memory."""
    if resource is None:
        yield
        return
    kinds = resource.RLIMIT_DATA, resource.RLIMIT_CORE, resource.RLIMIT_CPU
    before = [resource.getrlimit(kind)[0] for kind in kinds]

    def end(*_: Any) -> None:
        renew()  # for what it takes to end
        raise OverTime

    handler = signal.signal(signal.SIGXCPU, end)
    limit_memory()
    renew(LOADING)
    try:
        yield
    finally:
        for kind, soft in zip(kinds, before, strict=True):
            _set(kind, soft)
        signal.signal(signal.SIGXCPU, handler)


def _lower(kind: int, most: int) -> None:
    soft, _ = resource.getrlimit(kind)
    _set(kind, most if soft == resource.RLIM_INFINITY else min(soft, most))


def _set(kind: int, soft: int) -> None:
    _, hard = resource.getrlimit(kind)
    if hard != resource.RLIM_INFINITY and (soft > hard or soft == resource.RLIM_INFINITY):
        soft = hard
    with suppress(OSError, ValueError):  # a system may refuse it
        resource.setrlimit(kind, (soft, hard))
