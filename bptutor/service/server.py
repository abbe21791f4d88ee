"""The service: one accepted socket, one learner, their tutor, and the events in between."""

import asyncio
import logging
import os
import select
import socket
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import Any

from bptutor import budget
from bptutor.lesson.content import FileWanted
from bptutor.service import wire
from bptutor.service.desk import TeachersDesk
from bptutor.service.engine import EngineThread
from bptutor.service.log import log_place
from bptutor.service.protocol import PING, Event, Farewell, Hello, Training, Tutor
from bptutor.text import LANGUAGES, Message, UserError

MOST_AT_ONCE = 256  # requests without a reply, or replies that have not been read
LAST_ANSWERS_SECONDS = 0.5  # how long what is under way may take when the client is gone
GOODBYE_SECONDS = 1.0  # how long the last words may take

NO_TEACHER = Message(
    "Only teachers of the class may do this. Ask the administrator to add you to their group."
)

_READ_AHEAD = 2**20

_log = logging.getLogger(__name__)

MakeTutor = Callable[[EngineThread, Callable[[Event], None], str], Tutor]
"""Makes the tutor of one learner: from the engine, what takes events, and who the learner is."""


class _SpeaksForAnother(Exception):  # noqa: N818
    """The client names a learner, which only a web server may, and only before its hello."""


Renew = Callable[[int], None]  # gives a request its processor time, and so many seconds more


@dataclass(frozen=True)
class Patience:
    """What a client that is not trusted may do. None: there is no limit."""

    hello: float | None = None  # seconds until the first request
    idle: float | None = None  # seconds without a request and with nothing to do
    pace: float | None = None  # requests in a second, after `MOST_AT_ONCE`; faster ones wait


async def serve(
    client: socket.socket,
    identity: str,
    engine: EngineThread,
    make: MakeTutor,
    renew: Renew = lambda more: None,
    desk: TeachersDesk | None = None,
    patience: Patience = Patience(),
) -> None:
    """Answer the learner at the other end of a socket until they are gone; a teacher has a desk."""
    reader, writer = await asyncio.open_connection(sock=client, limit=_READ_AHEAD)
    await _Service(reader, writer, identity, engine, make, renew, desk, patience).run()


