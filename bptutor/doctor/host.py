"""The class host: is it there, and does it serve this user?"""

import asyncio
import time
from collections.abc import Iterator
from typing import Literal

from msgspec import Struct

from bptutor import __version__
from bptutor.doctor import Finding
from bptutor.service.host_connection import HostAway, HostConnection
from bptutor.service.process import ServiceLost, Unnamed
from bptutor.service.protocol import Hello
from bptutor.text import Message

SLOW = 5.0  # seconds until its first reply after which a host is called slow


class Host(Struct, frozen=True):
    """The host that is configured, as this user meets it."""

    path: str
    state: Literal["none", "ready", "speaks", "away", "refused"]
    """speaks: it lets this user connect for learners. refused: it does not serve this user."""
    seconds: float | None = None  # until its first reply
    why: str | None = None


def host(path: str, language: str) -> Host:
    """Connect, greet, and go."""
    return asyncio.run(_greeted(path, language)) if path else Host("", "none")


async def _greeted(path: str, language: str) -> Host:
    connection, began = HostConnection(path, lambda event: None), time.monotonic()
    state: Literal["ready", "speaks"]
    try:
        await connection.start(Hello(__version__, language, "ascii"))
        state = "ready"
    except Unnamed:
        state = "speaks"
    except HostAway as away:
        return Host(path, "away", why=str(away))
    except ServiceLost as lost:
        return Host(path, "refused", why=str(lost))
    finally:
        await connection.stop()
    return Host(path, state, round(time.monotonic() - began, 2))


def host_findings(host: Host) -> Iterator[Finding]:
    if host.state == "away":
        yield Finding(
            "class-away",
            Message("Your class is not reachable: {why}.", why=host.why or "?"),
            Message(
                "Ask the administrator to start its host (docs/lab.md). Until then, you can "
                "practise."
            ),
        )
    elif host.state == "refused":
        yield Finding(
            "class-refused",
            Message("The class host does not serve you: {why}.", why=(host.why or "?").rstrip(".")),
            Message("Show this to the administrator."),
        )
    elif host.seconds is not None and host.seconds > SLOW:
        yield Finding(
            "class-slow",
            Message("The class host took {seconds} s to reply.", seconds=round(host.seconds)),
            Message("A host that has just started is slow once. Else the machine is too busy."),
            mend=False,
        )
