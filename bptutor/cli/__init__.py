"""The commands. Nothing heavy is imported before it is known which one is wanted."""

import os
import sys

# A part of PYTHONPATH that is relative, or empty, stands for the current folder or one in it, which
# may be anybody's. Nothing more is imported from there.
for _part in os.environ.get("PYTHONPATH", os.sep).split(os.pathsep):
    if not os.path.isabs(_part):
        sys.path[:] = [path for path in sys.path if path != os.path.abspath(_part)]

from bptutor.cli.main import main  # noqa: E402

__all__ = ["main"]
