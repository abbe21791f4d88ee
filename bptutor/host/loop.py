"""The class host itself: it accepts, forks and reaps. It reads nothing of what clients send."""

from __future__ import annotations

import errno
import logging
import math
import os
import selectors
import signal
import socket
import time
from collections import Counter, deque
from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any, NoReturn, TypeAlias

from bptutor.host.sockets import user_of
from bptutor.service import wire
from bptutor.service.protocol import Farewell, Why

MOST_EACH = 8
"""Connections of one user: windows on one or two screens, and a teacher's."""
MOST = 600
"""Connections of all."""
AT_ONCE, PER_SECONDS = 20, 10.0
"""Connections that one user may make in so many seconds: each costs a fork."""
LINGER = 1.0
"""Seconds in which the last word can be read before the connection closes."""
MOST_LINGERING = 256
ENDING = 3.0
"""Seconds that the services have to end when the host does."""
AGAIN = 5.0
"""Seconds until the clerk starts again, where it has ended."""
NO_MORE = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)

Attend: TypeAlias = Callable[[socket.socket, int], NoReturn]
"""Serves a connected user in a forked process."""

_log = logging.getLogger(__name__)


@dataclass
class Served:
    """A service that was forked, by its process id."""

    user: int
    client: socket.socket
    """Our own copy of its connection, for its last word where it cannot say it."""


@dataclass
class Visits:
    """When a user has connected of late, by the monotonic clock."""

    times: deque[float] = field(default_factory=deque)

    def too_often(self, now: float) -> bool:
        while self.times and self.times[0] < now - PER_SECONDS:
            self.times.popleft()
        if len(self.times) >= AT_ONCE:
            return True
        self.times.append(now)
        return False


