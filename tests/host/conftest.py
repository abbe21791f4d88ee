"""Class hosts in processes of their own, each with a socket in a folder that all may enter."""

from __future__ import annotations

import grp
import os
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest

from bptutor.service.child import child_environment
from tests.host import fake_host
from tests.host.real import RealHost, real_host


class RunningHost:
    """A host that may be killed and started again."""

    def __init__(self, path: Path, idle: float, web: bool) -> None:
        """`web`: it takes whoever runs the tests for a web server."""
        self.path = str(path)
        self.log = path.with_suffix(".log")
        self._options = [str(idle), *(["web"] if web else [])]
        self.start()

    def start(self) -> None:
        root = Path(__file__).parents[2]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, "-P", fake_host.__file__, self.path, *self._options],
                env={**child_environment(), "PYTHONPATH": str(root)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
            )
        assert self.process.stdout
        self.process.stdout.readline()  # it listens, or has ended

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self) -> int:
        """Its exit status after SIGTERM."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait()

    @property
    def services(self) -> list[int]:
        """The process ids of the services that it has now."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        return [int(each) for each in children.read_text().split()]


@contextmanager
def short_folder() -> Iterator[Path]:
    """A short path (a socket's may have 107 bytes) that every user may enter."""
    folder = Path(tempfile.mkdtemp(prefix="bpt-", dir="/tmp"))
    folder.chmod(0o755)
    try:
        yield folder
    finally:
        shutil.rmtree(folder)


@pytest.fixture
def run_host() -> Iterator[Callable[..., RunningHost]]:
    with short_folder() as folder:
        hosts: list[RunningHost] = []

        def run(idle: float = 60.0, web: bool = False) -> RunningHost:
            hosts.append(RunningHost(folder / f"{len(hosts)}.sock", idle, web))
            return hosts[-1]

        try:
            yield run
        finally:
            for host in hosts:
                for process in host.services if host.process.poll() is None else ():
                    with suppress(ProcessLookupError):
                        os.kill(process, signal.SIGKILL)
                host.kill()


@pytest.fixture
def host(run_host: Callable[..., RunningHost]) -> RunningHost:
    return run_host()


@pytest.fixture(scope="session")
def real() -> Iterator[RealHost]:
    """One real host for all tests that need no other; whoever runs them is a teacher there."""
    mine = grp.getgrgid(os.getgid()).gr_name
    with short_folder() as folder, real_host(folder, teachers=mine) as host:
        host.wait()
        yield host
