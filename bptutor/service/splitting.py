"""Typed or pasted numbers into the texts of the cells that a step asks."""

from __future__ import annotations

from bptutor.course.session import Session
from bptutor.grading.read import fit, split_matrix
from bptutor.service.matrices import rows_and_columns
from bptutor.text import Message, UserError


def split(of: Session, text: str, row: int | None) -> list[str]:
    """The asked cells' texts: of the whole matrix, or of one row of it.

    Raises:
        UserError: what is typed does not fit.
    """
    asked = of.cells(of.step)
    if row is None:
        texts = fit(split_matrix(text), of.step.shape)
        return [texts[position] for position in asked]
    _, columns = rows_and_columns(of.step.shape)
    wanted = sum(position // columns == row for position in asked)
    cells = split_matrix(text)
    try:
        return fit(cells, (wanted,))
    except UserError as error:
        given = sum(map(len, cells))
        raise UserError(
            Message(
                "Numbers wanted: {wanted}; typed: {given}. Put commas between them.",
                wanted=wanted,
                given=given,
            )
        ) from error
