"""The numbers in a lesson's file: a number, or lists of them, row by row."""

import math
from collections.abc import Iterator
from typing import Any

from bptutor.language.errors import shortened
from bptutor.language.tree import Shape
from bptutor.lesson.lesson import Dtype, Values
from bptutor.text import UserError

MOST_AXES = 4
QUOTED = 24  # how much of what is no number an error sentence repeats
_LARGEST_FLOAT32 = 3.4028235e38


def read_values(raw: Any, dtype: Dtype) -> tuple[Values, Shape]:
    """The numbers and their shape.

    Raises UserError: they are ragged, empty, no numbers, or none that `dtype` holds.
    """
    shape = _shape(raw)
    if len(shape) > MOST_AXES:
        raise UserError("its lists are nested deeper than {limit}; flatten it", limit=MOST_AXES)
    return _read(raw, shape, dtype), shape


def filled(shape: Shape, number: float) -> Values:
    """The same number everywhere."""
    return [filled(shape[1:], number) for _ in range(shape[0])] if shape else number


def flattened(values: Values) -> Iterator[float]:
    """The numbers of a lesson's file, row after row."""
    if isinstance(values, list):
        for each in values:
            yield from flattened(each)
    elif isinstance(values, float):
        yield values


def _shape(raw: Any) -> Shape:
    """The shape that the first element at each depth gives."""
    shape: list[int] = []
    while isinstance(raw, list):
        shape.append(len(raw))
        if not raw:
            raise UserError("it has an empty list; give it at least one number")
        raw = raw[0]
    return tuple(shape)


def _read(raw: Any, shape: Shape, dtype: Dtype) -> Values:
    if not shape:
        return _number(raw, dtype)
    if not isinstance(raw, list) or len(raw) != shape[0]:
        raise UserError("its rows differ in length; give every row as many numbers as the first")
    return [_read(element, shape[1:], dtype) for element in raw]


def _number(raw: Any, dtype: Dtype) -> float:
    if isinstance(raw, list):
        raise UserError("its rows differ in length; give every row as many numbers as the first")
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise UserError("{value} is not a number; write a number such as 0.5", value=_quoted(raw))
    number = float(raw)  # an integer of so few digits fits
    if not math.isfinite(number):
        raise UserError("its numbers must be finite; it has {value}", value=_quoted(raw))
    if dtype == "float32" and abs(number) > _LARGEST_FLOAT32:
        raise UserError(
            '{value} is too large for float32; write dtype = "float64"', value=_quoted(raw)
        )
    return number


def _quoted(raw: Any) -> str:
    text = repr(raw) if isinstance(raw, str) else str(raw)
    return shortened(text, QUOTED)
