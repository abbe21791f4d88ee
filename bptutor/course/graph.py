"""The computation graph of a program, in rows: inputs stand above the quantity they go into."""

from dataclasses import dataclass
from functools import lru_cache

from bptutor.lesson.lesson import Lesson

SWEEPS = 4
"""Passes over the rows, down and up, that reduce the crossings of lines."""


@dataclass(frozen=True)
class Spot:
    """A place in a row: a quantity, or a line that passes on its way further down."""

    name: str
    passing: bool


@dataclass(frozen=True)
class Link:
    """A line from a place in one row to a place in the next."""

    row: int
    """The row that it starts in."""
    source: int
    target: int
    readers: tuple[str, ...]
    """The assignments that the line leads to."""


@dataclass(frozen=True)
class Graph:
    """Quantities in rows, and the lines between neighbouring rows."""

    rows: tuple[tuple[Spot, ...], ...]
    links: tuple[Link, ...]


@lru_cache(maxsize=64)
def graph(lesson: Lesson) -> Graph:
    """The graph of a lesson's program. A leaf stands in the row above its first reader."""
    depth = _depths(lesson)
    rows: list[list[Spot]] = [[] for _ in range(max(depth.values()) + 1)]
    for name, row in depth.items():
        rows[row].append(Spot(name, passing=False))
        deepest = max((depth[reader] for reader in _readers(lesson, name)), default=row)
        for between in range(row + 1, deepest):
            rows[between].append(Spot(name, passing=True))
    _put_in_order(lesson, rows)
    return Graph(
        tuple(map(tuple, rows)),
        tuple(link for row in range(len(rows) - 1) for link in _links(lesson, depth, rows, row)),
    )


def _readers(lesson: Lesson, name: str) -> list[str]:
    return [reader.target for reader in lesson.program.consumers.get(name, ())]


def _depths(lesson: Lesson) -> dict[str, int]:
    """The row of each quantity, in the order in which the program names them."""
    depth: dict[str, int] = {}
    for assignment in lesson.program.assignments:
        inputs = [depth.get(name, 0) for name in assignment.inputs]
        depth[assignment.target] = 1 + max(inputs, default=-1)
    rows: dict[str, int] = {}
    for assignment in lesson.program.assignments:
        for name in assignment.inputs:
            if name not in depth:
                rows[name] = min(depth[reader] for reader in _readers(lesson, name)) - 1
        rows[assignment.target] = depth[assignment.target]
    return rows


def _links(lesson: Lesson, depth: dict[str, int], rows: list[list[Spot]], row: int) -> list[Link]:
    """The lines from a row to the next one."""
    below = {spot: place for place, spot in enumerate(rows[row + 1])}
    links = []
    for source, spot in enumerate(rows[row]):
        readers = _readers(lesson, spot.name)
        links += [
            Link(row, source, below[Spot(reader, passing=False)], (reader,))
            for reader in readers
            if depth[reader] == row + 1
        ]
        further = tuple(reader for reader in readers if depth[reader] > row + 1)
        if further:
            links.append(Link(row, source, below[Spot(spot.name, passing=True)], further))
    return links


def _put_in_order(lesson: Lesson, rows: list[list[Spot]]) -> None:
    """Order each row by where the neighbours of its places stand, on average."""
    for sweep in range(SWEEPS):
        down = sweep % 2 == 0
        for row in range(1, len(rows)) if down else range(len(rows) - 2, -1, -1):
            other = rows[row - 1 if down else row + 1]
            middle = (len(other) - 1) / 2
            at = {spot: place - middle for place, spot in enumerate(other)}
            mine = {spot: place - (len(rows[row]) - 1) / 2 for place, spot in enumerate(rows[row])}

            def pull(spot: Spot, down: bool = down, at: dict[Spot, float] = at) -> float | None:
                near = [at[each] for each in at if _touch(lesson, spot, each, down)]
                return sum(near) / len(near) if near else None

            pulled = {spot: pull(spot) for spot in rows[row]}
            rows[row].sort(
                key=lambda spot: mine[spot] if pulled[spot] is None else pulled[spot]  # type: ignore[arg-type,return-value]
            )


def _touch(lesson: Lesson, spot: Spot, other: Spot, down: bool) -> bool:
    """Does a line join two places of neighbouring rows? `other` is above if `down`."""
    above, below = (other, spot) if down else (spot, other)
    if below.passing:
        return above.name == below.name
    assignment = lesson.program.by_target.get(below.name)
    return assignment is not None and above.name in assignment.inputs
