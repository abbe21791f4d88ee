"""Clients of a class host, good and bad: what each is told, and that others notice nothing."""

from __future__ import annotations

import asyncio
import os
import pwd
import signal
import socket
import struct
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from pathlib import Path
from threading import Event as Flag
from threading import Thread
from typing import Any

import pytest

from bptutor import __version__, budget
from bptutor.doctor import host as doctor
from bptutor.host.loop import AT_ONCE, MOST_EACH
from bptutor.service import host_connection, wire
from bptutor.service.client import Client
from bptutor.service.host_connection import Either, HostAway, HostConnection
from bptutor.service.process import FAREWELLS, RequestRefused, Rested, ServiceLost
from bptutor.service.protocol import EngineState, Event, Farewell, Hello, HostState
from bptutor.views.lesson import Lessons
from tests.end_to_end.terminal import ended
from tests.host.conftest import RunningHost
from tests.service.fake_service import trained

HELLO = Hello(__version__, "en", "unicode")
ME = pwd.getpwuid(os.getuid()).pw_name


def more_by_whole(*values: bytes) -> list[Any]:
    return [pytest.param(value, marks=pytest.mark.whole) for value in values]


class Connected(HostConnection):
    def __init__(self, path: str) -> None:
        self.events: list[Event] = []
        super().__init__(path, self.events.append)
        self.tutor = wire.caller(self.call)

    async def who(self) -> tuple[int, str]:
        """The process that serves, and whom it serves."""
        process, login, *_ = await self.tutor.split("who")
        return int(process), login


@asynccontextmanager
async def connected(host: RunningHost) -> AsyncIterator[Connected]:
    connection = Connected(host.path)
    await connection.start(HELLO)
    try:
        yield connection
    finally:
        await connection.stop()


class Raw:
    """A client that keeps to nothing."""

    def __init__(self, host: RunningHost) -> None:
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(30)
        self.socket.connect(host.path)

    def __enter__(self) -> Raw:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def said(self) -> list[wire.Reply]:
        """All that the other end says until it closes."""
        heard = b""
        with suppress(ConnectionResetError):  # it has not read all that was sent
            while piece := self.socket.recv(65536):
                heard += piece
        replies = []
        while heard:
            (length,) = struct.unpack(">I", heard[:4])
            replies.append(wire.replies.decode(heard[4 : 4 + length]))
            heard = heard[4 + length :]
        return replies

    def farewell(self) -> str:
        event = wire.events.decode(self.said()[-1].body)
        assert isinstance(event, Farewell)
        return event.why


async def test_each_connection_has_a_process_that_knows_its_user(host: RunningHost) -> None:
    async with connected(host) as one, connected(host) as other:
        first, second = await one.who(), await other.who()
        assert first[0] != second[0]
        assert first[1] == second[1] == ME
        assert {first[0], second[0]} == set(host.services)
        assert await one.tutor.check("x", ["1"], "both") == trained(1)
    assert await asyncio.to_thread(ended, first[0])
    assert await asyncio.to_thread(ended, second[0])


