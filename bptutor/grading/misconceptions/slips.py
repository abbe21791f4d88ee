"""Slips of hand and eye, recognised by the numbers alone."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from bptutor.grading.fit import Answered, Match, match
from bptutor.language.render import index_of
from bptutor.language.tree import Shape
from bptutor.text import Message, significant
from bptutor.text.numbers import element_words

LABELS = {
    "sign-slip": Message("sign slip"),
    "decimal-slip": Message("decimal point slip"),
    "matrix-transposed": Message("rows and columns exchanged"),
    "cells-swapped": Message("two elements exchanged"),
    "rounded-early": Message("rounded too early"),
    "zero-for-tiny": Message("0 typed for a small number"),
    "tiny-for-zero": Message("nonzero number typed for 0"),
}

POWERS = (1, -1, 2, -2, 3, -3)  # powers of ten by which a decimal point is misplaced
SMALL = 0.01  # below this a number is easily taken for 0


@dataclass(frozen=True)
class Slip:
    """A slip that explains every wrong cell."""

    id: str
    explanation: Message
    advice: Message
    position: int  # of a wrong cell
    close: bool = False  # it explains the answer to the last digit typed
    fact: bool = True  # can it be seen of the numbers, whatever the learner did?


def slips(
    cells: Sequence[Answered], shape: Shape, truth: Sequence[float], early: Sequence[float]
) -> Iterator[Slip]:
    """The slips that explain an answer; `truth` is the whole value, row after row.

    `early` is the same from knowns rounded to two digits.
    """
    wrong = [cell for cell in cells if not cell.right]
    at = wrong[0].position
    typed = significant(wrong[0].typed.value)
    if shape:
        place = element_words(index_of(at, shape))
        yours: Message | str = Message("{typed} in {place}", typed=typed, place=place)
    else:
        yours = typed

    def explained_by(values: Sequence[float]) -> Match | None:
        found = match(wrong, values)
        return found if found.every_wrong_cell else None

    nowhere_zero = all(cell.truth for cell in wrong)
    if nowhere_zero and (found := explained_by([-cell.truth for cell in wrong])):
        size = Message("The size of your {number} is right, but the sign is wrong.", number=yours)
        signs = Message("Check the sign of each factor and term.")
        yield Slip("sign-slip", size, signs, at, found.close)
    moved = next(_moved_points(wrong), None) if nowhere_zero else None
    if moved:
        of_change, found = moved
        digits = Message(
            "The digits of your {number} are right, but the decimal point is not.", number=yours
        )
        if of_change:
            digits = Message(
                "Your {number} changes the weight by the right digits, but at the wrong decimal "
                "place.",
                number=yours,
            )
        point = Message("Move the decimal point.")
        yield Slip("decimal-slip", digits, point, at, found.close)
    if len(shape) == 2 and min(shape) > 1 and len(cells) == math.prod(shape):
        rows, columns = shape
        turned = [truth[(cell.position % rows) * columns + cell.position // rows] for cell in cells]
        whole = match(cells, turned)
        if whole.everything:
            yield Slip(
                "matrix-transposed",
                Message(
                    "Your value is transposed: your {number} belongs in another row.", number=yours
                ),
                Message("Exchange rows and columns."),
                at,
                whole.close,
            )
    if len(shape) == 2 and len(cells) == math.prod(shape) and len(wrong) > 2:
        for upper, lower in _rows_exchanged(cells, shape, truth):
            yield Slip(
                "cells-swapped",
                Message("You exchanged row {first} and row {second}.", first=upper, second=lower),
                Message("Swap the two rows."),
                at,
                close=True,
            )
    if len(wrong) == 2 and (found := explained_by([wrong[1].truth, wrong[0].truth])):
        first, second = (element_words(index_of(cell.position, shape)) for cell in wrong)
        two = Message(
            "You exchanged two elements: {first}, and {second}.", first=first, second=second
        )
        yield Slip("cells-swapped", two, Message("Swap the two numbers."), at, found.close)
    found = explained_by([early[cell.position] for cell in wrong])
    if found and found.close:
        yield Slip(
            "rounded-early",
            Message("You rounded too early: your {number} is a little off.", number=yours),
            Message("Keep all digits shown until the end, then round."),
            at,
            found.close,
        )
    if all(cell.typed.value == 0 and 0 < abs(cell.truth) < SMALL for cell in wrong):
        yield Slip(
            "zero-for-tiny",
            Message("You typed {number}; the value is small, but not 0.", number=yours),
            Message("Give three significant digits, as in {example}.", example="1.23e-5"),
            at,
        )
    numbers = {abs(cell.typed.value) for cell in wrong}
    if all(cell.typed.value != 0 and cell.truth == 0 for cell in wrong) and len(numbers) == 1:
        yield Slip(
            "tiny-for-zero",
            Message("Your {number} is wrong: something cancels or is blocked here.", number=yours),
            Message("Look for a factor that is 0, or for terms that cancel."),
            at,
        )


def _rows_exchanged(
    cells: Sequence[Answered], shape: Shape, truth: Sequence[float]
) -> Iterator[tuple[int, int]]:
    """The two rows, counted from 1, that are exchanged in an answer."""
    columns = shape[1]
    rows = sorted({cell.position // columns for cell in cells if not cell.right})
    if len(rows) == 2:
        first, second = rows
        row_of = {first: second, second: first}
        turned = [
            truth[row_of.get(at // columns, at // columns) * columns + at % columns]
            for at in (cell.position for cell in cells)
        ]
        found = match(cells, turned)
        if found.everything and found.close:
            yield first + 1, second + 1


def _moved_points(wrong: Sequence[Answered]) -> Iterator[tuple[bool, Match]]:
    """Decimal points that explain all wrong cells: of an update's change, or of a number."""
    for power in POWERS:
        by = 10.0**power
        if wrong[0].old is not None:
            starts = [cell.old or 0.0 for cell in wrong]
            changes = [
                start + (cell.truth - start) * by for cell, start in zip(wrong, starts, strict=True)
            ]
            found = match(wrong, changes)
            if found.every_wrong_cell:
                yield True, found
        found = match(wrong, [cell.truth * by for cell in wrong])
        if found.every_wrong_cell:
            yield False, found
