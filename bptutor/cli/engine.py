"""TensorFlow in a command: loaded here, and silent."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from bptutor.locale import Message, UserError


def start_engine() -> None:
    """Load TensorFlow.

    Raises:
        UserError: it cannot be had here.
    """
    from bptutor.engine.runtime import tensorflow
    from bptutor.service.log import log_path

    try:
        with silently():
            tensorflow()
    except ImportError as error:
        raise UserError(
            Message(
                "TensorFlow cannot be loaded here ({reason}); what it said is in {path}.",
                reason=" ".join(str(error).split())[:200],
                path=str(log_path()),
            )
        ) from error


@contextmanager
def silently() -> Iterator[None]:
    """Send what is written to file descriptor 2 to the log: TensorFlow's libraries write there."""
    from bptutor.service.log import open_log

    with suppress(AttributeError, OSError, ValueError):
        sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # there is no standard error to keep clean
        yield
        return
    log = open_log()
    try:
        os.dup2(log, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(log)
