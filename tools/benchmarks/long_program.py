"""A program of 120 assignments beside one of six with matrices of the same shapes."""

from __future__ import annotations

import asyncio
import statistics
import time
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from bptutor import __version__
from bptutor.service import wire
from bptutor.service.process import ServiceProcess
from bptutor.service.protocol import EngineState, Event, Hello
from tests.end_to_end.examples import pass_example
from tools.benchmarks.learner import GO_ON, SURE, begin, learning, timed_key
from tools.benchmarks.measure import RUNS, Row, in_turns, ratio

ASSIGNMENTS, SHORT = 120, 6
STEPS = 20
AS_FAST = 1.25
"""What passes for as fast: two runs of the same lesson differ by so much."""


def long_program() -> list[Row]:
    """How long it takes to open, and to change its screen."""
    with TemporaryDirectory() as folder:
        long, short = (Path(folder) / name for name in ("long.toml", "short.toml"))
        long.write_text(_network(ASSIGNMENTS), encoding="utf-8")
        short.write_text(_network(SHORT), encoding="utf-8")
        opened = statistics.median(asyncio.run(_open(str(long))) for _ in range(RUNS))
        begun, taken = _side_by_side(str(long), str(short))
    return [
        Row("120 assignments opened", opened, 3, "s", f"{begun:.2f} s in the app"),
        _ratio("Its answers, by a short program's", taken, "shown"),
        _ratio("Its next step, by a short program's", taken, "gone on"),
    ]


def _ratio(name: str, taken: dict[str, float], what: str) -> Row:
    return ratio(name, AS_FAST, taken[f"long {what}"], taken[f"short {what}"], "ms")


def _network(assignments: int) -> str:
    """A network of that many assignments, the last of which is the loss."""
    numbers = np.random.default_rng(1)
    values = {"X": numbers.normal(size=(1, 3)), "T": numbers.normal(size=(1, 3))}
    lines, before = [], "X"
    for layer in range((assignments - 1) // 2):
        lines += [f"# layer {layer}", f"Z{layer} = {before} @ W{layer} + b{layer}"]
        lines += [f"a{layer} = tanh(Z{layer})"]
        before = f"a{layer}"
        values |= {f"W{layer}": numbers.normal(size=(3, 3)), f"b{layer}": numbers.normal(size=3)}
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

    service = ServiceProcess(on_event)
    try:
        engine = await service.start(Hello(__version__, "en", "unicode"))
        if engine.state != "ready":
            await ready.wait()
        started = time.perf_counter()
        tutor = wire.caller(service.call)
        await tutor.open(path, "all", resume=False)
        await tutor.go("here")
        return time.perf_counter() - started
    finally:
        await service.stop()


def _side_by_side(long: str, short: str) -> tuple[float, dict[str, float]]:
    """Two sittings a step at a time in turns: the long one's beginning, and the medians of each."""
    with learning(long) as long_one, learning(short) as short_one:
        begun = begin(long_one)
        begin(short_one)
        numbers = {"long": count(1), "short": count(1)}
        sittings = {"long": long_one, "short": short_one}

        def shown(name: str) -> float:
            pass_example(sittings[name])
            sittings[name].wait_for_quiet(0.1)
            timed_key(sittings[name], "f3", SURE)
            return timed_key(sittings[name], "f3", GO_ON)

        def gone_on(name: str) -> float:
            sittings[name].wait_for_quiet(0.1)
            return timed_key(sittings[name], "enter", f"step {next(numbers[name]) + 1}/")

        return begun, in_turns(
            {
                "long shown": lambda: shown("long"),
                "short shown": lambda: shown("short"),
                "long gone on": lambda: gone_on("long"),
                "short gone on": lambda: gone_on("short"),
            },
            STEPS,
        )
