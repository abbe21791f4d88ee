"""A service as a child process: it is started, called, and noticed when it is gone."""

import asyncio
import os
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

import bptutor
from bptutor.service import wire
from bptutor.service.log import log_path, open_log
from bptutor.service.protocol import EngineState, Event, Hello
from bptutor.text import LANGUAGES, Message

COMMAND = (sys.executable, "-P", str(Path(__file__).absolute().with_name("__main__.py")))
"""Nothing of the folder where the learner happens to be is run by the service.

Without `-P` it would import a `random.py` from there; with `-m`, or a script's relative path,
TensorFlow would load libraries from there (see `bptutor.engine.runtime`).
"""
FOLDER = "/"
"""Where the service works: a folder in which no other user can put anything."""
PATHS = (
    "BPTUTOR_DATA_DIR",
    "BPTUTOR_STATE_DIR",
    "BPTUTOR_CONFIG_DIR",
    "BPTUTOR_LAB_CONFIG",
)
"""Variables with paths, which mean the same in the service's folder once they are absolute."""
REAPING = 0.5
"""Seconds in which a service whose end is closed is expected to have ended."""
GRACE = 2.0
"""Seconds that a service has to end by itself once its socket is closed."""

_READ_AHEAD = 2**20

_UNSENDABLE = Message("The text is too long, or has characters that are not text. Type it again.")


class RequestRefused(Exception):  # noqa: N818
    """The service cannot do it; `message` says why, in the learner's language."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class ServiceLost(Exception):  # noqa: N818
    """The service is gone, or cannot be had; a request on its way may have been done.

    Its text says why, in the learner's language, as a part of a sentence.
    """


class ServiceProcess:
    """One service, a child process, and what is asked of it.

    All methods belong to the running loop's thread, and `on_event` is called there.
    """

    def __init__(self, on_event: Callable[[Event], None]) -> None:
        self._on_event = on_event
        self._hello: Hello | None = None
        self._language = "en"
        self._process: asyncio.subprocess.Process | None = None
        self._writer: asyncio.StreamWriter | None = None
        self._listening: asyncio.Task[None] | None = None
        self._numbers = count()
        self._waiting: dict[int, tuple[wire.Method, asyncio.Future[Any]]] = {}
        self._lost = "it has not been started"
        """Why there is no service, while there is none."""

    async def start(self, hello: Hello) -> EngineState:
        """Start a service and greet it; with `stop`, the other way round.

        Raises:
            ServiceLost: it cannot be started, or ends before it answers.
        """
        self._hello = hello
        self._lost = ""
        self._language = hello.language if hello.language in LANGUAGES else "en"
        try:
            reader, self._writer = await self._spawn()
        except OSError as error:
            why = error.strerror or str(error)
            self._lose(Message("{path} cannot be run ({reason})", path=COMMAND[0], reason=why))
            raise ServiceLost(self._lost) from error
        self._listening = asyncio.create_task(self._listen(reader))
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

        Raises:
            RequestRefused: it cannot be done.
            ServiceLost: the service is gone.
        """
        if self._lost or self._writer is None:
            raise ServiceLost(self._lost)
        number = next(self._numbers)
        try:
            message = wire.frame((number, method.name, arguments), wire.LONGEST_REQUEST)
        except wire.WireError as error:
            raise RequestRefused(_UNSENDABLE.to(self._language)) from error
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting[number] = method, answer
        try:
            self._writer.write(message)
            with suppress(ConnectionError):  # the listener says so
                await self._writer.drain()
            return await answer
        finally:
            self._waiting.pop(number, None)

    async def stop(self) -> None:
        """End the service: by itself where it can within `GRACE`, else by force."""
        if self._writer:
            self._writer.close()
            self._writer = None
        if self._listening:
            self._lose(Message("bptutor stopped it"))
            self._listening.cancel()
            self._listening = None
        if self._process:
            process, self._process = self._process, None
            with suppress(asyncio.TimeoutError):
                await asyncio.wait_for(process.wait(), GRACE)
            if process.returncode is None:
                process.kill()
                with suppress(asyncio.TimeoutError):
                    await asyncio.wait_for(process.wait(), GRACE)

    async def _spawn(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A child in a session of its own, so that the terminal's signals are not for it."""
        ours, theirs = socket.socketpair()
        log = open_log()
        try:
            self._process = await asyncio.create_subprocess_exec(
                *COMMAND,
                "--fd",
                str(theirs.fileno()),
                pass_fds=[theirs.fileno()],
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=child_environment(),
                cwd=FOLDER,
            )
            return await asyncio.open_connection(sock=ours, limit=_READ_AHEAD)
        except BaseException:
            ours.close()
            raise
        finally:
            theirs.close()
            os.close(log)

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
            method, answer = self._waiting[reply.id]
            if answer.done():
                return
            if reply.refusal:
                answer.set_exception(RequestRefused(reply.refusal))
            else:
                answer.set_result(wire.unpacked(method.result, reply.body))
        elif reply.refusal:
            self._lose(reply.refusal.rstrip("."))
        else:
            # Not called here: what goes wrong in it is no fault of the service.
            event = wire.unpacked(wire.events, reply.body)
            asyncio.get_running_loop().call_soon(self._on_event, event)

    async def _say_how_it_ended(self) -> None:
        """A status below 0 is the signal that killed it."""
        status: int | str = "?"
        if self._process:
            with suppress(asyncio.TimeoutError):
                status = await asyncio.wait_for(self._process.wait(), REAPING)
        self._lose(
            Message(
                "it ended with status {status}; see {path}",
                status=status,
                path=str(log_path()),
            )
        )

    def _lose(self, reason: Message | str) -> None:
        """There is no service any more, and why; nothing that waits for it is kept waiting."""
        text = reason.to(self._language) if isinstance(reason, Message) else reason
        self._lost = self._lost or text
        for _, answer in self._waiting.values():
            if not answer.done():
                answer.set_exception(ServiceLost(self._lost))


def child_environment() -> dict[str, str]:
    """The app's own environment, for a child in `FOLDER` that finds the bptutor that the app is."""
    environment = dict(os.environ)
    for name in PATHS:
        if path := environment.get(name):
            environment[name] = os.path.abspath(path)
    paths = filter(os.path.isabs, environment.pop("PYTHONPATH", "").split(os.pathsep))
    root = Path(bptutor.__file__).absolute().parents[1]
    found = [] if root.name in ("site-packages", "dist-packages") else [str(root)]
    if found := [*found, *paths]:
        environment["PYTHONPATH"] = os.pathsep.join(found)
    return environment
