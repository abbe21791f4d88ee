"""Pictures as data: the network or the graph of a session, and heat maps of its matrices."""

from __future__ import annotations

import numpy as np

from bptutor.course.graph import Spot, graph
from bptutor.course.layers import stack
from bptutor.course.picture import NetworkPicture, Seen, direction_at, names_at
from bptutor.course.session import Session
from bptutor.language.ops.base import Style
from bptutor.language.render import display_name
from bptutor.literals import Signal
from bptutor.service.tape import matrix, rows_and_columns
from bptutor.text import Message, UserError
from bptutor.views.picture import GraphView, HeatMap, Link, Node, Pictured, Quantity

IN_A_NODE = 4
"""Numbers of a quantity that travel with its node in a graph."""
MOST_CELLS = 200
"""Rows or columns of a heat map, at most."""
STRENGTH: tuple[Signal, ...] = ("waiting", "silent", "down", "up")
"""Of several signals on one line the last of these is shown."""


def pictured(of: Session, style: Style, example: int) -> Pictured:
    """The picture at the current step."""
    layers = stack(of.lesson)
    return Pictured(
        step=display_name(of.step.id, style),
        direction=direction_at(of.step),
        open=not of.done(of.index),
        network=NetworkPicture(of, layers, example).drawn() if layers else None,
        graph=None if layers else _graph(of),
        quantities=_quantities(of, style),
    )


def _graph(of: Session) -> GraphView:
    plan, seen, here = graph(of.lesson), Seen(of), names_at(of.step)
    return GraphView(
        rows=[[_node(of, seen, spot, here) for spot in row] for row in plan.rows],
        links=[
            Link(
                row=link.row,
                source=link.source,
                target=link.target,
                signal=_strongest(seen, plan.rows[link.row][link.source].name, link.readers),
            )
            for link in plan.links
        ],
    )


def _node(of: Session, seen: Seen, spot: Spot, here: tuple[str, ...]) -> Node:
    value, gradient = seen.get(spot.name), seen.gradient(spot.name)
    dtype = of.lesson.dtype
    return Node(
        name=spot.name,
        passing=spot.passing,
        leaf=spot.name not in of.lesson.program.by_target,
        shape=list(of.lesson.shapes[spot.name]),
        current=spot.name in here and not spot.passing,
        value=None if value is None or spot.passing else matrix(value, dtype, IN_A_NODE),
        gradient=None if gradient is None or spot.passing else matrix(gradient, dtype, IN_A_NODE),
    )


def _strongest(seen: Seen, source: str, readers: tuple[str, ...]) -> Signal:
    return max((seen.signal(source, reader) for reader in readers), key=STRENGTH.index)


def _quantities(of: Session, style: Style) -> list[Quantity]:
    """The matrices and vectors that may be seen, in the order in which they became known."""
    seen, found = Seen(of), []
    for name in seen.names:
        value = seen.get(name)
        if value is not None and value.size > 1:
            current = name in (of.step.id, *names_at(of.step))
            found.append(Quantity(name, display_name(name, style), list(value.shape), current))
    return found


def heat_map(of: Session, name: str, rows: int, columns: int) -> HeatMap:
    """A quantity in at most so many rows and columns.

    Raises:
        UserError: it may not be seen yet, or there is none of that name.
    """
    value = Seen(of).get(name)
    if value is None:
        raise UserError(Message("{name} is not known yet.", name=name))
    most = (min(max(rows, 1), MOST_CELLS), min(max(columns, 1), MOST_CELLS))
    flat = value.astype("float64").reshape(rows_and_columns(value.shape))
    high, wide = (-(-size // limit) for size, limit in zip(flat.shape, most, strict=True))
    missing = [(0, -size % block) for size, block in zip(flat.shape, (high, wide), strict=True)]
    padded = np.pad(flat, missing)
    across = padded.shape[1] // wide
    blocks = padded.reshape(-1, high, across, wide).swapaxes(1, 2).reshape(-1, across, high * wide)
    furthest = np.abs(blocks).argmax(axis=2)[..., None]
    cells = np.take_along_axis(blocks, furthest, axis=2)[..., 0]
    return HeatMap(
        id=name,
        shape=list(value.shape),
        rows=cells.shape[0],
        columns=cells.shape[1],
        values=cells.reshape(-1).tolist(),
        block=(high, wide),
        largest=float(np.abs(flat).max(initial=0.0)),
    )
