"""The forked service: it limits itself, finds out who has connected, and serves them."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import logging
import os
import socket
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import NoReturn, Protocol

from bptutor import budget
from bptutor.engine.runtime import tensorflow
from bptutor.host.visitor import TurnedAway, UnknownUser, Visitor, spoken_for, turn_away, visitor
from bptutor.lesson.content import Sent, read_only_sent
from bptutor.lesson.find import folders
from bptutor.service.desk import TeachersDesk
from bptutor.service.engine import EngineThread
from bptutor.service.log import log_is_the_hosts
from bptutor.service.protocol import Event, Tutor
from bptutor.service.server import Patience, end_with, serve

MEMORY = 1024**3
"""Bytes of data: half of what a learner's own service has, since many are on one machine."""
NICE = 5
"""Before everything of the learners' own sessions, so that a terminal stays quick."""
EXPENDABLE = 500
"""Added to what the kernel goes by where memory is short: a service ends before the host does."""
HELLO_SECONDS = 10.0
PACE = 20.0
"""Requests in a second. Who types makes two: a draft every half second, and answers."""
DUMPABLE, NO_NEW_PRIVILEGES = 4, 38
"""PR_SET_DUMPABLE and PR_SET_NO_NEW_PRIVS of <linux/prctl.h>."""

_log = logging.getLogger(__name__)


class Attending(Protocol):
    """What answers a visitor."""

    def is_listed(self, login: str, /) -> bool:
        """Is this login on the roster? Raises UserError: it cannot be read."""

    def come(self, who: Visitor, engine: EngineThread) -> None:
        """They are there; before anything else is called."""

    def tutor(
        self, engine: EngineThread, tell: Callable[[Event], None], identity: str, /
    ) -> Tutor: ...

    def desk(self) -> TeachersDesk | None:
        """What a teacher may ask; None for everybody else."""

    def renew(self, more: int, /) -> None:
        """A request begins, or has ended."""

    def go(self) -> None:
        """They are gone."""


def attend(
    client: socket.socket, user: int, attending: Attending, idle_seconds: float, speaks: bool
) -> NoReturn:
    """Serve a user until they are gone, in a process that was forked for that.

    Args:
        client: their connection.
        user: their id, from the kernel.
        attending: answers them.
        idle_seconds: how long the service stays where nothing is asked; 0 for ever.
        speaks: do they connect for a learner, as a web server does?
    """
    status = 1
    try:
        log_is_the_hosts()
        protect()
        gc.enable()
        read_only_sent(Sent(folders()))
        Thread(target=end_with, args=(client.fileno(),), daemon=True).start()
        who = spoken_for(client, attending.is_listed, HELLO_SECONDS) if speaks else visitor(user)
        engine = EngineThread(lambda: str(tensorflow().__version__))
        attending.come(who, engine)
        patience = Patience(HELLO_SECONDS, idle_seconds or None, PACE)
        serving = (attending.tutor, attending.renew, attending.desk(), patience)
        asyncio.run(serve(client, who.login, engine, *serving))
        attending.go()
        status = 0
    except TurnedAway as turned:
        _log.warning("User %d speaks for nobody: %s.", user, turned)
        turn_away(client, turned.why)
        status = 0
    except UnknownUser:
        _log.warning("User %d has no login name.", user)
    except BaseException:
        _log.critical("The service of user %d ends with an error.", user, exc_info=True)
    finally:
        os._exit(status)


def protect() -> None:
    """Memory, priority, and nothing for other services to look into."""
    budget.limit_memory(MEMORY)
    with suppress(OSError):
        os.nice(NICE)
    with suppress(OSError):
        Path("/proc/self/oom_score_adj").write_text(f"{EXPENDABLE}")
    call = ctypes.CDLL(None).prctl
    call(NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    call(DUMPABLE, 0, 0, 0, 0)
