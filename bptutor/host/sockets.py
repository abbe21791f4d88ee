"""The socket that the class host listens at, and who is at the other end of a connection."""

import os
import socket
import stat
import struct
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path

from bptutor.files import reason
from bptutor.text import Message, UserError

BACKLOG = 1024
"""Connections that wait while the host loads or forks."""
FIRST = 3
"""The first descriptor that systemd passes on (sd_listen_fds(3))."""
_CREDENTIALS = struct.Struct("3i")


def listener(path: str, environment: MutableMapping[str, str]) -> socket.socket:
    """The socket that systemd has passed on, else a new one at a path.

    Raises:
        UserError: there is neither, or a host listens there already.
    """
    if not hasattr(socket, "SO_PEERCRED"):
        raise UserError(Message("`bptutor class serve` needs Linux, which says who connects."))
    found = _passed_on(environment) or _own(path)
    found.setblocking(False)
    found.set_inheritable(False)
    return found


def _passed_on(environment: MutableMapping[str, str]) -> socket.socket | None:
    """The socket of the unit; the variables are for this process alone.

    Raises:
        UserError: it is none at which a host can listen.
    """
    process = environment.pop("LISTEN_PID", "")
    count = environment.pop("LISTEN_FDS", "")
    environment.pop("LISTEN_FDNAMES", None)
    if process != str(os.getpid()) or count in ("", "0"):
        return None
    found = socket.socket(fileno=FIRST)
    listens = found.getsockopt(socket.SOL_SOCKET, socket.SO_ACCEPTCONN)
    if count != "1" or found.family != socket.AF_UNIX or not listens:
        raise UserError(Message("The socket unit must have one ListenStream, which is a path."))
    return found


def _own(path: str) -> socket.socket:
    """A socket that every user may connect to; who may do what follows from who connects.

    Raises:
        UserError: it cannot be made, or somebody listens there.
    """
    if not path:
        raise UserError(
            Message(
                "The class host has no socket. Give --socket PATH, set `class`, or start it by its "
                "socket unit."
            )
        )
    found = socket.socket(socket.AF_UNIX)
    try:
        _clear(path)
        found.bind(path)
        Path(path).chmod(0o666)
        found.listen(BACKLOG)
    except OSError as error:
        found.close()
        raise UserError(
            Message(
                "The class host cannot listen at {path} ({reason}).",
                path=path,
                reason=reason(error),
            )
        ) from error
    return found


def _clear(path: str) -> None:
    """Remove the socket of a host that was killed. Raises UserError: a host is there. OSError."""
    try:
        if not stat.S_ISSOCK(os.lstat(path).st_mode):
            return  # what else is there, `bind` says
    except FileNotFoundError:
        return
    with socket.socket(socket.AF_UNIX) as other:
        other.setblocking(False)
        try:
            other.connect(path)
        except ConnectionRefusedError:
            with suppress(FileNotFoundError):
                os.unlink(path)
            return
        except BlockingIOError:
            pass  # a crowd is before it
    raise UserError(Message("Another class host listens at {path}.", path=path))


def user_of(client: socket.socket) -> int:
    """The user id of whoever has connected, as the kernel knows it."""
    size = _CREDENTIALS.size
    _, user, _ = _CREDENTIALS.unpack(client.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, size))
    return int(user)
