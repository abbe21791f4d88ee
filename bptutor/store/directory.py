"""The directory in which everything is kept of a learner."""

from __future__ import annotations

import errno
import glob
import os
import time
from pathlib import Path

from platformdirs import user_data_dir

from bptutor.locale import Message

RECORD = "record.sqlite"
"""The file of the record in the data directory, where no other place is named for it."""


def data_directory() -> Path:
    """Where what a learner did is kept: `BPTUTOR_DATA_DIR`, else the user's data directory."""
    return Path(os.environ.get("BPTUTOR_DATA_DIR") or user_data_dir("bptutor"))


def make_private(directory: Path) -> None:
    """Make a directory, and the one that it is in, the owner's alone. Raises OSError."""
    if not directory.parent.exists():
        directory.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    directory.mkdir(mode=0o700, exist_ok=True)


def name_aside(path: Path) -> Path:
    """A name that is free, under which a file that cannot be read is set aside."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    names = (path.with_suffix(f".damaged-{stamp}-{count}") for count in range(1_000))
    return next(name for name in names if not name.exists())


def named_aside(path: Path) -> list[Path]:
    """What was set aside under such a name, the oldest first."""
    return sorted(path.parent.glob(f"{glob.escape(path.stem)}.damaged-*"))


def reason(error: OSError) -> Message | str:
    """Why the disk does not do it, in the learner's language where it is one of the usual ones."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return Message("the disk is full")
    if error.errno == errno.EROFS:
        return Message("the disk is read-only")
    if error.errno in (errno.EACCES, errno.EPERM):
        return Message("it is not allowed")
    return error.strerror or str(error)