async def test_a_name_in_the_environment_is_not_who_one_is(
    host: RunningHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BPTUTOR_LEARNER", "anna")
    async with connected(host) as one:
        assert (await one.who())[1] == ME


async def test_a_service_has_no_descriptor_of_another_learner(host: RunningHost) -> None:
    async with AsyncExitStack() as stack:
        held = []
        for _ in range(4):
            connection = await stack.enter_async_context(connected(host))
            held.append((await connection.tutor.split("who"))[2:])
        assert len({len(descriptors) for descriptors in held}) == 1


@pytest.mark.skipif(os.getuid() != 0, reason="only root can be another user")
async def test_another_user_is_another_learner(host: RunningHost) -> None:
    code = (
        "from tests.host.test_connections import *\n"  # first: it need not be able to read this
        "os.setgid(65534); os.setuid(65534)\n"
        "async def main():\n"
        f"    one = Connected({host.path!r}); await one.start(HELLO); print((await one.who())[1])\n"
        "asyncio.run(main())"
    )
    async with connected(host) as one:
        told = await asyncio.to_thread(
            subprocess.run, [sys.executable, "-c", code], capture_output=True, text=True
        )
        assert told.stdout.split() == [pwd.getpwuid(65534).pw_name], told.stderr
        assert (await one.who())[1] == ME


@pytest.mark.parametrize(
    "sent",
    [
        *more_by_whole(b"GET / HTTP/1.1\r\n\r\n", b"\x00\x00\x00\x03abc", os.urandom(4096)),
        b"\xff\xff\xff\xff" + b"x" * 1_000_000,
        b"\x00\xf4\x24\x00" + b"\x91" * 16_000_000,
    ],
    ids=["http", "short", "noise", "4 GB", "16 MB"],
)
async def test_garbage_ends_its_own_connection_with_a_reason(
    host: RunningHost, sent: bytes
) -> None:
    async with connected(host) as one:
        with Raw(host) as bad:
            with suppress(BrokenPipeError, ConnectionResetError):  # it was not read to its end
                await asyncio.to_thread(bad.socket.sendall, sent)
            said = await asyncio.to_thread(bad.said)
        if said:
            assert said[-1].refusal or wire.events.decode(said[-1].body) == Farewell("silent")
        assert await one.tutor.menu() == Lessons([])


@pytest.mark.parametrize("sent", [*more_by_whole(b"", b"\x00\x00"), b"\x00\x00\x01\x00half"])
async def test_who_says_nothing_or_half_a_frame_is_not_waited_for(
    host: RunningHost, sent: bytes
) -> None:
    async with connected(host) as one:
        with Raw(host) as bad:
            bad.socket.sendall(sent)
            assert await asyncio.to_thread(bad.farewell) == "silent"
        assert await one.tutor.menu() == Lessons([])


async def test_a_thousand_connections_at_once(host: RunningHost) -> None:
    async with connected(host) as one:
        await one.who()

        def flood() -> list[str]:
            whys, crowd = [], []
            for _ in range(1000):
                crowd.append(Raw(host))
            for each in crowd:
                with each:
                    whys.append(each.farewell())
            return whys

        whys = await asyncio.to_thread(flood)
        assert len(whys) == 1000
        assert set(whys) == {"each", "silent"}
        assert whys.count("silent") == MOST_EACH - 1
        assert await one.tutor.menu() == Lessons([])
        assert len(host.services) == 1


COMES_AND_GOES = """
import socket, sys
while True:
    with socket.socket(socket.AF_UNIX) as one:
        one.connect(sys.argv[1])
"""


async def test_a_crowd_that_keeps_coming_keeps_nobody_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_connection, "PATIENCE", 0.0)  # one attempt, which waits its turn
    path, over = str(tmp_path / "s"), Flag()

    def take() -> None:
        while not over.is_set():
            listener.accept()[0].close()

    def is_full() -> bool:
        with socket.socket(socket.AF_UNIX) as one:
            one.setblocking(False)
            return one.connect_ex(path) != 0

    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(path)
        listener.listen(8)
        command = [sys.executable, "-c", COMES_AND_GOES, path]
        crowd = [subprocess.Popen(command, stderr=subprocess.DEVNULL) for _ in range(4)]
        taking = Thread(target=take)
        taking.start()
        try:
            for _ in range(20):
                while not is_full():
                    pass
                _, writer = await Connected(path)._connect()
                writer.close()
        finally:
            over.set()
            taking.join()
            for each in crowd:
                each.kill()
                each.wait()


async def test_who_connects_again_and_again_is_told_to_wait(host: RunningHost) -> None:
    async with connected(host) as one:
        for _ in range(AT_ONCE - 1):
            async with connected(host) as other:
                process, _ = await other.who()
            assert await asyncio.to_thread(ended, process)
        with pytest.raises(ServiceLost) as lost:
            async with connected(host):
                pass
        assert str(lost.value) == FAREWELLS["often"][0].to("en")
        assert await one.tutor.menu() == Lessons([])


async def test_an_idle_service_ends_and_comes_back_unsaid(
    run_host: Callable[..., RunningHost],
) -> None:
    host, lost = run_host(idle=0.3), []
    connection = Connected(host.path)
    client = Client(connection, HELLO, lambda: lost.append(1))
    await client.start()
    first, _ = await connection.who()
    assert await asyncio.to_thread(ended, first)
    with pytest.raises(Rested):
        await connection.tutor.menu()
    process = int((await client.tutor.split("who"))[0])
    assert process != first
    assert lost == []
    await client.stop()


