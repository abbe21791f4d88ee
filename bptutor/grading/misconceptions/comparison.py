"""Where a wrong formula differs from a right one: the one change that makes it the gradient.

The typed tree is changed at one place at a time, and each change is tried on numbers. Nothing is
compared with the tutor's own formula: a gradient may be written in any way.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import chain, product
from typing import Literal, TypeAlias

import numpy as np

from bptutor.engine.numpy_pass import NumpyPass
from bptutor.engine.trace import Array
from bptutor.grading.formula import World
from bptutor.grading.misconceptions.places import (
    Place,
    at,
    in_a_function,
    is_constant,
    kept_otherwise,
    part_at,
    places_in,
    regrouped,
    written_alike,
)
from bptutor.grading.misconceptions.situation import Situation
from bptutor.language.algebra import (
    as_power,
    as_quotient,
    negative,
    power,
    transposed,
    untransposed,
)
from bptutor.language.errors import ShapeError
from bptutor.language.ops import build, operation_of, traits_of
from bptutor.language.render import COMPARISON
from bptutor.language.shapes import Outlines
from bptutor.language.tree import Apply, Expression, Name, Number, Shape, names, parts, size
from bptutor.lesson.steps import LEARNING_RATE, factors, known_names, places, steps

MOST_ELEMENTS = 2_000  # of all names in a formula; beyond that a change takes too long to try
MOST_CHANGES = 1_000  # changes that are tried before giving up
MOST_NODES = 60  # of a formula with changes few enough to try
MOST_EXCHANGED = 4  # nodes of a part that is exchanged as a whole
MOST_MADE = 1_000_000  # numbers and multiplications that one changed formula may ask for
EXPONENTS = (1, 2, 3, 0.5)

Kind: TypeAlias = Literal[
    "sign",
    "grouping",
    "comparison",
    "operator",
    "keepdims",
    "axis",
    "spare sum",
    "missing sum",
    "power",
    "number",
    "spare factor",
    "spare factor of a term",
    "spare divisor of a term",
    "spare divisor",
    "spare term",
    "missing constant",
    "missing factor",
    "missing term",
    "exchanged",
]


@dataclass(frozen=True)
class Change:
    """A formula with another part at one place."""

    kind: Kind
    place: Place  # of the part that is spoken of
    formula: Expression


class Changes:
    """All that may be wrong at one place of a typed formula, the likeliest first."""

    def __init__(self, s: Situation, typed: Expression, worlds: Sequence[World]) -> None:
        """Takes the step, a wrong formula for it, and the sets of values it is tried on."""
        self.s = s
        self.typed = typed
        self.worlds = worlds
        self._parts = list(places_in(typed))

    def first(self) -> Change | None:
        """The first change that makes the formula the gradient on every set of values."""
        if size(self.typed) > MOST_NODES or not self._can_be_tried or self._is_multiple():
            return None
        seen = {self.typed}
        for change in self._all():
            if change.formula in seen:
                continue
            seen.add(change.formula)
            if len(seen) > MOST_CHANGES:
                return None
            if self.gives_the_gradient(change.formula) and not self._by_an_identity(change):
                return change
        return None

    def _by_an_identity(self, change: Change) -> bool:
        """Is it right only as the values are what they are, such as shares that add up to 1?"""
        if change.kind == "missing sum":
            return is_constant(part_at(change.formula, change.place), self.worlds)
        return change.kind == "missing term" and is_constant(
            part_at(self.typed, change.place), self.worlds
        )

    # ── is it the gradient? ───────────────────────────────────────────────────────────────────

    @cached_property
    def _known(self) -> dict[str, Array]:
        """The numbers that a right formula for this step may read, and those that were read."""
        lesson, trace = self.s.lesson, self.worlds[0].trace
        # Neither a sum over the outputs nor an updated weight is a factor of a gradient.
        no_factors = {
            step.id
            for step in steps(lesson)
            if step.kind == "update" or (step.kind == "local" and step.id not in factors(lesson))
        }.difference(names(self.typed))
        known = known_names(lesson, places(lesson)[self.s.step.id])
        rate = {LEARNING_RATE: np.asarray(lesson.learning_rate)}
        found = {name: trace.known(name) for name in known if name not in {*no_factors, *rate}}
        return found | rate

    @cached_property
    def _can_be_tried(self) -> bool:
        """Is it made of few numbers, all of them known?"""
        typed, right = set(names(self.typed)), set(names(self.s.product))
        sizes = (array.size for name, array in self._known.items() if name in typed | right)
        return typed <= self._known.keys() and sum(sizes) <= MOST_ELEMENTS

    @cached_property
    def _numbers(self) -> NumpyPass:
        return NumpyPass(self._known, {})

    @cached_property
    def _outlines(self) -> Outlines:
        return Outlines({name: array.shape for name, array in self._known.items()})

    def _value(self, formula: Expression) -> Array | None:
        """Its value on the lesson's own numbers; None where it has none, or is too much work."""
        try:
            outline = self._outlines.of(formula)
            if outline.elements + outline.work > MOST_MADE:
                return None
            with np.errstate(all="ignore"):
                return self._numbers.value(formula)
        except (ShapeError, ValueError):
            return None

    def _shape(self, formula: Expression) -> Shape | None:
        value = self._value(formula)
        return None if value is None else value.shape

    @cached_property
    def _has_its_shape(self) -> bool:
        """Has the typed formula the shape of the gradient?"""
        return self._shape(self.typed) == self.worlds[0].truth.shape

    def gives_the_gradient(self, formula: Expression) -> bool:
        own = self.worlds[0]
        if self._can_be_tried:
            value = self._value(formula)
            if value is None or value.shape != own.truth.shape or not own.agrees(value):
                return False
        try:  # NumPy multiplies and broadcasts more than the notation allows
            values = (world.evaluate(formula) for world in self.worlds)
            return all(
                value.shape == world.truth.shape and world.agrees(value)
                for value, world in zip(values, self.worlds, strict=True)
            )
        except ShapeError:
            return False

    def _is_multiple(self) -> bool:
        """Is it the gradient but for a constant factor, of which the verdict speaks?"""
        if not self._has_its_shape:
            return False
        found = set()
        for world in self.worlds:
            value, truth = world.evaluate(self.typed).reshape(-1), world.truth.reshape(-1)
            largest = int(np.abs(truth).argmax())
            if truth[largest]:
                factor = float(value[largest] / truth[largest])
                found.add(float(f"{factor:.6g}"))
                if not factor or not world.agrees(value.reshape(world.truth.shape) / factor):
                    return False
        return len(found) == 1

    # ── what may stand in a formula ───────────────────────────────────────────────────────────

    @cached_property
    def _inside(self) -> list[Expression]:
        inside = parts(self.s.product)
        next(inside)
        found = (p for p in inside if not isinstance(p, Number) and not traits_of(p).shape_alone)
        return list(dict.fromkeys(found))

    @cached_property
    def _others(self) -> list[Expression]:
        small = (name for name, array in self._known.items() if array.size <= MOST_ELEMENTS)
        return [name for name in map(Name, small) if name not in self._inside]

    def _either_way(self, found: Sequence[Expression]) -> Iterator[Expression]:
        """Each, and each matrix also transposed."""
        for each in found:
            yield each
            if len(self._shape(each) or ()) == 2:
                yield transposed(each)

    @cached_property
    def _constants(self) -> list[Number]:
        own = [part.value for part in parts(self.s.product) if isinstance(part, Number)]
        read = {*names(self.typed), *names(self.s.product)}
        shapes = (array.shape for name, array in self._known.items() if name in read)
        counts = sorted({length for shape in shapes for length in shape if length > 1})
        found = [*own, 2, 0.5, 1, 3, *counts, *(1 / n for n in counts), *(2 / n for n in counts)]
        return list(dict.fromkeys(map(Number, (value for value in found if value))))

    # ── the changes ───────────────────────────────────────────────────────────────────────────

    def _all(self) -> Iterator[Change]:
        return chain(
            self._signs(),
            self._groupings(),
            self._operators(),
            self._spare_parts(),
            self._sums(),
            self._powers(),
            self._other_numbers(),
            self._groupings_twice(),
            self._missing_constants(),
            self._missing_factors(self._inside),
            self._exchanged(self._inside),
            self._missing_terms(),
            self._exchanged(self._others),
            self._missing_factors(self._others),
        )

    def _with(self, kind: Kind, spoken: Place, place: Place, other: Expression) -> Change:
        return Change(kind, spoken, at(self.typed, place, other))

    def _signs(self) -> Iterator[Change]:
        for place, node in self._parts:
            if not isinstance(node, Apply):
                continue
            if operation_of(node).prefix:
                yield self._with("sign", (*place, 0), place, node.operands[0])
            elif traits_of(node).terms:
                left, right = node.operands
                other = build.difference if traits_of(node).terms == "plus" else build.added
                yield self._with("sign", (*place, 1), place, other(left, right))
                yield self._with("sign", (*place, 0), (*place, 0), negative(left))

    def _groupings(self) -> Iterator[Change]:
        for place, formula in regrouped(self.typed):
            yield Change("grouping", place, formula)

    def _groupings_twice(self) -> Iterator[Change]:
        """Two of them: `2 * a - b / 3` for `2 * (a - b) / 3`."""
        for _, once in regrouped(self.typed):
            for _, twice in regrouped(once):
                yield Change("grouping", (), twice)

    def _operators(self) -> Iterator[Change]:
        for place, node in self._parts:
            for key in written_alike(node):
                assert isinstance(node, Apply)
                infix = operation_of(node).infix
                kind: Kind = "comparison" if infix and infix.binds == COMPARISON else "operator"
                yield self._with(kind, place, place, replace(node, operation=key))

    def _sums(self) -> Iterator[Change]:
        along = list(product((None, 0, 1), (False, True)))
        for place, node in self._parts:
            kind = traits_of(node).reduces
            if isinstance(node, Apply) and kind:
                make, (summed,) = build.total if kind == "total" else build.mean, node.operands
                yield self._with("spare sum", place, place, summed)
                yield self._with("keepdims", place, place, kept_otherwise(node))
                for axis, kept in along:
                    yield self._with("axis", place, place, make(summed, axis, keepdims=kept))
        for place, node in self._parts:
            for make, (axis, keepdims) in product((build.total, build.mean), along):
                if self._shape(node):
                    other = make(node, axis, keepdims=keepdims)
                    yield self._with("missing sum", place, place, other)

    def _powers(self) -> Iterator[Change]:
        for place, node in self._parts:
            base, exponent = as_power(node)
            if size(base) <= MOST_EXCHANGED and not isinstance(base, Number):
                for other in EXPONENTS:
                    if other != exponent:
                        yield self._with("power", place, place, power(base, other))

    def _other_numbers(self) -> Iterator[Change]:
        for place, node in self._parts:
            if isinstance(node, Number):
                for other in self._constants:
                    yield self._with("number", place, place, other)

    def _spare_parts(self) -> Iterator[Change]:
        """A factor or a term that is one too many."""
        for place, node in self._parts:
            if not isinstance(node, Apply) or len(node.operands) != 2:
                continue
            left, right = node.operands
            traits = traits_of(node)
            if traits.product:
                yield self._with("spare factor", (*place, 1), place, left)
                yield self._with("spare factor", (*place, 0), place, right)
            elif traits.terms:
                yield self._with("spare term", (*place, 1), place, left)
                first = right if traits.terms == "plus" else negative(right)
                yield self._with("spare term", (*place, 0), place, first)
            elif as_quotient(node)[0] is not node:
                yield self._with("spare divisor", (*place, 1), place, left)
            yield from self._spare_in_a_term(place, node)

    def _spare_in_a_term(self, place: Place, node: Apply) -> Iterator[Change]:
        """A factor or divisor of a whole sum that belongs to one of its two terms."""
        divides = as_quotient(node)[0] is not node
        for side, whole in enumerate(node.operands):
            scales = traits_of(node).product == "cells" or (divides and side == 0)
            if not scales or not isinstance(whole, Apply) or not traits_of(whole).terms:
                continue
            kind: Kind = "spare divisor of a term" if divides else "spare factor of a term"
            for index, term in enumerate(whole.operands):
                spoken = (*place, side, 1 - index)
                scaled = at(whole, (index,), at(node, (side,), term))
                yield self._with(kind, spoken, place, scaled)

    @cached_property
    def _products(self) -> list[tuple[Place, Expression]]:
        """The parts beside which a factor may stand: the longest products, and what they join."""
        found = []
        for place, node in self._parts:
            above = part_at(self.typed, place[:-1]) if place else None
            if above is None or traits_of(above).product != "cells":
                found.append((place, node))
        inside_first = sorted(found, key=lambda each: -len(each[0]))
        return [(place, node) for place, node in inside_first if not isinstance(node, Number)]

    def _missing_constants(self) -> Iterator[Change]:
        for place, node in self._products:
            for constant in self._constants:
                changed = build.product(constant, node)
                yield self._with("missing constant", place, place, changed)

    def _missing_factors(self, found: Sequence[Expression]) -> Iterator[Change]:
        for place, node in self._products:
            for factor in found if not in_a_function(self.typed, place) else ():
                changed = build.product(node, factor)
                yield self._with("missing factor", place, place, changed)
            for factor in () if self._has_its_shape else self._either_way(found):
                yield self._with("missing factor", place, place, build.matmul(node, factor))
                yield self._with("missing factor", place, place, build.matmul(factor, node))

    def _exchanged(self, found: Sequence[Expression]) -> Iterator[Change]:
        """Another part in the place of one, the smallest parts first."""
        small = [(place, node) for place, node in self._parts if size(node) <= MOST_EXCHANGED]
        for place, node in sorted(small, key=lambda each: size(each[1])):
            if not place or isinstance(node, Number):
                continue
            for other in found:
                if untransposed(other) == untransposed(node):
                    continue  # the name is right
                if not self._has_its_shape or self._shape(other) == self._shape(node):
                    yield self._with("exchanged", place, place, other)

    def _missing_terms(self) -> Iterator[Change]:
        for term in (path.term for path in self.s.paths):
            yield Change("missing term", (), build.added(self.typed, term))
        for place, node in self._products:
            for term in self._inside:
                if self._shape(term) == self._shape(node):
                    for join in (build.added, build.difference):
                        yield self._with("missing term", place, place, join(node, term))
