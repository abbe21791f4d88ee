"""A lesson as TensorFlow code that checks its results against the lesson's numbers.

Steps and the program keep the lesson's names; helper names (`np`, `tape`, `check`, ...) get an
underscore where the lesson has them too. Python's own functions are called where no lesson can
have put another value under their name.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np

from bptutor.course.coding import (
    IMPORTS,
    Network,
    coding,
    lines_before,
    network,
    require_names_beside_keras,
)
from bptutor.course.keras_steps import keras_run
from bptutor.course.tapes import own_word, right_side
from bptutor.course.worked import code, nested
from bptutor.engine.trace import changing, plan
from bptutor.export.document import Entry
from bptutor.grading.facts import Facts
from bptutor.language.differentiate import gradient_name
from bptutor.language.render import write
from bptutor.language.tree import names
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import LEARNING_RATE, Step, places, steps
from bptutor.text import shortest


@dataclass(frozen=True, eq=False)
class Code:
    lesson: Lesson

    def _own(self, word: str) -> str:
        return own_word(self.lesson, word)

    @cached_property
    def _check(self) -> str:
        return self._own("check")

    def setup(self) -> Iterator[str]:
        module, python = self._own("np"), self._own("builtins")
        yield f"import builtins as {python}"
        yield f"import numpy as {module}"
        yield "import tensorflow as tf"
        yield ""
        yield ""
        yield f"def {self._check}(name, value, expected):"
        yield f"    expected = {module}.asarray(expected)"
        yield f"    rounding = 1e-6 * {module}.abs(expected).max(initial=1.0)"
        yield f"    {module}.testing.assert_allclose(value, expected, rtol=1e-5, atol=rounding)"
        yield f'    {python}.print(name, "=", {module}.asarray(value))'

    def leaves(self) -> Iterator[str]:
        lesson = self.lesson
        if lesson.parameters:
            yield f"{LEARNING_RATE} = {lesson.learning_rate!r}"
        for name in (*lesson.program.leaves, *lesson.states):
            yield self._leaf(name, "Variable" if name in changing(lesson) else "constant")
        yield from (f"{name} = {value!r}" for name, value in lesson.optimizer.settings.items())

    def _leaf(self, name: str, kind: str) -> str:
        dtype = self.lesson.dtype
        numbers = nested(np.asarray(self.lesson.values[name], dtype), dtype)
        return f"{name} = tf.{kind}({numbers!r}, dtype=tf.{dtype})"

    def forward(self, language: str) -> Iterator[str]:
        """The program, on the tape; then every gradient, before any update."""
        lesson, tape = self.lesson, self._own("tape")
        data = [name for name in lesson.program.leaves if name not in lesson.parameters]
        yield f"with tf.GradientTape() as {tape}:"
        if data:
            yield f"    {tape}.watch([{', '.join(data)}])"
        section: str | None = None
        for line in lesson.program.assignments:
            if line.section != section:
                section = line.section
                heading = lesson.heading(section, language) or ""
                yield f"    # {' '.join(heading.split())}"  # a comment is one line
            yield f"    {line.target} = {right_side(self.lesson, line)}"
            if not line.inputs:
                yield f"    {tape}.watch({line.target})"
        gradients = plan(lesson).gradients
        if gradients:
            yield ""
            yield from _unpacked([*gradients.values()], f"{tape}.gradient", lesson.loss, gradients)

    def section(self, entries: Sequence[Entry]) -> Iterator[str]:
        for target, group in groupby(
            entries, lambda entry: entry.step.target if entry.step.kind == "local" else None
        ):
            steps = list(group)
            if target is not None:
                yield from self._local_derivatives(target, steps)
            for entry in steps:
                yield from self._step(entry)

    def _local_derivatives(self, target: str, entries: Sequence[Entry]) -> Iterator[str]:
        """One line of the program on a tape of its own."""
        tape, value = self._own("line_tape"), self._own("line_value")
        inputs = [entry.step.by or "" for entry in entries]
        yield f"with tf.GradientTape() as {tape}:"
        yield f"    {tape}.watch([{', '.join(inputs)}])"
        yield f"    {value} = {right_side(self.lesson, self.lesson.program.by_target[target])}"
        yield from _unpacked([one.step.id for one in entries], f"{tape}.gradient", value, inputs)

    def _step(self, entry: Entry) -> Iterator[str]:
        step = entry.step
        if step.kind == "update":
            yield code(self.lesson, step)
            yield f"{step.id} = {step.target}.numpy()"
        elif step.kind == "optimizer":
            yield f"{step.id} = {code(self.lesson, step)}"
            if step.renews:
                yield f"{step.renews}.assign({step.id})"
        elif step.kind == "backward" and not self._changed_before(step) & {*names(step.product)}:
            product = write(step.product, "tensorflow", self.lesson.dtype)
            yield f"tf.debugging.assert_near({step.id}, {product}, rtol=1e-4, atol=1e-6)"
        assert entry.quantity
        yield self._checked(step.id, step.id, entry.quantity.value)

    def _changed_before(self, step: Step) -> set[str]:
        """The parameters that are updated by then: the gradient is of their old values."""
        before = steps(self.lesson)[: places(self.lesson)[step.id]]
        return {each.target for each in before if each.kind == "update"}

    def _checked(self, name: str, value: str, expected: Any) -> str:
        return f'{self._check}("{name}", {value}, {expected!r})'

    def loss_after(self, loss: float) -> Iterator[str]:
        """The program again, with the new weights."""
        again = self._own("loss_again")
        yield f"def {again}():"
        for line in self.lesson.program.assignments:
            yield f"    {line.target} = {right_side(self.lesson, line)}"
        yield f"    return {self.lesson.loss}"
        yield ""
        yield ""
        yield self._checked(self.lesson.loss, f"{again}()", loss)

    def keras_network(self) -> Network:
        """The layers of the Keras code.

        Raises UserError: the lesson is no stack of layers, or has a name that the code uses.
        """
        require_names_beside_keras(self.lesson)
        return network(self.lesson)

    def keras(self) -> Iterator[str]:
        """The same in Keras, from the old weights. Raises UserError, as `keras_network` does."""
        lesson, layers = self.lesson, self.keras_network()
        run = keras_run(Facts(lesson))
        yield from (*IMPORTS, "")
        yield from (self._leaf(name, "constant") for name in layers.weights)
        yield ""
        yield from lines_before(lesson, coding(lesson)[-1].id)[len(IMPORTS) :]
        yield ""
        yield self._checked(lesson.loss, lesson.loss, float(shortest(run.loss, lesson.dtype)))
        for index, name in enumerate(layers.weights):
            gradient = nested(run.gradients[name], lesson.dtype)
            yield self._checked(gradient_name(lesson.loss, name), f"gradients[{index}]", gradient)
        for index, name in enumerate(layers.weights):
            updated = nested(run.updated[name], lesson.dtype)
            yield self._checked(name, f"model.trainable_weights[{index}]", updated)


def _unpacked(
    names: Iterable[str], gradient: str, target: str, sources: Iterable[str]
) -> Iterator[str]:
    """One call of `gradient` whose results get several names."""
    yield f"[{', '.join(names)}] = {gradient}("
    yield f'    {target}, [{", ".join(sources)}], unconnected_gradients="zero"'
    yield ")"
