"""The service in this process, with a tutor that does what the tests say, over real sockets."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from bptutor import __version__
from bptutor.service import connection, wire
from bptutor.service.log import log_path
from bptutor.service.messages import (
    Answered,
    Asked,
    Cancel,
    Cells,
    Check,
    Close,
    Done,
    Draft,
    EngineState,
    FromService,
    Goodbye,
    Hello,
    Hint,
    Lessons,
    ListLessons,
    Open,
    Refused,
    Request,
    Show,
    SplitMatrix,
    Told,
    Train,
    Training,
    Welcome,
)
from bptutor.service.server import Service
from bptutor.service.thread import EngineThread
from tests.service.fake_service import REFUSAL, FakeLearner, FakeTutor

HELLO = Hello(__version__, "en", "unicode")


class Peer:
    """A client that says and reads single frames."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    def say(self, number: int, request: Request) -> None:
        self.writer.write(wire.frame(Asked(number, request), wire.LONGEST_REQUEST))

    async def hear(self) -> FromService | None:
        return await wire.receive(self.reader, wire.from_service, wire.LONGEST_REPLY)

    async def reply(self, number: int) -> object:
        """The next message, which answers this request."""
        heard = await self.hear()
        assert isinstance(heard, Answered)
        assert heard.id == number
        return heard.reply

    async def goodbye(self) -> str:
        """The last words, after which there is nothing."""
        heard = await self.hear()
        assert isinstance(heard, Goodbye)
        assert await self.hear() is None
        return heard.reason


class House:
    """A service and whoever visits it."""

    def __init__(self, tutor: FakeTutor, engine: EngineThread) -> None:
        self.tutor = tutor
        self.engine = engine
        self.service: Service[FakeLearner] = Service(tutor, engine)
        self.serving: list[asyncio.Task[None]] = []

    async def peer(self, hello: Hello | None = HELLO, buffer: int | None = None) -> Peer:
        """Somebody who has said hello (number 0), where there is one to say."""
        ours, theirs = socket.socketpair()
        if buffer:
            theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer)
        self.serving.append(asyncio.create_task(self.service.serve(theirs)))
        peer = Peer(*await asyncio.open_connection(sock=ours))
        if hello:
            peer.say(0, hello)
            assert isinstance(await peer.reply(0), Welcome)
        return peer


@asynccontextmanager
async def house(
    loaded: threading.Event | None = None, failure: Exception | None = None
) -> AsyncIterator[House]:
    """A service whose engine has loaded once `loaded` is set (at once where there is none)."""

    def load() -> str:
        if loaded:
            loaded.wait()
        if failure:
            raise failure
        return "2.21-fake"

    engine = EngineThread(load)
    if not loaded:
        await asyncio.wait({asyncio.wrap_future(engine.loaded)})
    opened = House(FakeTutor(), engine)
    try:
        async with asyncio.timeout(30):
            yield opened
    finally:
        if loaded:
            loaded.set()
        for task in opened.serving:
            task.cancel()
        await asyncio.gather(*opened.serving, return_exceptions=True)
        engine.end()


async def test_what_needs_no_engine_is_answered_while_it_loads() -> None:
    loaded = threading.Event()
    async with house(loaded) as at:
        peer = await at.peer(hello=None)
        peer.say(0, HELLO)
        assert await peer.reply(0) == Welcome(__version__, EngineState("loading", ""))
        peer.say(1, Check("a", "x", []))
        peer.say(2, ListLessons())
        assert await peer.reply(2) == Lessons([])
        peer.say(3, SplitMatrix("b", "1"))
        assert await peer.reply(3) == Cells(["MainThread", "1"])
        loaded.set()
        heard = [await peer.hear(), await peer.hear()]
        assert Told(EngineState("ready", "2.21-fake")) in heard
        assert Answered(1, Cells(["engine_0", "x"])) in heard


async def test_an_engine_that_is_there_is_there_at_the_welcome() -> None:
    async with house() as at:
        peer = await at.peer(hello=None)
        peer.say(0, HELLO)
        assert await peer.reply(0) == Welcome(__version__, EngineState("ready", "2.21-fake"))


async def test_an_engine_that_cannot_be_had(caplog: pytest.LogCaptureFixture) -> None:
    loaded = threading.Event()
    async with house(loaded, ImportError("no such\nlibrary")) as at:
        peer = await at.peer()
        loaded.set()
        told = await peer.hear()
        assert isinstance(told, Told)
        assert isinstance(told.event, EngineState)
        assert told.event.state == "failed"
        assert "ImportError: no such library" in told.event.detail
        assert str(log_path()) in told.event.detail
        peer.say(1, Check("a", "x", []))
        assert await peer.reply(1) == Refused(told.event.detail)
        peer.say(2, ListLessons())
        assert await peer.reply(2) == Lessons([])
        assert "no such\nlibrary" in caplog.text


async def test_a_refusal_is_in_the_learners_language() -> None:
    async with house() as at:
        for language in ("en", "ko"):
            peer = await at.peer(Hello(__version__, language, "unicode"))
            peer.say(1, Hint("a"))
            assert await peer.reply(1) == Refused(REFUSAL.to(language))


async def test_a_fault_of_ours_is_logged_and_the_service_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with house() as at:
        peer = await at.peer()
        peer.say(1, Show("a"))
        refused = await peer.reply(1)
        assert isinstance(refused, Refused)
        assert str(log_path()) in refused.message
        assert "fault of ours" not in refused.message
        assert "ValueError: a fault of ours" in caplog.text
        peer.say(2, Check("a", "x", []))
        assert await peer.reply(2) == Cells(["engine_0", "x"])


