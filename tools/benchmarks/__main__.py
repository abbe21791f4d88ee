"""`python -m tools.benchmarks [NAME ...]`: what the tutor must reach, measured in one run.

Needs Linux and a machine with nothing else to do, and takes some minutes. The exit status is 1
where something is not reached. The names choose among the measures; without one all are taken.
"""

from __future__ import annotations

import compileall
import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import bptutor
from tools.benchmarks.classroom import classroom
from tools.benchmarks.engine import traced_step
from tools.benchmarks.hosted import hosted
from tools.benchmarks.idle import idle
from tools.benchmarks.items import items
from tools.benchmarks.keys import keys
from tools.benchmarks.long_program import long_program
from tools.benchmarks.measure import table
from tools.benchmarks.model import large_model
from tools.benchmarks.opening import arrows, dialogs
from tools.benchmarks.planner import planner
from tools.benchmarks.record import record
from tools.benchmarks.sitting import sitting
from tools.benchmarks.startup import engine_ready, first_frame, help_text
from tools.benchmarks.walk import slow_link, there_and_back, walk

MEASURES = {
    "help": help_text,
    "frame": first_frame,
    "ready": engine_ready,
    "sitting": sitting,
    "walk": walk,
    "slow": slow_link,
    "arrows": arrows,
    "dialogs": dialogs,
    "back": there_and_back,
    "keys": keys,
    "idle": idle,
    "classroom": classroom,
    "hosted": hosted,
    "long": long_program,
    "step": traced_step,
    "model": large_model,
    "items": items,
    "record": record,
    "planner": planner,
}


def main(names: list[str]) -> int:
    """Measure and print the table; the exit status."""
    if unknown := set(names) - set(MEASURES):
        sys.exit(f"No such measure: {', '.join(unknown)}; there are {', '.join(MEASURES)}.")
    compileall.compile_dir(Path(bptutor.__file__).parent, quiet=1)  # as an installation is
    rows = []
    with TemporaryDirectory() as folder:
        os.environ |= {"BPTUTOR_DATA_DIR": folder, "BPTUTOR_STATE_DIR": folder}
        for name in names or MEASURES:
            sys.stderr.write(f"measuring: {name}\n")
            rows += MEASURES[name]()
    sys.stdout.write(table(rows))
    return 0 if all(row.reached for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
