"""`bptutor class serve`: puts the host together and runs it."""

from __future__ import annotations

import grp
import logging
import os
import pwd
import socket
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from bptutor.host.sockets import listener
from bptutor.text import Message, UserError
from bptutor.text.printable import printable_lines

STATE = Path("/var/lib/bptutor")
"""Where a class is kept by default; systemd says so in STATE_DIRECTORY."""
DATABASE = "class.sqlite"
TEACHERS = "bptutor-teachers"
STAND_IN = 60.0
"""Seconds in which a host whose keeper was killed accepts beside the one that systemd starts."""


@dataclass(frozen=True)
class Options:
    """How a host is started."""

    socket: str
    """Where it listens, if systemd has not passed on a socket."""
    database: str = ""
    """The address of the class's database; empty for a file in the state folder."""
    teachers: str = TEACHERS
    """The group of the teachers."""
    user: str = ""
    """Whom to become, where root starts the host."""
    speakers: tuple[str, ...] = ()
    """The users of web servers: their processes name the learners for whom they connect."""
    idle_seconds: float = 600.0


def serve(options: Options) -> None:
    """Serve until SIGTERM.

    Raises:
        UserError: it cannot be started.
    """
    if os.geteuid() == 0 and not options.user:
        raise UserError(
            Message(
                "The class host does not run as root. Start it by its unit, or give --user with "
                "the name of a user for it."
            )
        )
    for name in ("BPTUTOR_LEARNER", "BPTUTOR_DATA_DIR"):
        os.environ.pop(name, None)
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format=_format())
    for handler in logging.getLogger().handlers:
        handler.setFormatter(Printable(_format()))
    is_passed_on = "LISTEN_FDS" in os.environ
    listening = listener(options.socket, os.environ)  # first: who connects meanwhile waits
    os.umask(0o077)
    folder = Path(os.environ.get("STATE_DIRECTORY", "").partition(":")[0] or STATE)
    Hosted(listening, folder, options, is_passed_on).run()


class Printable(logging.Formatter):
    """What people send may be in a traceback, and a log is read in a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        return printable_lines(super().format(record))


def _format() -> str:
    """The journal has the time."""
    shown = "%(process)d %(levelname)s %(message)s"
    return shown if "JOURNAL_STREAM" in os.environ else f"%(asctime)s {shown}"


def _user(name: str) -> pwd.struct_passwd:
    """Raises UserError: there is none of this name."""
    try:
        return pwd.getpwnam(name)
    except KeyError:
        raise UserError(Message("There is no user {user}.", user=name)) from None


def _become(user: str) -> None:
    """Be an unprivileged user from now on. Raises UserError: there is none of this name."""
    found = _user(user)
    os.setgroups(os.getgrouplist(user, found.pw_gid))
    os.setgid(found.pw_gid)
    os.setuid(found.pw_uid)
    os.environ["HOME"] = found.pw_dir


class Hosted:
    """A host of one class."""

    def __init__(
        self, listening: socket.socket, folder: Path, options: Options, is_passed_on: bool = False
    ) -> None:
        """`is_passed_on`: systemd has the socket, too, and passes it to the next host."""
        self._listening = listening
        self._folder = folder
        self._options = options
        self._is_passed_on = is_passed_on
        self._speakers = frozenset(_user(name).pw_uid for name in options.speakers)
        self._scratch = folder / "scratch"
        self._url = options.database or f"sqlite:///{folder / DATABASE}"

    def run(self) -> None:
        """Raises UserError: TensorFlow or the database cannot be had, or the class is damaged."""
        from bptutor.host.ready import make_ready, settle

        try:
            make_ready(self._url)
        except ImportError as error:
            raise UserError(
                Message("The class host cannot load what it needs: {why}.", why=str(error))
            ) from error
        from bptutor.classroom.store import ClassStore
        from bptutor.host import clerk
        from bptutor.host.clock import HostClock
        from bptutor.host.keeper import keep
        from bptutor.host.loop import Host
        from bptutor.host.rehearsal import rehearse

        if os.geteuid() == 0:
            _become(self._options.user)
        self._store = ClassStore(self._url)
        self._store.require_sound()
        self._record = self._store.record()
        rehearse(self._store, self._record)
        self._clock = HostClock()
        machine = socket.gethostname()
        settle()
        logging.info("The class host is ready.")

        def work() -> None:
            stand_in = STAND_IN if self._is_passed_on else 0.0
            Host(
                self._listening,
                self._attend,
                lambda host: clerk.work(host, self._store, machine, self._scratch, self._clock),
                stand_in,
                self._speakers,
            ).run()

        keep(work)

    def _attend(self, client: socket.socket, user: int) -> NoReturn:
        from bptutor.host import scratch
        from bptutor.host.child import attend
        from bptutor.host.service import Attendance

        scratch.use(self._scratch)
        teachers = _group(self._options.teachers)
        attendance = Attendance(
            self._store, self._record, self._folder / "locks", teachers, self._clock.now
        )
        speaks = user in self._speakers
        attend(client, user, attendance, self._options.idle_seconds, speaks)


def _group(name: str) -> int | None:
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return None
