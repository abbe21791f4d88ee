"""One connection: a learner's requests, their replies, and the events in between."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from typing import Generic, Protocol, TypeVar

from bptutor.service import wire
from bptutor.service.log import log_path
from bptutor.service.messages import (
    Answered,
    Asked,
    Cancel,
    Close,
    Done,
    EngineState,
    Event,
    FromService,
    Goodbye,
    Hello,
    Refused,
    Reply,
    Request,
    Told,
    Training,
    Welcome,
)
from bptutor.service.thread import EngineThread
from bptutor.text import LANGUAGES, Message, UserError

MOST_AT_ONCE = 256
"""Requests of one connection without a reply, or replies that it has not read."""
LAST_ANSWERS_SECONDS = 0.5
"""How long what is under way may take when its client is gone."""
GOODBYE_SECONDS = 1.0
"""How long the last words to a connection may take."""

LearnerT = TypeVar("LearnerT")

_log = logging.getLogger(__name__)


class Tutoring(Protocol[LearnerT]):
    """What the service needs of a tutor. A learner is the state of one connection."""

    def hello(self, hello: Hello, engine: EngineState, /) -> tuple[LearnerT, Welcome]: ...

    def handle(
        self,
        learner: LearnerT,
        request: Request,
        tell: Callable[[Event], None],
        cancelled: Callable[[], bool],
        /,
    ) -> Reply: ...

    def needs_engine(self, request: Request, /) -> bool: ...


class Connection(Generic[LearnerT]):
    """Answers one client until it is gone.

    The requests of a session are answered in order; those of other sessions, and those without
    one, do not wait for them. Stopping a training waits for nothing.
    """

    def __init__(
        self,
        tutor: Tutoring[LearnerT],
        engine: EngineThread,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
    ) -> None:
        self._tutor = tutor
        self._engine = engine
        self._reader = reader
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._learner: LearnerT | None = None
        self._language = "en"
        self._pending: dict[asyncio.Task[None], tuple[str, threading.Event]] = {}
        """What is being answered: its session, and the flag that stops it."""
        self._outbox: dict[object, bytes] = {}
        """Frames in order. What replaces an unsent one has its key."""
        self._numbers = count()
        self._news = asyncio.Event()
        self._closing = False

    async def run(self) -> None:
        """Answer until the client is gone, or has said something that cannot be read."""
        sending = asyncio.create_task(self._send())
        try:
            await self._receive()
        except wire.WireError as error:
            _log.warning("A connection is closed: %s", error)
            text = Message("What came over this connection cannot be read: {why}.", why=str(error))
            self._put(Goodbye(text.to(self._language)))
        except UserError as error:
            self._put(Goodbye(error.message.to(self._language)))
        except Exception:
            _log.exception("A connection failed.")
            self._put(Goodbye(_ours().to(self._language)))
        finally:
            await self._finish()
            self._closing = True
            self._news.set()
            await asyncio.wait({sending}, timeout=GOODBYE_SECONDS)
            sending.cancel()
            self._writer.close()

    async def _finish(self) -> None:
        """Stop trainings; an answer that came with the client's last breath is still kept."""
        for _, flag in self._pending.values():
            flag.set()
        if self._pending:
            await asyncio.wait([*self._pending], timeout=LAST_ANSWERS_SECONDS)
        for task in self._pending:
            task.cancel()

    def tell_engine(self) -> None:
        """Tell how far TensorFlow is, to a client that has said hello."""
        if self._learner is not None:
            self._tell(self._engine_state())

    # ── coming in ─────────────────────────────────────────────────────────────────────────────

    async def _receive(self) -> None:
        """Take requests until the stream ends. Raises WireError, UserError."""
        asked = await self._next()
        if asked is not None:
            self._welcome(asked)
        while asked := await self._next():
            if len(self._pending) + len(self._outbox) >= MOST_AT_ONCE:
                raise wire.WireError(f"more than {MOST_AT_ONCE} requests at once")
            self._accept(asked)

    async def _next(self) -> Asked | None:
        return await wire.receive(self._reader, wire.from_app, wire.LONGEST_REQUEST)

    def _welcome(self, asked: Asked) -> None:
        """The first request says who is there."""
        hello = asked.request
        if not isinstance(hello, Hello):
            raise wire.WireError("the first request is no Hello")
        if hello.language in LANGUAGES:
            self._language = hello.language
        self._learner, welcome = self._tutor.hello(hello, self._engine_state())
        self._put(Answered(asked.id, welcome))

    def _accept(self, asked: Asked) -> None:
        """Begin to answer a request, after those of the same session."""
        request = asked.request
        if isinstance(request, Hello):
            raise wire.WireError("a second Hello")
        session: str = getattr(request, "session", "")
        same = [task for task, (whose, _) in self._pending.items() if whose == session]
        if isinstance(request, Cancel | Close):
            for task in same:
                self._pending[task][1].set()
        if isinstance(request, Cancel):
            self._put(Answered(asked.id, Done()))
            return
        flag = threading.Event()
        task = asyncio.create_task(self._answer(asked, same[-1] if same else None, flag))
        self._pending[task] = session, flag
        task.add_done_callback(self._pending.pop)

    # ── answering ─────────────────────────────────────────────────────────────────────────────

    async def _answer(
        self, asked: Asked, before: asyncio.Task[None] | None, flag: threading.Event
    ) -> None:
        if before:
            await asyncio.wait({before})
        try:
            reply = await self._reply(asked.request, flag)
            self._put(Answered(asked.id, reply))
        except UserError as error:
            self._put(Answered(asked.id, Refused(error.message.to(self._language))))
        except Exception:
            _log.exception("%s could not be answered.", type(asked.request).__name__)
            self._put(Answered(asked.id, Refused(_ours().to(self._language))))

    async def _reply(self, request: Request, flag: threading.Event) -> Reply:
        """Ask the tutor: in the engine's thread where it takes the engine, else at once."""
        learner = self._learner
        assert learner is not None

        def handle(tell: Callable[[Event], None]) -> Reply:
            return self._tutor.handle(learner, request, tell, flag.is_set)

        def handle_in_engine() -> Reply:
            failure = self._engine.loaded.exception()
            if failure is not None:
                raise UserError(_unloaded(failure))
            return handle(self._tell_from_anywhere)

        if not self._tutor.needs_engine(request):
            return handle(self._tell)
        return await asyncio.wrap_future(self._engine.submit(handle_in_engine))

    # ── going out ─────────────────────────────────────────────────────────────────────────────

    def _tell_from_anywhere(self, event: Event) -> None:
        """Tell an event from whichever thread the tutor is in."""
        with suppress(RuntimeError):  # the loop is closed, and nobody is there to be told
            self._loop.call_soon_threadsafe(self._tell, event)

    def _tell(self, event: Event) -> None:
        """Tell an event; it takes the place of an earlier one of its kind that is unsent."""
        session = event.session if isinstance(event, Training) else None
        self._put(Told(event), (type(event), session))

    def _put(self, message: FromService, key: object = None) -> None:
        """Send a message after those before it. Raises WireError: it is too long."""
        frame = wire.frame(message, wire.LONGEST_REPLY)
        if not self._closing:
            self._outbox[next(self._numbers) if key is None else key] = frame
            self._news.set()

    async def _send(self) -> None:
        """Write what is in the outbox, as fast as the client reads."""
        with suppress(ConnectionError):
            while self._outbox or not self._closing:
                if not self._outbox:
                    self._news.clear()
                    await self._news.wait()
                    continue
                self._writer.write(self._outbox.pop(next(iter(self._outbox))))
                await self._writer.drain()

    def _engine_state(self) -> EngineState:
        """How far TensorFlow is, in the learner's language."""
        loaded = self._engine.loaded
        if not loaded.done():
            return EngineState("loading", "")
        failure = loaded.exception()
        if failure is None:
            return EngineState("ready", loaded.result())
        return EngineState("failed", _unloaded(failure).to(self._language))


def _ours() -> Message:
    return Message(
        "Something went wrong, and the fault is bptutor's, not yours; you can go on. What "
        "happened is in {path}.",
        path=str(log_path()),
    )


def _unloaded(failure: BaseException) -> Message:
    text = " ".join(f"{type(failure).__name__}: {failure}".split())
    return Message(
        "TensorFlow cannot be loaded, and without it no answer can be checked ({reason}); more is "
        "in {path}.",
        reason=text if len(text) <= 200 else text[:199] + "…",
        path=str(log_path()),
    )