async def test_a_training_is_cancelled_at_once() -> None:
    async with house() as at:
        peer = await at.peer()
        peer.say(1, Train("a", 0))
        peer.say(2, Check("b", "x", []))
        assert isinstance(await peer.hear(), Told)
        peer.say(3, Cancel("b"))  # which is another session, and does not stop it
        peer.say(4, Cancel("a"))
        replies: dict[int, object] = {}
        while len(replies) < 4:
            heard = await peer.hear()
            if isinstance(heard, Answered):
                replies[heard.id] = heard.reply
        assert [*replies] == [3, 4, 1, 2]
        assert replies[3] == replies[4] == Done()
        assert at.tutor.trained.is_set()


async def test_a_training_is_cancelled_before_it_begins_and_by_closing() -> None:
    loaded = threading.Event()
    async with house(loaded) as at:
        peer = await at.peer()
        peer.say(1, Train("a", 0))
        peer.say(2, Train("b", 0))
        peer.say(3, Cancel("a"))
        peer.say(4, Close("b"))
        assert await peer.reply(3) == Done()
        loaded.set()
        heard = [await peer.hear() for _ in range(4)]
        assert [message.id for message in heard if isinstance(message, Answered)] == [1, 2, 4]
        assert Answered(1, Cells(["0"])) in heard


async def test_a_training_ends_with_its_client() -> None:
    async with house() as at:
        peer = await at.peer()
        other = await at.peer()
        peer.say(1, Train("a", 0))
        assert isinstance(await peer.hear(), Told)
        peer.writer.close()
        other.say(1, Check("a", "x", []))
        assert await other.reply(1) == Cells(["engine_0", "x"])
        assert at.tutor.trained.is_set()


async def test_the_last_words_of_a_client_are_heard() -> None:
    async with house() as at:
        peer = await at.peer()
        peer.say(1, Check("a", "x", []))
        peer.say(2, Draft("a", "y", []))
        peer.writer.close()
        await at.serving[0]
        assert [type(request) for request in at.tutor.done] == [Check, Draft]


async def test_a_later_word_on_a_training_replaces_an_unsent_one() -> None:
    async with house() as at:
        peer = await at.peer(buffer=4096)
        peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
        told = 5_000
        peer.say(1, Train("a", told))
        await asyncio.to_thread(at.tutor.trained.wait)
        peer.writer.transport.resume_reading()  # type: ignore[attr-defined]
        done = []
        while isinstance(heard := await peer.hear(), Told):
            assert isinstance(heard.event, Training)
            done.append(heard.event.done)
        assert heard == Answered(1, Cells([str(told)]))
        assert done == sorted(done)
        assert done[-1] == told
        assert len(done) < told / 10


async def test_a_session_is_answered_in_order_and_another_does_not_wait() -> None:
    loaded = threading.Event()
    async with house(loaded) as at:
        peer = await at.peer()
        peer.say(1, Check("a", "x", []))
        peer.say(2, Draft("a", "y", []))
        peer.say(3, SplitMatrix("a", "1"))
        peer.say(4, Draft("b", "z", []))
        assert await peer.reply(4) == Done()
        loaded.set()
        heard = [await peer.hear() for _ in range(4)]
        assert [message.id for message in heard if isinstance(message, Answered)] == [1, 2, 3]
        assert [type(request).__name__ for request in at.tutor.done] == [
            "Draft",
            "Check",
            "Draft",
            "SplitMatrix",
        ]


async def test_many_learners_at_once() -> None:
    async with house() as at:

        async def learn(name: int) -> None:
            peer = await at.peer()
            expected = {}
            for number in range(1, 41):
                session, text = str(number % 3), f"{name}.{number}"
                if number % 2:
                    peer.say(number, Check(session, text, [session]))
                    expected[number] = Cells(["engine_0", text, session])
                else:
                    peer.say(number, SplitMatrix(session, text))
                    expected[number] = Cells(["MainThread", text])
            replies = {}
            for _ in expected:
                heard = await peer.hear()
                assert isinstance(heard, Answered)
                replies[heard.id] = heard.reply
            assert replies == expected

        await asyncio.gather(*(learn(name) for name in range(40)))


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "more than"),
        (b"\x00\x00\x00\x03abc", "Expected `object`"),
        (wire.frame(Asked(1, HELLO), 1000), "Hello"),
        (b"\x00\x00\xc3\x50" + b"\x91" * 50_000, "Expected `object`"),
    ],
)
async def test_what_cannot_be_read_closes_that_connection_and_no_other(
    data: bytes, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with house() as at:
        bad, good = await at.peer(), await at.peer()
        bad.writer.write(data)
        assert why in await bad.goodbye()
        good.say(1, Check("a", "x", []))
        assert await good.reply(1) == Cells(["engine_0", "x"])
        assert [record.levelno for record in caplog.records] == [logging.WARNING]


async def test_nobody_is_heard_who_has_not_said_hello() -> None:
    async with house() as at:
        peer = await at.peer(hello=None)
        peer.say(1, ListLessons())
        assert "Hello" in await peer.goodbye()
        assert at.tutor.done == []


async def test_more_than_can_be_answered_closes_the_connection() -> None:
    loaded = threading.Event()
    async with house(loaded) as at:
        peer = await at.peer()
        for number in range(1, connection.MOST_AT_ONCE + 2):
            peer.say(number, Check("a", "x", []))
        assert str(connection.MOST_AT_ONCE) in await peer.goodbye()


async def test_a_reply_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "LONGEST_REPLY", 10_000)
    async with house() as at:
        peer = await at.peer()
        peer.say(1, Open("20000", "all", resume=False))
        refused = await peer.reply(1)
        assert isinstance(refused, Refused)
        peer.say(2, Open("5000", "all", resume=False))
        assert await peer.reply(2) == Cells(["x" * 5000])
