"""What explains a wrong formula: a mistake that is the same formula, or the place that is off."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from bptutor.engine.trace import Array
from bptutor.grading.candidates import Candidate, Candidates, after
from bptutor.grading.formula import SHARE, World
from bptutor.grading.misconceptions.places import is_constant
from bptutor.grading.misconceptions.repairs import repair
from bptutor.grading.named import Named, of_candidate
from bptutor.language.errors import ShapeError
from bptutor.language.ops import traits_of
from bptutor.language.tree import Expression, Name, names, parts
from bptutor.text import Message


def of_formula(
    known: Candidates,
    expression: Expression,
    worlds: Sequence[World],
    right: Collection[str] | None,
) -> list[Named]:
    """What explains a wrong formula, the likeliest first; nothing is carried on from `right` steps.

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
        for place, named in enumerate(_explanations(known, expression, typed, worlds, right))
    ]


def _explanations(
    known: Candidates,
    expression: Expression,
    typed: Sequence[Array],
    worlds: Sequence[World],
    right: Collection[str] | None,
) -> list[Named]:
    def identical(candidates: Sequence[Candidate]) -> list[Named]:
        same = (
            each
            for each in candidates
            if _can_be(known, each, expression) and _identical(known, typed, each, worlds)
        )
        return [of_candidate(known, each) for each in same]

    sums = any(traits_of(part).reduces for part in parts(expression))
    if sums and any(names(expression)) and is_constant(expression, worlds):
        # By an identity it equals what it is not: it is a mistake only as that one is written.
        written = identical([each for each in known.every_single if each.expression == expression])
        return written or _repaired(known, expression, worlds)
    if found := identical(known.every_single):
        return found
    if loss := _loss_itself(known, expression, typed, worlds):
        return [loss]
    reads_upstream = not _upstream(known).isdisjoint(names(expression))
    # An upstream gradient is right by its name.
    carried = known.carried(right) if right is not None and not reads_upstream else []
    if found := identical(carried):
        return found
    if all(_same(-value, world.truth, world) for value, world in zip(typed, worlds, strict=True)):
        said = Message("The size of your formula is right, but the sign is wrong.")
        signs = Message("Check the sign of each factor and term.")
        return [Named(("sign-slip",), said, signs, fact=True)]
    if found := _repaired(known, expression, worlds):
        return found
    alike = [each for each in known.pairs if set(names(each.expression)) == set(names(expression))]
    made = [each for each in alike if identical([each])]
    return [of_candidate(known, each) for each in made if not _by_an_identity(each, worlds)]


def _by_an_identity(candidate: Candidate, worlds: Sequence[World]) -> bool:
    """Is a part of it the same number whatever the values, as a sum of shares is 1?"""
    inside = (part for part in parts(candidate.expression) if any(names(part)))
    reduced = (part for part in inside if traits_of(part).reduces)
    return any(is_constant(part, worlds) for part in reduced)


def _can_be(known: Candidates, candidate: Candidate, expression: Expression) -> bool:
    """May a formula be this mistake, or would it come to the same by an identity of the values?

    No constant is a formula that reads a name, and no mistake that leaves the upstream gradient
    out is one that reads it. What is read by its name is right, so no mistake before it is.
    """
    if candidate.made_at is not None:
        form = known.right.lesson.form
        return after(form, candidate.made_at.id).isdisjoint(names(expression))
    typed, wrong = set(names(expression)), set(names(candidate.expression))
    if typed and not wrong:
        return False
    upstream = _upstream(known)
    return not wrong.isdisjoint(upstream) or typed.isdisjoint(upstream)


def _upstream(known: Candidates) -> set[str]:
    """The names of the upstream gradients at the step."""
    found = map(known.right.upstream, known.right.paths)
    return {each.id for each in found if isinstance(each, Name)}


def _loss_itself(
    known: Candidates, expression: Expression, typed: Sequence[Array], worlds: Sequence[World]
) -> Named | None:
    """What the loss adds up, its mean's divisor included, in the place of its gradient."""
    named = (each for each in known.every_single if each.ids == ("loss-for-gradient",))
    candidate = next(named, None)
    right = known.right
    if candidate is None or not _upstream(known).isdisjoint(names(expression)):
        return None
    for value, world in zip(typed, worlds, strict=True):
        loss = world.trace.known(right.lesson.loss)
        if value.shape != world.truth.shape or not _same(value.sum(), loss, world):
            return None
    said = Message("You gave the loss itself, {formula}.", formula=right.written(expression))
    return replace(of_candidate(known, candidate), explanation=said, quotes=False)


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
    gives, right = float(typed.reshape(-1)[position]), float(known.truth.reshape(-1)[position])
    if abs(abs(gives) - abs(right)) <= known.least_change:  # which would give it away
        return position, None
    return position, gives if abs(gives) > known.residue else 0.0


def _identical(
    known: Candidates, typed: Sequence[Array], candidate: Candidate, worlds: Sequence[World]
) -> bool:
    """Does a mistake's formula give what was typed, on every set of values?"""
    if not _same(typed[0], candidate.value, worlds[0]):
        return False
    elsewhere = (known.anywhere(candidate, world.trace) for world in worlds[1:])
    return all(
        not np.isfinite(value).all() if wrong is None else _same(value, wrong, world)
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
