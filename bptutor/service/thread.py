"""The engine's thread."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


class EngineThread:
    """One thread, in which TensorFlow loads and then all that needs it is done in order."""

    def __init__(self, load: Callable[[], str]) -> None:
        """Begin to `load`, which returns TensorFlow's version."""
        self._pool = ThreadPoolExecutor(1, "engine")
        self.loaded: Future[str] = self._pool.submit(load)

    def submit(self, work: Callable[[], T]) -> Future[T]:
        """Do some work once all that was submitted before, the loading first of all, is done."""
        return self._pool.submit(work)

    def end(self) -> None:
        """Drop what has not begun; what has begun is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)
