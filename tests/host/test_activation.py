"""A host that is started with a socket, as systemd starts it when the first learner connects."""

from __future__ import annotations

import asyncio
import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from bptutor import __version__
from bptutor.host.sockets import FIRST
from bptutor.service import wire
from bptutor.service.host_connection import HostConnection
from bptutor.service.process import child_environment
from bptutor.service.protocol import Hello
from bptutor.views.lesson import Lessons
from tests.host.conftest import short_folder
from tests.host.real import RealHost, children

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


async def test_who_connects_before_the_host_is_there_is_served_and_after_it_ended(
    folder: Path,
) -> None:
    host = Activated(folder)
    try:
        assert (await menu_at(host.socket)).items
        accepting = host.accepting
        host.kill()
        os.kill(accepting, signal.SIGKILL)
        waiting = asyncio.create_task(menu_at(host.socket))
        host.start()
        assert (await waiting).items
        assert host.end() == 0
    finally:
        host.process.kill()
        host.listener.close()


@pytest.mark.whole
@pytest.mark.skipif(
    not shutil.which("systemd-socket-activate"), reason="systemd-socket-activate is not installed"
)
async def test_systemds_own_program_starts_it(folder: Path) -> None:
    path, state = folder / "class.sock", folder / "state"
    state.mkdir(mode=0o700)
    environment = {**child_environment(), "STATE_DIRECTORY": str(state)}
    command = [sys.executable, "-P", "-m", "bptutor", "class", "serve"]
    command += ["--user", "root"] if os.getuid() == 0 else []
    with (folder / "host.log").open("wb") as log:
        starting = subprocess.Popen(
            ["systemd-socket-activate", "-l", str(path)]
            + [f"--setenv={name}={value}" for name, value in environment.items()]
            + command,
            stdin=subprocess.DEVNULL,
            stderr=log,
        )
    try:
        assert (await menu_at(str(path))).items, (folder / "host.log").read_text()
        assert children(starting.pid)
    finally:
        starting.terminate()
        assert starting.wait() == 0
