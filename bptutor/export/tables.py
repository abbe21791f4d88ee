"""Numbers as the rows of a small table."""

from __future__ import annotations

from math import prod
from typing import TypeVar

from bptutor.export.document import BLANK, Quantity
from bptutor.locale import significant
from bptutor.locale.figures import rows_of

MOST = 8
"""Rows and columns that are shown; of more, one fewer and dots."""
DOTS = "…"

Item = TypeVar("Item")


def rows(quantity: Quantity) -> list[list[str]]:
    """The rows of a table; a vector is one row, axes in front of the last two count as rows."""
    if quantity.value is None:
        width = quantity.shape[-1] if quantity.shape else 1
        table = [[BLANK] * width] * prod(quantity.shape[:-1])
    else:
        table = [
            [significant(number, quantity.figures) for number in row]
            for row in rows_of(quantity.value)
        ]
    shown = [_shortened(row, DOTS) for row in table]
    return _shortened(shown, [DOTS] * len(shown[0]))


def _shortened(items: list[Item], dots: Item) -> list[Item]:
    return items if len(items) <= MOST else [*items[: MOST - 1], dots]
