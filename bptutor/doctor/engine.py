"""TensorFlow: imported in a process of its own, and timed."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from bptutor.doctor.finding import Finding
from bptutor.locale import Message

PATIENCE = 180.0
"""Seconds after which an import is given up."""
SLOW = 20.0
"""Seconds that an import should not take."""
CODE = """
import json, resource, time
began = time.perf_counter()
from bptutor.engine.runtime import tensorflow
version = str(tensorflow().__version__)
seconds = time.perf_counter() - began
peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
print(json.dumps({"version": version, "seconds": seconds, "peak": peak}))
"""


class Engine(Struct, frozen=True):
    """TensorFlow as it came up, or why it did not."""

    version: str | None = None
    seconds: float | None = None
    memory: int | None = None
    """The process' memory with it, in MB."""
    error: str | None = None


def engine(environment: dict[str, str]) -> Engine:
    """Import TensorFlow as the service does."""
    try:
        done = subprocess.run(
            [sys.executable, "-P", "-c", CODE],
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
        )
    except subprocess.TimeoutExpired:
        return Engine(error=f"no answer within {PATIENCE:.0f} s")
    except OSError as error:
        return Engine(error=error.strerror or str(error))
    if done.returncode:
        return Engine(error=_reason(done.returncode, done.stderr.decode(errors="replace")))
    told = msgspec.json.decode(done.stdout.splitlines()[-1])
    peak = told["peak"] * (1 if sys.platform == "darwin" else 1024)
    return Engine(told["version"], round(told["seconds"], 2), peak // 1_000_000)


def _reason(status: int, errors: str) -> str:
    """The signal that ended it, or the last line of what it said."""
    if status < 0:
        return signal.Signals(-status).name
    lines = [line.strip() for line in errors.splitlines()]
    raised = [line for line in lines if re.match(r"[\w.]+(Error|Exception)\b", line)]
    return (raised or lines or [f"status {status}"])[-1][:300]


def engine_findings(found: Engine) -> Iterator[Finding]:
    """Whether answers can be checked here."""
    if found.error is not None:
        yield Finding(
            "tensorflow-fails",
            Message("TensorFlow cannot be loaded: {reason}.", reason=found.error.rstrip(".")),
            _advice(found.error),
        )
    elif found.seconds is not None and found.seconds > SLOW:
        yield Finding(
            "tensorflow-slow",
            Message("TensorFlow takes {seconds} s to load.", seconds=round(found.seconds)),
            Message(
                "The first time after an installation is slow; if it stays so, install bptutor on "
                "a local disk rather than on a network one."
            ),
            mend=False,
        )


def _advice(error: str) -> Message:
    if "ModuleNotFoundError" in error:
        return Message(
            "Something is missing from the installation: install bptutor anew, into an "
            "environment of its own."
        )
    if error == "SIGILL":
        return Message("This processor lacks instructions that TensorFlow is built with.")
    if error == "SIGKILL" or "MemoryError" in error or "annot allocate memory" in error:
        return Message("There is too little memory for it: free some, or ask for a higher limit.")
    return Message("Install bptutor anew, into an environment of its own; if it stays, report it.")
