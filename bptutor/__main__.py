"""`python -m bptutor` is the command `bptutor`."""

import sys

if __name__ == "__main__":
    if not sys.flags.safe_path:
        del sys.path[0]  # the current folder: its `random.py` is not the one that is meant

    from bptutor.cli import main

    sys.exit(main())
