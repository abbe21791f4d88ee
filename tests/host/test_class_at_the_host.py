"""A class over the real socket: identity, an assignment, the clerk, and a host that is killed."""

from __future__ import annotations

import asyncio
import grp
import os
import pwd
import signal
import socket
import stat
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bptutor import __version__
from bptutor.classroom.place_queries import prepared_or_begun
from bptutor.classroom.store import ClassStore
from bptutor.service import wire
from bptutor.service.client import Client
from bptutor.service.desk import Desk
from bptutor.service.host_connection import HostConnection
from bptutor.service.process import RequestRefused, ServiceLost
from bptutor.service.protocol import Hello
from bptutor.views.classroom import LearnerLine
from bptutor.views.lesson import StepView
from tests.end_to_end.terminal import ended
from tests.host.real import RealHost

HELLO = Hello(__version__, "en", "ascii")
ME = pwd.getpwuid(os.getuid()).pw_name
GROUP = grp.getgrgid(os.getgid()).gr_name
ROSTER = "login,name\n{me},Me\nnobody,Somebody Else\n"
QUICK = """
title = "Quick"
kind = "exam"
lessons = ["one-neuron"]
items = 2
closes = {closes}
show = {{ score = "submitted", answers = "released" }}
"""


@pytest.fixture
def host(real: RealHost) -> RealHost:
    return real


class As(HostConnection):
    """A connection of another user."""

    def __init__(self, path: str, user: int) -> None:
        super().__init__(path, lambda event: None)
        self._user = user

    def _queue_up(self) -> socket.socket:
        os.seteuid(self._user)  # which is whom the kernel names to the other end
        try:
            return super()._queue_up()
        finally:
            os.seteuid(os.getuid())


@asynccontextmanager
async def at(host: RealHost, user: int | None = None) -> AsyncIterator[Client]:
    user = os.getuid() if user is None else user
    client = Client(As(host.socket, user), HELLO, lambda: None)
    try:
        await client.start()
        yield client
    except ServiceLost as lost:
        lost.add_note(host.log.read_text())
        raise
    finally:
        await client.stop()


def desk_of(client: Client) -> Desk:
    return wire.desk_caller(client.service.call)


async def test_nobody_but_a_teacher_has_a_desk(host: RealHost) -> None:
    async with at(host) as teacher:
        await desk_of(teacher).roster(ROSTER.format(me=ME), "roster.csv")
    if os.getuid() != 0:
        pytest.skip("only root can connect as another user")
    nobody = pwd.getpwnam("nobody").pw_uid
    async with at(host, nobody) as learner:
        with pytest.raises(RequestRefused):
            await desk_of(learner).roster()
        assert (await learner.tutor.assignments()).items == []


async def test_what_the_class_keeps_is_closed_to_others(host: RealHost) -> None:
    files = [host.state, *host.state.glob("class.sqlite*")]
    assert {stat.S_IMODE(each.stat().st_mode) & 0o077 for each in files} == {0}
    if os.getuid() != 0:
        pytest.skip("only root can be another user")
    async with at(host):
        service = max(host.processes)
        reader, writer = os.pipe()
        if (process := os.fork()) == 0:
            os.setgroups([])
            os.setresgid(65534, 65534, 65534)
            os.setresuid(65534, 65534, 65534)
            opened = 0
            for path in (
                host.state / "class.sqlite",
                Path(f"/proc/{service}/mem"),
                Path(f"/proc/{service}/environ"),
                Path(f"/proc/{service}/fd/0"),
                Path(f"/proc/{host.process.pid}/mem"),
            ):
                try:
                    os.open(path, os.O_RDONLY)
                except OSError:
                    continue
                opened += 1
            try:
                os.kill(service, signal.SIGTERM)
                opened += 1
            except OSError:
                pass
            os.write(writer, bytes([opened]))
            os._exit(0)
        os.close(writer)
        assert os.read(reader, 1) == b"\0"
        os.close(reader)
        os.waitpid(process, 0)


@pytest.mark.whole
async def test_a_paper_is_submitted_at_its_end_by_whichever_host_is_there(host: RealHost) -> None:
    async with at(host) as client:
        desk = desk_of(client)
        await desk.roster(ROSTER.format(me=ME), "roster.csv")
        closes = datetime.now(UTC) + timedelta(seconds=4)
        text = QUICK.format(closes=closes.isoformat(timespec="seconds"))
        await desk.assign(text, "quick.toml", {})
        await client.tutor.assignment("quick")
        view = await client.tutor.begin()
        assert isinstance(view, StepView)
        await client.tutor.check("", ["1"] * len(view.grid.asked), "value")
    clerk = min(host.processes)
    host.kill()
    assert await asyncio.to_thread(ended, clerk)
    host.start()
    async with at(host) as client:
        desk = desk_of(client)

        async def mine() -> LearnerLine:
            lines = (await desk.watch("quick")).learners
            return next(line for line in lines if line.login == ME)

        async with asyncio.timeout(60):
            while (line := await mine()).state != "submitted":
                await asyncio.sleep(0)
        assert (line.by, line.attempt) == ("time", 1)
        (person,) = [p for p in (await desk.marks("quick")).people if p.person.login == ME]
        assert person.marks[0].points is not None
        with pytest.raises(RequestRefused):
            await client.tutor.check("", ["1"], "value")


@pytest.mark.whole
async def test_the_clerk_makes_papers_ahead_of_begin(host: RealHost) -> None:
    async with at(host) as client:
        desk = desk_of(client)
        await desk.roster(ROSTER.format(me=ME), "roster.csv")
        closes = datetime.now(UTC) + timedelta(hours=1)
        await desk.assign(QUICK.format(closes=closes.isoformat()), "ahead.toml", {})
        store = ClassStore(f"sqlite:///{host.state / 'class.sqlite'}")

        def made() -> set[str]:
            return store.read(lambda on: prepared_or_begun(on, "ahead", 1), set[str]())

        async with asyncio.timeout(150):
            while made() != {ME, "nobody"}:
                await desk.watch("ahead")  # which leaves the processor to others meanwhile
        await client.tutor.assignment("ahead")
        assert isinstance(await client.tutor.begin(), StepView)
