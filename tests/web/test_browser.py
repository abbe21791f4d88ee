"""bptutor in a real browser: the server, its proxy, the page, and the processes behind it."""

from __future__ import annotations

import asyncio
import re
from asyncio.subprocess import PIPE
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("textual_serve", reason="needs the extra `web`")

from aiohttp import ClientSession, WSMsgType, web

from bptutor.course.example import HEADING
from bptutor.service.lessons import LessonPlace
from tests.end_to_end.terminal import DEADLINE, ended, python
from tests.keys import key_label
from tests.web.chromium import PROGRAM, Browser, Tab

pytestmark = [
    pytest.mark.whole,
    pytest.mark.skipif(not PROGRAM, reason="needs Chromium, such as Debian's package chromium"),
]

MOST = 80_000_000
"""Bytes of memory that a learner may take beside the service."""


@asynccontextmanager
async def server(*options: str) -> AsyncIterator[tuple[str, int]]:
    """`bptutor serve` on a free port: its address, and its process."""
    command = python("-m", "bptutor", "serve", "--port", "0", *options)
    process = await asyncio.create_subprocess_exec(*command, stdout=PIPE)
    assert process.stdout
    try:
        async with asyncio.timeout(DEADLINE):
            said = (await process.stdout.readline()).decode()
        found = re.search(r"http://\S+", said)
        assert found, said
        yield found.group(), process.pid
    finally:
        process.terminate()
        async with asyncio.timeout(DEADLINE):
            assert await process.wait() == 0


def below(process: int) -> list[int]:
    """The processes that one has started, and what those have."""
    children: list[int] = []
    for task in Path(f"/proc/{process}/task").iterdir():
        children += map(int, (task / "children").read_text().split())
    return [found for child in children for found in (child, *below(child))]


def unshared(process: int) -> int:
    """Bytes of memory, pages that others share counted by their part."""
    rollup = Path(f"/proc/{process}/smaps_rollup").read_text()
    found = re.search(r"^Pss:\s+(\d+) kB", rollup, re.MULTILINE)
    assert found
    return int(found.group(1)) * 1024


def says(sentence: str) -> Callable[[str], bool]:
    """Does a sentence stand in the left panel, however its lines are broken?"""

    def holds(text: str) -> bool:
        left = [line.lstrip("│ ").partition("│")[0] for line in text.splitlines()]
        return sentence in " ".join(" ".join(left).split())

    return holds


CHECK, GO_ON = key_label("step", "check"), "Enter Continue"
EXAMPLE = HEADING.to("en")


async def begin(tab: Tab) -> None:
    """From the menu into the first lesson, to its first question, by keys alone."""
    await tab.until("One neuron")
    await tab.press("Enter")
    await tab.until("Enter Begin")
    await tab.until(lambda text: "TensorFlow is loading" not in text)
    await tab.press("Enter")
    await tab.until(lambda text: CHECK in text or EXAMPLE in text)
    await tab.quiet()
    while CHECK not in tab.text or EXAMPLE in tab.text:
        await tab.press("Enter")
        await tab.quiet()


async def test_a_lesson_is_played_resumed_and_left() -> None:
    async with server("--token") as (url, process), Browser() as browser:
        me = await browser.person()
        tab = await browser.open(url, me)
        await begin(tab)
        await tab.write("1.3")
        await tab.press("Enter")
        await tab.until("✗")
        await tab.press("Backspace")
        await tab.write("2")
        await tab.press("Enter")
        await tab.until(GO_ON)
        here = await tab.evaluate("location.host")
        assert tab.foreign == {here}
        assert not tab.complaints
        assert "token" not in await tab.evaluate("location.href")

        app, service = below(process)
        assert unshared(app) < MOST
        await tab.reload()
        assert await asyncio.to_thread(ended, app)
        assert await asyncio.to_thread(ended, service)
        await tab.until("One neuron")
        await tab.press("Enter")
        await tab.until(GO_ON)

        other = await browser.open(url, me)
        await other.until("One neuron")
        await other.press("Enter")
        await other.until(says(LessonPlace.twice.to("en")))

        await other.close()
        await tab.close()
        for one in below(process):
            assert await asyncio.to_thread(ended, one), one
        stranger = await browser.open(
            url.partition("?")[0] + "?token=wrong", await browser.person()
        )
        while "token" not in (said := await stranger.evaluate("document.body?.innerText") or ""):
            await asyncio.sleep(0.05)
        assert "wrong" in said
        assert not below(process)


@asynccontextmanager
async def proxy(to: str, login: str) -> AsyncIterator[str]:
    """A proxy that has authenticated somebody: it says so in a header, whatever the page sends."""
    async with ClientSession() as client:

        async def pass_on(request: web.Request) -> web.StreamResponse:
            headers = {name: request.headers[name] for name in ("Host",)} | {"X-User": login}
            if request.headers.get("Upgrade", "").lower() == "websocket":
                headers["Origin"] = request.headers["Origin"]
                here = web.WebSocketResponse()
                await here.prepare(request)
                async with client.ws_connect(f"{to}{request.path_qs}", headers=headers) as there:
                    ways = [
                        asyncio.create_task(pump(here, there)),
                        asyncio.create_task(pump(there, here)),
                    ]
                    await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
                    await here.close()
                await asyncio.wait(ways)
                return here
            async with client.get(f"{to}{request.path_qs}", headers=headers) as response:
                kept = {"Content-Type": response.headers["Content-Type"]}
                return web.Response(body=await response.read(), headers=kept)

        application = web.Application()
        application.router.add_get("/{path:.*}", pass_on)
        runner = web.AppRunner(application)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        try:
            yield f"http://127.0.0.1:{runner.addresses[0][1]}/"
        finally:
            await runner.cleanup()


async def pump(source: Any, target: Any) -> None:
    async for message in source:
        if message.type is WSMsgType.TEXT:
            await target.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await target.send_bytes(message.data)


async def test_two_learners_behind_a_proxy_do_not_see_each_other(tmp_path: Path) -> None:
    options = ("--user-header", "X-User", "--proxy", "127.0.0.1", "--data", str(tmp_path / "class"))
    async with (
        server(*options) as (url, process),
        proxy(url.rstrip("/"), "anna") as annas,
        proxy(url.rstrip("/"), "ben") as bens,
        Browser() as browser,
    ):
        anna = await browser.open(annas, await browser.person())
        await begin(anna)
        await anna.write("1.2")
        await anna.press("Enter")
        await anna.until(GO_ON)
        ben = await browser.open(bens, await browser.person())
        await begin(ben)
        assert "1.2" not in ben.text
        assert not says(LessonPlace.twice.to("en"))(ben.text)
        names = sorted(path.name.partition("-")[0] for path in (tmp_path / "class").iterdir())
        assert names == ["anna", "ben"]
        environments = [
            Path(f"/proc/{one}/environ").read_bytes().split(b"\0") for one in below(process)
        ]
        told = {
            each for one in environments for each in one if each.startswith(b"BPTUTOR_LEARNER=")
        }
        assert told == {b"BPTUTOR_LEARNER=anna", b"BPTUTOR_LEARNER=ben"}
        await anna.press("F10")
        while not await anna.evaluate("document.body.classList.contains('-closed')"):
            await asyncio.sleep(0.05)
    assert not list(tmp_path.glob("data/sittings/*")), "the server's own record"
