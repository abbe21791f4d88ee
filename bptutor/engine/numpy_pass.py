"""A lesson computed in NumPy by the formulas of its steps, on demand.

Fast, for looking through many sets of numbers; TensorFlow's own are a trace's.
"""

from collections.abc import Mapping
from functools import lru_cache

import numpy as np

from bptutor.engine.trace import Array
from bptutor.language.ops import operation_of
from bptutor.language.tree import Expression, Name, Number, names
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import LEARNING_RATE, steps

RESIDUE = 1e-12  # what rounding may leave of a 0, of numbers of the size used by hand


class NumpyPass:
    """Values of formulas in float64; each part of a formula is computed once."""

    def __init__(self, known: Mapping[str, Array], formulas: Mapping[str, Expression]) -> None:
        """Takes known numbers by name, and the formulas of the other names."""
        self._formulas = formulas
        self._made: dict[Expression, Array] = {
            Name(name): np.asarray(array, "float64") for name, array in known.items()
        }

    @classmethod
    def through(cls, lesson: Lesson, numbers: Mapping[str, Array]) -> "NumpyPass":
        """A pass through a lesson on these leaves."""
        rate = np.asarray(lesson.learning_rate)
        return cls({**numbers, LEARNING_RATE: rate}, _formulas(lesson.form))

    @classmethod
    def on_its_own(cls, lesson: Lesson) -> "NumpyPass":
        """A pass through a lesson on its own numbers."""
        return cls.through(
            lesson, {name: np.asarray(lesson.values[name]) for name in lesson.leaves}
        )

    def value(self, expression: Expression) -> Array:
        """The value of a formula, not rid of rounding errors; infinite where it is."""
        if expression not in self._made:
            self._work_out_names(expression)
        return self._part(expression)

    def settled(self, expression: Expression) -> Array:
        """The value with exact zeros where rounding alone kept it from 0."""
        return settled(self.value(expression))

    def _work_out_names(self, expression: Expression) -> None:
        """Computes the formula's names, dependencies first; a loop, for a program may be long."""
        waiting = [*_read(expression)]
        while waiting:
            name = waiting.pop()
            if name in self._made:
                continue
            formula = self._formulas[name.id]
            missing = [each for each in _read(formula) if each not in self._made]
            if missing:
                waiting += [name, *missing]
            else:
                self._made[name] = self._part(formula)

    def _part(self, expression: Expression) -> Array:
        """The value of a part all of whose names are known."""
        found = self._made.get(expression)
        if found is None:
            found = self._made[expression] = self._worked_out(expression)
        return found

    def _worked_out(self, expression: Expression) -> Array:
        if isinstance(expression, Number):
            return np.asarray(expression.value, "float64")
        if isinstance(expression, Name):
            return self._made[expression]
        operation = operation_of(expression)
        operands = [self._part(operand) for operand in expression.operands]
        meaning = operation.meaning(expression, [operand.shape for operand in operands])
        if meaning is not None:
            return self._part(meaning)
        return np.asarray(operation.in_numpy(np, expression, operands), "float64")


def settled(value: Array) -> Array:
    """A value with exact zeros where rounding alone kept it from 0."""
    return np.where(np.abs(value) <= RESIDUE, 0.0, value)


@lru_cache(maxsize=4096)
def _read(expression: Expression) -> tuple[Name, ...]:
    """The names in a formula, cached from pass to pass."""
    return tuple(map(Name, dict.fromkeys(names(expression))))


@lru_cache(maxsize=64)
def _formulas(form: Lesson) -> dict[str, Expression]:
    """The formula of every name in a lesson."""
    return {step.id: step.product for step in steps(form)}
