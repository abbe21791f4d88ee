"""A lesson as code that runs under TensorFlow and holds what it gets against the lesson's numbers.

The names of steps and of the program are those of the lesson; those that the code needs for itself
(`np`, `tape`, `check`, ...) give way where the lesson has them too.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby
from typing import Any

import numpy as np

from bptutor.course.coding import coding, lines_before, network
from bptutor.course.keras_steps import keras_run
from bptutor.course.worked import code, nested
from bptutor.engine.trace import plan
from bptutor.export.document import Entry
from bptutor.grading.facts import Facts
from bptutor.language.differentiate import gradient_name
from bptutor.language.render import write
from bptutor.language.tree import Assignment, Name, names
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import LEARNING_RATE
from bptutor.text import Message, UserError, shortest

IN_KERAS_CODE = {
    *("keras", "Input", "Model", "Dense", "tape"),
    *("inputs", "outputs", "model", "gradients", "weight", "gradient"),
}
"""Names that the Keras code has for itself."""


@dataclass(frozen=True, eq=False)
class Code:
    """The code of one lesson, in pieces that follow each other."""

    lesson: Lesson

    def _own(self, word: str) -> str:
        """A name of the code's own, which the lesson has not."""
        while word in self.lesson.shapes:
            word += "_"
        return word

    @cached_property
    def _check(self) -> str:
        return self._own("check")

    def setup(self) -> Iterator[str]:
        """The imports, and how a number is held against the lesson's."""
        module = self._own("np")
        yield f"import numpy as {module}"
        yield "import tensorflow as tf"
        yield ""
        yield ""
        yield f"def {self._check}(name, value, expected):"
        yield f"    expected = {module}.asarray(expected)"
        yield f"    rounding = 1e-6 * max(1.0, {module}.abs(expected).max(initial=0.0))"
        yield f"    {module}.testing.assert_allclose(value, expected, rtol=1e-5, atol=rounding)"
        yield f'    print(name, "=", {module}.asarray(value))'

    def leaves(self) -> Iterator[str]:
        """The numbers that the lesson starts from."""
        lesson = self.lesson
        if lesson.parameters:
            yield f"{LEARNING_RATE} = {lesson.learning_rate!r}"
        for name in lesson.program.leaves:
            yield self._leaf(name, "Variable" if name in lesson.parameters else "constant")

    def _leaf(self, name: str, kind: str) -> str:
        dtype = self.lesson.dtype
        numbers = nested(np.asarray(self.lesson.values[name], dtype), dtype)
        return f"{name} = tf.{kind}({numbers!r}, dtype=tf.{dtype})"

    def forward(self) -> Iterator[str]:
        """The program, on the tape; then every gradient, while the weights are the old ones."""
        lesson, tape = self.lesson, self._own("tape")
        data = [name for name in lesson.program.leaves if name not in lesson.parameters]
        yield f"with tf.GradientTape() as {tape}:"
        if data:
            yield f"    {tape}.watch([{', '.join(data)}])"
        section: str | None = None
        for line in lesson.program.assignments:
            if line.section != section:
                section = line.section
                yield f"    # {section}"
            yield f"    {line.target} = {self._right_side(line)}"
            if not line.inputs:
                yield f"    {tape}.watch({line.target})"
        by = plan(lesson).gradients
        if by:
            yield ""
            yield from _unpacked(list(by.values()), f"{tape}.gradient", lesson.loss, list(by))

    def _right_side(self, line: Assignment) -> str:
        written = write(line.expression, "tensorflow", self.lesson.dtype)
        if isinstance(line.expression, Name):  # a tensor of its own, for a gradient of its own
            return f"tf.identity({written})"
        if not any(names(line.expression)):
            return f"tf.convert_to_tensor({written}, tf.{self.lesson.dtype})"
        return written

    def section(self, entries: Sequence[Entry]) -> Iterator[str]:
        """The steps of a section, one after another."""
        for slope_of, group in groupby(
            entries, lambda each: each.step.target if each.step.kind == "local" else None
        ):
            found = list(group)
            if slope_of is not None:
                yield from self._slopes(slope_of, found)
            for entry in found:
                yield from self._step(entry)

    def _slopes(self, target: str, entries: Sequence[Entry]) -> Iterator[str]:
        """One line of the program on a tape of its own: the slopes are by this line alone."""
        tape, value = self._own("line_tape"), self._own("line_value")
        by = [entry.step.by or "" for entry in entries]
        yield f"with tf.GradientTape() as {tape}:"
        yield f"    {tape}.watch([{', '.join(by)}])"
        yield f"    {value} = {self._right_side(self.lesson.program.by_target[target])}"
        yield from _unpacked([each.step.id for each in entries], f"{tape}.gradient", value, by)

    def _step(self, entry: Entry) -> Iterator[str]:
        step = entry.step
        if step.kind == "update":
            yield code(self.lesson, step)
            yield f"{step.id} = {step.target}.numpy()"
        yield self._checked(step.id, step.id, entry.quantity.value)

    def _checked(self, name: str, value: str, expected: Any) -> str:
        return f'{self._check}("{name}", {value}, {expected!r})'

    def loss_after(self, loss: float) -> Iterator[str]:
        """The program once more, with the new weights."""
        again = self._own("loss_again")
        yield f"def {again}():"
        for line in self.lesson.program.assignments:
            yield f"    {line.target} = {self._right_side(line)}"
        yield f"    return {self.lesson.loss}"
        yield ""
        yield ""
        yield self._checked(self.lesson.loss, f"{again}()", loss)

    def keras(self) -> Iterator[str]:
        """The same in Keras, from the old weights.

        Raises:
            UserError: the lesson is no stack of layers, or has a name that the code needs.
        """
        lesson = self.lesson
        made = network(lesson)
        layers = {unit.name for unit in made.units}
        if taken := sorted((IN_KERAS_CODE | layers) & {*lesson.shapes}):
            raise UserError(
                Message(
                    "There is no Keras part here: its code has names that the program has too "
                    "({names}).",
                    names=", ".join(taken),
                )
            )
        run = keras_run(Facts(lesson))
        yield from ("import keras", "from keras import Input, Model")
        yield from ("from keras.layers import Dense", "")
        yield from (self._leaf(name, "constant") for name in made.weights)
        yield ""
        yield from lines_before(lesson, coding(lesson)[-1].id)
        yield ""
        yield self._checked(lesson.loss, lesson.loss, float(shortest(run.loss, lesson.dtype)))
        for index, name in enumerate(made.weights):
            gradient = nested(run.gradients[name], lesson.dtype)
            yield self._checked(gradient_name(lesson.loss, name), f"gradients[{index}]", gradient)
        for index, name in enumerate(made.weights):
            updated = nested(run.updated[name], lesson.dtype)
            yield self._checked(name, f"model.trainable_weights[{index}]", updated)


def _unpacked(
    targets: Sequence[str], gradient: str, of: str, sources: Sequence[str]
) -> Iterator[str]:
    """One call of `gradient` for several names."""
    yield f"[{', '.join(targets)}] = {gradient}("
    yield f'    {of}, [{", ".join(sources)}], unconnected_gradients="zero"'
    yield ")"
