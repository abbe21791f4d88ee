"""The process of a service, which the command starts before it imports what talks to it.

Both read their modules at the same time then, and a lesson is there about 0.3 s sooner.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import bptutor
from bptutor.service.log import open_log

COMMAND = (sys.executable, "-P", str(Path(__file__).absolute().with_name("__main__.py")))
"""Nothing of the folder where the learner happens to be is run by the service.

Without `-P` it would import a `random.py` from there; with `-m`, or a script's relative path,
TensorFlow would load libraries from there (see `bptutor.engine.runtime`).
"""
FOLDER = "/"  # where the service works: a folder in which no other user can put anything
PATHS = ("BPTUTOR_DATA_DIR", "BPTUTOR_STATE_DIR", "BPTUTOR_CONFIG_DIR", "BPTUTOR_LAB_CONFIG")
"""Variables with paths, which mean the same in the service's folder once they are absolute."""


class Child:
    """A child in a session of its own, so that the terminal's signals are not for it."""

    def __init__(self) -> None:
        """Start it. Raises OSError."""
        self.socket, theirs = socket.socketpair()
        log = open_log()
        try:
            self._process = subprocess.Popen(
                [*COMMAND, "--fd", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                env=child_environment(),
                cwd=FOLDER,
            )
        except BaseException:
            self.socket.close()
            raise
        finally:
            theirs.close()
            os.close(log)

    @property
    def pid(self) -> int:
        return self._process.pid

    def kill(self) -> None:
        self._process.kill()

    async def ended(self, within: float) -> int | None:
        """The status with which it ends within so many seconds, below 0 a signal's; else None."""
        import asyncio  # which takes longer to read than all that is needed to start

        with suppress(subprocess.TimeoutExpired):
            return await asyncio.to_thread(self._process.wait, within)
        return None


def early_child() -> Child | None:
    """A child for whoever asks for a service first; None where it has to be told why there is none.

    It has to be started before signals are held back (see `bptutor.tui.background`).
    """
    with suppress(OSError):
        return Child()
    return None


def child_environment() -> dict[str, str]:
    """The app's own environment, for a child in `FOLDER` that finds the bptutor that the app is."""
    environment = dict(os.environ)
    for name in PATHS:
        if path := environment.get(name):
            environment[name] = os.path.abspath(path)
    paths = filter(os.path.isabs, environment.pop("PYTHONPATH", "").split(os.pathsep))
    root = Path(bptutor.__file__).absolute().parents[1]
    found = [] if root.name in ("site-packages", "dist-packages") else [str(root)]
    if found := [*found, *paths]:
        environment["PYTHONPATH"] = os.pathsep.join(found)
    return environment
