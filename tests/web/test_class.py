"""Two learners of a class in the browser: the real server, the real host, and what each sees."""

from __future__ import annotations

import asyncio
import grp
import os
import pwd
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pyte
import pytest

pytest.importorskip("textual_serve", reason="needs the extra `web`")

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

from bptutor import __version__
from bptutor.classroom.assignment import read_assignment
from bptutor.classroom.lessons import contents
from bptutor.classroom.papers import Papers
from bptutor.classroom.people import read_roster
from bptutor.classroom.store import ClassStore
from bptutor.service import wire
from bptutor.service.host_connection import HostConnection
from bptutor.service.process import RequestRefused
from bptutor.service.protocol import Hello
from tests.classroom.people import ROSTER
from tests.end_to_end.terminal import DEADLINE, KEYS, Page, ScreenTimeoutError
from tests.host.conftest import short_folder
from tests.host.real import real_host
from tests.web.test_browser import server

EXAM = b"""
title = "Midterm"
kind = "exam"
lessons = ["one-neuron"]
items = 2
minutes = 30
lock = true
"""
ME, TEACHERS = pwd.getpwuid(os.getuid()).pw_name, grp.getgrgid(os.getgid()).gr_name
BEHIND = ("--user-header", "X-User", "--proxy", "127.0.0.1")


def the_class(folder: Path) -> ClassStore:
    folder.mkdir(mode=0o700)
    store = ClassStore(f"sqlite:///{folder / 'class.sqlite'}")
    roster = read_roster("roster.csv", f"{ROSTER}{ME},,,,,\n")
    store.list_people(roster, "kim", time.time())
    given = read_assignment("midterm.toml", EXAM)
    store.assign(given, EXAM, contents(given, {}), "kim", time.time())
    return store


class Tab:
    """What a websocket has drawn, on a screen that can be read."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self._screen = Page(100, 30)
        self._stream = pyte.ByteStream(self._screen)

    async def press(self, key: str) -> None:
        await self._socket.send_json(["stdin", KEYS[key]])

    async def until(self, wanted: str) -> None:
        try:
            async with asyncio.timeout(DEADLINE):
                while wanted not in (text := " ".join("\n".join(self._screen.display).split())):
                    message = await self._socket.receive()
                    assert message.type is WSMsgType.BINARY, (message, text)
                    self._stream.feed(message.data)
        except TimeoutError:
            raise ScreenTimeoutError(f"{wanted!r} is not on\n{text}") from None


@asynccontextmanager
async def tab(client: ClientSession, url: str, login: str) -> AsyncIterator[Tab]:
    headers = {"X-User": login, "Origin": url}
    address = f"{url}/ws?width=100&height=30&login=ben&BPTUTOR_WEB_LEARNER=ben"
    async with client.ws_connect(address, headers=headers) as socket:
        yield Tab(socket)


async def test_two_learners_of_a_class_in_the_browser(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with short_folder() as folder:
        store = the_class(folder / "state")
        with real_host(folder, "--web-user", ME, teachers=TEACHERS) as host:
            host.wait()
            monkeypatch.setenv("BPTUTOR_CLASS", host.socket)
            monkeypatch.setenv("BPTUTOR_WEB_LEARNER", "chloe")  # the server knows better
            async with (
                server(*BEHIND, "--data", str(tmp_path)) as (url, _),
                ClientSession() as client,
                tab(client, url.rstrip("/"), "anna") as anna,
                tab(client, url.rstrip("/"), "ben") as ben,
            ):
                for one in (anna, ben):
                    await one.until("Midterm")
                await anna.press("f6")
                await anna.until("Assignments · anna")
                await anna.press("enter")
                await anna.until("Begin")
                await anna.press("enter")
                await anna.until("item 1/2")
                async with tab(client, url.rstrip("/"), "anna") as second:
                    await second.until("Assignment in progress: Midterm.")
                papers = Papers(store)
                assert papers.locked("anna", time.time())
                assert not papers.locked("ben", time.time())
                await ben.press("f6")
                await ben.until("Exam not begun")
            monkeypatch.setenv("BPTUTOR_WEB_LEARNER", ME)  # a teacher at a terminal
            connection = HostConnection(host.socket, lambda event: None)
            await connection.start(Hello(__version__, "en", "ascii"))
            with pytest.raises(RequestRefused):
                await wire.desk_caller(connection.call).roster()
            await connection.stop()