async def test_a_request_that_takes_too_long_is_told_as_one(host: RunningHost) -> None:
    connection = Connected(host.path)
    client = Client(connection, HELLO, lambda: None)
    await client.start()
    first, _ = await connection.who()
    with pytest.raises(RequestRefused) as refused:
        await client.tutor.split("for ever")
    assert refused.value.message == budget.TOO_LONG.to("en")
    assert await asyncio.to_thread(ended, first)
    assert await client.tutor.menu() == Lessons([])
    await client.stop()


async def test_a_killed_service_takes_nobody_along(host: RunningHost) -> None:
    async with connected(host) as one:
        connection, lost = Connected(host.path), []
        client = Client(connection, HELLO, lambda: lost.append(1))
        await client.start()
        with pytest.raises(ServiceLost):
            await client.unaided.split("die")
        assert await client.tutor.menu() == Lessons([])
        assert lost == [1]
        assert await one.tutor.menu() == Lessons([])
        await client.stop()


async def test_services_outlive_a_killed_host_and_the_next_one_takes_new_clients(
    host: RunningHost,
) -> None:
    async with connected(host) as one:
        before = await one.who()
        host.kill()
        assert await one.who() == before
        host.start()
        async with connected(host) as other:
            assert (await other.who())[1] == ME
        assert await one.who() == before


async def test_a_host_that_is_ended_ends_its_services(host: RunningHost) -> None:
    async with connected(host) as one:
        process, _ = await one.who()
        assert await asyncio.to_thread(host.end) == 0
        assert await asyncio.to_thread(ended, process)
        with pytest.raises(ServiceLost):
            await one.tutor.menu()


async def test_a_second_host_does_not_take_the_socket(host: RunningHost) -> None:
    async with connected(host) as one:
        second = RunningHost.__new__(RunningHost)
        second.path, second.log, second._options = host.path, Path(f"{host.path}.2"), ["60"]
        second.start()
        assert await asyncio.to_thread(second.process.wait) != 0
        assert await one.tutor.menu() == Lessons([])


async def test_without_a_host_an_own_service_serves_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_connection, "PATIENCE", 0.0)
    told: list[Event] = []
    either = Either(str(tmp_path / "none.sock"), told.append)
    either.needs_host = True
    with pytest.raises(HostAway):
        await either.start(HELLO)
    either.needs_host = False
    assert isinstance(await either.start(HELLO), EngineState)
    assert isinstance(await wire.caller(either.call).menu(), Lessons)
    await asyncio.sleep(0)
    assert [each.away for each in told if isinstance(each, HostState)] == [
        f"there is no socket {tmp_path}/none.sock"
    ]
    await either.stop()


async def test_a_host_that_is_back_is_used_again(
    host: RunningHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(host_connection, "PATIENCE", 0.0)
    told: list[Any] = []
    either = Either(f"{host.path}.later", told.append)
    await either.start(HELLO)
    os.link(host.path, f"{host.path}.later")
    await either.restart()
    assert (await wire.caller(either.call).split("who"))[1] == ME
    await asyncio.sleep(0)
    assert [bool(each.away) for each in told if isinstance(each, HostState)] == [True, False]
    await either.stop()
    assert signal.getsignal(signal.SIGCHLD) is not None


async def test_the_doctor_tells_whether_the_host_serves(
    host: RunningHost, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(host_connection, "PATIENCE", 0.0)

    async def codes(path: str) -> tuple[str, list[str]]:
        found = await asyncio.to_thread(doctor.host, path, "ko")
        return found.state, [finding.code for finding in doctor.host_findings(found)]

    assert await codes(host.path) == ("ready", [])
    assert await codes("") == ("none", [])
    assert await codes(str(tmp_path / "none.sock")) == ("away", ["class-away"])
    async with AsyncExitStack() as stack:
        for _ in range(MOST_EACH):
            await stack.enter_async_context(connected(host))
        assert await codes(host.path) == ("refused", ["class-refused"])
