"""What is true in a lesson at one iteration: the numbers that answers are held against."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property, lru_cache, partial
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bptutor.engine.arithmetic import work_out
from bptutor.engine.trace import Trace, evaluate_expression, run
from bptutor.engine.variations import variations
from bptutor.grading.diagnosis import Diagnostician
from bptutor.grading.misconceptions import situation
from bptutor.grading.product import World
from bptutor.language.differentiate import gradient_name
from bptutor.language.errors import ShapeError
from bptutor.language.ops.base import Style
from bptutor.language.tree import Expression, names
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import LEARNING_RATE, Step
from bptutor.locale import Message, significant
from bptutor.locale.figures import SHOWN

Array: TypeAlias = NDArray[Any]


class Facts:
    """The truth about a lesson on one set of values; nothing of it may be seen too early."""

    def __init__(self, lesson: Lesson, leaves: Mapping[str, Array] | None = None) -> None:
        """Runs the lesson on its own values, or on `leaves`.

        Raises:
            EngineError: a value, a slope or a gradient comes to no finite number.
        """
        self.lesson = lesson
        self.trace = run(lesson, leaves)
        self._diagnosticians: dict[tuple[Step, Style], Diagnostician] = {}

    @cached_property
    def after(self) -> Trace:
        """The pass after every parameter has been updated once."""
        return run(self.lesson, self.trace.leaves)

    @property
    def exact_loss(self) -> float:
        """The loss in float64."""
        return self._exact.loss

    def truth(self, step: Step) -> Array:
        """What TensorFlow gives for a step, in its shape."""
        return self.trace.known(step.id)

    def says(self, step: Step) -> str:
        """What TensorFlow prints for a step."""
        return str(self.trace.tensor(step.id))

    def known(self, name: str) -> Array:
        """A quantity by its name; the learning rate as `lr`."""
        if name == LEARNING_RATE:
            return np.asarray(self.lesson.learning_rate)
        return self.trace.known(name)

    def gradient(self, name: str) -> Array:
        """The gradient of the loss by a name."""
        return self.trace.known(gradient_name(self.lesson.loss, name))

    def honest(self, step: Step, figures: int = SHOWN) -> Array:
        """What honest arithmetic gives for a step on knowns to so many figures: as displayed."""
        displayed = {name: _rounded(self.known(name), figures) for name in set(names(step.product))}
        return np.broadcast_to(work_out(step.product, displayed), step.shape)

    def diagnostician(self, step: Step, style: Style = "unicode") -> Diagnostician:
        """Who tells what went wrong at a step."""
        if (step, style) not in self._diagnosticians:
            right = situation(self.lesson, step, style)
            calculator = partial(evaluate_expression, trace=self._exact)
            self._diagnosticians[step, style] = Diagnostician(
                right, calculator, self._exact.known(step.id)
            )
        return self._diagnosticians[step, style]

    def worlds(self, step: Step) -> tuple[World, ...]:
        """The sets of values on which a product for this step is tried, the lesson's own first."""
        return tuple(
            World(trace.known(step.id), partial(evaluate_expression, trace=trace))
            for trace in (self._exact, *_varied(self.lesson))
        )

    @cached_property
    def _exact(self) -> Trace:
        """The same pass in float64."""
        if self.trace.dtype == "float64":
            return self.trace
        return run(self.lesson, self.trace.values, "float64")


@lru_cache(maxsize=16)
def _varied(lesson: Lesson) -> tuple[Trace, ...]:
    """The lesson on further values."""
    return tuple(run(lesson, leaves, "float64") for leaves in variations(lesson))


def arithmetic(expression: Expression) -> float:
    """What a learner's arithmetic (a formula without names) comes to.

    Raises:
        ShapeError: it is no single number.
    """
    value = work_out(expression, {})
    if value.size != 1:
        raise ShapeError(Message("a cell takes a single number, and this is several"))
    return float(value.item())


def _rounded(array: Array, figures: int) -> Array:
    flat = [float(significant(value, figures)) for value in array.reshape(-1).tolist()]
    return np.asarray(flat).reshape(array.shape)