class _Service:
    """Answers one client until it is gone."""

    def __init__(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        identity: str,
        engine: EngineThread,
        make: MakeTutor,
        renew: Renew,
        desk: TeachersDesk | None,
        patience: Patience,
    ) -> None:
        self._engine = engine
        self._desk = desk
        self._renew = renew
        self._patience = patience
        self._end = asyncio.timeout(patience.hello)
        """When the client's time is over, if it is not heard before."""
        self._reader = reader
        self._writer = writer
        self._loop = asyncio.get_running_loop()
        self._tutor = make(engine, self._tell, identity)
        self._language = ""  # the learner's, once they have said hello
        self._pending: set[asyncio.Task[None]] = set()  # what is being answered
        self._outbox: dict[object, bytes] = {}
        """Frames in order. An event that replaces an unsent one of its kind has its key."""
        self._numbers = count()
        self._news = asyncio.Event()
        self._closing = False

    async def run(self) -> None:
        """Answer until the client is gone, or has said something that cannot be read."""
        self._engine.loaded.add_done_callback(lambda _: self._soon(self._tell_engine))
        sending = asyncio.create_task(self._send())
        try:
            async with self._end:
                await self._receive()
        except TimeoutError:
            self._put((None, "", Farewell("idle" if self._language else "silent")))
        except _SpeaksForAnother:
            _log.warning("The connection is closed: it names a learner and may not.")
            self._put((None, "", Farewell("another")))
        except wire.WireError as error:
            _log.warning("The connection is closed: %s", error)
            self._say_goodbye(
                Message("A message on this connection cannot be read: {why}.", why=str(error))
            )
        except UserError as error:
            self._say_goodbye(error.message)
        except Exception:
            _log.exception("The connection failed.")
            self._say_goodbye(_ours())
        finally:
            await self._finish()
            self._closing = True
            self._news.set()
            await asyncio.wait({sending}, timeout=GOODBYE_SECONDS)
            sending.cancel()
            self._writer.close()

    async def _finish(self) -> None:
        """Stop trainings; an answer that came with the client's last breath is still kept."""
        await self._tutor.cancel()
        if self._pending:
            await asyncio.wait([*self._pending], timeout=LAST_ANSWERS_SECONDS)
        for task in self._pending:
            task.cancel()

    # ── coming in ─────────────────────────────────────────────────────────────────────────────

    async def _receive(self) -> None:
        """Take requests until the stream ends. Raises WireError, UserError."""
        first = await self._next()
        if first is None:
            return
        number, method, arguments = first
        if method.name != "hello":
            raise wire.WireError("the first request is no hello")
        hello: Hello = arguments[0]
        self._language = hello.language if hello.language in LANGUAGES else "en"
        self._begin_another()
        if self._desk:
            await self._desk.hello(hello)
        self._put((number, "", await self._tutor.hello(hello)))
        self._wait_for_more()
        spent = 0.0
        while call := await self._next():
            number, method, arguments = call
            spent = await self._keep_pace(spent)
            if method.name == "hello":
                raise wire.WireError("a second hello")
            if len(self._pending) + len(self._outbox) >= MOST_AT_ONCE:
                raise wire.WireError(f"more than {MOST_AT_ONCE} requests at once")
            if not self._pending:
                self._begin_another()
            task = asyncio.create_task(self._answer(number, method, arguments))
            self._pending.add(task)
            task.add_done_callback(self._pending.discard)
            if method.name != PING:
                task.add_done_callback(lambda _: self._begin_another())
            self._end.reschedule(None)
            task.add_done_callback(lambda _: self._wait_for_more())

    def _wait_for_more(self) -> None:
        """From now on the client is idle, if nothing is being answered."""
        idle = self._patience.idle
        if not self._pending:
            with suppress(RuntimeError):  # nobody is listened to any more
                self._end.reschedule(None if idle is None else self._loop.time() + idle)

    async def _keep_pace(self, spent: float) -> float:
        """Let a client that asks too fast wait; `spent` is when its requests end at the pace."""
        if self._patience.pace is None:
            return spent
        now = self._loop.time()
        spent = max(spent, now) + 1 / self._patience.pace
        await asyncio.sleep(max(0.0, spent - now - MOST_AT_ONCE / self._patience.pace))
        return spent

    def _begin_another(self) -> None:
        """One request after the other has its own processor time."""
        self._renew(0 if self._engine.loaded.done() else budget.LOADING)

    async def _next(self) -> tuple[int, wire.Method, tuple[Any, ...]] | None:
        call = await wire.receive(self._reader, wire.calls, wire.LONGEST_REQUEST)
        if call is None:
            return None
        if call.method == wire.SPEAKS_FOR:
            raise _SpeaksForAnother
        method = wire.METHODS.get(call.method)
        if method is None:
            raise wire.WireError(f"there is no request {call.method[:40]!r}")
        return call.id, method, method.read(call.arguments)

    async def _answer(self, number: int, method: wire.Method, arguments: tuple[Any, ...]) -> None:
        try:
            self._put((number, "", await self._method(method.name)(*arguments)))
        except UserError as error:
            self._put((number, error.message.to(self._language)))
        except FileWanted as wanted:
            path = str(wanted.path)
            refusal = Message("bptutor cannot read {path}; check its path.", path=path)
            self._put((number, refusal.to(self._language), path))
        except Exception as error:
            _log.exception("%s could not be answered.", method.name)
            why = budget.TOO_LARGE if budget.is_over_memory(error) else _ours()
            self._put((number, why.to(self._language)))

    def _method(self, name: str) -> Callable[..., Awaitable[Any]]:
        """What answers a request. Raises UserError: it is a teacher's, and this is none."""
        to_desk = name.startswith(wire.DESK)
        if to_desk and self._desk is None:
            raise UserError(NO_TEACHER)
        answers: Callable[..., Awaitable[Any]] = getattr(
            self._desk if to_desk else self._tutor, name.removeprefix(wire.DESK)
        )
        return answers

    # ── going out ─────────────────────────────────────────────────────────────────────────────

    def _tell(self, event: Event) -> None:
        """Tell an event, from any thread; it takes the place of an unsent one of its kind."""
        if isinstance(event, Training):
            self._renew(0)
        self._soon(self._put, (None, "", event), type(event))

    def _soon(self, do: Callable[..., None], *given: object) -> None:
        """Do something in the loop, from any thread."""
        with suppress(RuntimeError):  # it is closed, and nobody is there to be told
            self._loop.call_soon_threadsafe(do, *given)

    def _tell_engine(self) -> None:
        """TensorFlow is there, or cannot be had; a client that says hello later is told so then."""
        if failure := self._engine.loaded.exception():
            _log.error("TensorFlow cannot be loaded.", exc_info=failure)
        if self._language:
            self._tell(self._engine.state(self._language))

    def _say_goodbye(self, why: Message) -> None:
        self._put((None, why.to(self._language or "en")))

    def _put(self, reply: tuple[object, ...], key: object = None) -> None:
        """Send a reply after those before it. Raises WireError: it is too long."""
        frame = wire.frame(reply, wire.LONGEST_REPLY)
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


def _ours() -> Message:
    return Message(
        "bptutor made an error. You can continue. Details are in {path}.", path=log_place()
    )


def end_with(descriptor: int) -> None:
    """End this process when the app's end of a socket is gone, whatever else it is busy with.

    An app that was killed cannot end it, and work that takes for ever does not look at the socket.
    """
    end = select.poll()
    end.register(descriptor, 0)  # that the other end is gone is always told
    end.poll()
    time.sleep(LAST_ANSWERS_SECONDS + GOODBYE_SECONDS)
    os._exit(1)
