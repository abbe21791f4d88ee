"""Where the nodes of a graph stand: each near its neighbours, and no two on top of one another."""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from math import inf

from rich.cells import cell_len

from bptutor.tui.widgets.canvas import Look
from bptutor.views.picture import GraphView, Node

SWEEPS = 12
"""How often the places are drawn towards their neighbours."""
APART = 3
"""Cells between neighbours in a row, at the least."""


@dataclass
class Placed:
    """A node with its words and its place on the page."""

    node: Node
    lines: list[list[tuple[str, Look]]]
    width: int
    framed: bool
    left: float = 0.0

    @property
    def middle(self) -> float:
        return self.left + self.width / 2

    @property
    def span(self) -> tuple[int, int]:
        """The cells at its top that lines can come in at: its frame's, or its words'."""
        left = round(self.left)
        if self.framed:
            return left + 1, left + self.width - 2
        size = sum(cell_len(text) for text, _ in self.lines[0]) if self.lines else 1
        start = left + (self.width - size) // 2
        return start, start + size - 1


def ports(placed: Placed, stems: list[int], others: dict[int, int]) -> list[int]:
    """Where lines from these stems come in: straight down if they can, and never on another's."""
    first, last = placed.span
    taken = set(others.values())
    if placed.node.passing:
        free_place = next(x for x in _outwards(first) if x == stems[0] or x not in taken)
        placed.left = float(free_place)
        return [free_place]
    apart = 2 if last - first >= 2 * (len(stems) - 1) else 1
    columns: list[int] = []
    for place, stem in enumerate(stems):
        least = max(first, columns[-1] + apart if columns else first)
        most = max(least, last - apart * (len(stems) - 1 - place))
        x = min(max(stem, least), most)
        choices = sorted(range(least, most + 1), key=lambda column: abs(column - x))
        free = [column for column in choices if column == stem or column not in taken]
        columns.append(free[0] if free else x)
    return columns


def _outwards(start: int) -> Iterator[int]:
    """A place, then those beside it, then those beside them."""
    yield start
    for distance in count(1):
        yield start + distance
        yield start - distance


def widest(row: list[Placed]) -> int:
    return sum(placed.width + APART for placed in row) - APART


def place(view: GraphView, rows: list[list[Placed]], width: int) -> None:
    """Put each node near its neighbours, and no two on top of one another."""
    for row in rows:
        total = sum(placed.width for placed in row)
        room = (width - total) / (len(row) + 1)
        x = room
        for placed in row:
            placed.left = x
            x += placed.width + room
        _keep_apart(row, width)
    near = _neighbours(view, rows)
    for sweep in range(SWEEPS):
        order = range(len(rows)) if sweep % 2 == 0 else range(len(rows) - 1, -1, -1)
        for index in order:
            for at, placed in enumerate(rows[index]):
                pulls = near[index, at]
                weight = sum(share for share, _ in pulls)
                middle = sum(share * other.middle for share, other in pulls) / weight
                placed.left = middle - placed.width / 2
            _keep_apart(rows[index], width)
    every = [placed for row in rows for placed in row]
    left = min(placed.left for placed in every)
    right = max(placed.left + placed.width for placed in every)
    for placed in every:
        placed.left += (width - right - left) // 2


def _neighbours(
    view: GraphView, rows: list[list[Placed]]
) -> dict[tuple[int, int], list[tuple[int, Placed]]]:
    """What each place is drawn towards, and how much that counts: long lines run straight."""
    pulls: dict[tuple[int, int], list[tuple[int, Placed]]] = defaultdict(list)
    for link in view.links:
        upper, lower = rows[link.row][link.source], rows[link.row + 1][link.target]
        share = (1, 4, 16)[upper.node.passing + lower.node.passing]
        pulls[link.row, link.source].append((share, lower))
        pulls[link.row + 1, link.target].append((share, upper))
    return pulls


def _keep_apart(row: list[Placed], width: int) -> None:
    """Move what overlaps apart, as far to the left as to the right, and all of it onto the page."""
    pushed, edge = [], -inf
    for placed in row:
        pushed.append(max(placed.left, edge))
        edge = pushed[-1] + placed.width + APART
    pulled, edge = [], inf
    for placed in reversed(row):
        pulled.append(min(placed.left, edge - placed.width))
        edge = pulled[-1] - APART
    edge = float(width)
    lefts = [(right + left) / 2 for right, left in zip(pushed, reversed(pulled), strict=True)]
    for placed, left in zip(reversed(row), reversed(lefts), strict=True):
        placed.left = min(left, edge - placed.width)
        edge = placed.left - APART
    edge = 0.0
    for placed in row:
        placed.left = float(round(max(placed.left, edge)))
        edge = placed.left + placed.width + APART
