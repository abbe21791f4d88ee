"""Where TensorFlow works: in a thread of its own, or right here."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, TypeVar

from bptutor.service.log import log_place
from bptutor.service.protocol import EngineState
from bptutor.text import Message, UserError

T = TypeVar("T")


class Engine(Protocol):
    @property
    def ready(self) -> bool:
        """Can it be worked with already?"""

    def state(self, language: str) -> EngineState:
        """How far it is, in words for the learner."""

    async def run(self, work: Callable[[], T]) -> T:
        """Do some work with it, once it is there. Raises UserError: it cannot be had."""


class EngineThread:
    """One thread, in which TensorFlow loads and then all that needs it is done in order."""

    def __init__(self, load: Callable[[], str]) -> None:
        """Begin to `load`, which returns TensorFlow's version."""
        self._pool = ThreadPoolExecutor(1, "engine")
        self.loaded: Future[str] = self._pool.submit(load)

    @property
    def ready(self) -> bool:
        return self.loaded.done() and self.loaded.exception() is None

    def state(self, language: str) -> EngineState:
        if not self.loaded.done():
            return EngineState("loading", "")
        failure = self.loaded.exception()
        if failure is None:
            return EngineState("ready", self.loaded.result())
        return EngineState("failed", _unloaded(failure).to(language))

    async def run(self, work: Callable[[], T]) -> T:
        return await asyncio.wrap_future(self._pool.submit(self._after_loading, work))

    def _after_loading(self, work: Callable[[], T]) -> T:
        failure = self.loaded.exception()
        if failure is not None:
            raise UserError(_unloaded(failure))
        return work()

    def end(self) -> None:
        """Drop what has not begun; what has begun is not waited for."""
        self._pool.shutdown(wait=False, cancel_futures=True)


class EngineHere:
    """An engine that is there, in whichever thread asks."""

    def __init__(self, version: str = "") -> None:
        self.ready = True
        self._version = version

    def state(self, language: str) -> EngineState:
        return EngineState("ready", self._version)

    async def run(self, work: Callable[[], T]) -> T:
        return work()


def _unloaded(failure: BaseException) -> Message:
    text = " ".join(f"{type(failure).__name__}: {failure}".split())
    return Message(
        "TensorFlow cannot be loaded ({reason}), so answers cannot be checked. Details are in "
        "{path}.",
        reason=text if len(text) <= 200 else text[:199] + "…",
        path=log_place(),
    )
