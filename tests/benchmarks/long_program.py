"""A program of 120 assignments beside the course's network."""

from __future__ import annotations

import asyncio
import statistics
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bptutor import __version__
from bptutor.service.client import Client
from bptutor.service.messages import EngineState, Event, Go, Hello, Open, Opened
from tests.benchmarks.learner import CHECK, GO_ON, begin, learning, timed_key
from tests.benchmarks.measure import RUNS, Row, ratio

ASSIGNMENTS = 120
STEPS = 12


def long_program() -> list[Row]:
    """How long it takes to open, and to change its screen."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "long.toml"
        path.write_text(_long(ASSIGNMENTS), encoding="utf-8")
        opened = statistics.median(asyncio.run(_open(str(path))) for _ in range(RUNS))
        begun, long = _screens(str(path))
        _, short = _screens("two-hidden-layers")
    return [
        Row("120 assignments opened", opened, 3, "s", f"{begun:.2f} s in the app"),
        ratio("Its answers, by a short program's", 1.5, long[0], short[0], "ms"),
        ratio("Its next step, by a short program's", 1.5, long[1], short[1], "ms"),
    ]


def _long(assignments: int) -> str:
    """A network of that many assignments, the last of which is the loss."""
    numbers = np.random.default_rng(1)
    values = {"X": numbers.normal(size=(2, 4)), "T": numbers.normal(size=(2, 4))}
    lines, before = [], "X"
    for layer in range((assignments - 1) // 2):
        lines += [f"# layer {layer}", f"Z{layer} = {before} @ W{layer} + b{layer}"]
        lines += [f"a{layer} = tanh(Z{layer})"]
        before = f"a{layer}"
        values |= {f"W{layer}": numbers.normal(size=(4, 4)), f"b{layer}": numbers.normal(size=4)}
    if assignments % 2 == 0:
        lines += ["# output", f"Y = 2 * {before}"]
        before = "Y"
    lines += ["# loss", f"L = mean(({before} - T) ** 2)"]
    parameters = [name for name in values if name not in "XT"]
    return "\n".join(
        ['title = "Long"', 'loss = "L"', f"parameters = {parameters}", 'program = """', *lines]
        + ['"""', "[values]"]
        + [f"{name} = {value.round(2).tolist()}" for name, value in values.items()]
    )


async def _open(path: str) -> float:
    """From the engine's being up to a lesson's first step, as the service answers."""
    ready = asyncio.Event()

    def on_event(event: Event) -> None:
        if isinstance(event, EngineState) and event.state == "ready":
            ready.set()

    client = Client(on_event)
    try:
        welcome = await client.start(Hello(__version__, "en", "unicode"))
        if welcome.engine.state != "ready":
            await ready.wait()
        started = time.perf_counter()
        opened = await client.request(Open(path, "all", resume=False))
        assert isinstance(opened, Opened)
        await client.request(Go(opened.session, "here"))
        return time.perf_counter() - started
    finally:
        await client.stop()


def _screens(lesson: str) -> tuple[float, tuple[float, float]]:
    """How long the first step takes, and the medians of an answer shown and of the next step."""
    shown, gone_on = [], []
    with learning(lesson) as terminal:
        begun = begin(terminal)
        for number in range(1, STEPS + 1):
            terminal.wait_for(CHECK)
            terminal.wait_for_quiet(0.1)
            shown.append(timed_key(terminal, "f3", GO_ON))
            terminal.wait_for_quiet(0.1)
            gone_on.append(timed_key(terminal, "enter", f"step {number + 1}/"))
    return begun, (statistics.median(shown), statistics.median(gone_on))
