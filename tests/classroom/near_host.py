"""A teacher's own desk in this process, in the place of a host far away."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from bptutor.classroom.papers import Papers
from bptutor.classroom.store import ClassStore
from bptutor.service import wire
from bptutor.service.engine import EngineHere
from bptutor.service.local_desk import LocalDesk
from bptutor.service.process import RequestRefused, ServiceLost
from bptutor.service.protocol import EngineState, Hello
from bptutor.text import UserError
from tests.classroom.people import (
    EXAM,
    HOMEWORK,
    MINUTE,
    NINE,
    Learner,
    assign,
    begin,
    class_in,
    reversed_sign,
)

TEACHER = "lee"
NOW = NINE + 20 * MINUTE


class NearHost:
    """What a connection to the host is to a teacher; everything travels as bytes, as there."""

    needs_host = False

    def __init__(self, store: ClassStore, now: float = NOW) -> None:
        self.store = store
        self.now = now
        self.desk = LocalDesk(store, EngineHere(), TEACHER, lambda: self.now)
        self.language = "en"
        self.lost_after: list[str] = []
        """Requests after which the connection is lost, before they are answered."""
        self.is_down = False
        self.requests: list[str] = []
        self.on_request: Callable[[], None] = lambda: None

    async def start(self, hello: Hello) -> EngineState:
        if self.is_down:
            raise ServiceLost("nobody listens")
        self.language = hello.language
        await self.desk.hello(hello)
        return EngineState("ready", "")

    async def restart(self) -> EngineState:
        if self.is_down:
            raise ServiceLost("nobody listens")
        return EngineState("ready", "")

    async def stop(self) -> None: ...

    async def call(self, method: wire.Method, arguments: tuple[Any, ...]) -> Any:
        if self.is_down:
            raise ServiceLost("nobody listens")
        self.requests.append(method.name)
        self.on_request()
        sent = wire.frame((1, method.name, arguments), wire.LONGEST_REQUEST)[4:]
        given = method.read(wire.calls.decode(sent).arguments)
        try:
            result = await getattr(self.desk, method.name.removeprefix(wire.DESK))(*given)
        except UserError as error:
            raise RequestRefused(error.message.to(self.language)) from error
        if method.name in self.lost_after:
            self.lost_after.remove(method.name)
            raise ServiceLost("it was killed")
        reply = wire.frame((1, "", result), wire.LONGEST_REPLY)[4:]
        return wire.unpacked(method.result, wire.replies.decode(reply).body)


def midterm(folder: Path) -> ClassStore:
    """A class in the middle of an exam, and with homework.

    Anna has answered two items, the second one wrong; Ben has submitted one; Chloe is not there.
    """
    store = class_in(folder)
    assign(store, "midterm", EXAM)
    assign(store, "week1", HOMEWORK)
    papers = Papers(store)
    anna = Learner(papers, begin(papers, "midterm", "anna", NINE))
    anna.answer(0, NINE + MINUTE)
    anna.answer(1, NINE + 2 * MINUTE, reversed_sign)
    store.seen("lab", "1", "anna", NOW - 5, "midterm", 2)
    ben = Learner(papers, begin(papers, "midterm", "ben", NINE))
    ben.answer(0, NINE + MINUTE)
    papers.submit(ben.paper.key, "ben", NINE + 10 * MINUTE)
    return store
