"""What goes over the line, and what stays in memory, as a learner walks through a lesson."""

from __future__ import annotations

import statistics
from collections.abc import Iterator

from bptutor.course.parts import steps_of
from bptutor.lesson.load import load
from tests.end_to_end.examples import pass_example
from tests.end_to_end.terminal import KEYS, Terminal
from tools.benchmarks.learner import GO_ON, SURE, begin, learning, memory, reaction
from tools.benchmarks.measure import Row

LESSON = "two-hidden-layers"
THEMES = {"terminal": 120, "dark": 200, "light": 200}
"""How many bytes a keystroke may take; colours of 24 bits are the longest to name."""
TYPED = "-12.345*67"
CHANGE = 8192
SLOW = 2 / 3
STEPS = 500


def walk() -> list[Row]:
    """The bytes of each key in the first cell, and of each change of step, theme by theme."""
    rows = []
    for theme, limit in THEMES.items():
        with learning(LESSON, "--theme", theme, COLORTERM="truecolor") as terminal:
            begin(terminal)
            pass_example(terminal)
            terminal.wait_for_quiet(0.3)
            keys = [*TYPED, *[KEYS["left"]] * 4, *[KEYS["backspace"]] * 4]
            written = [reaction(terminal, key) for key in keys]
            changes = [*_first_time(terminal), *_back(terminal), *_forth(terminal)]
        name, many = f"({theme})", f"{len(changes)} changes, at most {max(changes)} B"
        usual = f"{len(written)} keys, most often {statistics.median(written):.0f} B"
        rows += [
            Row(f"The longest keystroke {name}", max(written), limit, "B", usual),
            Row(f"A change of step {name}", statistics.median(changes), CHANGE, "B", many),
            Row(f"The longest change of step {name}", max(changes), CHANGE, "B"),
        ]
    return rows


def slow_link() -> list[Row]:
    """All bytes of a walk to the last step, by default and for a slow link."""
    sent = []
    for options in ((), ("--slow",)):
        with learning(LESSON, *options) as terminal:
            begin(terminal)
            before = terminal.bytes
            list(_first_time(terminal))
            sent.append(terminal.bytes - before)
    usual, slow = sent
    details = f"{slow} B against {usual} B"
    return [Row("A walk with --slow, by the default's", slow / usual, SLOW, "x", details)]


def there_and_back() -> list[Row]:
    """How the app grows once every step has been seen."""
    with learning(LESSON) as terminal:
        begin(terminal)
        list(_first_time(terminal))
        _, before = memory(terminal.pid)
        walked = 0
        while walked < STEPS:
            walked += len([*_back(terminal), *_forth(terminal)])
        _, after = memory(terminal.pid)
    details = f"{walked} steps, from {before:.1f} MB to {after:.1f} MB"
    return [Row("The app grows while one walks", after - before, 5, "MB", details)]


def _first_time(terminal: Terminal) -> Iterator[int]:
    """Every answer is shown; the bytes of going on to the next step. At the last step, it ends."""
    for number in range(1, _count() + 1):
        pass_example(terminal)
        terminal.wait_for_quiet(0.1)
        terminal.press("f3")
        terminal.wait_for(SURE)
        terminal.press("f3")
        terminal.wait_for(GO_ON)
        terminal.wait_for_quiet(0.1)
        if number < _count():
            yield _change(terminal, "enter", number + 1)


def _back(terminal: Terminal) -> Iterator[int]:
    """From the last step to the first; the bytes of each change."""
    return (_change(terminal, "f4", number) for number in range(_count() - 1, 0, -1))


def _forth(terminal: Terminal) -> Iterator[int]:
    """From the first step to the last; the bytes of each change."""
    return (_change(terminal, "f5", number) for number in range(2, _count() + 1))


def _change(terminal: Terminal, key: str, number: int) -> int:
    """Go to a step; how many bytes that takes."""
    before = terminal.bytes
    terminal.press(key)
    terminal.wait_for(f"step {number}/")
    terminal.wait_for_quiet(0.1)
    return terminal.bytes - before


def _count() -> int:
    return len(steps_of(load(LESSON), "tape"))
