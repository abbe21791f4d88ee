"""Slips of the pen: they act on the numbers of a right answer, or of a wrong one."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tools.outside.mistakes.case import Case, ids, way
from tools.outside.program import Array
from tools.outside.typed import alike, rounded
from tools.outside.working import Known, Way

KIND = "slips"
SMALL = 0.02
"""Of the largest cell: what may be taken for nothing."""


def slips(case: Case, random: np.random.Generator) -> Iterator[Way]:
    truth = case.truth
    filled = np.flatnonzero(truth)
    if truth.size > 1 and filled.size:
        cell = int(random.choice(filled))
        yield _cell("sign of one cell", "sign-slip", truth, cell, -truth.flat[cell])
    if filled.size:
        told = ids("sign-slip")
        if case.step.kind != "update":
            told |= ids("error-reversed")
        yield way(KIND, "sign of everything", told, final=lambda _: -truth)
        cell = int(random.choice(filled))
        power = float(random.choice([0.01, 0.1, 10, 100]))
        yield _cell(
            "decimal point of one cell", "decimal-slip", truth, cell, power * truth.flat[cell]
        )
    if truth.size > 1:
        first, second = (int(each) for each in random.choice(truth.size, 2, replace=False))
        swapped = truth.copy()
        swapped.flat[first], swapped.flat[second] = truth.flat[second], truth.flat[first]
        yield _typed("two cells exchanged", "cells-swapped", swapped)
    if truth.ndim == 2 and truth.shape[0] == truth.shape[1] > 1:
        yield way(
            KIND, "rows typed as columns", ids("matrix-transposed", "outer-product-transposed"),
            final=lambda _: truth.T,
        )  # fmt: skip
    yield from _zeros(truth, random)
    early = _rounded_early(case)
    if early is not None and not alike(early, truth):
        yield _typed("rounded to 2 digits on the way", "rounded-early", early)


def _zeros(truth: Array, random: np.random.Generator) -> Iterator[Way]:
    largest = float(np.abs(truth).max())
    tiny = np.flatnonzero((truth != 0) & (np.abs(truth) < SMALL * largest))
    if tiny.size:
        yield _cell("0 for a small number", "zero-for-tiny", truth, int(random.choice(tiny)), 0.0)
    zeros = np.flatnonzero(truth == 0)
    if truth.size > 1 and zeros.size and largest:
        small = round(largest * float(random.uniform(0.02, 0.05)), 4)
        if small:
            cell = int(random.choice(zeros))
            yield _cell("a small number for 0", "tiny-for-zero", truth, cell, small)


def _rounded_early(case: Case) -> Array | None:
    if case.step.kind == "update":
        return None
    known = Known({name: rounded(value, 2) for name, value in case.env.items()})
    with np.errstate(all="ignore"):
        value = case.working.value(case.step, known)
    return value if np.isfinite(value).all() else None


def _cell(label: str, told: str, truth: Array, cell: int, value: float) -> Way:
    typed = truth.copy()
    typed.flat[cell] = value
    return _typed(label, told, typed)


def _typed(label: str, told: str, typed: Array) -> Way:
    return way(KIND, label, told, final=lambda _: typed)
