"""A service at the other end of a socket: it is started, called, and noticed when it is gone."""

import asyncio
import signal
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from contextlib import suppress
from itertools import count
from typing import Any

from bptutor import budget
from bptutor.service import child, wire
from bptutor.service.child import Child
from bptutor.service.log import log_path
from bptutor.service.protocol import PING, EngineState, Event, Farewell, Hello
from bptutor.text import LANGUAGES, Message

REAPING = 0.5  # seconds in which a service whose end is closed is expected to have ended
ONCE_MORE = 1.0  # seconds more that a service that has been silent for too long is given
GRACE = 2.0  # seconds that a service has to end by itself once its socket is closed

READ_AHEAD = 2**20

_UNSENDABLE = Message("The text is too long, or has characters that are not text. Type it again.")


class RequestRefused(Exception):  # noqa: N818
    """The service cannot do it; `message` says why, in the learner's language."""

    def __init__(self, message: str, wanted: str = "") -> None:
        """`wanted` is the path of a file that must be sent before."""
        super().__init__(message)
        self.message = message
        self.wanted = wanted


class ServiceLost(Exception):  # noqa: N818
    """The service is gone, or cannot be had; a request on its way may have been done.

    Its text says why, in the learner's language, as a part of a sentence.
    """


class OverBudget(ServiceLost):
    """It was ended because a request took too much; `message` says of what, to the learner."""

    def __init__(self, message: str) -> None:
        super().__init__(message.rstrip("."))
        self.message = message


class Rested(ServiceLost):
    """It ended since nothing was asked of it for long; nothing was on its way."""


class Unnamed(ServiceLost):
    """The host takes this user for a web server, which must name the learner."""


FAREWELLS: Mapping[str, tuple[Message, type[ServiceLost]]] = {
    "each": (
        Message("you have too many connections to the class host; close other windows"),
        ServiceLost,
    ),
    "all": (Message("the class host has too many connections"), ServiceLost),
    "often": (Message("you connect to the class host too often; wait ten seconds"), ServiceLost),
    "idle": (Message("nothing was asked for a long time"), Rested),
    "silent": (Message("the class host waited in vain for a first request"), ServiceLost),
    "time": (budget.TOO_LONG, OverBudget),
    "end": (Message("it ended without a reason"), ServiceLost),
    "another": (
        Message("this user may not connect for a learner; docs/web.md shows how to allow it"),
        ServiceLost,
    ),
    "unnamed": (
        Message("this user runs the web server, which must name a learner"),
        Unnamed,
    ),
    "unlisted": (
        Message("you are not on the roster of this class; ask your teacher to add you"),
        ServiceLost,
    ),
    "unread": (Message("the class host cannot read its roster"), ServiceLost),
}
"""What a `Farewell` means to whoever waits."""


