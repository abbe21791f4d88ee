"""A web server at the class host: for whom it connects, and who may not connect for anybody."""

from __future__ import annotations

import asyncio
import os
import pwd
from collections.abc import Callable
from contextlib import AsyncExitStack

import pytest

from bptutor.doctor import host as doctor
from bptutor.host.loop import AT_ONCE, MOST_EACH
from bptutor.host.visitor import LONGEST
from bptutor.service import wire
from bptutor.service.host_connection import WEB_LEARNER
from bptutor.service.process import ServiceLost
from tests.host.conftest import RunningHost
from tests.host.test_connections import HELLO, Raw, connected


@pytest.fixture
def web_host(run_host: Callable[..., RunningHost]) -> RunningHost:
    return run_host(web=True)


def naming(*logins: object) -> bytes:
    return wire.frame((0, wire.SPEAKS_FOR, logins), wire.LONGEST_REQUEST)


GREETING = wire.frame((1, "hello", (HELLO,)), wire.LONGEST_REQUEST)


async def told(host: RunningHost, *sent: bytes) -> str:
    """Why the host closes a connection on which this comes."""

    def say() -> str:
        with Raw(host) as raw:
            for each in sent:
                raw.socket.sendall(each)
            return raw.farewell()

    return await asyncio.to_thread(say)


async def test_each_learner_is_who_the_web_server_names(
    web_host: RunningHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More of them than one user may have windows; a login of digits is no user id."""
    async with AsyncExitStack() as stack:
        for login in ("anna", "ben", "1000") * (MOST_EACH // 2):
            monkeypatch.setenv(WEB_LEARNER, login)
            one = await stack.enter_async_context(connected(web_host))
            assert (await one.who())[1] == login
    monkeypatch.setenv(WEB_LEARNER, "anna")
    for _ in range(AT_ONCE):
        async with connected(web_host):
            pass


STRANGERS = (
    *("root", "Anna", "anna ", "anna\n", "", "0", "ann\u0430", "anna\0", "a" * 400),
    pwd.getpwuid(os.getuid()).pw_name,
)
NAMELESS = (
    GREETING,
    naming(),
    naming("anna", "ben"),
    naming(["anna"]),
    naming(0),
    naming("a" * LONGEST),
    b"\xff\xff\xff\xff" + b"x" * 65536,
    b"\x00\x00\x00\x03abc",
    b"\x00\x00\x00\x00",
)


async def test_a_web_server_that_names_nobody_on_the_roster_is_told(web_host: RunningHost) -> None:
    for login in STRANGERS:
        assert await told(web_host, naming(login), GREETING) == "unlisted", login
    for sent in NAMELESS:
        assert await told(web_host, sent) == "unnamed", sent[:40]
    assert await told(web_host, naming("anna")[:9]) == "silent"
    assert await told(web_host, naming("anna")) == "silent"
    assert await told(web_host, naming("anna"), naming("ben")) == "another"
    assert await told(web_host, naming("anna"), GREETING, naming("ben")) == "another"
    found = await asyncio.to_thread(doctor.host, web_host.path, "ko")
    assert found.state == "speaks"
    assert list(doctor.host_findings(found)) == []


async def test_any_other_user_connects_for_nobody_else(
    host: RunningHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert await told(host, naming("anna"), GREETING) == "another"
    for login in ("anna", "\udcff", pwd.getpwuid(os.getuid()).pw_name):
        monkeypatch.setenv(WEB_LEARNER, login)
        with pytest.raises(ServiceLost, match=r"docs/web\.md"):
            async with connected(host):
                pass
