"""Every wrong answer that a known mistake gives, in every lesson, at every step."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from bptutor.course.answers import STYLE
from bptutor.grading.cells import EARLY
from bptutor.grading.facts import Facts
from bptutor.grading.judge import CHANGE_SHARE, SHARE
from bptutor.grading.misconceptions.step_paths import surroundings
from bptutor.language.errors import ShapeError
from bptutor.language.ops import traits_of
from bptutor.language.render import write
from bptutor.language.shapes import infer_shape
from bptutor.language.tree import Apply, Expression, Shape
from bptutor.lesson.steps import Step, steps
from bptutor.text import shortest
from tools.feedback.written import LEFT_OVER, matrix, texts

Array = NDArray[np.float64]

PRECISIONS: tuple[int | None, ...] = (None, 3, 4, 6)
"""Significant figures; None is full precision."""


@dataclass(frozen=True)
class Wrong:
    """A wrong answer, and the mistake that it was made by."""

    step: Step
    id: str
    asked: str
    """value, product or slip"""
    figures: int | None
    text: str
    alike: frozenset[str] = field(default_factory=frozenset)
    """Other mistakes that give the very same answer at this precision."""
    right: bool = False
    """Is it within what a right answer may be off by?"""


def wrong_answers(facts: Facts, precisions: Iterable[int | None]) -> Iterator[Wrong]:
    """The wrong answers to all steps of a lesson, each at every precision."""
    for step in steps(facts.lesson):
        if step.asks == "nothing":
            continue
        values = mistaken(facts, step)
        slipped = list(slips(facts, step))
        for figures in precisions:
            yield from _typed(facts, step, "value", figures, values, slipped)
            yield from _typed(facts, step, "slip", figures, slipped, values)
        if step.asks_formula:
            yield from _products(facts, step)


def mistaken(facts: Facts, step: Step) -> list[tuple[str, Array]]:
    """What each mistake that applies comes to."""
    found: dict[tuple[str, bytes], tuple[str, Array]] = {}
    for each in facts.diagnostician(step, STYLE).candidates:
        value = np.asarray(each.value, "float64")
        found.setdefault((each.ids[0], value.tobytes()), (each.ids[0], value))
    return list(found.values())


def slips(facts: Facts, step: Step) -> Iterator[tuple[str, Array]]:
    """Right values spoilt by a slip of hand or eye."""
    truth = true_value(facts, step)
    flat = truth.reshape(-1)

    def cell(position: int, value: float) -> Array:
        changed = flat.copy()
        changed[position] = value
        return changed.reshape(truth.shape)

    largest = int(np.abs(flat).argmax())
    if flat[largest] and step.kind != "update":
        yield "sign-slip", cell(largest, -flat[largest])
        yield "sign-slip", -truth
        yield "decimal-slip", cell(largest, flat[largest] * 10)
        yield "decimal-slip", truth / 100
    differing = np.abs(np.abs(flat) - abs(flat[largest])) > 0.1 * abs(flat[largest])
    others = np.flatnonzero(differing)
    if others.size:
        swapped = flat.copy()
        swapped[[largest, others[0]]] = flat[[others[0], largest]]
        yield "cells-swapped", swapped.reshape(truth.shape)
    if truth.ndim == 2 and min(truth.shape) > 1:
        yield "matrix-transposed", truth.T.reshape(truth.shape)
    if step.kind == "update":
        return
    yield "rounded-early", np.asarray(facts.displayed(step, EARLY), "float64")
    tiny = np.flatnonzero((flat != 0) & (np.abs(flat) < 0.01))
    if tiny.size:
        yield "zero-for-tiny", cell(int(tiny[0]), 0.0)
    zeros = np.flatnonzero(flat == 0)
    if zeros.size:
        yield "tiny-for-zero", cell(int(zeros[0]), 0.00173)


@lru_cache(maxsize=8)
def true_value(facts: Facts, step: Step) -> Array:
    """The truth in float64, whatever the lesson is computed in."""
    return np.asarray(facts.diagnostician(step, STYLE).truth, "float64")


@lru_cache(maxsize=8)
def _honest(facts: Facts, step: Step) -> Array:
    return np.asarray(facts.displayed(step), "float64").reshape(-1)


def _typed(
    facts: Facts,
    step: Step,
    asked: str,
    figures: int | None,
    made: list[tuple[str, Array]],
    besides: list[tuple[str, Array]],
) -> Iterator[Wrong]:
    every = [(id_, value, _cells(facts, step, value, figures)) for id_, value in [*made, *besides]]
    truth = _cells(facts, step, true_value(facts, step), figures)
    if asked == "slip" and not _right(facts, step, truth):
        return  # so few figures are wrong by themselves
    seen: set[tuple[str, tuple[str, ...]]] = set()
    for id_, value, cells in every[: len(made)]:
        if (id_, tuple(cells)) in seen:
            continue
        seen.add((id_, tuple(cells)))
        alike = {
            other
            for other, theirs, typed in every
            if typed == cells or (figures is None and np.allclose(theirs, value, 1e-5, 0))
        }
        yield Wrong(
            step,
            id_,
            asked,
            figures,
            matrix(cells, step.shape),
            frozenset(alike - {id_}),
            _right(facts, step, cells) or cells == truth,
        )


def _cells(facts: Facts, step: Step, value: Array, figures: int | None) -> list[str]:
    """What is typed; an update starts from the weights as they are shown."""
    if step.kind == "update" and figures is None:
        old = np.asarray(facts.known(step.target), "float64")
        shown = [float(shortest(each, facts.lesson.dtype)) for each in old.reshape(-1).tolist()]
        moved = value - old + np.asarray(shown).reshape(old.shape)
        value = np.where(value == 0, 0, moved)
    return texts(value, figures)


def _right(facts: Facts, step: Step, cells: list[str]) -> bool:
    """Is every cell as near as a right one may be, or the truth rounded at its last place?"""
    typed = np.asarray([float(text) for text in cells])
    truth = true_value(facts, step).reshape(-1)
    places = [-int(Decimal(text).as_tuple().exponent) for text in cells]
    rounded = [
        each != 0 and abs(number - each) <= 0.5 * 10.0**-place * (1 + 1e-6)
        for number, each, place in zip(typed, truth, places, strict=True)
    ]
    if step.kind == "update":
        old = np.asarray(facts.known(step.target), "float64").reshape(-1)
        change = truth - old
        near = np.abs(typed - old - change) <= CHANGE_SHARE * np.abs(change) + 1e-7 * np.abs(old)
        same = np.abs(typed - old) <= 1e-7 * np.abs(old)
        moved = change != 0
        untouched = bool(moved.any() and same[moved].all())  # no update, and not one too short
        return bool((near | rounded).all()) and not untouched
    honest = _honest(facts, step)
    near = np.abs(typed - truth) <= SHARE * np.abs(truth)
    near |= (np.abs(typed - honest) <= SHARE * np.abs(honest)) & (honest * truth > 0)
    return bool(((near | rounded) & ((typed == 0) == (truth == 0))).all())


def _products(facts: Facts, step: Step) -> Iterator[Wrong]:
    """The wrong formulas themselves; alike are those that say the same of every set of values."""
    candidates = facts.diagnostician(step, STYLE).candidates
    worlds = facts.worlds(step)
    shown = []
    for each in candidates:
        expression = each.expression
        values = [np.asarray(world.evaluate(expression)) for world in worlds]
        shown.append((each.ids[0], write(expression, "ascii"), values))
    seen: set[tuple[str, str]] = set()
    for id_, text, values in shown:
        if (id_, text) in seen:
            continue
        seen.add((id_, text))
        alike = {other for other, _, theirs in shown if _same(values, theirs)} - {id_}
        yield Wrong(step, id_, "product", None, text, frozenset(alike))
    yield from _of_another_shape(facts, step)


def _of_another_shape(facts: Facts, step: Step) -> Iterator[Wrong]:
    """The right formula with its matrices exchanged, or without its sum over the examples."""
    formula, shapes = step.product, surroundings(facts.lesson).shapes
    if not isinstance(formula, Apply):
        return
    if traits_of(formula).product == "matrices":
        exchanged = replace(formula, operands=formula.operands[::-1])
        shape = _shape(exchanged, shapes)
        if shape != step.shape:
            alike = {"inner-product"} if shape == (1, 1) else set()
            if step.shape == (1, 1):  # two transposes give the same number
                alike.add("transpose-missing")
            yield _formula(step, "factor-order", exchanged, alike)
    elif formula.operation == "sum" and formula.option("axis") == 0:
        (unsummed,) = formula.operands
        if infer_shape(unsummed, shapes)[0] > 1:
            yield _formula(step, "batch-sum-missing", unsummed, set())


def _formula(step: Step, id_: str, formula: Expression, alike: set[str]) -> Wrong:
    return Wrong(step, id_, "product", None, write(formula, "ascii"), frozenset(alike))


def _shape(formula: Expression, shapes: Mapping[str, Shape]) -> Shape | None:
    try:
        return infer_shape(formula, shapes)
    except ShapeError:
        return None


def _same(values: list[Array], others: list[Array]) -> bool:
    return all(
        mine.shape == theirs.shape
        and np.allclose(mine, theirs, 1e-6, max(1e-7 * np.abs(mine).max(initial=0.0), LEFT_OVER))
        for mine, theirs in zip(values, others, strict=True)
    )
