"""One tab: an app in a process of its own, between the packets of its pipes and a websocket."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from pathlib import Path

from textual_serve.app_service import AppService
from textual_serve.download_manager import DownloadManager

import bptutor
from bptutor.service.child import FOLDER
from bptutor.service.log import open_log
from bptutor.tui import READY

COMMAND = (sys.executable, "-P", str(Path(bptutor.__file__).absolute().with_name("__main__.py")))
SETTLING = 0.1  # seconds between two sizes that an app is told
TELLING = 1.0
"""Seconds that an app may take to hear that its page is gone."""
LEAVING = 12.0
"""Seconds that it has to end; it ends itself by force a little earlier."""


class Session(AppService):
    def __init__(
        self,
        environment: Mapping[str, str],
        send: Callable[[bytes], Awaitable[None]],
        close: Callable[[], Awaitable[object]],
    ) -> None:
        """An app with this environment; `send` and `close` reach its page."""
        super().__init__(
            "",
            write_bytes=send,
            write_str=_unsaid,
            close=close,  # type: ignore[arg-type]
            download_manager=DownloadManager(),
        )
        self._environment = environment
        self._size = 0, 0
        self._settling: asyncio.TimerHandle | None = None

    async def _open_app_process(self, width: int = 80, height: int = 24) -> Process:
        log = open_log()
        try:
            self._process = await asyncio.create_subprocess_exec(
                *COMMAND,
                stdin=PIPE,
                stdout=PIPE,
                stderr=log,
                env={**self._environment, "COLUMNS": str(width), "ROWS": str(height)},
                cwd=FOLDER,
                start_new_session=True,  # the server's Ctrl+C is not for it
            )
        finally:
            os.close(log)
        self._stdin = self._process.stdin
        return self._process

    async def set_terminal_size(self, width: int, height: int) -> None:
        """Have the app told; a page may change its size all the time, and each is a whole frame."""
        self._size = width, height
        if self._settling is None:
            loop = asyncio.get_running_loop()
            self._settling = loop.call_later(SETTLING, self._tell_size)

    def _tell_size(self) -> None:
        self._settling = None
        if self._process is not None:
            width, height = self._size
            told = json.dumps({"type": "resize", "width": width, "height": height})
            self.stdin.write(self.encode_packet(b"M", told.encode()))

    async def run(self) -> None:
        """Pass on what the app draws, until it ends; then the page is told."""
        if self._process is None or self._process.stdout is None:
            return
        drawn = self._process.stdout
        with suppress(asyncio.IncompleteReadError):
            await drawn.readuntil(READY)
            while True:
                kind, size = await drawn.readexactly(1), await drawn.readexactly(4)
                content = await drawn.readexactly(int.from_bytes(size, "big"))
                if kind == b"D":
                    with suppress(ConnectionError, RuntimeError):  # a page that is gone
                        await self.remote_write_bytes(content)
        await self.remote_close()

    async def stop(self) -> None:
        """Have the app keep what is typed and end; end it where it does not."""
        process, self._process = self._process, None
        if process is None:
            return
        with suppress(asyncio.TimeoutError):
            await asyncio.wait_for(self.send_meta({"type": "quit"}), TELLING)
        self.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), LEAVING)
        except TimeoutError:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
        if self._task is not None:
            await self._task


async def _unsaid(_: str) -> None:
    """The app has nothing to tell a page but what it draws."""
