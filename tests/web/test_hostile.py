"""What the server makes of requests and frames that no browser sends."""

from __future__ import annotations

import asyncio
import json
import logging
import socket
from typing import Any, cast

import pytest

pytest.importorskip("textual_serve", reason="needs the extra `web`")

from aiohttp import ClientSession, WSMsgType, web
from aiohttp.http_exceptions import BadHttpMessage
from aiohttp.test_utils import TestServer

from bptutor.host.loop import AT_ONCE
from bptutor.web import peers
from bptutor.web.admission import Door
from bptutor.web.server import (
    LONGEST_MESSAGE,
    OFTEN,
    Options,
    Server,
    _cells,
    _is_ours,
    _listen,
)
from bptutor.web.session import Session
from tests.web.test_admission import HERE, ME, served

PATHS = (
    *("/static/../../../../etc/passwd", "/page/..%2f..%2fserver.py", "/page/%2e%2e/server.py"),
    *("//etc/passwd", "/static//etc/passwd", "/page/%00", f"/static/{'a' * 5000}"),
)
FROM_NOBODY = (
    *("X_User: anna", "X-Forwarded-User: anna", "X-User:", "X-User: \xa0anna", "X-User: anna\x85"),
    *("X-User: anna\r\nX-User: anna", "X-User: anna\r\nx-uSER: ben", "X-User: anna\r\n ben"),
    *("X-User: anna\0", "X-User : anna", "X-User: an\x1bna", "X-User: \u202eanna"),
)


async def status(url: str, request: str) -> int:
    """Of the response to these very bytes."""
    host, _, port = url.removeprefix("http://").partition(":")
    reader, writer = await asyncio.open_connection(host, int(port))
    writer.write(f"{request}\r\nConnection: close\r\n\r\n".encode())
    line = await reader.readline()
    writer.close()
    return int(line.split()[1])


async def test_paths_lead_to_the_page_and_its_files_alone_and_headers_to_one_learner() -> None:
    async with served(Door(port=1, header="X-User", proxies=(HERE,), users=ME)) as (_, url):
        assert await status(url, "GET / HTTP/1.1\r\nHost: x\r\nX-User: anna") == 200
        for path in PATHS:
            asked = f"GET {path} HTTP/1.1\r\nHost: x\r\nX-User: anna"
            assert await status(url, asked) in (403, 404), path
        for header in FROM_NOBODY:
            asked = f"GET /?X-User=anna&login=anna HTTP/1.1\r\nHost: x\r\n{header}"
            assert await status(url, asked) in (400, 403), header


class App:
    """Takes what a page sends."""

    def __init__(self) -> None:
        self.typed: list[bytes] = []
        self.sizes: list[tuple[int, int]] = []

    async def send_bytes(self, typed: bytes) -> None:
        self.typed.append(typed)

    async def set_terminal_size(self, width: int, height: int) -> None:
        self.sizes.append((width, height))


@pytest.mark.parametrize(
    "last", ["[" * 200_000, "no JSON", '["stdin", ' + "9" * 5000 + "]", "x" * (LONGEST_MESSAGE + 1)]
)
async def test_a_frame_that_cannot_be_read_ends_its_own_tab(last: str) -> None:
    app = App()

    async def tab(request: web.Request) -> web.StreamResponse:
        websocket = web.WebSocketResponse(max_msg_size=LONGEST_MESSAGE)
        await websocket.prepare(request)
        await _listen(websocket, cast(Session, app))
        return websocket

    application = web.Application()
    application.router.add_get("/ws", tab)
    async with (
        TestServer(application) as server,
        ClientSession() as client,
        client.ws_connect(server.make_url("/ws")) as page,
    ):
        await page.send_str('["stdin", "\\ud800"]')
        strange: list[Any] = [{}, [], ["quit"], ["stdin", 1], ["resize", {}], ["ping", None]]
        for told in strange:
            await page.send_json(told)
        for size in (-1, True, 10**4000, 80):
            await page.send_json(["resize", {"width": size, "height": 24}])
        await page.send_str(last)
        while (message := await page.receive()).type is not WSMsgType.CLOSE:
            assert message.type is WSMsgType.TEXT
    assert app.typed == [b"?"]
    assert app.sizes == [(24, 24), (24, 24), (1000, 24), (80, 24)]
    assert _cells("9" * 6000) == 1000


async def test_of_many_sizes_an_app_is_told_the_last() -> None:
    written: asyncio.Queue[bytes] = asyncio.Queue()

    class Pipe:
        def write(self, packet: bytes) -> None:
            written.put_nowait(packet)

    async def nothing(*_: object) -> None: ...

    session: Any = Session({}, nothing, nothing)
    session._process, session._stdin = object(), Pipe()
    for width in range(1000):
        await session.set_terminal_size(width, 24)
    assert json.loads((await written.get())[5:])["width"] == 999
    assert written.empty()


@pytest.mark.skipif(not peers.can_tell(), reason="only Linux tells whose a connection is")
def test_an_end_that_is_closed_is_nobodys() -> None:
    """Many kernels say that it is root's, who may be the proxy; what it sent can still be read."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        here = listening.getsockname()
        client = socket.create_connection(here)
        client.sendall(b"GET /ws HTTP/1.1")
        there = client.getsockname()
        assert peers.user_of(there, here) in ME
        client.close()
        assert peers.user_of(there, here) is None
        if socket.has_dualstack_ipv6():
            with socket.socket(socket.AF_INET6) as mapped:
                mapped.connect((f"::ffff:{here[0]}", here[1]))
                assert peers.user_of(("127.0.0.1", mapped.getsockname()[1]), here) in ME
    assert peers.is_here("127.0.0.1")
    assert not peers.is_here("192.0.2.1")


def test_who_opens_tabs_again_and_again_waits() -> None:
    options = Options(host="", sessions=1, data=None, language="en", fixed=True, tells_token=False)
    server = Server(Door(port=1, header="X-User"), options)
    assert [server._no_place("anna") for _ in range(AT_ONCE)] == [None] * AT_ONCE
    assert server._no_place("anna") == OFTEN
    assert server._no_place("ben") is None


def test_what_is_no_http_fills_no_log() -> None:
    record = logging.makeLogRecord({"exc_info": (None, BadHttpMessage("x"), None)})
    assert not _is_ours(record)
    assert _is_ours(logging.makeLogRecord({"exc_info": (None, ValueError(), None)}))