class Host:
    """Forks a service per connection. There is one thread, and never TensorFlow's runtime."""

    def __init__(
        self,
        listener: socket.socket,
        attend: Attend,
        clerk: Callable[[int], NoReturn] | None = None,
        stand_in: float = 0.0,
        speakers: Collection[int] = (),
    ) -> None:
        """A host that listens.

        Args:
            listener: where clients connect.
            attend: serves one of them, in a process of its own; it does not return.
            clerk: submits papers whose time is over, likewise, while this process runs.
            stand_in: the seconds in which clients are still accepted after SIGUSR1, which says
                that this host's keeper is gone.
            speakers: users of web servers, each of which limits its own learners.
        """
        self._stand_in = stand_in
        self._speakers = speakers
        self._listens_until = math.inf
        """By the monotonic clock."""
        self._listener = listener
        self._attend = attend
        self._clerk = clerk
        self._clerks: set[int] = set()
        self._clerk_from = 0.0
        """When the clerk may start, by the monotonic clock."""
        self._served: dict[int, Served] = {}
        self._visits: dict[int, Visits] = {}
        self._lingering: deque[tuple[float, socket.socket]] = deque()
        self._woken, self._wake = socket.socketpair()
        self._selector = selectors.DefaultSelector()
        self._ending = False

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        for end in (self._woken, self._wake):
            end.setblocking(False)
        signal.set_wakeup_fd(self._wake.fileno(), warn_on_full_buffer=False)
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._end)
        signal.signal(signal.SIGUSR1, self._is_alone)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # so that it wakes the loop
        signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._woken, selectors.EVENT_READ)
        while not self._ending and (self._listens or self._served):
            if self._listens:
                self._start_clerk()
            ready = self._selector.select(self._patience())
            self._reap()
            self._let_go()
            if self._listens and time.monotonic() >= self._listens_until:
                self._stop_listening()
            for key, _ in ready:
                if key.fileobj is self._listener:
                    if self._listens:
                        self._accept()
                else:
                    self._drain()
        self._finish()

    def _end(self, *_: Any) -> None:
        self._ending = True

    def _is_alone(self, *_: Any) -> None:
        """Another host is to come; this one stays until the last of its learners has gone."""
        self._listens_until = time.monotonic() + self._stand_in

    @property
    def _listens(self) -> bool:
        return self._listener.fileno() >= 0

    def _stop_listening(self) -> None:
        if self._listens:
            self._selector.unregister(self._listener)
            self._listener.close()
        for process in self._clerks:
            with suppress(ProcessLookupError):
                os.kill(process, signal.SIGTERM)

    def _patience(self) -> float | None:
        """Seconds until something is due."""
        due = [self._lingering[0][0]] if self._lingering else []
        if self._listens and self._clerk and not self._clerks:
            due.append(self._clerk_from)
        if self._listens and self._listens_until < math.inf:
            due.append(self._listens_until)
        return max(0.0, min(due) - time.monotonic()) if due else None

    def _drain(self) -> None:
        with suppress(BlockingIOError):
            while self._woken.recv(4096):
                pass

    # ── those who connect ─────────────────────────────────────────────────────────────────────

    def _accept(self) -> None:
        """Take one client; those who wait are taken in the next rounds."""
        try:
            client, _ = self._listener.accept()
        except (BlockingIOError, ConnectionError):
            return
        except OSError as error:
            if error.errno not in NO_MORE:
                raise
            _log.error("No connection can be accepted: %s.", error.strerror)
            time.sleep(0.1)  # it stays ready; a service that ends gives descriptors back
            return
        user = user_of(client)
        if why := self._objection(user):
            self._turn_away(client, why)
            return
        try:
            process = os.fork()
        except OSError as error:
            _log.error("No service can be forked: %s.", error.strerror)
            self._turn_away(client, "all")
            return
        if process == 0:
            self._serve(client, user)
        self._served[process] = Served(user, client)

    def _objection(self, user: int) -> Why | None:
        """Why a user gets no service now."""
        if len(self._served) >= MOST:
            return "all"
        if user in self._speakers:
            return None
        if Counter(each.user for each in self._served.values())[user] >= MOST_EACH:
            return "each"
        if self._visits.setdefault(user, Visits()).too_often(time.monotonic()):
            return "often"
        return None

    def _turn_away(self, client: socket.socket, why: Why) -> None:
        """Say why, and close a moment later: until then the client can read it."""
        farewell = wire.frame((None, "", Farewell(why)), wire.LONGEST_REPLY)
        with suppress(OSError):  # it is gone, or does not read
            client.send(farewell, socket.MSG_DONTWAIT | socket.MSG_NOSIGNAL)
            client.shutdown(socket.SHUT_WR)
        if len(self._lingering) >= MOST_LINGERING:
            self._lingering.popleft()[1].close()
        self._lingering.append((time.monotonic() + LINGER, client))

    def _let_go(self) -> None:
        while self._lingering and self._lingering[0][0] <= time.monotonic():
            self._lingering.popleft()[1].close()

    # ── the processes ─────────────────────────────────────────────────────────────────────────

    def _serve(self, client: socket.socket, user: int) -> NoReturn:
        """In the forked process: nothing of the host is left in it but this connection."""
        try:
            self._leave()
            client.setblocking(True)
            self._attend(client, user)
        except BaseException:
            logging.critical("A service ends with an error.", exc_info=True)
        finally:
            os._exit(1)

    def _leave(self) -> None:
        """Close what is the host's and other learners', and heed signals as any process does."""
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGTERM, signal.SIGCHLD, signal.SIGUSR1):
            signal.signal(number, signal.SIG_DFL)
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        self._selector.close()
        for each in (self._listener, self._woken, self._wake):
            each.close()
        for served in self._served.values():
            served.client.close()
        for _, client in self._lingering:
            client.close()

    def _start_clerk(self) -> None:
        if self._clerk is None or self._clerks or time.monotonic() < self._clerk_from:
            return
        self._clerk_from = time.monotonic() + AGAIN
        host = os.getpid()
        try:
            process = os.fork()
        except OSError as error:
            _log.error("No clerk can be forked: %s.", error.strerror)
            return
        if process == 0:
            try:
                self._leave()
                self._clerk(host)
            except BaseException:
                logging.critical("The clerk ends with an error.", exc_info=True)
            finally:
                os._exit(1)
        self._clerks.add(process)

    def _reap(self) -> None:
        """Let go of the processes that have ended, and say why where they could not."""
        while True:
            try:
                process, status = os.waitpid(-1, os.WNOHANG)
            except ChildProcessError:
                return
            if process == 0:
                return
            self._clerks.discard(process)
            served = self._served.pop(process, None)
            if served is None:
                continue
            code = os.waitstatus_to_exitcode(status)
            if code == 0:
                served.client.close()
                continue
            _log.warning("The service of user %d ended with status %d.", served.user, code)
            self._turn_away(served.client, "time" if code == -signal.SIGXCPU else "end")

    def _finish(self) -> None:
        """End the services, which end in order, and then what is left of them."""
        self._stop_listening()
        for number, seconds in ((signal.SIGTERM, ENDING), (signal.SIGKILL, ENDING)):
            for process in (*self._served, *self._clerks):
                with suppress(ProcessLookupError):
                    os.kill(process, number)
            until = time.monotonic() + seconds
            while (self._served or self._clerks) and time.monotonic() < until:
                self._selector.select(0.1)
                self._drain()
                self._reap()
