"""Where a fault of ours is kept, for whoever mends it."""

from __future__ import annotations

import os
import platform
import sys
import time
import traceback
from pathlib import Path

from bptutor import __version__
from bptutor.files import write_whole
from bptutor.locale.printable import printable_lines
from bptutor.service.log import state_directory

MOST_KEPT = 20
"""Reports of faults that are kept, the latest ones."""


def keep(error: Exception) -> Path | None:
    """Write the traceback to a file of its own; None where nothing can be written."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    path = state_directory() / f"fault-{stamp}-{os.getpid()}.log"
    lines = [
        f"bptutor {__version__}, Python {platform.python_version()}, {platform.platform()}",
        " ".join(sys.argv),
        "",
        "".join(traceback.format_exception(error)),
    ]
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_whole(path, printable_lines("\n".join(lines)).encode())
        for old in sorted(path.parent.glob("fault-*.log"))[:-MOST_KEPT]:
            old.unlink(missing_ok=True)
    except OSError:
        return None
    return path
