"""Numbers and matrices as text.

A number has as many figures as are shown, or as many as it takes to read it back. A matrix is said
row by row, for the ear; `Numbers` is all that is known here of one.
"""

import math
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol, TypeVar

from bptutor.text.message import Message

T = TypeVar("T")

SHOWN = 5  # significant figures of the known quantities on the screen, where nobody has set others
LEAST, MOST = 4, 8  # three are asked for, one more to work with; float32 has hardly 8
MOST_READ = 100  # numbers of a matrix that are read out unasked; else its shape is
MOST_WHOLE = 4_096  # numbers that are read out at most; else a row or column can be asked for

MOST_ROWS = 8  # rows of a matrix that are shown outside the tutor
GAP = "  "

FLOAT32_FIGURES = 9  # as many as tell any two float32 numbers apart

_shown = ContextVar("shown", default=SHOWN)


@contextmanager
def showing(figures: int) -> Iterator[None]:
    """Show known quantities to so many figures, `LEAST` to `MOST`.

    In an app it holds from its start to its end, in the service for one learner's request.
    """
    before = _shown.set(max(LEAST, min(MOST, figures)))
    try:
        yield
    finally:
        _shown.reset(before)


def shown() -> int:
    """Significant figures of the known quantities on the screen."""
    return _shown.get()


def _plain(text: str) -> str:
    """`1.50e+03` as `1.5e3`, `0.5000` as `0.5`, `-0` as `0`."""
    mantissa, _, exponent = text.partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    if mantissa in ("-0", "0", ""):
        return "0"
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def rows_of(value: Any) -> Iterator[list[float]]:
    """The rows of numbers nested as deep as their shape is long; a single number is one row."""
    if not isinstance(value, list):
        yield [value]
    elif not isinstance(value[0], list):
        yield value
    else:
        for part in value:
            yield from rows_of(part)


def cut(items: list[T], most: int, dots: T) -> list[T]:
    """At most so many items: of a longer list one fewer, and dots."""
    return items if len(items) <= most else [*items[: most - 1], dots]


