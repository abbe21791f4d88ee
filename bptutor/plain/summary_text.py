"""The end of an iteration in sentences, and the training that can follow it."""

from collections.abc import Iterator, Sequence
from math import prod

from bptutor.plain.dialogue import Said
from bptutor.service.lesson_words import moved, shown_steps, unmoved
from bptutor.service.words import PARTS, above_table, larger, parts_line, score
from bptutor.text import Message, significant
from bptutor.text.numbers import (
    MOST_READ,
    cell_words,
    figures_for_change,
    matrix_words,
    size_of,
    weight,
)
from bptutor.views import Matrix
from bptutor.views.lesson import SummaryView

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
    if shown := shown_steps(view):
        yield Message("{what}.", what=shown)
    if len(view.norms) > 1:
        norms = (f"{each.name} {significant(each.norm, 3)}" for each in view.norms)
        yield Message("Gradient norms: {norms}.", norms=", ".join(norms))
    if view.closing:
        yield view.closing
    if view.larger and not trained:
        yield from larger(view.larger)
        yield Message("The loss during training: {losses}", losses=_on_the_way(view.larger.losses))
    if view.gradients:
        yield Message("{what}.", what=above_table(view))
    tape, keras = Message("tape"), PARTS["keras"]
    for beside in view.gradients:
        yield from _pair(beside.parameter, (tape, beside.tape), (keras, beside.keras))
    before, after = Message("before"), Message("after")
    for change in view.parameters:
        yield from _pair(change.name, (before, change.before), (after, change.after))
    if still := unmoved(moved(view)):
        yield Message("{what}.", what=still)
    if view.parts:
        yield parts_line(view.parts, view.part)


def _on_the_way(losses: Sequence[float]) -> str:
    """A few of the losses, evenly taken, the first and the last among them."""
    last = len(losses) - 1
    taken = min(LOSSES, len(losses))
    return ", ".join(
        significant(losses[round(index * last / (taken - 1))]) for index in range(taken)
    )


def _pair(
    name: str, first: tuple[Message, Matrix], second: tuple[Message, Matrix]
) -> Iterator[Said]:
    """Two matrices side by side, row by row, each with what it is called."""
    (one, left), (other, right) = first, second
    rows, columns = size_of(left.shape)
    if prod(left.shape) > MOST_READ:
        yield from matrix_words(name, right)
        return
    figures = figures_for_change(left, right)

    def row_of(matrix: Matrix, row: int) -> str:
        part = matrix.values[row * columns : (row + 1) * columns]
        return ", ".join(weight(value, matrix.dtype, figures) for value in part)

    for row in range(rows):
        of = Message("{name}, {cell}", name=name, cell=cell_words(rows, 1, row, 0))
        yield Message(
            "{name}: {one} {left}; {other} {right}",
            name=of if rows > 1 else name,
            one=one,
            left=row_of(left, row),
            other=other,
            right=row_of(right, row),
        )
