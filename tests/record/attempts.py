"""Attempts, the record's file as SQLite itself reads it, and processes that write into it."""

import os
import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

from bptutor.record.attempts import Attempt, Review

FILE = "record.sqlite"


def attempt(**fields: Any) -> Attempt:
    """A wrong answer of Minsu's."""
    given_ones: dict[str, Any] = {
        "learner": "minsu",
        "lesson": "two-hidden-layers",
        "digest": "d" * 64,
        "step": "dL_dW3",
        "kind": "backward",
        "skill": "weight-gradient",
        "verdict": "wrong",
    }
    return Attempt(**{**given_ones, **fields})


def card(data: str = "{}") -> Review:
    """A review after which the card is this one."""
    return lambda before: (data, 1.0)


def rows(path: Path, table: str = "attempts") -> int:
    """As SQLite itself counts them."""
    connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return int(connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0])
    finally:
        connection.close()


def run(code: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", code],
        env={**os.environ, "BPTUTOR_DATA_DIR": str(folder)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
