"""The forward and the backward pass of a lesson in TensorFlow, with every intermediate value."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from bptutor.engine.runtime import tensorflow
from bptutor.language.evaluate import evaluate
from bptutor.language.tree import Assignment, Expression, Name, Number, names, replaced
from bptutor.lesson.lesson import FORMS, Dtype, Lesson
from bptutor.lesson.optimizer import TIME
from bptutor.lesson.steps import LEARNING_RATE, Step, decrease, steps
from bptutor.text import Message, UserError

Array: TypeAlias = NDArray[Any]


class EngineError(UserError):
    """A computation that comes to no finite number: where, and what to do."""


def require_finite_value(assignment: Assignment, value: NDArray[np.floating]) -> None:
    """Raises EngineError where this assignment's value holds NaN or infinity."""
    if not np.isfinite(value).all():
        raise EngineError(
            "The forward pass gives {number} in {name} (line {line} of the program). Choose "
            "values that keep every assignment finite.",
            number=_found(value),
            name=assignment.target,
            line=assignment.line,
        )


def require_finite_slope(step: str, value: NDArray[np.floating]) -> None:
    """Raises EngineError where this derivative or updated parameter holds NaN or infinity."""
    if not np.isfinite(value).all():
        raise EngineError(
            "The forward pass is finite, but the backward pass gives {number} in {step}. Choose "
            "values where every function has a finite derivative.",
            number=_found(value),
            step=step,
        )


def _found(value: NDArray[np.floating]) -> Message:
    return Message("NaN") if np.isnan(value).any() else Message("infinity")


@dataclass(frozen=True)
class Plan:
    slopes: dict[str, dict[str, str]]  # by assignment: inputs with a local step, and its id
    gradients: dict[str, str]  # for a name that the loss is differentiated by, the step's id
    updates: tuple[Step, ...]  # the steps of the updates, in their order


def plan(lesson: Lesson) -> Plan:
    """What the steps of a lesson need from the tape."""
    return _plan(lesson.form)


@lru_cache(maxsize=FORMS)
def _plan(form: Lesson) -> Plan:
    slopes: dict[str, dict[str, str]] = {}
    gradients: dict[str, str] = {}
    updates: list[Step] = []
    for step in steps(form):
        if step.kind == "local" and step.by:
            slopes.setdefault(step.target, {})[step.by] = step.id
        elif step.kind == "backward" and step.by:
            gradients[step.by] = step.id
        elif step.kind in ("optimizer", "update"):
            updates.append(step)
    return Plan(slopes, gradients, tuple(updates))


def work_out(
    expression: Expression, numbers: Mapping[str, Array], dtype: Dtype = "float64"
) -> Array:
    """The value of a formula, given an array for each of its names.

    Raises ShapeError: shapes that do not fit, a name without a value, or a tensor too large.
    """
    tf = tensorflow()
    tensors = {name: tf.constant(array, dtype) for name, array in numbers.items()}
    return np.asarray(evaluate(expression, tensors, tf, dtype).numpy())


Leaves: TypeAlias = Mapping[str, Array]


