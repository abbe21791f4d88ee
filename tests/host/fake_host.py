"""A class host with the tests' tutor instead of the real one, so that it starts at once.

`python fake_host.py SOCKET IDLE [web]`: a client without a hello has a second, an idle one IDLE.
With `web`, whoever starts it may connect for `LISTED`.
"""

from __future__ import annotations

import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

from bptutor import budget
from bptutor.host import child
from bptutor.host.loop import Host
from bptutor.host.sockets import listener
from bptutor.service.desk import TeachersDesk
from bptutor.service.engine import EngineThread
from bptutor.service.protocol import Event, Tutor
from tests.service.fake_service import FakeTutor

LISTED = ("anna", "ben", "1000")


class HostedTutor(FakeTutor):
    """Tells which process it is, and who is served."""

    async def split(self, text: str, row: int | None = None) -> list[str]:
        if text == "who":
            return [str(os.getpid()), self.identity, *filter(_is_open, map(str, range(64)))]
        if text == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        return await super().split(text, row)


def _is_open(descriptor: str) -> bool:
    try:
        os.fstat(int(descriptor))
    except OSError:
        return False
    return True


class Attending:
    """A tutor for everybody, and a desk for nobody."""

    def is_listed(self, login: str, /) -> bool:
        return login in LISTED

    def tutor(self, engine: EngineThread, tell: Callable[[Event], None], identity: str, /) -> Tutor:
        tutor: Any = HostedTutor(engine, tell, identity)
        found: Tutor = tutor
        return found

    def desk(self) -> TeachersDesk | None:
        return None

    def renew(self, more: int, /) -> None:
        budget.renew(more)

    def come(self, *_: object) -> None: ...

    def go(self) -> None: ...


def main(path: str, idle: float, speakers: frozenset[int]) -> None:
    logging.basicConfig(level=logging.INFO)
    budget.SECONDS, budget.LOADING = 1, 0
    child.HELLO_SECONDS, child.PACE = 1.0, 500.0
    setattr(child, "tensorflow", lambda: SimpleNamespace(__version__="2.21-fake"))  # noqa: B010

    def attend(client: socket.socket, user: int) -> NoReturn:
        child.attend(client, user, Attending(), idle, user in speakers)

    host = Host(listener(path, os.environ), attend, speakers=speakers)
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    host.run()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]), frozenset([os.getuid()] if "web" in sys.argv[3:] else []))
    Path(sys.argv[1]).unlink(missing_ok=True)
