"""A host that is started with a socket, as systemd starts it when the first learner connects."""

from __future__ import annotations

import socket
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bptutor import __version__
from bptutor.host.sockets import FIRST
from bptutor.service import wire
from bptutor.service.host_connection import HostConnection
from bptutor.service.protocol import Hello
from bptutor.views.lesson import Lessons
from tests.host.conftest import short_folder
from tests.host.real import RealHost

HELLO = Hello(__version__, "en", "unicode")
AS_SYSTEMD = f'exec {FIRST}<&"$SOCKET"; LISTEN_PID=$$ exec "$0" "$@"'


class Activated(RealHost):
    """Its socket is there before it and after it."""

    def __init__(self, folder: Path) -> None:
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(folder / "class.sock"))
        (folder / "class.sock").chmod(0o666)
        self.listener.listen()
        super().__init__(folder)

    def start(self, given: Sequence[int] = (), **more: str) -> None:
        own, plain = self.listener.fileno(), self._command
        self._command = ["bash", "-c", AS_SYSTEMD, *plain]
        super().start([*given, own], SOCKET=f"{own}", LISTEN_FDS="1", **more)
        self._command = plain


async def menu_at(path: str) -> Lessons:
    connection = HostConnection(path, lambda event: None)
    await connection.start(HELLO)
    try:
        return await wire.caller(connection.call).menu()
    finally:
        await connection.stop()


@pytest.fixture
def folder() -> Iterator[Path]:
    with short_folder() as made:
        yield made


@pytest.mark.whole
async def test_who_connects_before_the_host_is_there_is_served(folder: Path) -> None:
    host = Activated(folder)
    try:
        assert (await menu_at(host.socket)).items
        assert host.end() == 0
    finally:
        host.process.kill()
        host.listener.close()
