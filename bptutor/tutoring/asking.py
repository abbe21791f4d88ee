"""What of a step is asked: all of it or nothing, and which cells of a large matrix."""

from __future__ import annotations

from math import prod

import numpy as np

from bptutor.language.tree import Shape
from bptutor.lesson.steps import Step
from bptutor.record.sittings import Ask
from bptutor.tutoring.facts import Array

MOST_CELLS = 12
"""A matrix of at most so many cells is asked whole."""
TELLING_CELLS = 4
"""How many cells of a larger one are asked."""
MOST_SEEN = 4_096
"""Of a very large matrix its first numbers, row after row, are shown, and asked of."""


def asks_product(step: Step, ask: Ask) -> bool:
    """Is the product of this step asked?"""
    if step.part != "tape":
        return not step.numbers
    return step.kind == "backward" and ask != "values"


def asks_value(step: Step, ask: Ask) -> bool:
    """Is the value of this step asked?"""
    if step.part != "tape":
        return step.numbers
    if ask == "products":
        return False
    return ask != "backward" or step.kind in ("backward", "update")


def asked_anything(step: Step, ask: Ask) -> bool:
    """Is there anything to answer at this step?"""
    return asks_product(step, ask) or asks_value(step, ask)


def asked_cells(shape: Shape, truth: Array | None) -> list[int]:
    """The cells to ask, as positions row after row.

    All of a small matrix. Of a larger one a few that tell mistakes apart: the largest number, a
    number off the diagonal (which a transpose would move), a zero if there is one, a middling one.
    None where that depends on the truth and the truth is not there yet.
    """
    count = prod(shape)
    if count <= MOST_CELLS:
        return list(range(count))
    if truth is None:
        return []
    flat = np.abs(truth.reshape(-1)[:MOST_SEEN]).astype("float64")
    columns = shape[-1]
    by_size = np.argsort(-flat, kind="stable")
    zeros = np.flatnonzero(flat == 0)
    off_diagonal = next((c for c in by_size if c // columns != c % columns), by_size[-1])
    middle = by_size[(len(flat) - len(zeros)) // 2]
    found = [by_size[0], off_diagonal, *zeros[:1], middle, *by_size]
    return sorted(int(cell) for cell in list(dict.fromkeys(found))[:TELLING_CELLS])
