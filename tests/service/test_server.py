"""The service in this process, with a tutor that does what the tests say, over a real socket."""

import asyncio
import logging
import socket
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bptutor import __version__
from bptutor.service import server, wire
from bptutor.service.engine import EngineThread
from bptutor.service.log import log_path
from bptutor.service.protocol import EngineState, Event, Hello, Training, Tutor
from bptutor.views.classroom import Changed
from bptutor.views.lesson import Lessons
from tests.service.fake_service import REFUSAL, FakeTutor, make, trained

HELLO = Hello(__version__, "en", "unicode")


class Peer:
    """A client that says and reads single frames."""

    def __init__(self) -> None:
        self.reader: asyncio.StreamReader
        self.writer: asyncio.StreamWriter
        self.tutor: FakeTutor
        self.serving: asyncio.Task[None]

    def say(self, number: int, name: str, *arguments: object) -> None:
        self.writer.write(wire.frame((number, name, arguments), wire.LONGEST_REQUEST))

    async def hear(self) -> wire.Reply | None:
        return await wire.receive(self.reader, wire.replies, wire.LONGEST_REPLY)

    async def reply(self, number: int, name: str) -> Any:
        """What the next message, which answers this request, brings."""
        heard = await self.hear()
        assert heard
        assert (heard.id, heard.refusal) == (number, "")
        return wire.unpacked(wire.METHODS[name].result, heard.body)

    async def refusal(self, number: int) -> str:
        heard = await self.hear()
        assert heard
        assert heard.id == number
        assert heard.refusal
        return heard.refusal

    async def event(self) -> Event:
        heard = await self.hear()
        assert heard
        assert (heard.id, heard.refusal) == (None, "")
        return wire.unpacked(wire.events, heard.body)

    async def goodbye(self) -> str:
        """The last words, after which there is nothing."""
        heard = await self.hear()
        assert heard
        assert heard.id is None
        assert heard.refusal
        assert await self.hear() is None
        return heard.refusal


@asynccontextmanager
async def service(
    loaded: threading.Event | None = None,
    failure: Exception | None = None,
    hello: Hello | None = HELLO,
    buffer: int | None = None,
    desk: Any = None,
) -> AsyncIterator[Peer]:
    """Whoever is served (number 0 was their hello), by an engine that has loaded once `loaded` is
    set, or at once."""

    def load() -> str:
        if loaded:
            loaded.wait()
        if failure:
            raise failure
        return "2.21-fake"

    engine = EngineThread(load)
    if not loaded:
        await asyncio.wait({asyncio.wrap_future(engine.loaded)})
    peer = Peer()

    def made(engine: EngineThread, tell: Callable[[Event], None], identity: str) -> Tutor:
        tutor: Any = make(engine, tell, identity)
        peer.tutor = tutor
        found: Tutor = tutor
        return found

    ours, theirs = socket.socketpair()
    if buffer:
        theirs.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, buffer)
    peer.serving = asyncio.create_task(server.serve(theirs, "minsu", engine, made, desk=desk))
    peer.reader, peer.writer = await asyncio.open_connection(sock=ours)
    try:
        async with asyncio.timeout(30):
            if hello:
                peer.say(0, "hello", hello)
                await peer.reply(0, "hello")
            yield peer
    finally:
        if loaded:
            loaded.set()
        peer.serving.cancel()
        await asyncio.gather(peer.serving, return_exceptions=True)
        engine.end()


class FakeDesk:
    """A desk with one method of a name that a tutor's has, too."""

    language = ""

    async def hello(self, hello: Hello) -> None:
        self.language = hello.language

    async def close(self, name: str, logins: list[str], why: str) -> list[Changed]:
        return [Changed(f"{login} {why}", 7.0) for login in logins]


async def test_a_teachers_request_goes_to_the_desk_and_a_learners_to_the_tutor() -> None:
    desk = FakeDesk()
    async with service(desk=desk) as peer:
        assert desk.language == "en"
        peer.say(1, "desk.close", "midterm", ["anna"], "fire alarm")
        assert await peer.reply(1, "desk.close") == [Changed("anna fire alarm", 7.0)]
        peer.say(2, "menu")
        assert await peer.reply(2, "menu") == Lessons([])


async def test_a_learner_has_no_desk() -> None:
    async with service() as peer:
        peer.say(1, "desk.marks", "")
        assert await peer.refusal(1) == server.NO_TEACHER.to("en")
        peer.say(2, "menu")
        assert await peer.reply(2, "menu") == Lessons([])


async def test_what_a_desk_does_besides_is_no_request() -> None:
    async with service(desk=FakeDesk()) as peer:
        peer.say(1, "desk.hello", HELLO)
        assert "desk.hello" in await peer.goodbye()


async def test_what_needs_no_engine_is_answered_while_it_loads() -> None:
    loaded = threading.Event()
    async with service(loaded, hello=None) as peer:
        peer.say(0, "hello", HELLO)
        assert await peer.reply(0, "hello") == EngineState("loading", "")
        assert peer.tutor.identity == "minsu"
        peer.say(1, "check", "x", ["1"], "both")
        peer.say(2, "menu")
        assert await peer.reply(2, "menu") == Lessons([])
        peer.say(3, "split", "1", None)
        assert await peer.reply(3, "split") == ["MainThread", "1"]
        loaded.set()
        heard = [await peer.hear(), await peer.hear()]
        bodies = {each.id: each.body for each in heard if each}
        assert wire.unpacked(wire.events, bodies[None]) == EngineState("ready", "2.21-fake")
        assert wire.unpacked(wire.METHODS["check"].result, bodies[1]) == trained(1)


