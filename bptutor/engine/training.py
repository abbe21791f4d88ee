"""Training: the update of all parameters over and over, as by hand, to the same bits."""

import math
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bptutor.engine.runtime import tensorflow
from bptutor.engine.trace import (
    Array,
    EngineError,
    Leaves,
    array_of,
    changing,
    compute,
    plan,
    require_finite_slope,
    run,
    tensors_of,
    update,
)
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.optimizer import updated_name
from bptutor.lesson.steps import LEARNING_RATE

COMPILE_FROM = 30
"""From so many iterations on, compiling takes less time than it saves (measured for 3 to 60
layers: an iteration by hand takes 40 times as long as a compiled one)."""

CHUNK_SECONDS = 0.05  # the longest time between two calls of `on_progress`


@dataclass(frozen=True)
class Trained:
    losses: list[float]  # before the first iteration and after each: one more than iterations
    parameters: dict[str, Array]  # the parameters after the last iteration, in the lesson's order
    states: dict[str, Array] = field(default_factory=dict)  # what the optimizer carries on

    @property
    def leaves(self) -> dict[str, Array]:
        """All that training has changed."""
        return self.parameters | self.states


def train(
    lesson: Lesson,
    leaves: Leaves | None,
    iterations: int,
    on_progress: Callable[[Sequence[float]], None] = lambda losses: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Trained:
    """Train a lesson's parameters from its own values, or from those of `leaves`.

    `on_progress` is told the losses so far now and then, not to be kept or changed; `cancelled` is
    asked as often. Raises EngineError: there is nothing to train, or a number is not finite.
    """
    if not plan(lesson).updates:
        raise EngineError(
            "{lesson} has no parameters to train. List the leaves to update under `parameters` in "
            "its file.",
            lesson=lesson.name,
        )
    run(lesson, leaves)  # says where, if the very first pass comes to no number
    trainer = _Trainer(lesson, leaves, compiled=iterations >= COMPILE_FROM)
    losses: list[float] = []
    chunk = 1
    while len(losses) < iterations and not cancelled():
        started = time.perf_counter()
        chunk = min(chunk, iterations - len(losses))
        losses += trainer.update(chunk)
        _require_finite(losses, chunk)
        on_progress(losses)
        took = time.perf_counter() - started
        chunk = max(1, min(2 * chunk, int(chunk * CHUNK_SECONDS / took)))
    losses.append(trainer.loss())
    _require_finite(losses, 1)
    return Trained(losses, trainer.values(lesson.parameters), trainer.values(lesson.states))


class _Trainer:
    def __init__(self, lesson: Lesson, leaves: Leaves | None, compiled: bool) -> None:
        self._tf = tensorflow()
        self._lesson = lesson
        self._data = tensors_of(lesson, leaves, lesson.dtype)
        self._variables = {name: self._tf.Variable(self._data[name]) for name in changing(lesson)}
        self._gradients = {
            name: id_ for name, id_ in plan(lesson).gradients.items() if name in lesson.parameters
        }
        self._rate = self._tf.constant(lesson.learning_rate, lesson.dtype)
        self._in_a_row = self._tf.function(self._repeat, autograph=False) if compiled else None

    def update(self, count: int) -> list[float]:
        """Updates all parameters `count` times; the loss before each update."""
        if self._in_a_row is None:
            return [float(self._iterate()) for _ in range(count)]
        losses: list[float] = self._in_a_row(self._tf.constant(count)).numpy().tolist()
        return losses

    def loss(self) -> float:
        return float(self._forward())

    def values(self, names: Iterable[str]) -> dict[str, Array]:
        """Raises EngineError where one holds NaN or infinity."""
        after = {name: array_of(self._variables[name]) for name in names}
        for name, value in after.items():
            require_finite_slope(updated_name(name), value)
        return after

    def _forward(self) -> Any:
        tensors = {**self._data, **self._variables}
        for assignment in self._lesson.program.assignments:
            tensors[assignment.target] = compute(self._tf, assignment, tensors, self._lesson.dtype)
        return self._tf.reshape(tensors[self._lesson.loss], [])

    def _iterate(self) -> Any:
        """One update of all parameters, by gradients of their old values; the loss before."""
        variables = [self._variables[name] for name in self._gradients]
        with self._tf.GradientTape() as tape:
            loss = self._forward()
        zero = self._tf.UnconnectedGradients.ZERO
        gradients = tape.gradient(loss, variables, unconnected_gradients=zero)
        tensors = {**self._data, LEARNING_RATE: self._rate}
        tensors |= {name: value.read_value() for name, value in self._variables.items()}
        tensors |= dict(zip(self._gradients.values(), gradients, strict=True))
        update(self._lesson, self._lesson.dtype, tensors, self._variables)
        return loss

    def _repeat(self, count: Any) -> Any:
        """The same, `count` times in one graph; the losses."""
        tf = self._tf

        def once(done: Any, losses: Any) -> tuple[Any, Any]:
            return done + 1, losses.write(done, self._iterate())

        _, losses = tf.while_loop(
            lambda done, losses: done < count,
            once,
            (tf.constant(0), tf.TensorArray(self._lesson.dtype, count)),
            parallel_iterations=1,
        )
        return losses.stack()


def _require_finite(losses: Sequence[float], count: int) -> None:
    """Raises EngineError where one of the last `count` losses is NaN or infinity."""
    for index in range(len(losses) - count, len(losses)):
        if not math.isfinite(losses[index]):
            raise EngineError(
                "Training diverges: the loss is not finite after iteration {iteration}. Choose a "
                "smaller learning rate, or smaller starting values.",
                iteration=index,
            )
