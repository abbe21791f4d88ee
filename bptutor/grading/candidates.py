"""What mistakes come to on a lesson's numbers: made at a step, or before it and carried on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import islice

import numpy as np

from bptutor.engine.numpy_pass import NumpyPass
from bptutor.engine.trace import Array, Trace
from bptutor.grading.formula import SHARE
from bptutor.grading.misconceptions import Mistake, Situation, mistakes, situation
from bptutor.language.algebra import plus, times
from bptutor.language.differentiate import gradient_name
from bptutor.language.errors import ShapeError
from bptutor.language.tree import Expression, Name, names, size
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import LEARNING_RATE, Step, factors, steps

MOST_PAIRS = 400  # mistakes in a row that are tried before giving up
LONGEST = 100  # parts of a formula up to which mistakes are looked for: the time is quadratic
LARGEST = 4_096  # numbers of a value up to which mistakes are composed and followed on


@dataclass(frozen=True)
class Candidate:
    """A mistake with the numbers that it gives."""

    mistakes: tuple[Mistake, ...]  # one, or two in a row; the last has the formula that results
    value: Array  # in the step's shape
    made_at: Step | None = None  # where a mistake was made that is carried on to this step

    @property
    def ids(self) -> tuple[str, ...]:
        return tuple(mistake.id for mistake in self.mistakes)

    @property
    def expression(self) -> Expression:
        return self.mistakes[-1].expression


class Candidates:
    """All that can go wrong at one step, worked out when it is first asked for."""

    def __init__(self, right: Situation, trace: Trace, truth: Array, residue: float) -> None:
        """`residue` is what rounding may leave of a 0 in the right value."""
        self.right = right
        self.truth = truth
        self.residue = residue
        self._trace = trace
        self._carried: dict[Step, list[Candidate]] = {}

    @cached_property
    def single(self) -> list[Candidate]:
        """The mistakes made here whose numbers differ from the right ones."""
        return [each for each in self.every_single if self._differs(each.value)]

    @cached_property
    def every_single(self) -> list[Candidate]:
        """All mistakes made here, those too that make no difference to these numbers."""
        return list(self._worked_out((each,) for each in local_mistakes(self.right)))

    def carried(self, right: Collection[str] = ()) -> list[Candidate]:
        """The mistakes of the steps before, made there and followed to this one by right rules.

        The nearest first, but for steps that were `right`. Of one mistake that comes to the same
        numbers wherever it is made only the nearest.
        """
        found: dict[tuple[tuple[str, ...], bytes], Candidate] = {}
        for earlier in _before(self.right.lesson.form, self.right.step.id):
            for candidate in self._made_at(earlier) if earlier.id not in right else ():
                found.setdefault((candidate.ids, _key(candidate.value)), candidate)
        return list(found.values())

    def _made_at(self, earlier: Step) -> list[Candidate]:
        """The mistakes of one step before."""
        if earlier not in self._carried:
            self._carried[earlier] = list(self._followed(earlier))
        return self._carried[earlier]

    def _followed(self, earlier: Step) -> Iterator[Candidate]:
        there = situation(self.right.lesson, earlier, self.right.style)
        made = local_mistakes(there) if self.truth.size <= LARGEST else []
        for mistake in made:
            wrong = self._value_of(mistake.expression)
            value = self._led_to(self.numbers, earlier, wrong)
            if value is not None and self._differs(value):
                yield Candidate((mistake,), value, earlier)

    def _led_to(
        self, numbers: Mapping[str, Array], earlier: Step, wrong: Array | None
    ) -> Array | None:
        """What the step comes to by right rules, from a wrong value of an earlier one."""
        if wrong is None or wrong.shape != earlier.shape:
            return None
        form = self.right.lesson.form
        depending = after(form, earlier.id)
        known = {name: value for name, value in numbers.items() if name not in depending}
        carried_on = NumpyPass(known | {earlier.id: wrong}, _chain(form))
        return self._settled(carried_on, Name(self.right.step.id))

    @cached_property
    def pairs(self) -> list[Candidate]:
        """Two mistakes in a row whose numbers no single one gives."""
        seen = {each.expression for each in self.single} | {self.right.product}

        def in_a_row() -> Iterator[tuple[Mistake, ...]]:
            for first in (each.mistakes[0] for each in self.single):
                for second in mistakes(first.situation):
                    if second.id != first.id and second.expression not in seen:
                        seen.add(second.expression)
                        yield first, second

        most = MOST_PAIRS if self.truth.size <= LARGEST else 0
        worked_out = self._worked_out(islice(in_a_row(), most))
        return [each for each in worked_out if self._differs(each.value)]

    def anywhere(self, candidate: Candidate, trace: Trace) -> Array | None:
        """What the mistake comes to on other numbers; None where that is no number."""
        numbers = _numbers(trace)
        here = NumpyPass(numbers, _chain(self.right.lesson.form))
        value = self._settled(here, candidate.expression)
        if candidate.made_at is None:
            return value
        return self._led_to(numbers, candidate.made_at, value)

    def number(self, expression: Expression) -> Array:
        """What a formula comes to on the lesson's numbers."""
        return self._pass.value(expression)

    def _worked_out(self, found: Iterable[tuple[Mistake, ...]]) -> Iterator[Candidate]:
        for made in found:
            value = self._value_of(made[-1].expression)
            if value is not None:
                yield Candidate(made, value)

    def _value_of(self, expression: Expression) -> Array | None:
        values = self._pass if self.truth.size <= LARGEST else self._new_pass()
        return self._settled(values, expression)

    def _settled(self, numbers: NumpyPass, expression: Expression) -> Array | None:
        """A finite value without what rounding left of a 0; None where there is none."""
        try:
            with np.errstate(all="ignore"):
                value = numbers.value(expression)
        except ShapeError:
            return None
        value = np.where(np.abs(value) <= self.residue, 0, value)
        return value if np.isfinite(value).all() else None

    @cached_property
    def _pass(self) -> NumpyPass:
        return self._new_pass()

    def _new_pass(self) -> NumpyPass:
        return NumpyPass(self.numbers, _chain(self.right.lesson.form))

    @cached_property
    def numbers(self) -> dict[str, Array]:
        return _numbers(self._trace)

    def _differs(self, value: Array) -> bool:
        """Is it another value than the right one, by more than rounding?"""
        if value.shape != self.truth.shape:
            return False
        return float(np.abs(value - self.truth).max(initial=0.0)) > self.least_change

    @property
    def least_change(self) -> float:
        """The difference from the right value that is more than rounding."""
        return max(SHARE * float(np.abs(self.truth).max(initial=0.0)), self.residue)


