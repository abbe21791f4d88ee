"""Many learners on one machine, each with a private service, at a person's pace."""

from __future__ import annotations

import random
import statistics
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

from bptutor.course.parts import steps_of
from bptutor.grading.facts import Facts
from bptutor.lesson.load import load
from tests.end_to_end.examples import pass_example
from tests.end_to_end.terminal import Terminal
from tools.benchmarks.learner import GO_ON, LOADING, learning, memory, timed_key
from tools.benchmarks.measure import Row, almost_all
from tools.benchmarks.sitting import answer, wait_until_asked

LEARNERS = 20
LESSON = "two-hidden-layers"
STEPS = 10
PAUSE = (3.0, 7.0)
"""Seconds from one verdict to the next answer."""
PATIENCE = 300.0
"""Seconds for as many TensorFlows to load at once."""


def classroom() -> list[Row]:
    """All begin together; from Enter to the verdict, and what each one's two processes take."""
    with ExitStack() as stack, ThreadPoolExecutor(LEARNERS) as threads:
        terminals = [stack.enter_context(learning(LESSON)) for _ in range(LEARNERS)]
        list(threads.map(_arrive, terminals))
        verdicts = [
            time for times in threads.map(_learn, range(LEARNERS), terminals) for time in times
        ]
        apps = [memory(terminal.pid)[0] for terminal in terminals]
        services = [memory(pid)[0] for terminal in terminals for pid in terminal.children]
    app, service = statistics.mean(apps), statistics.mean(services)
    usual = f"{len(verdicts)} answers, the median {statistics.median(verdicts) * 1000:.0f} ms"
    shares = f"the app {app:.0f} MB, its service {service:.0f} MB"
    slowest = almost_all(verdicts) * 1000
    return [
        Row(f"{LEARNERS} at once: from Enter to the verdict", slowest, 500, "ms", usual),
        Row(f"{LEARNERS} at once: memory of each", app + service, None, "MB", shares),
    ]


def _arrive(terminal: Terminal) -> None:
    """Up to the first step, with TensorFlow there."""
    terminal.wait_for("Enter Begin", PATIENCE)
    terminal.wait_for(lambda terminal: LOADING not in terminal.text, PATIENCE)
    terminal.press("enter")
    pass_example(terminal)


def _learn(number: int, terminal: Terminal) -> list[float]:
    """Answer the first steps right, at this learner's own pace; how long each verdict took."""
    pace = random.Random(number)
    verdicts = []
    facts = Facts(load(LESSON))
    for index, step in enumerate(steps_of(facts.lesson, "tape")[:STEPS], 1):
        wait_until_asked(terminal, index)
        terminal.bytes_within(pace.uniform(*PAUSE))
        answer(terminal, step, facts)
        verdicts.append(timed_key(terminal, "enter", GO_ON))
        terminal.wait_for_quiet(0.1)
        terminal.press("enter")
    return verdicts