@dataclass(frozen=True, eq=False)
class Trace:
    """One pass through a lesson, forward and backward; every array has the pass' dtype."""

    lesson: Lesson
    dtype: Dtype
    values: dict[str, Array]  # leaves and assignments, by name
    locals: dict[str, Array]  # local derivatives of assignments, summed over outputs, by step id
    gradients: dict[str, Array]  # gradients of the loss, by step id
    tensors: dict[str, Any]  # all of these as TensorFlow has them, and the learning rate

    @property
    def loss(self) -> float:
        return float(self.values[self.lesson.loss].item())

    @cached_property
    def update(self) -> dict[str, Any]:
        """What the steps of the update come to, as tensors, by step id.

        Raises EngineError: one comes to no finite number.
        """
        tensors = dict(self.tensors)
        variables = {name: tensorflow().Variable(tensors[name]) for name in changing(self.lesson)}
        update(self.lesson, self.dtype, tensors, variables)
        found = {step.id: tensors[step.id] for step in plan(self.lesson).updates}
        for id_, tensor in found.items():
            require_finite_slope(id_, array_of(tensor))
        return found

    @cached_property
    def updated(self) -> dict[str, Array]:
        """The parameters, and the states of an optimizer, after the update, by name.

        Raises EngineError: one comes to no finite number.
        """
        renewed = [step for step in plan(self.lesson).updates if step.renews]
        found = {step.renews or "": array_of(self.update[step.id]) for step in renewed}
        if renewed and TIME.id in self.lesson.states:
            found[TIME.id] = self.values[TIME.id] + 1
        return found

    def assigned(self, step: Step) -> str:
        """What a Python session prints for the `assign_sub` of a parameter."""
        variable = tensorflow().Variable(self.tensors[step.target])
        return repr(variable.assign(self.update[step.id]))

    @property
    def leaves(self) -> dict[str, Array]:
        """The leaves of the next iteration, with the parameters updated."""
        kept = {name: self.values[name] for name in self.lesson.leaves}
        return kept | self.updated

    def known(self, name: str) -> Array:
        """A quantity by its name or its step's id: Z1, dZ1_dW1, dL_dW3, W3_new.

        Raises KeyError: there is none of that name.
        """
        for found in (self.values, self.locals, self.gradients):
            if name in found:
                return found[name]
        return array_of(self.update[name])

    def tensor(self, name: str) -> Any | None:
        """The same as a tensor; None where there is none of that name."""
        if name in self.tensors:
            return self.tensors[name]
        updates = (step.id for step in plan(self.lesson).updates)
        return tensorflow().constant(self.known(name)) if name in updates else None

    def given(self, numbers: Mapping[str, Array]) -> "Trace":
        """The same pass with other numbers under some names; nothing is computed again."""
        other = {name: np.asarray(array, self.dtype) for name, array in numbers.items()}
        tensors = {name: tensorflow().constant(array) for name, array in other.items()}
        kept = (self.values, self.locals, self.gradients)
        values, slopes, gradients = (
            {name: other.get(name, array) for name, array in each.items()} for each in kept
        )
        return replace(
            self, values=values, locals=slopes, gradients=gradients, tensors=self.tensors | tensors
        )


def run(lesson: Lesson, leaves: Leaves | None = None, dtype: Dtype | None = None) -> Trace:
    """Run a lesson forward and backward on its own values, or with `leaves` in place of theirs.

    Raises EngineError: a value, a slope or a gradient comes to no finite number.
    """
    tf = tensorflow()
    todo = plan(lesson)
    dtype = dtype or lesson.dtype
    tensors = tensors_of(lesson, leaves, dtype)
    values = {name: array_of(tensor) for name, tensor in tensors.items()}
    slopes: list[tuple[Any, str]] = []
    with tf.GradientTape() as tape:
        for name in todo.gradients:
            if name in tensors:
                tape.watch(tensors[name])
        for assignment in lesson.program.assignments:
            name = assignment.target
            # An assignment has a small tape of its own besides: a slope is by this one line alone,
            # whatever else leads from its input to it (h = a + x, where a = tanh(x)). Where there
            # is nothing else, one persistent tape gives the same; but there each `tape.gradient`
            # goes back to the program's start, and 50 layers took ten times as long.
            if asked := todo.slopes.get(name):
                with tf.GradientTape() as local:
                    local.watch([tensors[by] for by in asked])
                    tensors[name] = compute(tf, assignment, tensors, dtype)
                slopes.append((local, name))
            else:
                tensors[name] = compute(tf, assignment, tensors, dtype)
            tape.watch(tensors[name])  # what is computed from data alone is on no tape otherwise
            values[name] = array_of(tensors[name])
            require_finite_value(assignment, values[name])
    differentiated: dict[str, Any] = {}
    for local, name in slopes:
        differentiated |= _gradients(tf, local, name, todo.slopes[name], tensors)
    gradients = _gradients(tf, tape, lesson.loss, todo.gradients, tensors)
    rate = tf.constant(lesson.learning_rate, dtype)
    return Trace(
        lesson,
        dtype,
        values,
        _finite_arrays(differentiated),
        _finite_arrays(gradients),
        {**tensors, **differentiated, **gradients, LEARNING_RATE: rate},
    )


def tensors_of(lesson: Lesson, leaves: Leaves | None, dtype: Dtype) -> dict[str, Any]:
    tf = tensorflow()
    given = {**lesson.values, **(leaves or {})}
    return {name: tf.constant(np.asarray(given[name], dtype)) for name in lesson.leaves}


def compute(tf: Any, assignment: Assignment, tensors: Mapping[str, Any], dtype: Dtype) -> Any:
    inputs = {name: tensors[name] for name in assignment.inputs}
    value = evaluate(assignment.expression, inputs, tf, dtype)
    # `h = x` gives the very tensor of x, and one tensor has one gradient.
    return tf.identity(value) if isinstance(assignment.expression, Name) else value


def changing(lesson: Lesson) -> tuple[str, ...]:
    """What an update changes: the parameters, and the states of an optimizer."""
    return (*lesson.parameters, *lesson.states)


