"""Who has connected: a user, by the kernel, or the learner for whom a web server speaks."""

from __future__ import annotations

import os
import pwd
import socket
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from bptutor.classroom.people import LOGIN
from bptutor.service import wire
from bptutor.service.protocol import Farewell, Why
from bptutor.text import UserError

LONGEST = 512  # bytes of the frame that names a learner
READ_AT_ONCE = 65536
LINGER = 1.0  # seconds in which the last word can be read before the connection closes


@dataclass(frozen=True)
class Visitor:
    """Who is served."""

    login: str
    groups: frozenset[int]


class UnknownUser(Exception):  # noqa: N818
    """The system does not know the user."""


class TurnedAway(Exception):  # noqa: N818
    """Nobody is served, and why."""

    def __init__(self, why: Why, detail: str) -> None:
        """`detail` is for the log."""
        super().__init__(detail)
        self.why = why


def visitor(user: int) -> Visitor:
    """Who a user is. Raises UnknownUser."""
    try:
        found = pwd.getpwuid(user)
    except KeyError:
        raise UnknownUser from None
    return Visitor(found.pw_name, frozenset(os.getgrouplist(found.pw_name, found.pw_gid)))


def spoken_for(client: socket.socket, is_listed: Callable[[str], bool], seconds: float) -> Visitor:
    """The learner whom a web server names in its first frame.

    They are in no group: over the web nobody is a teacher, and a login is no user of this system.

    Args:
        client: the connection.
        is_listed: is this login on the roster?
        seconds: how long the frame may take.

    Raises:
        TurnedAway: it names nobody, or somebody who is not on the roster.
    """
    try:
        login = _named(client, seconds)
    except TimeoutError as error:
        raise TurnedAway("silent", "nobody was named in time") from error
    except (wire.WireError, OSError) as error:
        raise TurnedAway("unnamed", str(error)) from error
    try:
        if LOGIN.fullmatch(login) and is_listed(login):
            return Visitor(login, frozenset())
    except UserError as error:
        raise TurnedAway("unread", str(error)) from error
    raise TurnedAway("unlisted", f"{login!r} is not on the roster")


def _named(client: socket.socket, seconds: float) -> str:
    """The login in the first frame. Raises WireError: it names none; TimeoutError, OSError."""
    deadline = time.monotonic() + seconds
    length = int.from_bytes(_exactly(client, wire.HEAD, deadline), "big")
    if length > LONGEST:
        raise wire.WireError(f"{length} bytes are more than {LONGEST}")
    call = wire.unpacked(wire.calls, _exactly(client, length, deadline))
    if call.method != wire.SPEAKS_FOR:
        raise wire.WireError(f"it begins with {call.method[:40]!r} and names no learner")
    return wire.unpacked(wire.logins, call.arguments)[0]


def _exactly(client: socket.socket, size: int, deadline: float) -> bytes:
    """So many bytes, and none of what follows them."""
    read = b""
    while len(read) < size:
        client.settimeout(max(0.001, deadline - time.monotonic()))
        if not (piece := client.recv(size - len(read))):
            raise wire.WireError("the connection ends before a learner is named")
        read += piece
    client.settimeout(None)
    return read


def turn_away(client: socket.socket, why: Why) -> None:
    """Say why, and wait a moment for what the client sends meanwhile: it has to read this first."""
    with suppress(OSError):
        client.settimeout(LINGER)
        client.sendall(wire.frame((None, "", Farewell(why)), wire.LONGEST_REPLY))
        client.shutdown(socket.SHUT_WR)
        client.recv(READ_AT_ONCE)
