"""Where a fault of ours is kept, for whoever mends it."""

from __future__ import annotations

import os
import platform
import sys
import time
import traceback
from pathlib import Path

from bptutor import __version__
from bptutor.service.log import state_directory


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
        path.write_text("\n".join(lines), encoding="utf-8", errors="backslashreplace")
    except OSError:
        return None
    return path