def update(
    lesson: Lesson, dtype: Dtype, tensors: dict[str, Any], variables: Mapping[str, Any]
) -> None:
    """One update of `variables`, by gradients of their old values.

    Adds to `tensors` what its steps come to, by step id. A step that is there already is not
    computed again.
    """
    tf = tensorflow()
    todo = plan(lesson).updates
    settings: Mapping[str, float] = {} if dtype == "float64" else lesson.optimizer.settings
    for step in todo:
        if step.id not in tensors:
            change = decrease(step) if step.kind == "update" else step.product
            read = {name: tensors[name] for name in set(names(change))}
            tensors[step.id] = evaluate(_settled(change, settings), read, tf, dtype)
    for step in todo:
        if step.kind == "update":
            variables[step.target].assign_sub(tensors[step.id])
            tensors[step.id] = variables[step.target].read_value()
        elif step.renews:
            variables[step.renews].assign(tensors[step.id])
    if todo and TIME.id in lesson.states:
        variables[TIME.id].assign_add(tf.ones([], dtype))


def _settled(expression: Expression, settings: Mapping[str, float]) -> Expression:
    """A formula with the arithmetic on settings done in full: in float32, 1 - 0.999 is far off."""

    def number(part: Expression) -> Number | None:
        read = set(names(part))
        if not read or not read <= settings.keys():
            return None
        numbers = {name: np.asarray(settings[name]) for name in read}
        with tensorflow().init_scope():  # also while a graph is made
            return Number(float(work_out(part, numbers)))

    return replaced(expression, number) if settings else expression


def _gradients(
    tf: Any, tape: Any, target: str, steps: Mapping[str, str], tensors: Mapping[str, Any]
) -> dict[str, Any]:
    """The gradients of one name by others; `steps` has a step's id for each."""
    sources = [tensors[by] for by in steps]
    zero = tf.UnconnectedGradients.ZERO
    found = tape.gradient(tensors[target], sources, unconnected_gradients=zero)
    return dict(zip(steps.values(), found, strict=True))


def array_of(tensor: Any) -> Array:
    """A tensor's numbers, its zeros without a sign: whether 0 * -2 is -0 depends on the machine."""
    value = np.asarray(tensor.numpy())
    return np.asarray(np.add(value, 0, dtype=value.dtype))


def _finite_arrays(tensors: Mapping[str, Any]) -> dict[str, Array]:
    arrays = {step: array_of(tensor) for step, tensor in tensors.items()}
    for step, array in arrays.items():
        require_finite_slope(step, array)
    return arrays


def evaluate_expression(expression: Expression, trace: Trace) -> Array:
    """The value of an expression over the quantities of a trace.

    Raises ShapeError: shapes that do not fit, or a name that the trace does not have.
    """
    known = {name: trace.tensor(name) for name in names(expression)}
    tensors = {name: tensor for name, tensor in known.items() if tensor is not None}
    return array_of(evaluate(expression, tensors, tensorflow(), trace.dtype))


def equals(trace: Trace, name: str, expression: Expression) -> bool:
    """Does TensorFlow find a quantity and a formula equal, to the last bit?"""
    tf = tensorflow()
    tensors = {each: trace.tensor(each) for each in names(expression)}
    try:
        tf.debugging.assert_equal(
            trace.tensor(name), evaluate(expression, tensors, tf, trace.dtype)
        )
    except tf.errors.InvalidArgumentError:
        return False
    return True


def sensitivity(trace: Trace, assignment: Assignment, name: str, position: int) -> Array:
    """The change of each number of an assignment per unit of one number of an input.

    One column of the Jacobian, by forward accumulation. Only the assignment's own line counts;
    `position` is counted row after row. The result has the assignment's shape.
    """
    tf = tensorflow()
    moved = trace.tensors[name]
    direction = np.zeros(moved.shape, trace.dtype)
    direction.reshape(-1)[position] = 1
    with tf.autodiff.ForwardAccumulator(moved, tf.constant(direction)) as accumulator:
        value = compute(tf, assignment, trace.tensors, trace.dtype)
    answer = accumulator.jvp(value, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return np.asarray(answer.numpy())


def nudged(trace: Trace, name: str, position: int, by: float) -> float:
    """The loss after one number of a leaf has been moved, in float64.

    Raises EngineError: the loss comes to no finite number.
    """
    leaves = {leaf: trace.values[leaf].astype("float64") for leaf in trace.lesson.leaves}
    leaves[name].reshape(-1)[position] += by
    return run(trace.lesson, leaves, "float64").loss
