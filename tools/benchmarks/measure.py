"""Taking turns, medians, and the table."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

RUNS = 5
"""A median is of at least so many."""


@dataclass(frozen=True)
class Row:
    """One line of the table: what was measured, and what it must reach."""

    name: str
    measured: float
    limit: float | None
    """None where it is only for the record."""
    unit: str
    details: str = ""

    @property
    def reached(self) -> bool:
        return self.limit is None or self.measured <= self.limit


def in_turns(ways: Mapping[str, Callable[[], float]], runs: int = RUNS) -> dict[str, float]:
    """The median of each way of doing something; they take turns, so that noise meets them all."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(runs):
        for name, way in ways.items():
            taken[name].append(way())
    return {name: statistics.median(times) for name, times in taken.items()}


def almost_all(values: Sequence[float]) -> float:
    """The 99th percentile."""
    return statistics.quantiles(values, n=100, method="inclusive")[98]


def seconds(work: Callable[[], object]) -> float:
    """How long some work takes."""
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def ratio(name: str, limit: float | None, ours: float, theirs: float, scale: str = "s") -> Row:
    """A row that holds one time against another, both in seconds."""
    factor = 1000 if scale == "ms" else 1
    details = f"{ours * factor:.3g} {scale} against {theirs * factor:.3g} {scale}"
    return Row(name, ours / theirs, limit, "x", details)


def table(rows: Sequence[Row]) -> str:
    """The rows as text."""
    width = max(len(row.name) for row in rows)
    lines = []
    for row in rows:
        mark = "ok" if row.reached else "MISS"
        limit = f"at most {row.limit:g}" if row.limit is not None else ""
        measured = f"{row.measured:.3g} {row.unit}"
        lines.append(f"{mark:<4} {row.name:<{width}} {measured:>8}  {limit:<12} {row.details}")
    return "".join(line.rstrip() + "\n" for line in lines)
