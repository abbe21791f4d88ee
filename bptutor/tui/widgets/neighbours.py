"""The part of a graph around the current node that fits into a panel."""

from collections.abc import Callable, Iterator
from itertools import pairwise

from msgspec.structs import replace

from bptutor.tui.symbols import Symbols
from bptutor.tui.widgets.canvas import Canvas
from bptutor.tui.widgets.graph import SIGNALS, GraphDrawing
from bptutor.views.picture import GraphView, Link, Node, Pictured

Spot = tuple[int, int]
"""A place in a graph: its row, and where in it."""
FURTHEST = 6
"""Lines from the current node to the furthest one, at most, where not all of the graph is drawn."""


def _ways(view: GraphView, spot: Spot) -> Iterator[list[Spot]]:
    """The lines that leave a place, each as all its places, down to the node that reads it."""
    row = spot[0]
    for link in view.links:
        if (link.row, link.source) == spot:
            end = (row + 1, link.target)
            if view.rows[row + 1][link.target].passing:
                yield from ([spot, *way] for way in _ways(view, end))
            else:
                yield [spot, end]


def _nodes(view: GraphView) -> Iterator[tuple[Spot, Node]]:
    for row, line in enumerate(view.rows):
        yield from (((row, place), node) for place, node in enumerate(line) if not node.passing)


def centre(view: GraphView) -> tuple[Spot, Node]:
    """The current node; at a step about none the loss, where the backward pass begins."""
    nodes = list(_nodes(view))
    return next((each for each in nodes if each[1].current), nodes[-1])


def around(view: GraphView, steps: int) -> GraphView:
    """The nodes from which the current one is reached in so many steps, and those it reaches."""
    ways = [way for spot, _ in _nodes(view) for way in _ways(view, spot)]
    here, _ = centre(view)
    kept = {here}
    for start, end in ((0, -1), (-1, 0)):  # what it reaches, and what reaches it
        reached = {here}
        for _ in range(steps):
            reached |= {way[end] for way in ways if way[start] in reached}
        kept |= reached
    drawn = [way for way in ways if way[0] in kept and way[-1] in kept]
    return _without_empty_rows(view, kept | {spot for way in drawn for spot in way}, drawn)


def _without_empty_rows(view: GraphView, kept: set[Spot], ways: list[list[Spot]]) -> GraphView:
    """These places of a graph, without the rows that have no node any more."""
    full = [
        row
        for row, line in enumerate(view.rows)
        if any((row, place) in kept and not node.passing for place, node in enumerate(line))
    ]
    places = {
        row: [place for place in range(len(view.rows[row])) if (row, place) in kept] for row in full
    }
    rows: list[list[Node]] = [[view.rows[row][place] for place in places[row]] for row in full]
    signals = {(link.row, link.source, link.target): link.signal for link in view.links}
    links: dict[tuple[int, int, int], Link] = {}
    for way in ways:
        left = [spot for spot in way if spot[0] in places]
        for upper, lower in pairwise(left):
            row = full.index(upper[0])
            source, target = places[upper[0]].index(upper[1]), places[lower[0]].index(lower[1])
            after = way[way.index(upper) + 1]
            signal = signals[(*upper, after[1])]
            links[row, source, target] = Link(row, source, target, signal)
    return GraphView(rows, list(links.values()))


MANY = 3
"""Nodes of a row that fit into any panel."""


def spread(view: GraphView) -> GraphView:
    """Every row of many nodes as two, every second node in the lower one: that is less wide."""
    rows, links = view.rows, view.links
    row = 0
    while row < len(rows):
        if sum(not node.passing for node in rows[row]) > MANY:
            rows, links = _in_two(rows, links, row)
            row += 1
        row += 1
    return GraphView(rows, links)


def _in_two(
    rows: list[list[Node]], links: list[Link], row: int
) -> tuple[list[list[Node]], list[Link]]:
    """A row as two; lines that go past a node of the other row pass through that row."""
    upper: list[Node] = []
    lower: list[Node] = []
    made = []
    count = 0
    for place, node in enumerate(rows[row]):
        into = [link for link in links if (link.row, link.target) == (row - 1, place)]
        out = [link for link in links if (link.row, link.source) == (row, place)]
        count += not node.passing
        if node.passing or count % 2:
            made += [replace(link, target=len(upper)) for link in into]
            if out:
                signal = max((link.signal for link in out), key=SIGNALS.index)
                made.append(Link(row, len(upper), len(lower), signal))
                made += [replace(link, row=row + 1, source=len(lower)) for link in out]
                lower.append(replace(node, passing=True, current=False))
            upper.append(node)
            continue
        for link in into:
            made.append(replace(link, target=len(upper)))
            made.append(Link(row, len(upper), len(lower), link.signal))
            upper.append(replace(rows[row - 1][link.source], passing=True, current=False))
        made += [replace(link, row=row + 1, source=len(lower)) for link in out]
        lower.append(node)
    before = [link for link in links if link.row < row - 1]
    after = [replace(link, row=link.row + 1) for link in links if link.row > row]
    return [*rows[:row], upper, lower, *rows[row + 1 :]], [*before, *made, *after]


class NearDrawing:
    """The graph where there is room for it, else as much as fits around the current node."""

    def __init__(
        self,
        view: GraphView,
        symbols: Symbols,
        pictured: Pictured,
        entitle: Callable[[str], None],
    ) -> None:
        """`entitle` is told the node around which it is drawn; nothing where all of it is."""
        self.view, self.symbols, self.pictured = view, symbols, pictured
        self._entitle = entitle

    def draw(self, width: int, height: int) -> Canvas:
        views = [self.view, *(around(self.view, steps) for steps in range(FURTHEST, 0, -1))]
        views.append(spread(views[-1]))
        for view in views:
            if 2 * len(view.rows) - 1 > height and view is not views[-1]:
                continue
            canvas = GraphDrawing(view, self.symbols, self.pictured).draw(width, height)
            if canvas.width <= width and canvas.height <= height:
                break
        self._entitle("" if view is self.view else centre(self.view)[1].name)
        return canvas
