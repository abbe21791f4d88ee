"""A class host with the tests' tutor instead of the real one, so that it starts at once.

`python fake_host.py SOCKET [IDLE]`: a client without a hello has a second, an idle one IDLE.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import socket
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

from bptutor import budget
from bptutor.host import child
from bptutor.host.loop import Host
from bptutor.host.sockets import listener
from bptutor.service.engine import EngineThread
from bptutor.service.protocol import Event, Tutor
from bptutor.service.server import Patience, serve
from tests.service.fake_service import FakeTutor


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


def make(engine: EngineThread, tell: Callable[[Event], None], identity: str) -> Tutor:
    tutor: Any = HostedTutor(engine, tell, identity)
    found: Tutor = tutor
    return found


def main(path: str, idle: float) -> None:
    logging.basicConfig(level=logging.INFO)
    budget.SECONDS, budget.LOADING = 1, 0

    def attend(client: socket.socket, user: int) -> NoReturn:
        child.protect()
        patience = Patience(hello=1.0, idle=idle, pace=500.0)
        engine = EngineThread(lambda: "2.21-fake")
        asyncio.run(
            serve(client, child.visitor(user).login, engine, make, budget.renew, None, patience)
        )
        os._exit(0)

    host = Host(listener(path, os.environ), attend)
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    host.run()


if __name__ == "__main__":
    main(sys.argv[1], float(sys.argv[2]) if len(sys.argv) > 2 else 60.0)
    Path(sys.argv[1]).unlink(missing_ok=True)