def _numbers(trace: Trace) -> dict[str, Array]:
    rate = np.asarray(trace.lesson.learning_rate)
    return {**trace.values, **trace.locals, **trace.gradients, LEARNING_RATE: rate}


@lru_cache(maxsize=512)
def local_mistakes(right: Situation) -> list[Mistake]:
    """What can go wrong at a step itself, on whatever numbers; nothing if its formula is long."""
    return mistakes(right) if size(right.product) <= LONGEST else []


def _key(value: Array) -> bytes:
    """The same for values that are equal but for rounding."""
    scale = float(np.abs(value).max(initial=0.0)) or 1.0
    return bytes((np.round(value / scale, 9) + 0.0).tobytes()) + f"{scale:.9g}".encode()


# ── what an earlier step reaches ──────────────────────────────────────────────────────────────────


@lru_cache(maxsize=64)
def _chain(form: Lesson) -> dict[str, Expression]:
    """Each step's formula as it is walked: where local derivatives are asked, by these."""
    found = {}
    asked = factors(form)
    reaching = {form.loss, *form.program.ancestors(form.loss)}
    for step in steps(form):
        found[step.id] = step.product
        readers = form.program.consumers.get(step.by or "", ())
        lines = [line for line in readers if line.target in reaching]
        slopes = {line.target: gradient_name(line.target, step.by or "") for line in lines}
        through_factors = all(
            target != form.loss and slope in asked for target, slope in slopes.items()
        )
        if step.kind == "backward" and lines and through_factors:
            terms = (
                times(Name(gradient_name(form.loss, target)), Name(slope))
                for target, slope in slopes.items()
            )
            found[step.id] = plus(*terms)
    return found


@lru_cache(maxsize=512)
def after(form: Lesson, id_: str) -> frozenset[str]:
    """A step and all that depend on it."""
    found = {id_}
    for name, formula in _chain(form).items():
        if not found.isdisjoint(names(formula)):
            found.add(name)
    return frozenset(found)


@lru_cache(maxsize=512)
def _before(form: Lesson, id_: str) -> tuple[Step, ...]:
    """The steps on which one depends, the nearest first."""
    wanted = {id_}
    found = []
    for step in reversed(steps(form)):
        if step.id in wanted:
            wanted.update(names(_chain(form)[step.id]))
            if step.id != id_:
                found.append(step)
    return tuple(found)
