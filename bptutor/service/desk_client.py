"""The teacher's end: calls of the desk, and the files that go with them."""

import asyncio
import tomllib
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

from bptutor.classroom.assignment import files_of
from bptutor.lesson.content import ContentError, content_of
from bptutor.lesson.source import fault
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


MOST_BYTES = 12_000_000  # of a file; a request of the wire has room for it


def text_of(path: Path, suffix: str) -> str:
    """The text of a file. Raises LessonError: it cannot be read, or is no UTF-8."""
    content = _content(path, suffix)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        problem = Message("this is not UTF-8; save the file again as UTF-8")
        raise fault(path, line, problem) from error


def assignment_of(path: Path) -> tuple[str, dict[str, bytes]]:
    """The text of an assignment, and the files of its lessons, by the names that it has for them.

    What is wrong with the text is for the host to say. Raises LessonError: a file cannot be read.
    """
    text = text_of(path, ".toml")
    try:
        named = tomllib.loads(text).get("lessons")
    except tomllib.TOMLDecodeError:
        named = None
    lessons = named if isinstance(named, list) else []
    files = [file for each in lessons if isinstance(each, str) for file in files_of(each)]
    return text, {file: _content(path.parent / file, Path(file).suffix) for file in files}


def _content(path: Path, suffix: str) -> bytes:
    try:
        return content_of(path, MOST_BYTES, suffix)
    except ContentError as error:
        raise fault(path, None, error.message) from error
