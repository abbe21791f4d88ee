"""The record: what an attempt costs, and the progress of somebody who never stopped."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection

from bptutor.grading.misconceptions import MISCONCEPTIONS
from bptutor.quiz.schedule import reviewed
from bptutor.record import queries
from bptutor.record.attempts import Attempt
from bptutor.record.database import Database
from bptutor.record.record import Record
from bptutor.record.sittings import Sittings, Standing
from bptutor.service.lesson_states import lesson_items
from bptutor.service.progress import progress_view
from bptutor.service.words import SKILLS
from tools.benchmarks.measure import Row

ATTEMPTS = 100_000
DAYS = 1_000
ADDED = 200
DAY = 86_400.0


def record() -> list[Row]:
    """Attempts on a local disk, before and after the first hundred thousand."""
    with TemporaryDirectory(dir=Path.home()) as folder:
        url = f"sqlite:///{folder}/record.sqlite"
        kept, sittings = Record(url), Sittings(Path(folder) / "sittings")
        kept.prepare()
        lesson_items(sittings, Standing(), "en")  # as the menu has shown them before
        first = statistics.median(_practise(kept))
        _fill(url)
        later = _practise(kept)
        shown = [
            _timed(lambda: progress_view(kept, "minsu", sittings, Standing(), "en", time.time()))
        ]
        size = (Path(folder) / "record.sqlite").stat().st_size / 1e6
        shown += [
            _timed(lambda: progress_view(kept, "minsu", sittings, Standing(), "en", time.time()))
            for _ in range(5)
        ]
        page = _timed(lambda: kept.attempts("minsu"))
    slowest = f"the slowest of {ADDED} {max(later) * 1e3:.0f} ms"
    return [
        Row("Keeping an attempt", first * 1e3, 10, "ms"),
        Row("The same after 100,000", statistics.median(later) * 1e3, 10, "ms", slowest),
        Row("The progress of 100,000, first", shown[0] * 1e3, 300, "ms", f"{size:.0f} MB"),
        Row("The progress of 100,000", statistics.median(shown[1:]) * 1e3, 300, "ms"),
        Row("The latest 100 attempts of them", page * 1e3, 300, "ms"),
    ]


def _practise(kept: Record) -> list[float]:
    """The last attempt at a step, with all that follows from it, again and again."""
    draw, met = random.Random(1), list(MISCONCEPTIONS)[:8]

    def review(card: str | None) -> tuple[str, float]:
        return reviewed(card, "good", time.time())

    def practise() -> None:
        kept.add(_attempt(draw, time.time()), review, met, met[:1])

    return [_timed(practise) for _ in range(ADDED)]


def _fill(url: str) -> None:
    """A hundred thousand attempts over a thousand days."""
    draw, now = random.Random(0), time.time()
    moments = sorted(now - draw.random() * DAYS * DAY for _ in range(ATTEMPTS))

    def fill(to: Connection) -> None:
        for at in moments:
            queries.insert_attempt(to, _attempt(draw, at))

    Database(url).write(fill)


def _attempt(draw: random.Random, at: float) -> Attempt:
    wrong = draw.random() < 0.5
    return Attempt(
        learner="minsu",
        at=at,
        lesson="two-hidden-layers",
        digest="d" * 64,
        step="dL_dW3",
        kind="backward",
        skill=draw.choice(list(SKILLS)),
        product="a2.T @ dL_dY",
        cells=["0.0317", "0", "0.0979"],
        verdict="wrong" if wrong else "right",
        misconceptions=draw.sample(list(MISCONCEPTIONS), 2) if wrong else [],
        seed=draw.randrange(10**9),
        number=draw.randint(1, 3),
        closed=not wrong,
        milliseconds=20_000,
    )


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began
