"""A leaf's numbers, read from TOML's nested lists."""

from __future__ import annotations

import math
from typing import Any

from bptutor.language.limits import MOST_ELEMENTS
from bptutor.language.tree import Shape
from bptutor.lesson.lesson import Dtype, Values
from bptutor.locale import Message, UserError

MOST_AXES = 4
QUOTED = 24
"""How much of what is no number an error sentence repeats."""
_LARGEST_FLOAT32 = 3.4028235e38


def read_values(raw: Any, dtype: Dtype) -> tuple[Values, Shape]:
    """The numbers and their shape.

    Raises:
        UserError: they are ragged, empty, no numbers, or none that `dtype` holds.
    """
    shape = _shape(raw)
    if len(shape) > MOST_AXES:
        raise UserError(
            Message("its lists are nested deeper than {limit}; flatten it", limit=MOST_AXES)
        )
    if math.prod(shape) > MOST_ELEMENTS:
        raise UserError(
            Message("it has more than {limit} numbers; make it smaller", limit=MOST_ELEMENTS)
        )
    return _read(raw, shape, dtype), shape


def _shape(raw: Any) -> Shape:
    """The shape that the first element at each depth gives."""
    shape: list[int] = []
    while isinstance(raw, list):
        shape.append(len(raw))
        if not raw:
            raise UserError(Message("it has an empty list; give it at least one number"))
        raw = raw[0]
    return tuple(shape)


def _read(raw: Any, shape: Shape, dtype: Dtype) -> Values:
    if not shape:
        return _number(raw, dtype)
    if not isinstance(raw, list) or len(raw) != shape[0]:
        raise UserError(
            Message("its rows differ in length; give every row as many numbers as the first")
        )
    return [_read(element, shape[1:], dtype) for element in raw]


def _number(raw: Any, dtype: Dtype) -> float:
    if isinstance(raw, list):
        raise UserError(
            Message("its rows differ in length; give every row as many numbers as the first")
        )
    if isinstance(raw, bool) or not isinstance(raw, int | float):
        raise UserError(Message("{value} is not a number; write it as in 0.5", value=_quoted(raw)))
    try:
        number = float(raw)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise UserError(Message("its numbers must be finite; it has {value}", value=_quoted(raw)))
    if dtype == "float32" and abs(number) > _LARGEST_FLOAT32:
        raise UserError(
            Message('{value} is too large for float32; write dtype = "float64"', value=_quoted(raw))
        )
    return number


def _quoted(raw: Any) -> str:
    """What stands there, cut short where it is long."""
    try:
        text = repr(raw) if isinstance(raw, str) else str(raw)
    except ValueError:  # an integer of more digits than Python writes out
        text = "…"
    return text if len(text) <= QUOTED else text[: QUOTED - 1] + "…"
