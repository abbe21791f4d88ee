"""The picture of a lesson in sentences: its units, or its quantities and where they come from."""

from collections.abc import Iterator, Sequence
from math import isnan

from bptutor.literals import Direction, Life
from bptutor.plain.commands import as_typed
from bptutor.plain.dialogue import Said
from bptutor.text import Message, significant
from bptutor.text.numbers import MOST_READ, in_a_row, matrix_words
from bptutor.views.picture import GraphView, NetworkView, Node, Pictured, Unit, UnitColumn, Wires

WAYS: dict[Direction, Message] = {
    "down": Message("This step is in the forward pass."),
    "up": Message("This step is in the backward pass."),
}
LIVES: dict[Life, Message] = {
    "off": Message("inactive in this example"),
    "dead": Message("inactive in every example (dead)"),
}


def picture(pictured: Pictured, wanted: str = "", of: str = "") -> Iterator[Said]:
    """The picture of the lesson at a step; or what is `wanted` of it, by its own name."""
    told: list[Said] = []
    if pictured.network:
        told += _network(pictured.network, of)
    else:
        told += _graph(pictured.graph, of)
    if wanted:
        yield from told or [Message("{name} is not in the picture.", name=wanted)]
        return
    if pictured.direction in WAYS:
        yield WAYS[pictured.direction]
    yield from told


def _network(network: NetworkView, of: str) -> Iterator[Said]:
    """The columns and the weights between them; or those `of` a name."""
    if network.examples > 1 and not of:
        number, total = network.example + 1, network.examples
        yield Message("Example {number} of {total}.", number=number, total=total)
    for place, column in enumerate(network.columns):
        if _is_wanted(column.names, of):
            yield from _column(column)
        wires = network.wires[place] if place < len(network.wires) else None
        if wires and wires.names and _is_wanted(wires.names, of):
            yield from _wires(wires)


def _is_wanted(names: Sequence[str], of: str) -> bool:
    return not of or of in map(as_typed, names)


def _column(column: UnitColumn) -> Iterator[Said]:
    line = Message("{names}; units: {count}.", names=", ".join(column.names), count=column.count)
    yield Message("{line} (you are here)", line=line) if column.current else line
    for number, unit in enumerate(column.units, 1):
        yield _unit(unit, number)
    if missing := column.count - len(column.units):
        yield Message("Units not shown: {count}.", count=missing)


def _unit(unit: Unit, number: int) -> Message:
    """What is known of a unit; of one of which nothing is known yet, its name alone."""
    named = (
        (Message("bias {number}"), unit.bias),
        (Message("sum {number}"), unit.total),
        (Message("value {number}"), unit.value),
        (Message("gradient {number}"), unit.gradient),
    )
    known = [Message(what.text, number=significant(of)) for what, of in named if not isnan(of)]
    if unit.life:
        known.append(LIVES[unit.life])
    line: Message = Message("{what}", what=unit.name)
    if not unit.name:
        line = Message("unit {number}", number=number)
    for part in known:
        line = Message("{first}; {second}", first=line, second=part)
    return line


def _wires(wires: Wires) -> Iterator[Said]:
    """The weights from each unit to each of the next ones."""
    line = Message("To the next column: {names}.", names=", ".join(wires.names))
    yield Message("{line} (you are here)", line=line) if wires.current else line
    if sum(map(len, wires.weights)) > MOST_READ:
        return
    for number, weights in enumerate(wires.weights, 1):
        yield Message(
            "weights from unit {number}: {numbers}", number=number, numbers=in_a_row(weights)
        )


def _graph(graph: GraphView, of: str) -> Iterator[Said]:
    for place, row in enumerate(graph.rows):
        for at, node in enumerate(row):
            if not node.passing and _is_wanted([node.name], of):
                sources = [
                    graph.rows[link.row][link.source].name
                    for link in graph.links
                    if link.row + 1 == place and link.target == at
                ]
                yield from _node(node, ", ".join(dict.fromkeys(sources)))


def _node(node: Node, sources: str) -> Iterator[Said]:
    line = Message("{what}", what=node.name)
    if sources:
        line = Message("{name}, computed from {sources}", name=line, sources=sources)
    yield Message("{line} (you are here)", line=line) if node.current else line
    if node.value:
        yield from matrix_words(Message("value"), node.value)
    if node.gradient:
        yield from matrix_words(Message("gradient of the loss"), node.gradient)
