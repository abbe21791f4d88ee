"""Shapes and matrices in words: row by row, for the ear."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import isnan, prod

from bptutor.service.figures import size_of
from bptutor.text import Message, shortest, significant
from bptutor.views.lesson import Known
from bptutor.views.matrix import Matrix

MOST = 100
"""Numbers of a matrix that are read out unasked; a larger one is named with its shape."""
MOST_WHOLE = 4_096
"""Numbers that are read out at the most; of a larger one a row or a column can be asked for."""

Number = Callable[[float], str]


def shape(of: Sequence[int]) -> Message:
    """`2 by 3`, `3 numbers`, `1 number`."""
    if len(of) < 2 and prod(of) == 1:
        return Message("1 number")
    if len(of) == 1:
        return Message("{count} numbers", count=of[0])
    words = Message("{first} by {second}", first=of[0], second=of[1])
    for further in of[2:]:
        words = Message("{first} by {second}", first=words, second=further)
    return words


def exactly(dtype: str) -> Number:
    """Numbers to the last bit."""
    return lambda value: shortest(value, dtype)


def row_words(row: int, numbers: str | Message) -> Message:
    """A row by its number, counted from 1."""
    return Message("row {row}: {numbers}", row=row + 1, numbers=numbers)


def cell_words(rows: int, columns: int, row: int, column: int) -> Message:
    """A cell of several by the numbers of its row and column, as far as it takes both."""
    if rows > 1 and columns > 1:
        return Message("row {row}, column {column}", row=row + 1, column=column + 1)
    if rows > 1:
        return Message("row {row}", row=row + 1)
    return Message("column {column}", column=column + 1)


def matrix_lines(
    name: str | Message, matrix: Matrix, number: Number = significant, *, whole: bool = False
) -> Iterator[Message]:
    """A quantity with its shape and its numbers; a large one's numbers only if it is `whole`.

    A question mark stands for a number that may not be seen yet.
    """
    rows, columns = size_of(matrix.shape)
    values, named = matrix.values[:MOST_WHOLE], shape(matrix.shape)
    if not matrix.shape and values:
        yield Message("{name}: {numbers}", name=name, numbers=number(values[0]))
    elif not values or (len(values) > MOST and not whole):
        yield Message("{name}, {shape}.", name=name, shape=named)
    elif rows == 1:
        numbers = _row(values, number)
        yield Message("{name}, {shape}: {numbers}", name=name, shape=named, numbers=numbers)
    else:
        yield Message("{name}, {shape}.", name=name, shape=named)
        for row in range(rows):
            if part := values[row * columns : (row + 1) * columns]:
                yield row_words(row, _row(part, number))
    if values and (missing := rows * columns - len(values)) and (whole or len(values) <= MOST):
        yield Message("And more numbers that are not shown: {count}.", count=missing)


def one_line(known: Known, across: bool, place: int) -> Iterator[Message]:
    """One row (`across`) or column of a quantity, by its number from 1 on."""
    rows, columns = size_of(known.matrix.shape)
    if not 1 <= place <= (rows if across else columns):
        yield Message("{name}, {shape}.", name=known.name, shape=shape(known.matrix.shape))
        return
    first, step = ((place - 1) * columns, 1) if across else (place - 1, columns)
    numbers = known.matrix.values[first : first + columns if across else None : step]
    where = cell_words(rows, 1, place - 1, 0) if across else cell_words(1, columns, 0, place - 1)
    yield Message(
        "{name}, {shape}: {numbers}",
        name=known.name,
        shape=where,
        numbers=_row(numbers, significant),
    )
    if missing := (columns if across else rows) - len(numbers):
        yield Message("And more numbers that are not shown: {count}.", count=missing)


def known_lines(known: Known, *, whole: bool = False) -> Iterator[Message]:
    """A known quantity."""
    return matrix_lines(known.name, known.matrix, whole=whole)


def _row(values: Sequence[float], number: Number) -> str:
    return ", ".join("?" if isnan(value) else number(value) for value in values)
