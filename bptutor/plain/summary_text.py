"""The end of an iteration in sentences, and the training that can follow it."""

from collections.abc import Iterator, Sequence
from math import prod

from bptutor.plain.dialogue import Said
from bptutor.service.words import PARTS, larger, score
from bptutor.text import Message, significant
from bptutor.text.numbers import (
    MOST_READ,
    cell_words,
    figures_for_change,
    matrix_words,
    size_of,
    weight,
)
from bptutor.views.lesson import ParameterChange, SummaryView

LOSSES = 11
"""That are read out of a training."""


def summary(view: SummaryView) -> Iterator[Said]:
    """The end of an iteration, or of a training, in sentences."""
    yield ""
    yield Message(
        "{first}; {second}",
        first=view.lesson,
        second=Message("after iteration {number}", number=view.iteration),
    )
    if view.part != "tape":
        yield PARTS[view.part]
    else:
        yield Message(
            "Loss before: {before}. Loss after: {after}. Change: {change}.",
            before=significant(view.loss_before),
            after=significant(view.loss_after),
            change=significant(view.loss_after - view.loss_before, 3),
        )
    trained = len(view.losses) > 2
    if trained:
        yield Message("The loss during training: {losses}", losses=_on_the_way(view.losses))
    yield score(view)
    if view.closing:
        yield view.closing
    if view.larger and not trained:
        yield from larger(view.larger)
        yield Message("The loss during training: {losses}", losses=_on_the_way(view.larger.losses))
    for change in view.parameters:
        yield from _changed(change)


def _on_the_way(losses: Sequence[float]) -> str:
    """A few of the losses, evenly taken, the first and the last among them."""
    last = len(losses) - 1
    taken = min(LOSSES, len(losses))
    return ", ".join(
        significant(losses[round(index * last / (taken - 1))]) for index in range(taken)
    )


def _changed(change: ParameterChange) -> Iterator[Said]:
    """A parameter before and after, row by row."""
    before, after = change.before, change.after
    rows, columns = size_of(before.shape)
    if prod(before.shape) > MOST_READ:
        yield from matrix_words(change.name, after)
        return
    figures = figures_for_change(before, after)

    def row_of(values: Sequence[float], row: int) -> str:
        part = values[row * columns : (row + 1) * columns]
        return ", ".join(weight(value, before.dtype, figures) for value in part)

    for row in range(rows):
        of = Message("{name}, {cell}", name=change.name, cell=cell_words(rows, 1, row, 0))
        yield Message(
            "{name}: before {before}; after {after}",
            name=of if rows > 1 else change.name,
            before=row_of(before.values, row),
            after=row_of(after.values, row),
        )
