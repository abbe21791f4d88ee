"""Who is let in, and as whom: through real sockets, with a client that sends what it likes."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from ipaddress import ip_network
from pathlib import Path

import pytest

from bptutor.text import Message, UserError
from bptutor.web import admission, jupyter, peers
from bptutor.web.admission import Door, door

pytest.importorskip("textual_serve", reason="needs the extra `web`")

from aiohttp import ClientSession, CookieJar, WSMsgType, WSServerHandshakeError
from aiohttp.test_utils import TestServer

from bptutor.web.server import FULL, Options, Server

TOKEN = "a-token-of-some-length"
HERE = ip_network("127.0.0.0/8")
ME = frozenset({os.geteuid()})
SOMEBODY_ELSE = frozenset({os.geteuid() + 1})


@asynccontextmanager
async def served(rules: Door) -> AsyncIterator[tuple[ClientSession, str]]:
    """A server with no place for anybody: who gets so far as to be told so was admitted."""
    options = Options(
        host="127.0.0.1", sessions=0, data=None, language="en", fixed=True, tells_token=False
    )
    async with (
        TestServer(Server(rules, options).application()) as server,
        ClientSession(cookie_jar=CookieJar(unsafe=True)) as client,  # an address has cookies, too
    ):
        yield client, str(server.make_url("/")).rstrip("/")


async def page(client: ClientSession, url: str, **headers: str) -> tuple[int, str]:
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    async with client.get(url, headers=sent) as response:
        return response.status, await response.text()


async def tab(client: ClientSession, url: str, **headers: str) -> int | str:
    """What a websocket is told before it is closed; the status where there is none."""
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        async with client.ws_connect(f"{url}/ws", headers=sent) as socket:
            message = await socket.receive()
            assert message.type is WSMsgType.BINARY
            return str(message.data.decode())
    except WSServerHandshakeError as refused:
        return refused.status


FULL_SENTENCE = Message(FULL.text, count=0).to("en")


async def test_only_the_user_who_started_it_by_a_name_of_this_machine() -> None:
    async with served(Door(port=1, users=ME)) as (client, url):
        status, text = await page(client, url)
        assert status == 200
        assert "https://" not in text.replace("http://www.w3.org", "")
        assert await tab(client, url, Origin=url) == FULL_SENTENCE
        assert (await page(client, url, Host="localhost:9999"))[0] == 200
        for host in (
            "evil.example",
            "127.0.0.1.evil.example",
            "",
            "[",
            "localhost@evil.example:80",
        ):
            assert (await page(client, url, Host=host))[0] in (400, 403), host
    if peers.can_tell():
        async with served(Door(port=1, users=SOMEBODY_ELSE)) as (client, url):
            assert await page(client, url) == (403, f"{admission.OTHER_USER.text}\n")


@pytest.mark.skipif(not peers.can_tell(), reason="only Linux tells whose a connection is")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be another user")
async def test_another_user_of_this_machine_is_refused() -> None:
    async with served(Door(port=1, users=ME)) as (_, url):
        code = (
            "import encodings.idna, os, sys, urllib.request, urllib.error\n"
            "os.setuid(65534)\n"
            "try: print(urllib.request.urlopen(sys.argv[1]).status)\n"
            "except urllib.error.HTTPError as error: print(error.code)"
        )
        command = [sys.executable, "-c", code, url]
        done = await asyncio.to_thread(subprocess.check_output, command, text=True)
    assert done == "403\n"


async def test_a_token_opens_in_the_address_once_and_then_by_a_cookie() -> None:
    async with served(Door(port=1, token=TOKEN)) as (client, url):
        for wrong in ("", "?token=", "?token=x", f"?token={TOKEN[:-1]}", f"?token={TOKEN}x"):
            assert (await page(client, f"{url}/{wrong}"))[0] == 403, wrong
        assert await tab(client, url, Origin=url) == 403
        assert await tab(client, url, Origin=url, X_Bptutor_Token="ü" * 22) == 403
        async with client.get(f"{url}/?token={TOKEN}") as response:
            assert response.status == 200
            assert "token" not in str(response.url)
        assert (await page(client, url))[0] == 200
        assert await tab(client, url, Origin=url) == FULL_SENTENCE


async def test_a_page_of_another_site_cannot_open_a_tab() -> None:
    async with served(Door(port=1, token=TOKEN)) as (client, url):
        token = {"X-Bptutor-Token": TOKEN}
        port = url.rpartition(":")[2]
        for origin in (
            "https://evil.example",
            f"http://evil.example:{port}",
            f"http://127.0.0.1.evil.example:{port}",
            "http://127.0.0.1:1",
            "null",
            "",
        ):
            assert await tab(client, url, Origin=origin, **token) == 403, origin
        assert await tab(client, url, **token) == 403
        # As jupyter-server-proxy passes them on: the browser's own Host and Origin.
        assert (await page(client, f"{url}/?token=of-jupyter", **token))[0] == 200
        assert not [*client.cookie_jar], "Jupyter's users share their host's cookies"
        sent = {"Host": "hub.example", "Origin": "https://hub.example", **token}
        assert await tab(client, url, **sent) == FULL_SENTENCE


async def test_only_the_proxy_names_a_learner() -> None:
    rules: Callable[..., Door] = lambda **changed: Door(  # noqa: E731
        **{"port": 1, "header": "X-User", "proxies": (HERE,), "users": ME, **changed}
    )
    async with served(rules()) as (client, url):
        assert (await page(client, url, X_User="anna"))[0] == 200
        assert (await page(client, url))[0] == 403
        assert (await page(client, url, X_User="a\xa0\x85b"))[0] in (400, 403)
        assert (await page(client, url, X_User="a" * 101))[0] == 403
        twice = [("X-User", "anna"), ("X-User", "ben")]
        async with client.get(url, headers=twice) as response:
            assert response.status == 403
    async with served(rules(proxies=(ip_network("10.0.0.0/8"),))) as (client, url):
        assert await page(client, url, X_User="anna") == (403, f"{admission.NO_PROXY.text}\n")
        forwarded = {"X_User": "anna", "X_Forwarded_For": "10.0.0.1"}
        assert (await page(client, url, **forwarded))[0] == 403
    if peers.can_tell():
        async with served(rules(users=SOMEBODY_ELSE)) as (client, url):
            assert (await page(client, url, X_User="anna"))[0] == 403


def test_the_tile_of_jupyter_starts_a_server_that_takes_its_requests_only() -> None:
    tile = jupyter.tile()
    (token,) = set(tile["request_headers_override"].values()) & set(tile["environment"].values())
    rules = door(
        "127.0.0.1",
        1,
        token=False,
        header="",
        proxies=(),
        proxy_user="",
        environment=tile["environment"],
    )
    assert rules.token == token
    assert Path(tile["launcher_entry"]["icon_path"]).exists()
    with pytest.raises(UserError):
        door(
            "127.0.0.1",
            1,
            token=False,
            header="",
            proxies=(),
            proxy_user="",
            environment={admission.TOKEN_VARIABLE: "short"},
        )
