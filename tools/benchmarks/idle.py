"""A learner who thinks: what the tutor writes and computes meanwhile."""

from __future__ import annotations

from tools.benchmarks.learner import begin, learning, processor_time
from tools.benchmarks.measure import Row

SECONDS = 60.0


def idle() -> list[Row]:
    """A minute at a step, with TensorFlow there: the app and its service together."""
    with learning("two-hidden-layers") as terminal:
        begin(terminal)
        terminal.wait_for_quiet(2.0)
        (service,) = terminal.children
        before = {pid: processor_time(pid) for pid in (terminal.pid, service)}
        written = terminal.bytes_within(SECONDS)
        app, service_ = (processor_time(pid) - time for pid, time in before.items())
    shares = f"the app {app:.1f} ms, its service {service_:.1f} ms"
    return [
        Row(f"Written in {SECONDS:.0f} s of thinking", written, 0, "B"),
        Row(f"Computed in {SECONDS:.0f} s of thinking", app + service_, 20, "ms", shares),
    ]
