"""Folders for files that a service writes for a while: Keras reads models from files alone."""

import os
import shutil
import tempfile
from pathlib import Path


def use(folder: Path) -> None:
    """Let this process write temporary files to a folder of its own, which may outlive it."""
    own = folder / str(os.getpid())
    try:
        own.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError:  # then to the system's
        return
    tempfile.tempdir = str(own)


def tidy(folder: Path) -> None:
    """Remove the folders of processes that have ended, be it by a signal."""
    for each in folder.glob("[0-9]*"):
        if not _runs(int(each.name)):
            shutil.rmtree(each, ignore_errors=True)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
