"""`python -m tools.fuzz.child`: tries one case after another, within limits.

A line of standard input is a subject, a blank and the path of a case; the answer is one line of
JSON.
"""

from __future__ import annotations

import os
import resource
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import msgspec

from bptutor.text import LANGUAGES, UserError
from tools.fuzz.outcome import Outcome, Result
from tools.fuzz.subjects import SUBJECTS

ADDRESS_SPACE = 2_300_000_000
"""TensorFlow alone takes 1.25 GB of it, and 0.5 GB of memory."""
LONGEST_SENTENCE = 5_000


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    answers = os.fdopen(os.dup(1), "wb")
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 1)
        os.dup2(nowhere.fileno(), 2)
    for line in sys.stdin:
        subject, _, path = line.removesuffix("\n").partition(" ")
        _forget_peak()
        started = time.process_time()
        result, said = _tried(SUBJECTS[subject].attempt, Path(path))
        seconds = time.process_time() - started
        outcome = Outcome(result, said, seconds, _peak())
        answers.write(msgspec.json.encode(outcome) + b"\n")
        answers.flush()


def _tried(attempt: Callable[[Path], str], path: Path) -> tuple[Result, str]:
    try:
        try:
            return "accepted", attempt(path)
        except UserError as error:
            return "refused", _sentence(error)
    except BaseException:
        return "fault", traceback.format_exc()


def _sentence(error: UserError) -> str:
    """What is said, which must be fit to be printed in every language. Raises AssertionError."""
    for language in LANGUAGES:
        text = error.message.to(language)
        if not text.strip() or "\n" in text or len(text) > LONGEST_SENTENCE:
            raise AssertionError(f"no sentence: {text[:LONGEST_SENTENCE]!r}")
    return error.message.to("en")


def _forget_peak() -> None:
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5")


def _peak() -> int:
    """Megabytes of memory at most since then; 0 where the system does not say."""
    with suppress(OSError, StopIteration, ValueError):
        lines = Path("/proc/self/status").read_text().splitlines()
        peak = next(line for line in lines if line.startswith("VmHWM"))
        return int(peak.split()[1]) // 1000
    return 0


if __name__ == "__main__":
    main()
