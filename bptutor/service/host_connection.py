"""The app's end of a class host, and what it does while the host is away."""

import asyncio
import errno
import os
import socket
import struct
from collections.abc import Callable
from typing import Any

from bptutor.config.settings import Configuration
from bptutor.files import reason
from bptutor.service import wire
from bptutor.service.child import Child
from bptutor.service.client import Service, ServiceFactory
from bptutor.service.process import READ_AHEAD, Connection, ServiceLost, ServiceProcess
from bptutor.service.protocol import EngineState, Event, Hello, HostState
from bptutor.text import Message

PATIENCE = 2.0  # seconds that a host is given to listen again, where it has just ended
STARTING = 60.0  # seconds that a host may take for its first reply: it may be loading TensorFlow
BETWEEN = 0.05  # seconds between two attempts to connect
WEB_LEARNER = "BPTUTOR_WEB_LEARNER"  # for whom the apps of `bptutor serve` connect
COMING = (errno.ENOENT, errno.ECONNREFUSED, errno.EAGAIN)  # a moment later that may be over


class HostAway(ServiceLost):
    """No class host can be reached."""


class HostConnection(Connection):
    """The service that the class host at a socket has forked for this user.

    In the browser it is for the learner whom the web server names; the host decides whether it may.
    """

    def __init__(self, path: str, on_event: Callable[[Event], None]) -> None:
        super().__init__(on_event)
        self.path = path
        self._ended_unsaid = False

    async def start(self, hello: Hello) -> EngineState:
        """Connect and greet; again, where a host that has just been killed took the connection.

        Raises HostAway, and ServiceLost where the host turns it away.
        """
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE
        while True:
            self._ended_unsaid = False
            try:
                return await self._start_once(hello)
            except ServiceLost:
                if not self._ended_unsaid or loop.time() > deadline:
                    raise
                await self.stop()
                await asyncio.sleep(BETWEEN)

    async def _start_once(self, hello: Hello) -> EngineState:
        try:
            return await asyncio.wait_for(super().start(hello), STARTING)
        except TimeoutError:
            await self.stop()
            raise HostAway(
                Message("it does not answer within {seconds} seconds", seconds=int(STARTING)).to(
                    self._language
                )
            ) from None

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Raises OSError: after some attempts there is still nobody."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + PATIENCE
        while True:
            try:
                client = await asyncio.to_thread(self._queue_up)
                break
            except OSError as error:
                if error.errno not in COMING or loop.time() > deadline:
                    raise
            await asyncio.sleep(BETWEEN)
        reader, writer = await asyncio.open_connection(sock=client, limit=READ_AHEAD)
        if login := os.environ.get(WEB_LEARNER):
            named = login.encode("utf-8", "replace").decode()
            writer.write(wire.frame((0, wire.SPEAKS_FOR, (named,)), wire.LONGEST_REQUEST))
        return reader, writer

    def _queue_up(self) -> socket.socket:
        """A connection. Where many connect at once, the kernel lets only those in that wait."""
        client = socket.socket(socket.AF_UNIX)
        try:
            wait = struct.pack("ll", int(PATIENCE), 0)  # a `timeval`
            client.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, wait)
            client.connect(self.path)
        except BaseException:
            client.close()
            raise
        client.setblocking(False)
        return client

    def _unreachable(self, error: OSError) -> tuple[Message, type[ServiceLost]]:
        if error.errno == errno.ECONNREFUSED:
            return Message("nobody listens at {path}", path=self.path), HostAway
        if error.errno == errno.ENOENT:
            return Message("there is no socket {path}", path=self.path), HostAway
        return Message("{path}: {reason}", path=self.path, reason=reason(error)), HostAway

    async def _say_how_it_ended(self) -> None:
        self._ended_unsaid = True
        self._lose(Message("the class host closed the connection"))

    def _kill(self) -> None:
        """The service ends with its connection."""
        if self._writer:
            self._writer.transport.abort()

    async def _end(self) -> None:
        pass


class Either:
    """The class host where it is there, else a service of one's own."""

    def __init__(self, path: str, on_event: Callable[[Event], None]) -> None:
        self.needs_host = False
        self._tell = on_event
        self._host = HostConnection(path, on_event)
        self._own = ServiceProcess(on_event)
        self._hello: Hello | None = None
        self._away = ""  # why the host is not used, while it is not

    @property
    def _used(self) -> Connection:
        return self._own if self._away else self._host

    async def start(self, hello: Hello) -> EngineState:
        """Start whichever there is, and tell where that has changed.

        Raises ServiceLost: the host is away and is needed, or neither can be started.
        """
        self._hello = hello
        try:
            engine = await self._host.start(hello)
        except ServiceLost as away:
            await self._host.stop()
            if self.needs_host:
                raise
            engine = await self._own.start(hello)
            self._is_away(str(away))
        else:
            self._is_away("")
        return engine

    def _is_away(self, why: str) -> None:
        if bool(why) != bool(self._away):
            asyncio.get_running_loop().call_soon(self._tell, HostState(why))
        self._away = why

    async def restart(self) -> EngineState:
        """Put an end to what is left of the service; the host comes first again."""
        await self.stop()
        if self._hello is None:
            raise ServiceLost("it has not been started")
        return await self.start(self._hello)

    async def call(self, method: wire.Method, arguments: tuple[Any, ...]) -> Any:
        return await self._used.call(method, arguments)

    async def stop(self) -> None:
        await self._used.stop()


def service_of(configuration: Configuration, early: Child | None = None) -> ServiceFactory:
    """Makes what an app with this configuration talks to; `early` where it has been started."""
    path = configuration.settings.class_

    def made(on_event: Callable[[Event], None]) -> Service:
        return Either(path, on_event) if path else ServiceProcess(on_event, early)

    return made
