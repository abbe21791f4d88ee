"""The service's log, in the state directory: what the child writes to its stdout and stderr.

TensorFlow writes to file descriptor 2, so the log is a file under that descriptor and
not a logging handler's own.
"""

import contextlib
import logging
import os
import stat
from pathlib import Path

from bptutor.files import make_private, open_own, user_folder
from bptutor.text import Message
from bptutor.text.printable import printable_lines

LARGEST = 1_000_000  # bytes after which a log is put away as the one before


def state_directory() -> Path:
    """Where logs are: `BPTUTOR_STATE_DIR`, else the user's state directory."""
    return user_folder("state")


def log_path() -> Path:
    return state_directory() / "service.log"


_host = False


def log_is_the_hosts() -> None:
    """From now on, this process writes into the log of a class host."""
    global _host
    _host = True


def log_place() -> Message | str:
    """Where details are, for the learner."""
    return Message("the log of the class host") if _host else str(log_path())


def open_log() -> int:
    """A descriptor that writes to the end of the log; where there can be none, to nowhere."""
    path = log_path()
    try:
        make_private(path.parent)
        with contextlib.suppress(FileNotFoundError):
            if path.stat().st_size > LARGEST:
                path.replace(path.with_suffix(".log.1"))
        return open_own(path, os.O_WRONLY | os.O_APPEND)
    except OSError:
        return os.open(os.devnull, os.O_WRONLY)


class PrintableFormatter(logging.Formatter):
    """What learners typed and files hold may be in a traceback, and a log is read in a terminal."""

    def format(self, record: logging.LogRecord) -> str:
        return printable_lines(super().format(record))


class LogHandler(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes to stderr, and begins a new log where stderr is one that has grown too large."""

    def __init__(self) -> None:
        super().__init__()
        self.setFormatter(PrintableFormatter("%(asctime)s %(process)d %(levelname)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        super().emit(record)
        now = os.fstat(2)
        if stat.S_ISREG(now.st_mode) and now.st_size > LARGEST:
            log = open_log()
            os.dup2(log, 1)
            os.dup2(log, 2)
            os.close(log)
