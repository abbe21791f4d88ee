"""Slips of hand and eye, recognised by the numbers alone."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bptutor.grading.fit import Answered, Match, match
from bptutor.language.tree import Shape
from bptutor.text import Message

LABELS = {
    "sign-slip": Message("a slip of the sign"),
    "decimal-slip": Message("a slip of the decimal point"),
    "matrix-transposed": Message("rows and columns exchanged"),
    "cells-swapped": Message("two cells exchanged"),
    "rounded-early": Message("rounded on the way"),
    "zero-for-tiny": Message("0 typed for a small number"),
    "tiny-for-zero": Message("a small number typed for 0"),
}
"""The ids of its mistakes, and how lists call them."""

POWERS = (1, -1, 2, -2, 3, -3)
"""Powers of ten by which a decimal point is misplaced."""
SMALL = 0.01
"""Below this a number is easily taken for 0."""


@dataclass(frozen=True)
class Slip:
    """A slip that explains every wrong cell."""

    id: str
    explanation: Message
    advice: Message
    close: bool = False
    """It explains the answer to the last digit typed."""


def slips(
    cells: Sequence[Answered], shape: Shape, truth: Sequence[float], early: Sequence[float]
) -> Iterator[Slip]:
    """The slips that explain an answer.

    Args:
        cells: the answered cells.
        shape: of the value.
        truth: the whole value, row after row.
        early: the value from knowns rounded to two digits, row after row.
    """
    wrong = [cell for cell in cells if not cell.right]
    look = Message("The way is right; look at the numbers once more.")

    def explained_by(values: Sequence[float]) -> Match | None:
        found = match(wrong, values)
        return found if found.every_wrong_cell else None

    nowhere_zero = all(cell.truth for cell in wrong)
    if nowhere_zero and (found := explained_by([-cell.truth for cell in wrong])):
        size = Message("The size is right, the sign is not.")
        yield Slip("sign-slip", size, look, found.close)
    for power in POWERS if nowhere_zero else ():
        if found := explained_by([_moved(cell, power) for cell in wrong]):
            figures = Message("The figures are right; look at the decimal point.")
            yield Slip("decimal-slip", figures, look, found.close)
            break
    if len(shape) == 2 and min(shape) > 1 and len(cells) == math.prod(shape):
        rows, columns = shape
        turned = [truth[(cell.position % rows) * columns + cell.position // rows] for cell in cells]
        whole = match(cells, turned)
        if whole.everything:
            yield Slip(
                "matrix-transposed",
                Message("Rows and columns have changed places."),
                Message("A row of the value is a row here."),
                whole.close,
            )
    if len(wrong) == 2 and (found := explained_by([wrong[1].truth, wrong[0].truth])):
        yield Slip("cells-swapped", Message("Two cells have changed places."), look, found.close)
    if found := explained_by([early[cell.position] for cell in wrong]):
        yield Slip(
            "rounded-early",
            Message("You rounded on the way."),
            Message("Keep the figures that are shown until the end, then round."),
            found.close,
        )
    if all(cell.typed.value == 0 and 0 < abs(cell.truth) < SMALL for cell in wrong):
        yield Slip(
            "zero-for-tiny",
            Message("It is small, but it is not 0."),
            Message("Give three figures, as in 1.23e-5."),
        )
    if all(cell.typed.value != 0 and cell.truth == 0 for cell in wrong):
        yield Slip(
            "tiny-for-zero",
            Message("There it is exactly 0."),
            Message("Look for what stops the signal, or cancels it."),
        )


def _moved(cell: Answered, power: int) -> float:
    """The truth with its decimal point moved; of an update, its change."""
    if cell.old is None:
        return cell.truth * 10.0**power
    return cell.old + (cell.truth - cell.old) * 10.0**power
