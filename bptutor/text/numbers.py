"""Numbers as text: as many figures as are shown, or as many as it takes to read a number back."""

import math
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

T = TypeVar("T")

SHOWN = 5
"""Significant figures of the known quantities on the screen, where nobody has set others."""
LEAST, MOST = 4, 8
"""Three are asked for, and one more is the least to work with; float32 has hardly more than 8."""

MOST_ROWS = 8
"""Rows of a matrix that are shown outside the tutor."""
GAP = "  "

FLOAT32_FIGURES = 9
"""As many as tell any two float32 numbers apart."""

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
