"""What is typed, line by line, waited for in the loop."""

from __future__ import annotations

import asyncio
import os

AT_ONCE = 65_536
LONGEST = 8_000_000
"""Bytes after which a line without an end is taken as it is."""


class Lines:
    """The lines of a terminal, a pipe or a file; reading them keeps nothing else waiting."""

    def __init__(self, descriptor: int | None, encoding: str = "utf-8") -> None:
        """Lines from an open descriptor; from None, which is a closed one, there are none."""
        self._descriptor = descriptor
        self._encoding = encoding
        self._bytes = b""
        self._over = descriptor is None

    async def next(self) -> str | None:
        """The next line without its end; None once there is no more."""
        line = await self.following()
        _, _, self._bytes = self._bytes.partition(b"\n")
        return line

    async def following(self) -> str | None:
        """The same, which stays the next one."""
        while b"\n" not in self._bytes and len(self._bytes) < LONGEST and not self._over:
            await self._read()
        if not self._bytes:
            return None
        line, _, _ = self._bytes.partition(b"\n")
        return line.decode(self._encoding, "replace").lstrip("\ufeff").rstrip("\r")

    async def _read(self) -> None:
        assert self._descriptor is not None
        await _readable(self._descriptor)
        try:
            got = os.read(self._descriptor, AT_ONCE)
        except BlockingIOError:  # another reader of the same pipe was quicker
            return
        except OSError:  # the terminal is gone
            got = b""
        self._bytes += got
        self._over = not got


async def _readable(descriptor: int) -> None:
    """Wait until there is something to read; in a file there always is."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    try:
        loop.add_reader(descriptor, ready.set)
    except PermissionError:  # what Linux says of a file
        return
    try:
        await ready.wait()
    finally:
        loop.remove_reader(descriptor)
