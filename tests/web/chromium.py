"""A headless Chromium, driven over its DevTools protocol; tests skip where there is none.

What a tab has received is drawn on a screen that can be read: xterm.js draws on a canvas.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import shutil
import tempfile
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Callable
from contextlib import suppress
from itertools import count
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import pyte
from aiohttp import ClientSession

from tests.end_to_end.terminal import DEADLINE, Page, ScreenTimeoutError

PROGRAM = next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), ""
)
SWITCHES = (
    "--headless=new",
    "--no-sandbox",  # the tests may run as root
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--no-first-run",
    "--remote-debugging-port=0",
    "--window-size=1000,700",
)
CODES = {"Enter": 13, "Tab": 9, "Escape": 27, "Backspace": 8, "F2": 113, "F10": 121}
TEXTS = {"Enter": "\r"}
SIGNS = {".": 190, "-": 189}
STARTED = b"DevTools listening on "


class Browser:
    async def __aenter__(self) -> Self:
        self._folder = tempfile.mkdtemp()
        self._process = await asyncio.create_subprocess_exec(
            *(PROGRAM, *SWITCHES, f"--user-data-dir={self._folder}", "about:blank"),
            stdin=DEVNULL,
            stdout=DEVNULL,
            stderr=PIPE,
            env={**os.environ, "HOME": self._folder},
            start_new_session=True,
        )
        assert self._process.stderr
        async with asyncio.timeout(DEADLINE):
            while not (line := await self._process.stderr.readline()).startswith(STARTED):
                assert line, "Chromium has ended"
        self._http = ClientSession()
        address = line.removeprefix(STARTED).decode().strip()
        self._socket = await self._http.ws_connect(address, max_msg_size=0)
        self._numbers = count(1)
        self._waiting: dict[int, asyncio.Future[Any]] = {}
        self._tabs: dict[str, Tab] = {}
        self._tasks = [asyncio.create_task(self._listen()), asyncio.create_task(self._drain())]
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        for task in self._tasks:
            task.cancel()
        await self._http.close()
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, 9)
        await self._process.wait()
        shutil.rmtree(self._folder, ignore_errors=True)

    async def person(self) -> str:
        """Somebody with cookies of their own."""
        made = await self.call("Target.createBrowserContext")
        return str(made["browserContextId"])

    async def open(self, url: str, person: str) -> Tab:
        target = {"url": "about:blank", "browserContextId": person}
        made = await self.call("Target.createTarget", **target)
        found = {"targetId": made["targetId"], "flatten": True}
        session = (await self.call("Target.attachToTarget", **found))["sessionId"]
        tab = self._tabs[session] = Tab(self, session, made["targetId"])
        await tab.call("Network.enable")
        await tab.call("Page.enable")
        await tab.call("Runtime.enable")
        await tab.call("Page.navigate", url=url)
        return tab

    async def call(self, method: str, session: str = "", **parameters: Any) -> Any:
        number = next(self._numbers)
        message = {"id": number, "method": method, "params": parameters}
        if session:
            message["sessionId"] = session
        self._waiting[number] = asyncio.get_running_loop().create_future()
        await self._socket.send_json(message)
        try:
            async with asyncio.timeout(DEADLINE):
                return await self._waiting[number]
        finally:
            del self._waiting[number]

    async def _listen(self) -> None:
        async for message in self._socket:
            told = json.loads(message.data)
            if waits := self._waiting.get(told.get("id", 0)):
                if "error" in told:
                    waits.set_exception(AssertionError(told["error"]["message"]))
                else:
                    waits.set_result(told["result"])
            elif tab := self._tabs.get(told.get("sessionId", "")):
                tab.hear(told["method"], told["params"])

    async def _drain(self) -> None:
        assert self._process.stderr
        while await self._process.stderr.read(65536):
            pass


class Tab:
    """A page with bptutor on it."""

    def __init__(self, browser: Browser, session: str, target: str) -> None:
        self._browser, self._session, self._target = browser, session, target
        self._heard = asyncio.Event()
        self._screen = Page(80, 24)
        self.bytes = 0
        self.foreign: set[str] = set()
        """Hosts from which something was loaded."""
        self.complaints: list[str] = []
        """What the page's scripts and its policy complained of."""

    async def call(self, method: str, **parameters: Any) -> Any:
        return await self._browser.call(method, self._session, **parameters)

    def hear(self, event: str, told: dict[str, Any]) -> None:
        match event:
            case "Network.requestWillBeSent":
                self.foreign.add(urlsplit(told["request"]["url"]).netloc)
            case "Network.webSocketCreated":
                shape = parse_qs(urlsplit(told["url"]).query)
                self._screen = Page(int(shape["width"][0]), int(shape["height"][0]))
                self._stream = pyte.ByteStream(self._screen)
                self.bytes = 0
            case "Network.webSocketFrameSent":
                sent = json.loads(told["response"]["payloadData"])
                if sent[0] == "resize":
                    self._screen.resize(sent[1]["height"], sent[1]["width"])
            case "Network.webSocketFrameReceived" if told["response"]["opcode"] == 2:
                drawn = base64.b64decode(told["response"]["payloadData"])
                self.bytes += len(drawn)
                self._stream.feed(drawn)
            case "Runtime.exceptionThrown":
                self.complaints.append(told["exceptionDetails"]["text"])
            case "Runtime.consoleAPICalled" if told["type"] == "error":
                self.complaints.append(str(told["args"]))
        self._heard.set()

    @property
    def text(self) -> str:
        return "\n".join(line.rstrip() for line in self._screen.display)

    async def until(self, wanted: str | Callable[[str], bool]) -> str:
        """Wait until a text is on the screen, or it is as wanted; the screen."""
        try:
            async with asyncio.timeout(DEADLINE):
                while not (wanted in self.text if isinstance(wanted, str) else wanted(self.text)):
                    self._heard.clear()
                    await self._heard.wait()
        except TimeoutError:
            raise ScreenTimeoutError(f"{wanted!r} is not on\n{self.text}") from None
        return self.text

    async def quiet(self, seconds: float = 0.5) -> None:
        """Wait until nothing has come for so long: a screen may come in pieces."""
        with suppress(TimeoutError):
            while True:
                self._heard.clear()
                await asyncio.wait_for(self._heard.wait(), seconds)

    async def press(self, key: str) -> None:
        code = {"key": key, "code": key, "windowsVirtualKeyCode": CODES[key]}
        text = {"text": TEXTS[key]} if key in TEXTS else {}
        await self.call("Input.dispatchKeyEvent", type="keyDown", **code, **text)
        await self.call("Input.dispatchKeyEvent", type="keyUp", **code)

    async def write(self, text: str) -> None:
        for character in text:
            key = {
                "key": character,
                "windowsVirtualKeyCode": SIGNS.get(character, ord(character.upper())),
            }
            await self.call("Input.dispatchKeyEvent", type="keyDown", text=character, **key)
            await self.call("Input.dispatchKeyEvent", type="keyUp", **key)

    async def evaluate(self, script: str) -> Any:
        return (await self.call("Runtime.evaluate", expression=script))["result"].get("value")

    async def reload(self) -> None:
        self._screen.reset()
        await self.call("Page.reload")

    async def close(self) -> None:
        await self._browser.call("Target.closeTarget", targetId=self._target)

    async def picture(self) -> bytes:
        """As PNG."""
        return base64.b64decode((await self.call("Page.captureScreenshot"))["data"])
