"""The tape, what is known, and pictures of it, as data; in the part in symbols without numbers."""

from functools import lru_cache
from math import prod

import numpy as np

from bptutor.course.exercise import array
from bptutor.course.hints import element, shortened
from bptutor.course.layers import stack
from bptutor.course.parts import shapes_of
from bptutor.course.picture import (
    NetworkPicture,
    Spot,
    Visible,
    direction_at,
    graph,
    names_at,
    norms,
)
from bptutor.course.questions import MOST_SEEN
from bptutor.course.session import Session
from bptutor.engine.trace import Array
from bptutor.language.differentiate import gradient_name
from bptutor.language.ops.base import Style
from bptutor.language.render import index_of, write, write_assignment
from bptutor.language.tree import Assignment, Shape, size
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step, shown_name
from bptutor.literals import OF_PROGRAM, Direction, Signal
from bptutor.text import UserError
from bptutor.views import Matrix
from bptutor.views.lesson import Known, TapeLine
from bptutor.views.picture import Element, GraphView, HeatMap, Link, Node, Norm, Pictured, Quantity

ON_THE_TAPE = 12  # numbers of a value on the tape; a larger one is cut under its whole shape
TO_WORK_WITH = 4_096  # numbers of a quantity that the step needs; of others as many as on the tape
WHOLE = 1_000_000  # numbers of it to whoever looks at it: any row and column may be asked
LATEST_KNOWN = 40  # other quantities that travel with a step: the latest ones
IN_A_NODE = 4  # numbers of a quantity that travel with its node in a graph
MOST_CELLS = 200  # rows or columns of a heat map, at most
STRENGTH: tuple[Signal, ...] = ("waiting", "silent", "down", "up")
"""Of several signals on one line the last of these is shown."""


def matrix(array: Array, dtype: str, most: int = MOST_SEEN) -> Matrix:
    """An array, or the first numbers of it under its whole shape."""
    return Matrix(list(array.shape), array.reshape(-1)[:most].astype("float64").tolist(), dtype)


def rows_and_columns(shape: Shape) -> tuple[int, int]:
    """A value's rows and columns on the screen: a vector is one row, a scalar one cell."""
    return prod(shape[:-1]), shape[-1] if shape else 1


def tape_lines(session: Session, style: Style, language: str) -> list[TapeLine]:
    """The program, with what has come down and what has gone back up."""
    lesson, step = session.lesson, session.step
    current, direction = _where(lesson, step)
    done = {each.id for each in session.steps[: session.count_done]}
    lines = []
    for assignment in lesson.program.assignments:
        target = assignment.target
        gradient = gradient_name(lesson.loss, target)
        come_down = target in done or step.part != "tape"
        lines.append(
            TapeLine(
                target=target,
                text=_written(assignment, style, lesson.dtype),
                section=lesson.heading(assignment.section, language),
                value=_seen(session, target, ON_THE_TAPE) if come_down else None,
                gradient=_seen(session, gradient, ON_THE_TAPE) if gradient in done else None,
                current=assignment is current,
                direction=direction if assignment is current else "",
                size=prod(lesson.shapes[target]),
            )
        )
    return lines


def knowns(session: Session, style: Style) -> list[Known]:
    """What the current step needs, then what has become known last."""
    needed = session.relevant
    others = [name for name in session.known if name not in needed]
    wanted = [(name, True) for name in needed] + [(name, False) for name in others[-LATEST_KNOWN:]]
    found = []
    for name, relevant in wanted:
        seen = _seen(session, name, TO_WORK_WITH if relevant else ON_THE_TAPE)
        if seen is None and relevant:
            seen = _leaf(session, name)
        if seen is not None:
            found.append(Known(shown_name(session.lesson, name, style), seen, relevant, name))
    return found


def every_known(session: Session, style: Style) -> list[Known]:
    """Everything that is known at the current step, what it needs first."""
    session.prepare()
    needed = session.relevant
    every = dict.fromkeys((*needed, *session.known))
    seen = {name: _seen(session, name, WHOLE if name in needed else TO_WORK_WITH) for name in every}
    return [
        Known(shown_name(session.lesson, name, style), value, name in needed, name)
        for name, value in seen.items()
        if value is not None
    ]


def _seen(session: Session, name: str, most: int) -> Matrix | None:
    """A quantity as it may be seen; nothing before TensorFlow is there."""
    dtype = session.lesson.dtype
    if session.sitting.part == "derive":
        return Matrix(list(shapes_of(session.lesson)[name]), [], dtype)
    return matrix(session.facts.known(name), dtype, most) if session.facts else None


def _leaf(session: Session, name: str) -> Matrix | None:
    """Before TensorFlow is there, what the lesson's file (or the sitting) says of a leaf."""
    lesson, kept = session.lesson, session.sitting.leaves.get(name)
    if kept is not None:
        return matrix(array(kept), lesson.dtype)
    if name not in lesson.values:
        return None
    return matrix(np.asarray(lesson.values[name], lesson.dtype), lesson.dtype)


@lru_cache(maxsize=4_096)
def _written(assignment: Assignment, style: Style, dtype: str) -> str:
    """A line of the program as text; every screen shows them all."""
    return write_assignment(assignment, style, dtype)


