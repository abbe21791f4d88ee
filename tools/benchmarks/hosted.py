"""A class at one host: memory, the first verdict, and verdicts while one learner is hostile.

Needs root: each learner is another user to the host.
"""

from __future__ import annotations

import asyncio
import os
import statistics
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from bptutor.service.process import RequestRefused, ServiceLost
from tools.benchmarks.measure import Row, almost_all
from tools.classroom.learners import Learner
from tools.classroom.running import Running, memory, processor, running

LEARNERS = 60
TEN = 10
PAUSE = 5.0
"""Seconds from one answer to the next."""
BETWEEN = 0.4
"""Seconds from one arrival to the next."""
SECONDS = 60.0
HOSTILE = "(x" + " + x" * 900 + ") ** 64"
"""A formula that takes as long to read as any that is not refused at once."""


def hosted() -> list[Row]:
    """All rows; none, and a word, where this is not root."""
    if os.getuid() != 0:
        sys.stderr.write("not measured: only root can be sixty users\n")
        return []
    with TemporaryDirectory(prefix="bpt-", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        with running(Path(folder)) as host:
            ready = asyncio.run(_arrive_at_once(host))
            return [*ready, *asyncio.run(_work(host))]


async def _arrive_at_once(host: Running) -> list[Row]:
    """Ten learners who connect within the same second, five times."""
    firsts: list[float] = []
    taken: list[float] = []
    clerk = set(host.services)
    for turn in range(5):
        learners = [Learner(100 + TEN * turn + n, lambda: host.socket) for n in range(TEN)]

        await asyncio.gather(
            *(each.practise(0.0, 0.0, after=n / TEN) for n, each in enumerate(learners))
        )
        firsts += [each.first for each in learners]
        taken += [processor(each) for each in host.services if each not in clerk]
        for each in learners:
            await each.stop()
    usual = f"{len(firsts)} arrivals, the median {statistics.median(firsts):.2f} s"
    return [
        Row("Ten in a second: the first verdict", almost_all(firsts), 1.5, "s", usual),
        Row("Processor time until then", statistics.median(taken), None, "s", "of each service"),
    ]


async def _work(host: Running) -> list[Row]:
    """Sixty learners answer every five seconds; one of them does what costs most."""
    learners = [Learner(n, lambda: host.socket) for n in range(LEARNERS - 1)]
    working = [
        asyncio.create_task(each.practise(PAUSE, SECONDS, after=n * BETWEEN))
        for n, each in enumerate(learners)
    ]
    harm = asyncio.create_task(_harm(Learner(LEARNERS - 1, lambda: host.socket)))
    await asyncio.sleep(LEARNERS * BETWEEN + PAUSE)
    before = _all_taken(host), sum(len(each.verdicts) for each in learners)
    services = [memory(each) for each in host.services]
    whole = sum(share for _, share in services) + sum(
        memory(each)[1] for each in (host.process.pid, *host.accepting)
    )
    own = [own for own, _ in services]
    await asyncio.sleep(SECONDS / 2)
    after = _all_taken(host), sum(len(each.verdicts) for each in learners)
    each_takes = (after[0] - before[0]) / max(1, after[1] - before[1])
    await asyncio.gather(*working)
    asked = await harm
    verdicts = [each for learner in learners for each in learner.verdicts[1:]]
    for each in learners:
        await each.stop()
    name = f"{LEARNERS} learners, one of them hostile"
    usual = f"{len(verdicts)} answers, the median {statistics.median(verdicts) * 1000:.0f} ms"
    return [
        Row(f"{name}: verdicts", almost_all(verdicts) * 1000, 200, "ms", usual),
        Row(f"{name}: memory of a service", statistics.median(own), 25, "MB", "private"),
        Row(f"{name}: memory of all", whole, 6000, "MB", f"{len(own)} processes; PSS"),
        Row(f"{name}: processor time", each_takes * 1000, None, "ms", "per answer, of all but one"),
        Row("What the hostile one asked", asked, None, "requests"),
    ]


def _all_taken(host: Running) -> float:
    """Processor time of all services but the busiest, which is the hostile learner's."""
    return sum(sorted(map(processor, host.services))[:-1])


async def _harm(learner: Learner) -> int:
    """Ask what takes longest, without a pause, and connect again."""
    asked, loop = 0, asyncio.get_running_loop()
    end = loop.time() + SECONDS
    while loop.time() < end:
        try:
            await learner.client.start()
            await learner.client.open("two-hidden-layers", "all", False)
            while loop.time() < end:
                asked += 1
                try:
                    await learner.client.unaided.train(1_000_000)
                except RequestRefused:
                    await learner.client.unaided.check(HOSTILE, ["1"], "both")
        except (ServiceLost, RequestRefused):
            await asyncio.sleep(0.1)
    await learner.stop()
    return asked
