"""The app's own log: errors that are ours, with their traceback, in the state directory."""

import logging
from functools import cache
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from bptutor.files import make_private, open_own
from bptutor.service.log import PrintableFormatter, state_directory


def log_path() -> Path:
    return state_directory() / "app.log"


class _PrivateFile(RotatingFileHandler):
    """A file that is the learner's alone: what they typed may be in it."""

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding=self.encoding, opener=open_own)


@cache
def logger() -> logging.Logger:
    """Where its file cannot be written, it stays silent."""
    own = logging.getLogger("bptutor.tui")
    own.propagate = False
    try:
        make_private(log_path().parent)
        handler: logging.Handler = _PrivateFile(
            log_path(), maxBytes=1_000_000, backupCount=1, encoding="utf-8"
        )
    except OSError:
        handler = logging.NullHandler()
    handler.setFormatter(PrintableFormatter("%(asctime)s %(levelname)s %(message)s"))
    own.addHandler(handler)
    return own


def write_down(what: str, error: Exception | None = None) -> Path:
    """Log what went wrong, with the traceback of an error; the path of the log."""
    logger().error(what, exc_info=error)
    return log_path()
