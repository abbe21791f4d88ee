"""Formulas that are right once one thing in them is put right: which, in words.

The misconceptions are wrong formulas of the right shape; here the formula as typed is changed
until it gives the gradient: a transpose, the order of two factors or a sum, then any one place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import combinations

from bptutor.grading.formula import World, misfit
from bptutor.grading.misconceptions.comparison import MOST_NODES, Change, Changes, Kind
from bptutor.grading.misconceptions.places import Place, at, part_at, places_in
from bptutor.grading.misconceptions.situation import Situation
from bptutor.language.algebra import untransposed
from bptutor.language.errors import ShapeError
from bptutor.language.ops import build, operation_of, traits_of
from bptutor.language.ops.base import written_shape
from bptutor.language.shapes import readings
from bptutor.language.tree import Apply, Expression, Name, Shape, names, parts, replaced, size
from bptutor.text import Message, sentences
from bptutor.text.message import Field

LABELS = {
    "factor-order": Message("factors of a matrix product in the wrong order"),
    "batch-sum-missing": Message("sum over the examples omitted"),
}
"""The ids of its mistakes, and how lists call them; a transpose is known to `weights`."""

MOST_PRODUCTS = 3  # matrix products in a formula up to which their factors are turned and exchanged
MOST_TURNED = 2


@dataclass(frozen=True)
class Repair:
    """What is wrong in a typed formula; without ids where it has no name."""

    ids: tuple[str, ...]
    explanation: Message
    advice: Message
    formula: Expression  # the typed one with what is wrong put right


def repair(s: Situation, typed: Expression, worlds: Sequence[World]) -> Repair | None:
    """The smallest change that makes a wrong formula right, if there is one."""
    try:
        shapes = {name: worlds[0].evaluate(Name(name)).shape for name in set(names(typed))}
        meant = list(readings(typed, shapes))
    except ShapeError:
        meant = [_as_matrices(typed)]
    found = (_repaired(s, each, worlds) for each in meant)
    return next((each for each in found if each), None)


def _as_matrices(typed: Expression) -> Expression:
    """A formula whose shapes do not fit, each `·` read as a matrix product."""

    def read(part: Expression) -> Expression | None:
        if isinstance(part, Apply) and traits_of(part).product == "either":
            return build.matmul(*map(_as_matrices, part.operands))
        return None

    return replaced(typed, read)


def _repaired(s: Situation, typed: Expression, worlds: Sequence[World]) -> Repair | None:
    """The same of one reading of what was typed."""
    tried = Changes(s, typed, worlds)
    for changed, turned, exchanged in _changes(typed):
        if tried.gives_the_gradient(changed):
            return _matrices(s, typed, turned, worlds[0], changed, exchanged=exchanged)
    for summed in (build.total(typed, axis=0), build.total(typed)) if s.step.by else ():
        if tried.gives_the_gradient(summed):
            found, wanted = worlds[0].evaluate(typed).shape, worlds[0].truth.shape
            return Repair(
                ("batch-sum-missing",),
                Message(
                    "Your formula has the shape {found}, a row for each example; {by} has the "
                    "shape {wanted}.",
                    found=written_shape(found),
                    by=s.by,
                    wanted=written_shape(wanted),
                ),
                Message("Sum over the examples."),
                summed,
            )
    if found_as := _element_wise(s, typed, tried):
        return found_as
    change = tried.first()
    return _told(s, typed, change, worlds[0].truth.shape) if change else None


def _element_wise(s: Situation, typed: Expression, tried: Changes) -> Repair | None:
    """An element-wise product that has to be a matrix product of one factor transposed."""
    if size(typed) > MOST_NODES:
        return None
    for place, part in places_in(typed):
        if not isinstance(part, Apply) or traits_of(part).product != "cells":
            continue
        multiplied = build.matmul(*part.operands)
        for changed, turned, exchanged in _changes(multiplied):
            formula = at(typed, place, changed)
            if _factors_of(changed) == _factors_of(part) and tried.gives_the_gradient(formula):
                advice = (Message("Use the matrix product @."), *_turns(s, turned, exchanged))
                told = _told(s, typed, Change("operator", place, typed), ())
                ids = ("elementwise-for-matmul", *_ids(turned, exchanged))
                return replace(told, ids=ids, advice=sentences(*advice), formula=formula)
    return None


def _factors_of(product: Expression) -> set[Expression]:
    assert isinstance(product, Apply)
    return set(map(untransposed, product.operands))


FACTORS = Message("Derive the factors again, one by one.")
TERMS = Message("Derive the terms again, one by one.")
SUMS = Message("Compare the shapes of the parts.")
SAID: dict[Kind, tuple[Message, Message]] = {
    "sign": (
        Message("The sign of {part} is wrong."),
        Message("Check the sign of each factor and term."),
    ),
    "grouping": (
        Message("In {part}, the operations are grouped in the wrong order."),
        Message("Check where parentheses belong."),
    ),
    "axis": (
        Message("In {part}, the axis is wrong."),
        Message("The gradient has the shape {wanted}."),
    ),
    "keepdims": (
        Message("In {part}, only keepdims is wrong."),
        Message("keepdims=True keeps the axis, with length 1: write it, or leave it out."),
    ),
    "spare sum": (Message("The sum or mean in {part} is one too many."), SUMS),
    "missing sum": (Message("A sum or mean is missing around {part}."), SUMS),
    "power": (Message("The exponent of {part} is wrong."), Message("Check each exponent.")),
    "number": (
        Message("The number {part} is wrong; the rest of the formula is right."),
        Message("Check where it comes from."),
    ),
    "spare factor": (Message("The factor {part} is one too many."), FACTORS),
    "spare factor of a term": (
        Message("The factor {scale} is one too many on the term {part}."),
        FACTORS,
    ),
    "spare divisor of a term": (
        Message("The division by {scale} is one too many on the term {part}."),
        FACTORS,
    ),
    "spare divisor": (Message("The division by {part} is one too many."), FACTORS),
    "spare term": (Message("The term {part} is one too many."), TERMS),
    "missing constant": (Message("A constant factor is missing beside {part}."), FACTORS),
    "missing factor": (Message("One factor is missing beside {part}."), FACTORS),
    "missing term": (Message("One term is missing beside {part}."), TERMS),
    "exchanged": (
        Message("Only {part} is wrong; the rest of the formula is right."),
        Message("Check what belongs in its place."),
    ),
    "comparison": (
        Message("The comparison {part} is wrong."),
        Message("Check for which values the mask is 1."),
    ),
    "operator": (
        Message("The operator {sign} before {part} is wrong."),
        Message("Check how the two sides are combined."),
    ),
}
"""What is said of each change, and what to do."""


def _told(s: Situation, typed: Expression, change: Change, wanted: Shape) -> Repair:
    """A change in words that quote the formula."""
    kind, part = change.kind, part_at(typed, change.place)
    fields: dict[str, Field] = {"part": _quoted(s, typed, change.place)}
    ids: tuple[str, ...] = ()
    if kind == "sign":
        ids = ("sign-slip",)
    elif kind == "grouping" and _opens(s, change.formula) > _opens(s, typed):
        ids = ("parentheses-missing",)
    elif kind in ("spare factor of a term", "spare divisor of a term"):
        *above, side, _ = change.place
        fields["scale"] = s.written(part_at(typed, (*above, 1 - side)))
    elif kind == "axis":
        ids = ("sum-wrong-axis",)
    elif kind == "operator":
        assert isinstance(part, Apply)
        infix = operation_of(part).infix
        fields = {
            "sign": infix.sign[s.style] if infix else "",
            "part": _quoted(s, typed, (*change.place, 1)),
        }
        kinds = [traits_of(each).product for each in (part, part_at(change.formula, change.place))]
        if kinds == ["cells", "matrices"]:
            ids = ("elementwise-for-matmul",)
    explanation, advice = SAID[kind]
    if s.step.role and (advice is FACTORS or advice is TERMS):
        advice = Message("Compare your formula with the rule of the optimizer.")
    if kind == "axis":
        advice = Message(advice.text, wanted=written_shape(wanted))
    return Repair(ids, Message(explanation.text, **fields), advice, change.formula)


def _quoted(s: Situation, typed: Expression, place: Place) -> Message | str:
    """A part, and if it occurs more than once, what it is in."""
    part = part_at(typed, place)
    around = place
    while around and list(parts(typed)).count(part_at(typed, around)) > 1:
        around = around[:-1]
    if around in (place, ()):
        return s.written(part)
    return Message(
        "{part} in {around}", part=s.written(part), around=s.written(part_at(typed, around))
    )


def _opens(s: Situation, formula: Expression) -> int:
    return s.written(formula).count("(")


def _matrices(
    s: Situation,
    typed: Expression,
    turned: Sequence[Expression],
    world: World,
    changed: Expression,
    *,
    exchanged: bool,
) -> Repair:
    advice = sentences(*_turns(s, turned, exchanged))
    return Repair(_ids(turned, exchanged)[:1], _misfit(s, typed, world), advice, changed)


def _ids(turned: Sequence[Expression], exchanged: bool) -> tuple[str, ...]:
    return ("factor-order",) * exchanged + ("transpose-missing",) * bool(turned)


def _turns(s: Situation, turned: Sequence[Expression], exchanged: bool) -> list[Message]:
    """What to do about factors of a matrix product that are to be turned or exchanged."""
    advice = [Message("Exchange the two factors of the matrix product.")] if exchanged else []
    for each in turned:
        plain = s.text(untransposed(each))
        if untransposed(each) == each:
            advice.append(Message("Transpose {name}.", name=plain))
        else:
            advice.append(Message("Use {name} without its transpose.", name=plain))
    return advice


def _misfit(s: Situation, typed: Expression, world: World) -> Message:
    """Why it cannot be right as it stands."""
    try:
        found = world.evaluate(typed).shape
    except ShapeError as error:
        return misfit(typed, world, error, s.style)
    if found == world.truth.shape:
        return Message("The shapes fit, but the wrong rows and columns are multiplied.")
    return Message(
        "Your formula has the shape {found}; the gradient has the shape {wanted}.",
        found=written_shape(found),
        wanted=written_shape(world.truth.shape),
    )


def _changes(typed: Expression) -> Iterator[tuple[Expression, list[Expression], bool]]:
    """A formula with factors of its matrix products turned or exchanged, the least change first."""
    products = [place for place, part in places_in(typed) if traits_of(part).product == "matrices"]
    if not 0 < len(products) <= MOST_PRODUCTS:
        return
    factors = [(*place, side) for place in products for side in (0, 1)]
    for exchanged in ((), *((place,) for place in products)):
        for count in range(MOST_TURNED + 1):
            for chosen in combinations(factors, count):
                if chosen or exchanged:
                    edits: list[tuple[Place, Callable[[Expression], Expression]]]
                    edits = [(place, _exchanged) for place in exchanged]
                    edits += [(place, _turned) for place in chosen]
                    changed = typed
                    for place, edit in sorted(edits, key=lambda edit: -len(edit[0])):
                        changed = at(changed, place, edit(part_at(changed, place)))
                    yield changed, [part_at(typed, place) for place in chosen], bool(exchanged)


def _turned(part: Expression) -> Expression:
    """The transpose, its operands left in place."""
    plain = untransposed(part)
    return build.transpose(part) if plain == part else plain


def _exchanged(product: Expression) -> Expression:
    assert isinstance(product, Apply)
    return replace(product, operands=product.operands[::-1])