async def test_an_engine_that_is_there_is_there_at_the_hello() -> None:
    async with service(hello=None) as peer:
        peer.say(0, "hello", HELLO)
        assert await peer.reply(0, "hello") == EngineState("ready", "2.21-fake")


async def test_an_engine_that_cannot_be_had(caplog: pytest.LogCaptureFixture) -> None:
    loaded = threading.Event()
    async with service(loaded, ImportError("no such\nlibrary")) as peer:
        loaded.set()
        event = await peer.event()
        assert isinstance(event, EngineState)
        assert event.state == "failed"
        assert "ImportError: no such library" in event.detail
        assert str(log_path()) in event.detail
        peer.say(1, "check", "x", [], "both")
        assert await peer.refusal(1) == event.detail
        peer.say(2, "menu")
        assert await peer.reply(2, "menu") == Lessons([])
        assert "no such\nlibrary" in caplog.text


@pytest.mark.parametrize("language", ["en", "ko"])
async def test_a_refusal_is_in_the_learners_language(language: str) -> None:
    async with service(hello=Hello(__version__, language, "unicode")) as peer:
        peer.say(1, "hint")
        assert await peer.refusal(1) == REFUSAL.to(language)


async def test_a_fault_of_ours_is_logged_and_the_service_goes_on(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async with service() as peer:
        peer.say(1, "show")
        refused = await peer.refusal(1)
        assert str(log_path()) in refused
        assert "fault of ours" not in refused
        assert "ValueError: a fault of ours" in caplog.text
        peer.say(2, "check", "x", [], "both")
        assert await peer.reply(2, "check") == trained(0)


async def test_a_training_is_cancelled_at_once_and_ends_with_its_client() -> None:
    async with service() as peer:
        peer.say(1, "train", 0, False)
        assert isinstance(await peer.event(), Training)
        peer.say(2, "cancel")
        replies: list[int] = []
        while len(replies) < 2:
            heard = await peer.hear()
            assert heard
            if heard.id is not None:
                replies.append(heard.id)
        assert replies == [2, 1]
    async with service() as peer:
        peer.say(1, "train", 0, False)
        assert isinstance(await peer.event(), Training)
        peer.writer.close()
        await peer.serving
        assert await asyncio.to_thread(peer.tutor.trained.wait, 20)


async def test_the_last_words_of_a_client_are_heard() -> None:
    async with service() as peer:
        peer.say(1, "check", "x", [], "both")
        peer.say(2, "draft", "y", [])
        peer.writer.close()
        await peer.serving
        assert peer.tutor.done == ["check", "draft"]


async def test_a_later_word_on_a_training_replaces_an_unsent_one() -> None:
    async with service(buffer=4096) as peer:
        peer.writer.transport.pause_reading()  # type: ignore[attr-defined]
        told = 5_000
        peer.say(1, "train", told, False)
        await asyncio.to_thread(peer.tutor.trained.wait)
        peer.writer.transport.resume_reading()  # type: ignore[attr-defined]
        done = []
        while (heard := await peer.hear()) and heard.id is None:
            event = wire.unpacked(wire.events, heard.body)
            assert isinstance(event, Training)
            done.append(event.done)
        assert heard
        assert wire.unpacked(wire.METHODS["train"].result, heard.body) == trained(told)
        assert done == sorted(done)
        assert done[-1] == told
        assert len(done) < told / 10


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"GET / HTTP/1.1\r\n\r\n", "more than"),
        (b"\x00\x00\x00\x03abc", "Expected `array`"),
        (b"\x00\x00\xc3\x50" + b"\x91" * 50_000, "Expected `array`"),
        (wire.frame((1, "hello", (HELLO,)), 1000), "a second hello"),
        (wire.frame((1, "exec", ("1",)), 1000), "no request 'exec'"),
        (wire.frame((1, "__init__", ()), 1000), "no request '__init__'"),
        (wire.frame((1, "check", ("x", [], "neither")), 1000), "neither"),
        (wire.frame((1, "check", ("x",)), 1000), "length 3"),
        (wire.frame((1, "menu", (3,)), 1000), "length 0"),
    ],
    ids=range(9),
)
async def test_what_cannot_be_read_ends_the_connection(
    data: bytes, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    async with service() as peer:
        peer.writer.write(data)
        assert why in await peer.goodbye()
        assert [record.levelno for record in caplog.records] == [logging.WARNING]
        assert peer.tutor.done == []


async def test_a_frame_that_ends_in_the_middle_is_the_end() -> None:
    async with service() as peer:
        peer.writer.write(wire.frame((1, "draft", ("x", [])), 1000)[:-1])
        peer.writer.write_eof()
        assert await peer.hear() is None
        assert peer.tutor.done == []


async def test_nobody_is_heard_who_has_not_said_hello() -> None:
    async with service(hello=None) as peer:
        peer.say(1, "draft", "x", [])
        assert "hello" in await peer.goodbye()
        assert peer.tutor.done == []


async def test_another_version_is_told_so_and_left() -> None:
    async with service(hello=None) as peer:
        peer.say(0, "hello", Hello("0", "ko", "ascii"))
        assert await peer.goodbye()


async def test_more_than_can_be_answered_closes_the_connection() -> None:
    loaded = threading.Event()
    async with service(loaded) as peer:
        for number in range(1, server.MOST_AT_ONCE + 2):
            peer.say(number, "check", "x", [], "both")
        assert str(server.MOST_AT_ONCE) in await peer.goodbye()


async def test_a_reply_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wire, "LONGEST_REPLY", 10_000)
    async with service() as peer:
        peer.say(1, "split", "", 20_000)
        await peer.refusal(1)
        peer.say(2, "split", "", 5_000)
        assert await peer.reply(2, "split") == ["x" * 5_000]