class Connection(ABC):
    """A connection to one service, and what is asked of it.

    All methods belong to the running loop's thread, and `on_event` is called there.
    """

    needs_host = False  # may only a class host serve, as while an assignment is open?

    def __init__(self, on_event: Callable[[Event], None]) -> None:
        self._on_event = on_event
        self._hello: Hello | None = None
        self._language = "en"
        self._writer: asyncio.StreamWriter | None = None
        self._listening: asyncio.Task[None] | None = None
        self._numbers = count()
        self._waiting: dict[int, tuple[wire.Method, asyncio.Future[Any], float]] = {}
        """What is asked, the answer that is to come, and since when, by the loop's clock."""
        self._silence: asyncio.TimerHandle | None = None
        self._loading = False
        self._heard = 0.0  # when it last told how far it has come, by the loop's clock
        self._lost = "it has not been started"  # why there is no service, while there is none
        self._kind: type[ServiceLost] = ServiceLost  # what later calls raise then

    async def start(self, hello: Hello) -> EngineState:
        """Start a service and greet it; with `stop`, the other way round.

        Raises ServiceLost: it cannot be started, or ends before it answers.
        """
        self._hello = hello
        self._lost, self._kind = "", ServiceLost
        self._language = hello.language if hello.language in LANGUAGES else "en"
        try:
            reader, self._writer = await self._connect()
        except OSError as error:
            self._lose(*self._unreachable(error))
            raise self._kind(self._lost) from error
        self._listening = asyncio.create_task(self._listen(reader))
        self._loading = True
        engine: EngineState = await self.call(wire.METHODS["hello"], (hello,))
        return engine

    async def restart(self) -> EngineState:
        """Put an end to what is left of the service and start another. Raises ServiceLost."""
        if self._hello is None:
            raise ServiceLost(self._lost)
        await self.stop()
        return await self.start(self._hello)

    async def call(self, method: wire.Method, arguments: tuple[Any, ...]) -> Any:
        """Have a method called at the service; what it gives.

        Raises RequestRefused: it cannot be done. ServiceLost: the service is gone. OverBudget: over
        this.
        """
        if self._lost or self._writer is None:
            raise self._kind(self._lost)
        number = next(self._numbers)
        try:
            message = wire.frame((number, method.name, arguments), wire.LONGEST_REQUEST)
        except wire.WireError as error:
            raise RequestRefused(_UNSENDABLE.to(self._language)) from error
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = method, answer, asyncio.get_running_loop().time()
        if self._silence is None:
            self._listen_for(budget.SILENCE)
        try:
            self._writer.write(message)
            with suppress(ConnectionError):  # the listener says so
                await self._writer.drain()
            return await answer
        finally:
            self._waiting.pop(number, None)

    def _listen_for(self, seconds: float, warned: bool = False) -> None:
        """Look in so many seconds whether the service has been silent for too long."""
        loop = asyncio.get_running_loop()
        self._silence = loop.call_later(seconds, self._look, warned)

    def _look(self, warned: bool) -> None:
        """End a service that says nothing to what waits for it."""
        self._silence = None
        if not self._waiting:
            return
        asked = min(when for _, _, when in self._waiting.values())
        left = max(asked, self._heard) + budget.SILENCE - asyncio.get_running_loop().time()
        if self._loading or left > 0:
            self._listen_for(max(left, ONCE_MORE))
        elif not warned:  # what came while this process was stopped is read first
            self._listen_for(ONCE_MORE, warned=True)
        else:
            self._lose(budget.SILENT, OverBudget)
            self._kill()

    async def stop(self) -> None:
        """Close the connection, and with it the service."""
        if self._writer:
            self._writer.close()
            self._writer = None
        if self._silence:
            self._silence.cancel()
            self._silence = None
        if self._listening:
            self._lose(Message("bptutor stopped it"))
            self._listening.cancel()
            self._listening = None
        await self._end()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        """Take replies and events until the service is gone."""
        try:
            while reply := await wire.receive(reader, wire.replies, wire.LONGEST_REPLY):
                self._take(reply)
        except wire.WireError as error:
            self._lose(Message("its reply cannot be read ({why})", why=str(error)))
        if not self._lost:
            await self._say_how_it_ended()

    def _take(self, reply: wire.Reply) -> None:
        """Take a reply, an event, or the last words. Raises WireError: it cannot be read."""
        if reply.id is not None:
            if reply.id not in self._waiting:
                return  # whoever asked has given up
            method, answer, _ = self._waiting[reply.id]
            if answer.done():
                return
            if method.name != PING:
                self._heard = asyncio.get_running_loop().time()
            if reply.refusal:
                wanted = wire.unpacked(wire.wanted, reply.body)
                answer.set_exception(RequestRefused(reply.refusal, wanted or ""))
            else:
                result = wire.unpacked(method.result, reply.body)
                if isinstance(result, EngineState):
                    self._loading = result.state == "loading"
                answer.set_result(result)
        elif reply.refusal:
            self._lose(reply.refusal.rstrip("."))
        else:
            # Not called here: what goes wrong in it is no fault of the service.
            event = wire.unpacked(wire.events, reply.body)
            self._heard = asyncio.get_running_loop().time()
            if isinstance(event, Farewell):
                self._lose(*FAREWELLS[event.why])
                return
            if isinstance(event, EngineState):
                self._loading = event.state == "loading"
            asyncio.get_running_loop().call_soon(self._on_event, event)

    def _lose(self, reason: Message | str, kind: type[ServiceLost] = ServiceLost) -> None:
        """There is no service any more, and why; nothing that waits for it is kept waiting."""
        text = reason.to(self._language) if isinstance(reason, Message) else reason
        if not self._lost:
            self._lost, self._kind = text, ServiceLost if kind is OverBudget else kind
        for _, answer, _ in self._waiting.values():
            if not answer.done():
                answer.set_exception(kind(self._lost))

    # ── what differs ──────────────────────────────────────────────────────────────────────────

    @abstractmethod
    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A connection to a service. Raises OSError."""

    @abstractmethod
    def _unreachable(self, error: OSError) -> tuple[Message, type[ServiceLost]]:
        """Why there is no connection, and what is raised then."""

    @abstractmethod
    async def _say_how_it_ended(self) -> None:
        """Call `_lose` with what is known of the end of a service that has said nothing."""

    @abstractmethod
    def _kill(self) -> None:
        """End a service that does not listen."""

    @abstractmethod
    async def _end(self) -> None:
        """End what is left of the service once its socket is closed."""


class ServiceProcess(Connection):
    """One service, a child process of this one."""

    def __init__(self, on_event: Callable[[Event], None], early: Child | None = None) -> None:
        """`early` is a child that was started before; without it one is when it is needed."""
        super().__init__(on_event)
        self._early = early
        self._child: Child | None = None

    def _unreachable(self, error: OSError) -> tuple[Message, type[ServiceLost]]:
        why = error.strerror or str(error)
        message = Message("{path} cannot be run ({reason})", path=child.COMMAND[0], reason=why)
        return message, ServiceLost

    def _kill(self) -> None:
        if self._child:
            self._child.kill()

    async def _end(self) -> None:
        """It ends by itself where it can within `GRACE`, else by force."""
        if self._child:
            ending, self._child = self._child, None
            if await ending.ended(GRACE) is None:
                ending.kill()
                await ending.ended(GRACE)

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        self._child, self._early = self._early or Child(), None
        return await asyncio.open_connection(sock=self._child.socket, limit=READ_AHEAD)

    async def _say_how_it_ended(self) -> None:
        status = await self._child.ended(REAPING) if self._child else None
        if status == -signal.SIGXCPU:
            self._lose(budget.TOO_LONG, OverBudget)
            return
        self._lose(
            Message(
                "it ended with status {status}; see {path}",
                status="?" if status is None else status,
                path=str(log_path()),
            )
        )
