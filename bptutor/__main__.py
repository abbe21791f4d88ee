"""`python -m bptutor` is the command `bptutor`."""

import sys

from bptutor.cli import main

sys.exit(main())
