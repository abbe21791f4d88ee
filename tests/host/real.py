"""The real host, `bptutor class serve`, over a folder of the test's own."""

from __future__ import annotations

import os
import pwd
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bptutor.service.child import child_environment

ROOT = Path(__file__).parents[2]
STARTS_WITHIN = 120.0
PROGRAM = (sys.executable, "-P", "-m", "bptutor")


class RealHost:
    def __init__(
        self,
        folder: Path,
        *options: str,
        teachers: str = "",
        user: str = "root",
        program: Sequence[str] = PROGRAM,
    ) -> None:
        self.socket = str(folder / "class.sock")
        self.state = folder / "state"
        self.state.mkdir(mode=0o700, exist_ok=True)
        self.log = folder / "host.log"
        if user != "root":
            os.chown(self.state, pwd.getpwnam(user).pw_uid, -1)
        become = ["--user", user] if os.getuid() == 0 else []
        group = ["--teachers", teachers] if teachers else []
        self._command = [*program, "class", "serve"]
        self._command += ["--socket", self.socket, *become, *group, *options]
        self.start()

    def start(self, given: Sequence[int] = (), **more: str) -> None:
        """With these descriptors and variables besides."""
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self._command,
                env={**child_environment(), "STATE_DIRECTORY": str(self.state), **more},
                pass_fds=given,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )

    def wait(self) -> None:
        """Until it has loaded TensorFlow; whoever connects before waits, too."""
        deadline = time.monotonic() + STARTS_WITHIN
        while b"is ready" not in self.log.read_bytes():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < deadline
            os.sched_yield()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self) -> int:
        self.process.terminate()
        return self.process.wait()

    @property
    def accepting(self) -> int:
        """The process that accepts, which the first one keeps."""
        return children(self.process.pid)[0]

    @property
    def processes(self) -> list[int]:
        """The clerk and the services."""
        return children(self.accepting)


def children(process: int) -> list[int]:
    path = Path(f"/proc/{process}/task/{process}/children")
    return [int(each) for each in path.read_text().split()]


@contextmanager
def real_host(
    folder: Path,
    *options: str,
    teachers: str = "",
    user: str = "root",
    program: Sequence[str] = PROGRAM,
) -> Iterator[RealHost]:
    host = RealHost(folder, *options, teachers=teachers, user=user, program=program)
    try:
        yield host
    finally:
        host.end()