def _where(lesson: Lesson, step: Step) -> tuple[Assignment, Direction]:
    """The line of the program at which the signal is, and which way it goes."""
    program = lesson.program
    if step.kind == "memory" and not step.numbers:
        return next(a for a in program.assignments if a.section == step.section), ""
    if step.kind in ("forward", "local"):
        return program.by_target[step.target], "down"
    name = step.by if step.by else step.target
    direction: Direction = "up" if step.kind == "backward" else ""
    if name in program.by_target:
        return program.by_target[name], direction
    reaching = {lesson.loss, *program.ancestors(lesson.loss)}
    return next(c for c in program.consumers[name] if c.target in reaching), direction


# ── pictures ──────────────────────────────────────────────────────────────────────────────────


def pictured(session: Session, style: Style, example: int) -> Pictured:
    layers = stack(session.lesson)
    network = NetworkPicture(session, layers, example) if layers else None
    return Pictured(
        step=shown_name(session.lesson, session.step.id, style),
        direction=direction_at(session.step),
        open=not session.done(session.index),
        all_back=_ends_backward_pass(session),
        network=network.drawn() if network else None,
        graph=_graph(session, names_at(session.step)),
        quantities=_quantities(session, style),
        elements=[
            Element(_arithmetic(session, cell, style), *(network.place_of(cell) if network else ()))
            for cell in session.cells(session.step)
        ],
        norms=norms_at(session, style),
    )


def norms_at(session: Session, style: Style) -> list[Norm]:
    """How large the gradients are that the learner has."""
    lesson = session.lesson
    return [
        Norm(
            shown_name(lesson, step.id, style),
            norm,
            step.id == session.step.id,
            lesson.form.layers.get(step.by or ""),
        )
        for step, norm in norms(session, stack(lesson))
    ]


def sketched(lesson: Lesson, style: Style) -> Pictured:
    """The picture of a lesson that nobody is in."""
    session, layers = Session.begin(lesson, "all", lesson.name, style), stack(lesson)
    return Pictured(
        step="",
        direction="",
        open=False,
        network=NetworkPicture(session, layers, 0, placed=False).drawn() if layers else None,
        graph=_graph(session, ()),
        quantities=[],
    )


def _ends_backward_pass(session: Session) -> bool:
    """(The steps of a quiz are no pass.)"""
    kinds = [step.kind for step in session.steps[session.index :]]
    return not session.asks_whole and kinds.count("backward") == 1 and kinds[0] == "backward"


def _arithmetic(session: Session, position: int, style: Style) -> str:
    """What one element is computed from, once the learner has the formula or asked for help.

    An element that is copied from another one is its own arithmetic, which would be the answer.
    """
    step, facts, mark = session.step, session.facts, session.mark(session.step)
    found = mark.product_verdict in ("exact", "right") or mark.stage != "open"
    tried = mark.attempts > 0 and not session.asks_whole  # in a quiz help has its price
    if not facts or step.kind not in OF_PROGRAM or not (found or mark.hints or tried):
        return ""
    worked = element(step.product, index_of(position, step.shape), facts.known)
    return shortened(write(worked, style)) if size(worked) > 1 else ""


def _graph(session: Session, here: tuple[str, ...]) -> GraphView:
    plan, seen = graph(session.lesson), Visible(session)
    return GraphView(
        rows=[[_node(session, seen, spot, here) for spot in row] for row in plan.rows],
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


def _node(session: Session, seen: Visible, spot: Spot, here: tuple[str, ...]) -> Node:
    value, gradient = seen.get(spot.name), seen.gradient(spot.name)
    dtype = session.lesson.dtype
    return Node(
        name=spot.name,
        passing=spot.passing,
        leaf=spot.name not in session.lesson.program.by_target,
        shape=list(session.lesson.shapes[spot.name]),
        current=spot.name in here and not spot.passing,
        value=None if value is None or spot.passing else matrix(value, dtype, IN_A_NODE),
        gradient=None if gradient is None or spot.passing else matrix(gradient, dtype, IN_A_NODE),
    )


def _strongest(seen: Visible, source: str, readers: tuple[str, ...]) -> Signal:
    return max((seen.signal(source, reader) for reader in readers), key=STRENGTH.index)


def _quantities(session: Session, style: Style) -> list[Quantity]:
    seen, found = Visible(session), []
    for name in seen.names:
        value = seen.get(name)
        if value is not None and value.size > 1:
            gradient = gradient_name(session.lesson.loss, name)
            found.append(
                Quantity(
                    id=name,
                    name=shown_name(session.lesson, name, style),
                    shape=list(value.shape),
                    current=name in (session.step.id, *names_at(session.step)),
                    gradient=gradient if seen.gradient(name) is not None else "",
                )
            )
    return found


def heat_map(session: Session, name: str, rows: int, columns: int) -> HeatMap:
    """A quantity in at most so many rows and columns.

    Raises UserError: it may not be seen yet, or there is none of that name.
    """
    value = Visible(session).get(name)
    if value is None:
        raise UserError("{name} is not known yet.", name=name)
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
