"""What explains a wrong formula: a mistake that is the same formula, or the place that is off."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from bptutor.engine.trace import Array
from bptutor.grading.candidates import Candidate, Candidates
from bptutor.grading.formula import SHARE, World
from bptutor.grading.misconceptions.repairs import repair
from bptutor.grading.named import Named, of_candidate
from bptutor.language.errors import ShapeError
from bptutor.language.tree import Expression, Name, names
from bptutor.text import Message


def of_formula(known: Candidates, expression: Expression, worlds: Sequence[World]) -> list[Named]:
    """What explains a wrong formula, the likeliest first.

    A mistake is named where its formula comes to the same on all sets of values.
    """
    try:
        typed = [world.evaluate(expression) for world in worlds]
    except ShapeError:
        return _repaired(known, expression, worlds)
    position, gives = _most_off(known, typed[0])
    return [
        replace(
            named,
            certainty="possible" if place else named.certainty,
            position=position,
            gives=gives,
        )
        for place, named in enumerate(_explanations(known, expression, typed, worlds))
    ]


def _explanations(
    known: Candidates, expression: Expression, typed: Sequence[Array], worlds: Sequence[World]
) -> list[Named]:
    def identical(candidates: Sequence[Candidate]) -> list[Named]:
        same = (each for each in candidates if _identical(known, typed, each, worlds))
        return [of_candidate(known, each) for each in same]

    if found := identical(known.every_single):
        return found
    reads_upstream = not set(map(Name, names(expression))).isdisjoint(
        known.right.upstream(path) for path in known.right.paths
    )
    if not reads_upstream and (found := identical(known.carried())):  # by its name it is right
        return found
    if all(_same(-value, world.truth, world) for value, world in zip(typed, worlds, strict=True)):
        said = Message("The size of your formula is right, but the sign is wrong.")
        signs = Message("Check the sign of each factor and term.")
        return [Named(("sign-slip",), said, signs, fact=True)]
    return _repaired(known, expression, worlds) or identical(known.pairs)


def _repaired(known: Candidates, expression: Expression, worlds: Sequence[World]) -> list[Named]:
    found = repair(known.right, expression, worlds)
    return [Named(found.ids, found.explanation, found.advice, fact=True)] if found else []


def _most_off(known: Candidates, typed: Array) -> tuple[int | None, float | None]:
    """Where a formula's value is most off, and what it is there; nothing where it is right."""
    if typed.shape != known.truth.shape or not np.isfinite(typed).all():
        return None, None
    off = np.abs(typed - known.truth).reshape(-1)
    position = int(off.argmax())
    if off[position] <= known.least_change:
        return None, None
    return position, float(typed.reshape(-1)[position])


def _identical(
    known: Candidates, typed: Sequence[Array], candidate: Candidate, worlds: Sequence[World]
) -> bool:
    """Does a mistake's formula give what was typed, on every set of values?"""
    if not _same(typed[0], candidate.value, worlds[0]):
        return False
    elsewhere = (known.anywhere(candidate, world.trace) for world in worlds[1:])
    return all(
        wrong is not None and _same(value, wrong, world)
        for value, wrong, world in zip(typed[1:], elsewhere, worlds[1:], strict=True)
    )


def _same(typed: Array, wrong: Array, world: World) -> bool:
    if typed.size == 1 and wrong.ndim:
        typed = np.broadcast_to(typed.reshape(()), wrong.shape)  # a bare 1 for a bias' slope
    if typed.shape != wrong.shape:
        return False
    scale = float(np.abs(wrong).max(initial=0.0))
    off = float(np.abs(typed - wrong).max(initial=0.0))
    return off <= max(SHARE * scale, world.residue)
