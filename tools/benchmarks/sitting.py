"""A sitting with the course's network, from the first key to the new weights."""

from __future__ import annotations

import json
import statistics
from pathlib import Path
from typing import Any

from bptutor.course.parts import steps_of
from bptutor.course.questions import asked_of
from bptutor.grading.facts import Facts
from bptutor.language.render import write
from bptutor.lesson.load import load
from bptutor.lesson.steps import Step
from tests.end_to_end.examples import pass_example
from tests.end_to_end.terminal import KEYS, Terminal
from tests.keys import key_label
from tests.near import ON_THE_TAPE
from tools.benchmarks.learner import (
    GO_ON,
    begin,
    learning,
    memory,
    reaction,
    timed_key,
)
from tools.benchmarks.measure import Row

COURSE = json.loads(
    (Path(__file__).parents[2] / "tests" / "data" / "course_values.json").read_text()
)

IDLE_SECONDS = 5.0


def sitting() -> list[Row]:
    """Every step answered as the course has it."""
    keystrokes: list[int] = []
    verdicts: list[float] = []
    facts = Facts(load("two-hidden-layers"))
    with learning("two-hidden-layers") as terminal:
        begin(terminal)
        terminal.wait_for_quiet(0.5)
        idle = terminal.bytes_within(IDLE_SECONDS)
        share, mapped = memory(terminal.pid)
        for number, step in enumerate(steps_of(facts.lesson, "tape"), 1):
            wait_until_asked(terminal, number)
            keystrokes += answer(terminal, step, facts)
            verdicts.append(timed_key(terminal, "enter", GO_ON))
            terminal.wait_for_quiet(0.1)
            terminal.press("enter")
        terminal.wait_for(key_label("summary", "train"))
        terminal.wait_for_quiet(0.3)
        share_after, mapped_after = memory(terminal.pid)
    slowest = f"{len(verdicts)} answers, the slowest {max(verdicts) * 1000:.0f} ms"
    most = f"{len(keystrokes)} keys, at most {max(keystrokes)} B"
    return [
        Row("Written in 5 s of thinking", idle, 0, "B"),
        Row("A keystroke in a cell", statistics.median(keystrokes), 120, "B", most),
        Row("From Enter to the verdict", statistics.median(verdicts) * 1000, 50, "ms", slowest),
        Row("The app's memory, first step", mapped, 60, "MB", f"{share:.1f} MB share"),
        Row("The app's memory, at the end", mapped_after, 60, "MB", f"{share_after:.1f} MB share"),
    ]


def wait_until_asked(terminal: Terminal, number: int) -> None:
    """Until a step asks, and has been drawn."""
    terminal.wait_for(f"step {number}/")
    pass_example(terminal)
    terminal.wait_for_quiet(0.1)


def answer(terminal: Terminal, step: Step, facts: Facts) -> list[int]:
    """Type a step's answer; the bytes that each key in a cell made the tutor write."""
    if step.kind == "code":
        for character in ON_THE_TAPE[step.id]:
            reaction(terminal, character)
        return []
    if step.kind == "backward":
        for character in write(step.product, "ascii"):
            reaction(terminal, character)
        reaction(terminal, KEYS["tab"])
    written = []
    cells = _cells(COURSE[step.id])
    for place, index in enumerate(asked_of(facts, step)):
        if place:
            reaction(terminal, KEYS["tab"])
        written += [reaction(terminal, character) for character in cells[index]]
    return written


def _cells(value: Any) -> list[str]:
    if not isinstance(value, list):
        return [repr(value)]
    return [cell for part in value for cell in _cells(part)]