def matrix_lines(
    value: Any, indent: int, figures: int, *, width: int, unicode: bool
) -> Iterator[str]:
    """Numbers nested in lists as lines of at most `width`, columns aligned.

    A vector is one row; axes in front of the last two count as rows.
    """
    dots = "…" if unicode else "..."
    rows = [
        [significant(number, figures) for number in row[: width // 2]]
        for row in cut(list(rows_of(value)), MOST_ROWS, [])
    ]
    column = max(len(text) for row in rows for text in row)
    columns = (width - indent + len(GAP)) // (column + len(GAP))
    for row in rows:
        texts = cut(row, columns, dots) or [dots]
        yield " " * indent + GAP.join(text.rjust(column) for text in texts)


def significant(value: float, figures: int | None = None) -> str:
    """`value` to so many significant figures, else those shown: 0.136, 1.4, 3.168e-5."""
    if not math.isfinite(value):
        return str(value)
    return _plain(f"{value:.{figures or shown()}g}")


def shortest(value: float, dtype: str = "float64") -> str:
    """The shortest text that reads back as the same number in `dtype` (float32 or float64)."""
    if dtype == "float64" or not math.isfinite(value):
        return _plain(repr(float(value)))
    for figures in range(6, 10):
        text = f"{value:.{figures}g}"
        if struct.pack("f", float(text)) == struct.pack("f", value):
            break
    return _plain(text)


def nested(value: Any) -> str:
    """Numbers nested in lists as they are typed: [[0.1, 2], [3, 4]]."""
    if isinstance(value, list):
        return f"[{', '.join(map(nested, value))}]"
    return significant(value)


# ── matrices ──────────────────────────────────────────────────────────────────────────────────


class Numbers(Protocol):
    """Numbers in their shape, row after row; NaN stands for one that may not be seen yet."""

    @property
    def shape(self) -> Sequence[int]: ...

    @property
    def values(self) -> Sequence[float]: ...

    @property
    def dtype(self) -> str: ...


def size_of(shape: Sequence[int]) -> tuple[int, int]:
    """Rows and columns as they are shown: a vector is one row, a scalar one cell."""
    columns = shape[-1] if shape else 1
    return math.prod(shape[:-1]), columns


def rows_there(matrix: Numbers) -> int:
    """The rows to show: of a cut matrix those with numbers, and one more, which says that it is."""
    rows, columns = size_of(matrix.shape)
    there = len(matrix.values)
    return rows if there == rows * columns else there // columns + 1


def figures_for_change(before: Numbers, after: Numbers) -> int:
    """As many figures as it takes to see a change to three figures of its own; up to 17."""
    needed = shown()
    for old, new in zip(before.values, after.values, strict=True):
        if new != old and math.isfinite(new - old):
            gap = math.log10(max(abs(new), abs(old)) / abs(new - old))
            needed = max(needed, math.ceil(gap) + 3)
    return min(17, needed)


def weight(value: float, dtype: str, figures: int) -> str:
    """A weight to so many figures, or to the last bit where that is shorter."""
    return min(shortest(value, dtype), significant(value, figures), key=len)


def in_a_row(values: Sequence[float], number: Callable[[float], str] = significant) -> str:
    """Numbers with commas between them; a question mark for one that may not be seen yet."""
    return ", ".join("?" if math.isnan(value) else number(value) for value in values)


# ── in words ──────────────────────────────────────────────────────────────────────────────────


def shape_words(shape: Sequence[int]) -> Message:
    """`2 by 3`, `3 numbers`, `1 number`."""
    if len(shape) < 2 and math.prod(shape) == 1:
        return Message("1 number")
    if len(shape) == 1:
        return Message("{count} numbers", count=shape[0])
    words = Message("{first} by {second}", first=shape[0], second=shape[1])
    for further in shape[2:]:
        words = Message("{first} by {second}", first=words, second=further)
    return words


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


def element_words(index: Sequence[int]) -> Message:
    """An element of a vector, a matrix or a larger tensor by where it is, counted from 1."""
    counted = [each + 1 for each in index]
    if len(counted) == 2:
        return Message("row {row}, column {column}", row=counted[0], column=counted[1])
    return Message("element {index}", index=", ".join(map(str, counted)))


def matrix_words(
    name: str | Message,
    matrix: Numbers,
    number: Callable[[float], str] = significant,
    *,
    whole: bool = False,
) -> Iterator[Message]:
    """A quantity with its shape and its numbers; a large one's numbers only if it is `whole`."""
    rows, columns = size_of(matrix.shape)
    values, shape = matrix.values[:MOST_WHOLE], shape_words(matrix.shape)
    if not matrix.shape and values:
        yield Message("{name}: {numbers}", name=name, numbers=number(values[0]))
    elif not values or (len(values) > MOST_READ and not whole):
        yield Message("{name}, {shape}.", name=name, shape=shape)
    elif rows == 1:
        numbers = in_a_row(values, number)
        yield Message("{name}, {shape}: {numbers}", name=name, shape=shape, numbers=numbers)
    else:
        yield Message("{name}, {shape}.", name=name, shape=shape)
        for row in range(rows):
            if part := values[row * columns : (row + 1) * columns]:
                yield row_words(row, in_a_row(part, number))
    missing = rows * columns - len(values)
    if values and missing and (whole or len(values) <= MOST_READ):
        yield Message("And more numbers that are not shown: {count}.", count=missing)


def part_words(name: str | Message, matrix: Numbers, across: bool, place: int) -> Iterator[Message]:
    """One row (`across`) or column of a quantity, by its number from 1 on."""
    rows, columns = size_of(matrix.shape)
    if not 1 <= place <= (rows if across else columns):
        yield Message("{name}, {shape}.", name=name, shape=shape_words(matrix.shape))
        return
    first, step = ((place - 1) * columns, 1) if across else (place - 1, columns)
    numbers = matrix.values[first : first + columns if across else None : step]
    where = cell_words(rows, 1, place - 1, 0) if across else cell_words(1, columns, 0, place - 1)
    yield Message("{name}, {shape}: {numbers}", name=name, shape=where, numbers=in_a_row(numbers))
    if missing := (columns if across else rows) - len(numbers):
        yield Message("And more numbers that are not shown: {count}.", count=missing)
