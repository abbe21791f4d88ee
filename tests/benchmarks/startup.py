"""How soon the tutor is there: its first frame, and TensorFlow behind it."""

from __future__ import annotations

import asyncio
import subprocess
import time
from collections.abc import Callable

from bptutor import __version__
from bptutor.service.client import Client
from bptutor.service.messages import EngineState, Event, Hello
from tests.benchmarks.measure import Row, in_turns, ratio
from tests.end_to_end.terminal import Terminal, python

EMPTY_APP = """
from textual.app import App
from textual.widgets import Label

class Empty(App):
    def compose(self):
        yield Label("empty")

Empty().run()
"""

COURSE = python("-m", "bptutor", "learn", "two-hidden-layers")


def first_frame() -> list[Row]:
    """From the command to the first frame, and to the lesson's introduction on the screen."""
    taken = in_turns(
        {
            "empty": lambda: _until(python("-c", EMPTY_APP), lambda screen: "empty" in screen),
            "frame": lambda: _until(COURSE, lambda screen: bool(screen.strip())),
            "introduction": lambda: _until(COURSE, lambda screen: "Enter Begin" in screen),
        },
        runs=9,
    )
    return [
        ratio("First frame, by an empty app's", 1.5, taken["frame"], taken["empty"]),
        ratio("Introduction, by an empty app's frame", None, taken["introduction"], taken["empty"]),
    ]


def engine_ready() -> list[Row]:
    """From a process' start to TensorFlow ready in it."""
    loading = "from bptutor.engine.runtime import tensorflow; tensorflow()"
    taken = in_turns(
        {
            "import": lambda: _run("import tensorflow"),
            "engine": lambda: _run(loading),
            "service": lambda: asyncio.run(_service_ready()),
        }
    )
    return [
        ratio("Engine ready, by `import tensorflow`", 1.15, taken["engine"], taken["import"]),
        ratio("The service's engine, by the same", 1.15, taken["service"], taken["import"]),
    ]


def _until(command: list[str], shown: Callable[[str], bool]) -> float:
    started = time.monotonic()
    with Terminal(command) as terminal:
        terminal.wait_for(lambda terminal: shown(terminal.text))
        return terminal.heard - started


def _run(code: str) -> float:
    started = time.monotonic()
    subprocess.run(python("-c", code), check=True, stderr=subprocess.DEVNULL)
    return time.monotonic() - started


async def _service_ready() -> float:
    ready = asyncio.Event()

    def on_event(event: Event) -> None:
        if isinstance(event, EngineState) and event.state == "ready":
            ready.set()

    started = time.monotonic()
    client = Client(on_event)
    welcome = await client.start(Hello(__version__, "en", "unicode"))
    if welcome.engine.state != "ready":
        await ready.wait()
    taken = time.monotonic() - started
    await client.stop()
    return taken
