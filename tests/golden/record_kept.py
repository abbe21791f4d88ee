"""A data folder of an earlier version, and what the commands make of it.

`python -m tests.golden.record_kept` made tests/data/kept with the version that is named in its
README; what it does is what a learner does, through pipes. It is not made anew: it is there so that
a later version proves that it still opens what was kept by an earlier one.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.golden.outside import COURSE, NOON, ROOT, WEEK, forget_this_machine, run
from tests.near import VALUES
from tests.plain.script import course, script

KEPT = ROOT / "tests" / "data" / "kept"
HALF_WAY = 20
DAY = 24 * 3600
LATER = NOON + WEEK
REPLAYED = "two-hidden-layers:dL_dY:24500:e0204bb6"
"""The code of an item of the exam."""


def make(folder: Path) -> None:
    """A lesson to its end, a course half way, an exam handed in, a quiz that goes on."""

    def type_in(day: int, *arguments: str, lines: list[str]) -> None:
        run(folder, *arguments, "--plain", typed=script(*lines, "/quit"), clock=NOON + day * DAY)

    steps = [*VALUES][:HALF_WAY]
    type_in(0, "learn", "one-neuron", lines=["1.2", "", *["/show", "/show", ""] * 8, "20"])
    type_in(
        1,
        *("learn", COURSE),
        lines=["/hint", "/hint", "1.4, -1, -0.4", "1.4, 1, 0.4", *course(steps), "dL_dY"],
    )
    type_in(1, "learn", COURSE, "--part", "derive", lines=["X.T", "", "1", ""])
    type_in(
        2,
        *("quiz", "--exam", COURSE, "--items", "3", "--seed", "7"),
        lines=["2 * (Y - Y_true)", "-2.498", "", "/hand-in", "/hand-in"],
    )
    type_in(
        3,
        *("quiz", COURSE, "one-neuron", "--items", "4", "--seed", "7"),
        lines=["/hint", "dL_dz * x", "/show", "/show", "", "/hint"],
    )
    type_in(3, lines=["/settings theme light", "/settings precision 6"])


def opened(folder: Path) -> Path:
    """A copy of it that a command may write to."""
    copy = folder / "kept"
    copy.mkdir(parents=True)
    for part in ("data", "config"):
        shutil.copytree(KEPT / part, copy / part)
    return copy


def kept(folder: Path) -> Mapping[str, str]:
    """What is said of it a week later."""
    texts = {}
    copy = opened(folder / "progress")
    exported = copy / "attempts.jsonl"
    said = run(copy, "progress", "--json", clock=LATER)
    texts["progress.json"] = json.dumps(json.loads(said), indent=1, ensure_ascii=False) + "\n"
    texts["progress.txt"] = run(copy, "progress", clock=LATER)
    texts["progress.csv"] = run(copy, "progress", "--csv", clock=LATER)
    texts["export.txt"] = run(copy, "progress", "--export", str(exported), clock=LATER)
    texts["attempts.jsonl"] = exported.read_text(encoding="utf-8")
    for name, arguments, lines in (
        ("menu", [], ["/progress", "/attempts", "/more", "/settings", "/quit"]),
        ("learn", ["learn", COURSE], ["?", "", "/steps", "/back", "/quit"]),
        ("symbols", ["learn", COURSE, "--part", "derive"], ["", "/steps", "/quit"]),
        ("finished", ["learn", "one-neuron"], ["", "/steps", "/quit"]),
        ("quiz", ["quiz"], ["/quit"]),
        ("replay", ["quiz", "--replay", REPLAYED], ["/show", "/show", "", "/quit"]),
    ):
        copy = opened(folder / name)
        texts[f"{name}.txt"] = run(copy, *arguments, "--plain", typed=script(*lines), clock=LATER)
    texts["quiz.txt"] = texts["quiz.txt"].partition("item ")[0]  # another quiz has another seed
    return texts


if __name__ == "__main__":
    forget_this_machine()
    if KEPT.exists():
        sys.exit(f"{KEPT} is there: it is kept as the earlier version made it")
    KEPT.mkdir(parents=True)
    make(KEPT)
    shutil.rmtree(KEPT / "state", ignore_errors=True)
