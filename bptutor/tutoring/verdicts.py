"""Verdicts on a whole answer, and what is said about them; the same for every way of answering."""

from __future__ import annotations

from collections.abc import Sequence

from bptutor.language.tree import Shape
from bptutor.locale import Message
from bptutor.tutoring.grader import GradedCell, Verdict, passed, worst


def on_cells(graded: Sequence[GradedCell], positions: Sequence[int], shape: Shape) -> Message:
    """What to say about a value whose cells at `positions` have been graded."""
    verdicts = [cell.verdict for cell in graded]
    verdict = worst(verdicts)
    if verdict == "exact":
        return Message("Right, to every figure shown.")
    if verdict == "right":
        return Message("Right.")
    if verdict is None:
        return Message("Fill in every cell; {count} are still empty.", count=verdicts.count(None))
    first = next(index for index, cell in enumerate(graded) if cell.verdict == verdict)
    note = graded[first].note or _wrong(verdicts)
    if len(graded) == 1:
        return note
    return Message(
        "{cell}: {note}", cell=cell_place(positions[first], shape), note=note
    )


def _wrong(verdicts: Sequence[Verdict | None]) -> Message:
    right = sum(passed(verdict) for verdict in verdicts)
    if len(verdicts) == 1:
        return Message("Not yet. Look at it again, or take a hint.")
    if right == 0:
        return Message("not yet, and neither are the others. Take a hint if you like.")
    return Message(
        "not yet. {right} of {all} cells are right.", right=right, all=len(verdicts)
    )


def cell_place(position: int, shape: Shape) -> Message:
    """Where a cell is, as a learner counts: from 1."""
    columns = shape[-1] if shape else 1
    row, column = divmod(position, columns)
    if len(shape) < 2:
        return Message("Cell {column}", column=column + 1)
    return Message("Row {row}, column {column}", row=row + 1, column=column + 1)


def on_product(verdict: Verdict, message: Message | None) -> Message:
    """What to say about a product."""
    if message is not None:
        return message
    if verdict == "right":
        return Message("The product is right.")
    return Message("This product does not give the gradient. Look at it again, or take a hint.")
