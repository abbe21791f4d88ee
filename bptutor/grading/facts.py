"""What is true in a lesson at one iteration: the numbers that answers are held against."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property, partial
from typing import Any, TypeVar

import numpy as np

from bptutor.engine.trace import Array, Trace, evaluate_expression, run, work_out
from bptutor.engine.variations import variations
from bptutor.grading.diagnosis import Diagnostician
from bptutor.grading.formula import World
from bptutor.grading.judge import FAINT, magnitude, threshold, without_residue
from bptutor.grading.misconceptions import situation
from bptutor.language.differentiate import gradient_name
from bptutor.language.errors import ShapeError
from bptutor.language.ops.base import Style
from bptutor.language.tree import Expression, names
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import LEARNING_RATE, Step, decrease, places, steps
from bptutor.text import Message
from bptutor.text.numbers import shown

Made = TypeVar("Made")


class Facts:
    """The truth about a lesson on one set of values; nothing of it may be seen too early."""

    def __init__(
        self, lesson: Lesson, leaves: Mapping[str, Array] | None = None, trace: Trace | None = None
    ) -> None:
        """Runs the lesson on its own values, or on `leaves`; where it has been run, take `trace`.

        Raises EngineError: a value, a slope or a gradient comes to no finite number.
        """
        self.lesson = lesson
        self.trace = trace or run(lesson, leaves)
        self._diagnosticians: dict[tuple[Step, Style], Diagnostician] = {}
        self._settled: dict[str, Array] = {}
        self._made: dict[str, Any] = {}

    @cached_property
    def after(self) -> Trace:
        """The pass after every parameter has been updated once."""
        return run(self.lesson, self.trace.leaves)

    def warm_up(self) -> None:
        """Do beforehand what the first verdict on a formula would have to wait for."""
        variations(self.lesson.form)

    def once(self, key: str, make: Callable[[], Made]) -> Made:
        """What `make` gives; it is made when it is first asked for under this key."""
        if key not in self._made:
            self._made[key] = make()
        made: Made = self._made[key]
        return made

    @property
    def exact_loss(self) -> float:
        """The loss in float64."""
        return self._exact.loss

    def truth(self, step: Step) -> Array:
        """What TensorFlow gives for a step, in its shape."""
        return self.known(step.id)

    def says(self, step: Step) -> str:
        """What TensorFlow prints for a step."""
        if step.kind == "update":
            return self.trace.assigned(step)
        return str(self.trace.tensor(step.id))

    def known(self, name: str) -> Array:
        """A quantity by its name, 0 where rounding left something of it; the rate as `lr`."""
        if name == LEARNING_RATE:
            return np.asarray(self.lesson.learning_rate)
        if name not in self._settled:
            self._settled[name] = self._without_residue(name)
        return self._settled[name]

    def _without_residue(self, name: str) -> Array:
        value = self.trace.known(name)
        faint = np.abs(value)
        place = places(self.lesson).get(name)
        if place is None or not ((faint > 0) & (faint < FAINT[self.trace.dtype])).any():
            return value
        step = steps(self.lesson)[place]
        if step.kind == "update":
            return value
        return without_residue(value, self._size(step))

    def _size(self, step: Step) -> Array:
        """How large a step's value would be if nothing in it cancelled."""
        known = {name: self.known(name) for name in set(names(step.product))}
        return work_out(magnitude(step.product), known)

    def given(self, step: Step, own: Mapping[str, Array]) -> Facts:
        """What would be true at a step, had other numbers come out of steps before it."""
        trace = self._exact.given(own)
        if step.kind != "update":  # which follows from the trace's gradients
            value = evaluate_expression(step.product, trace)
            trace = trace.given({step.id: np.broadcast_to(value, step.shape)})
        found = Facts(self.lesson, trace=trace)
        found._settled.update(own)
        return found

    def gradient(self, name: str) -> Array:
        return self.known(gradient_name(self.lesson.loss, name))

    def decrease(self, step: Step) -> Array:
        """What an update subtracts from its parameter, in float64."""
        formula = decrease(step)

        def work() -> Array:
            return work_out(formula, {name: self.known(name) for name in set(names(formula))})

        return self.once(f"decrease by {step.id}", work)

    def displayed(self, step: Step, figures: int | None = None) -> Array:
        """What arithmetic on knowns to so many figures (else: as shown) gives for a step."""
        figures = figures or shown()

        def work() -> Array:
            read = set(names(step.product))
            numbers = {name: rounded(self.known(name), figures) for name in read}
            return np.broadcast_to(work_out(step.product, numbers), step.shape)

        return self.once(f"{step.id} on {figures} figures", work)

    def diagnostician(self, step: Step, style: Style = "unicode") -> Diagnostician:
        if (step, style) not in self._diagnosticians:
            right = situation(self.lesson, step, style)
            truth = np.where(self.truth(step) == 0, 0, self._exact.known(step.id))
            # An update is judged by its change, which may be far smaller than float32's rounding.
            dtype = "float64" if step.kind == "update" else self.trace.dtype
            residue = threshold(self._size(step), dtype).max(initial=0.0)
            self._diagnosticians[step, style] = Diagnostician(
                right, self._exact, truth, float(residue), self._others
            )
        return self._diagnosticians[step, style]

    def worlds(self, step: Step) -> tuple[World, ...]:
        """The sets of values on which a formula for this step is tried, the lesson's own first."""
        return self.once(f"worlds of {step.id}", partial(self.worlds_of, step.id, step.product))

    def worlds_of(self, name: str, formula: Expression) -> tuple[World, ...]:
        """The same for any quantity, with a right formula for it."""
        size = magnitude(formula)
        traces = (self._exact, *variations(self.lesson.form))
        return tuple(World(trace, trace.known(name), size) for trace in traces)

    def _others(self) -> Sequence[Trace]:
        """Passes on other numbers than the lesson's, where there are any."""
        return variations(self.lesson.form) or (self._exact,)

    @cached_property
    def _exact(self) -> Trace:
        """The same pass in float64."""
        if self.trace.dtype == "float64":
            return self.trace
        return run(self.lesson, self.trace.values, "float64")


def arithmetic(expression: Expression) -> float:
    """What a learner's arithmetic (a formula without names) comes to.

    Raises ShapeError: it is no single number.
    """
    value = work_out(expression, {})
    if value.size != 1:
        raise ShapeError(Message("a cell takes a single number, and this is several"))
    return float(value.item())


def rounded(array: Array, figures: int) -> Array:
    exact = array.astype("float64")
    sizes = np.where(exact == 0, 1.0, np.abs(exact))
    place = 10.0 ** np.clip(figures - 1 - np.floor(np.log10(sizes)), -300, 300)
    return np.asarray(np.round(exact * place) / place)
