"""The teacher's end: a desk far away, and what is asked of it, by a command or by the app."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from bptutor.service import wire
from bptutor.service.client import Service
from bptutor.service.desk import Desk
from bptutor.service.process import RequestRefused, Rested, ServiceLost
from bptutor.service.protocol import Hello
from bptutor.text import Message, UserError

T = TypeVar("T")

LOOKS = frozenset(["assignments", "preview", "watch", "marks", "mistakes", "paper"])
"""Requests that change nothing, and may be made twice."""
UNSURE = Message(
    "The connection to the host was lost and is back. Check whether the change is made before you "
    "repeat it."
)
NO_HOST = Message("The host of the class does not answer: {why}. Start it: docs/lab.md shows how.")


class DeskClient:
    """Calls of one teacher; a lost connection is made again, but no change is made twice."""

    def __init__(self, service: Service, hello: Hello) -> None:
        self._service = service
        self._hello = hello
        self.desk = wire.desk_caller(self._call)
        """What is called of it raises RequestRefused, and ServiceLost without a host."""

    async def start(self) -> None:
        await self._service.start(self._hello)

    async def stop(self) -> None:
        await self._service.stop()

    async def _call(self, method: wire.Method, arguments: tuple[Any, ...]) -> Any:
        try:
            return await self._service.call(method, arguments)
        except ServiceLost as lost:
            await self._service.restart()
            unasked = isinstance(lost, Rested)
        if unasked or method.name.removeprefix(wire.DESK) in LOOKS:
            return await self._service.call(method, arguments)
        raise RequestRefused(UNSURE.to(self._hello.language))


def asked(service: Service, hello: Hello, work: Callable[[Desk], Awaitable[T]]) -> T:
    """Ask the desk for something in a loop of its own.

    Raises UserError: it is refused, or there is no host.
    """

    async def ask() -> T:
        client = DeskClient(service, hello)
        try:
            await client.start()
            return await work(client.desk)
        finally:
            await client.stop()

    try:
        return asyncio.run(ask())
    except RequestRefused as refused:
        raise UserError("{what}", what=refused.message) from refused
    except ServiceLost as lost:
        raise UserError(Message(NO_HOST.text, why=str(lost))) from lost
