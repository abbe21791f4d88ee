"""Starting, killing and looking at a host with scripted learners."""

from __future__ import annotations

import os
import pwd
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from bptutor.service.child import child_environment
from tools.classroom import hosted

ROOT = Path(__file__).parents[2]
MB = 1_000_000
STARTS_WITHIN = 120.0


class Running:
    """A host; `machine` tells it from another one over the same database."""

    def __init__(self, folder: Path, machine: str = "one", database: str = "") -> None:
        self.socket = str(folder / f"{machine}.sock")
        self._database = database
        self._state = folder / machine
        self._state.mkdir(mode=0o700)
        os.chown(self._state, pwd.getpwnam(hosted.USER).pw_uid, -1)
        self.log = folder / f"{machine}.log"
        self.database = database or f"sqlite:///{self._state / 'class.sqlite'}"
        self.start()

    def start(self) -> None:
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-P", hosted.__file__, self.socket, str(self._state)]
                + ([self._database] if self._database else []),
                env={**child_environment(), "PYTHONPATH": str(ROOT)},
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
        self.lines = self.log.read_bytes().count(b"is ready")

    def wait(self) -> float:
        """Until it is ready; the seconds that took."""
        began = time.monotonic()
        while self.log.read_bytes().count(b"is ready") <= self.lines:
            if self.process.poll() is not None or time.monotonic() > began + STARTS_WITHIN:
                sys.exit(f"the host does not start:\n{self.log.read_text()}")
            time.sleep(0.02)
        return time.monotonic() - began

    @property
    def accepting(self) -> list[int]:
        """The process that accepts, which the first one keeps; none for a moment."""
        return children(self.process.pid)

    @property
    def services(self) -> list[int]:
        """All that has been forked for learners, and the clerk, of killed hosts, too."""
        hosts = {self.process.pid, *self.accepting}
        return [each for each in _running(self.socket) if each not in hosts]

    def kill(self, *, keeper: bool, services: bool) -> None:
        """SIGKILL to the process that accepts, to the first one, and to what was forked."""
        victims = [*self.accepting, *(self.services if services else [])]
        if keeper:
            self.process.kill()
        for victim in victims:
            with suppress(ProcessLookupError):
                os.kill(victim, signal.SIGKILL)
        if keeper:
            self.process.wait()

    def end(self) -> None:
        self.process.terminate()
        self.process.wait()


@contextmanager
def running(folder: Path, machine: str = "one", database: str = "") -> Iterator[Running]:
    host = Running(folder, machine, database)
    try:
        host.wait()
        yield host
    finally:
        host.end()


def _running(socket: str) -> list[int]:
    """The processes that were started with this socket, or forked from such."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if socket.encode() in (folder / "cmdline").read_bytes().split(b"\0"):
                found.append(int(folder.name))
    return found


def children(process: int) -> list[int]:
    with suppress(OSError):
        path = Path(f"/proc/{process}/task/{process}/children")
        return [int(each) for each in path.read_text().split()]
    return []


def memory(process: int) -> tuple[float, float]:
    """Of a process, in MB: what is its own, and its share of all (PSS)."""
    own = share = 0
    for line in Path(f"/proc/{process}/smaps_rollup").read_text().splitlines():
        name, _, rest = line.partition(":")
        if name in ("Private_Clean", "Private_Dirty"):
            own += int(rest.split()[0])
        elif name == "Pss":
            share = int(rest.split()[0])
    return own * 1024 / MB, share * 1024 / MB


def processor(process: int) -> float:
    """The seconds of processor time that a process has taken."""
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
