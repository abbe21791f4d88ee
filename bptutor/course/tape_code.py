"""A lesson as a TensorFlow program with a gradient tape, step by step.

The lines of all steps up to any one make a program that runs. A section of the forward pass has a
tape, which gives its local derivatives. The gradients of the loss come from one tape over the whole
forward pass, but for those that the loss' own tape gives.
"""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from math import prod

import numpy as np

from bptutor.course.tapes import Tape, right_side, tapes
from bptutor.course.worked import code, nested
from bptutor.engine.trace import Array, changing, equals
from bptutor.grading.facts import Facts
from bptutor.language.differentiate import gradient_name
from bptutor.language.ops import build
from bptutor.language.ops.base import written_shape
from bptutor.language.render import write
from bptutor.language.tree import Assignment, Expression, Name
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import LEARNING_RATE, Step, factors, places, readers, steps
from bptutor.text import Message, UserError
from bptutor.text.printable import printable

WIDTH = 79


def require_runnable(lesson: Lesson) -> None:
    """Refuse names with which the code of a lesson would not run.

    Raises UserError: a name is TensorFlow's or Python's own.
    """
    if taken := sorted(name for name in lesson.shapes if name == "tf" or name.startswith("__")):
        raise UserError(
            "The code of a notebook needs {names} for itself. Rename it in the lesson, or "
            "export a page (.html, .md).",
            names=", ".join(taken),
        )


def leaf_lines(
    lesson: Lesson, values: Mapping[str, Array], parameters: str = "Variable"
) -> Iterator[str]:
    """The data as constants, the parameters as variables (or the like); each with its shape."""
    for name in (*lesson.program.leaves, *lesson.states):
        kind = parameters if name in changing(lesson) else "constant"
        array = np.asarray(values.get(name, lesson.values[name]), lesson.dtype)
        # Bare decimals are float32 in TensorFlow.
        dtype = "" if lesson.dtype == "float32" else f", dtype=tf.{lesson.dtype}"
        numbers = nested(array, lesson.dtype)
        shape = f"  # {written_shape(array.shape)}" if array.ndim else ""
        whole = f"{name} = tf.{kind}({numbers!r}{dtype}){shape}"
        if len(whole) <= WIDTH or array.ndim < 2:
            yield whole
        else:
            yield f"{name} = tf.{kind}(["
            yield from (f"    {row!r}," for row in numbers)
            yield f"]{dtype}){shape}"
    yield from (f"{name} = {value!r}" for name, value in lesson.optimizer.settings.items())


# ── the program ───────────────────────────────────────────────────────────────────────────────────


def step_lines(lesson: Lesson, language: str) -> tuple[tuple[str, ...], ...]:
    """The lines of each step of the part in numbers."""
    return _step_lines(lesson.form, language, lesson.learning_rate)


@lru_cache(maxsize=64)
def _step_lines(form: Lesson, language: str, rate: float) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(lines) for lines in _Walk(form, language, rate).steps())


class _Walk:
    def __init__(self, lesson: Lesson, language: str, rate: float) -> None:
        self.lesson, self.language, self.rate = lesson, language, rate
        self.tapes = tapes(lesson)
        self.section: str | None = None
        self.has_rate = False

    def steps(self) -> Iterator[list[str]]:
        open_: Tape | None = None
        for step in steps(self.lesson):
            lines: list[str] = []
            if step.kind == "forward":
                line = self.lesson.program.by_target[step.target]
                lines += self._heading(line)
                tape = self.tapes.by_line.get(step.target)
                if tape is None:
                    lines.append(f"{step.target} = {right_side(self.lesson, line)}")
                else:
                    lines += [] if tape is open_ else tape.opening
                    lines += tape.written(line)
                open_ = tape
            elif step.kind == "local":
                lines.append(self.tapes.by_line[step.target].derivative(step))
            elif step.kind == "backward" and step.id in self.tapes.from_loss:
                lines.append(self.tapes.by_line[self.lesson.loss].derivative(step))
            elif step.kind == "backward":
                lines += [] if open_ is self.tapes.whole else self._whole()
                open_ = self.tapes.whole
                lines.append(self.tapes.whole.derivative(step))
            elif step.kind == "update":
                lines += [*self._learning_rate(), code(self.lesson, step)]
            else:
                lines += [*self._learning_rate(), f"{step.id} = {code(self.lesson, step)}"]
                lines += [f"{step.renews}.assign({step.id})"] if step.renews else []
            yield lines

    def _heading(self, line: Assignment) -> list[str]:
        """A blank line and the heading of the section, where one begins."""
        if line.section == self.section:
            return []
        self.section = line.section
        heading = " ".join((self.lesson.heading(line.section, self.language) or "").split())
        return ["", f"# {printable(heading)}"] if heading else [""]

    def _whole(self) -> list[str]:
        whole = self.tapes.whole
        about = Message("Backward pass: one tape over the whole forward pass")
        lines = ["", f"# {about.to(self.language)}", *whole.opening]
        for line in self.lesson.program.assignments:
            lines += whole.written(line)
        return [*lines, *self._learning_rate()]

    def _learning_rate(self) -> list[str]:
        if self.has_rate or not self.lesson.parameters:
            return []
        self.has_rate = True
        return [f"{LEARNING_RATE} = {self.rate!r}"]


# ── the product beside the tape ───────────────────────────────────────────────────────────────────


def assertion(facts: Facts, step: Step) -> str | None:
    """The line that holds a gradient of the tape against the product; it has been run.

    None for other steps, and in a lesson that does not ask for what the tape returns.
    """
    lesson = facts.lesson
    if lesson.local != "tape" or step.kind != "backward":
        return None
    product = _beside(lesson, step)
    equal = facts.once(f"assertion {step.id}", lambda: equals(facts.trace, step.id, product))
    word = "assert_equal" if equal else "assert_near"
    return f"tf.debugging.{word}({step.id}, {write(product, 'tensorflow', lesson.dtype)})"


def _beside(lesson: Lesson, step: Step) -> Expression:
    """The product of the chain rule: by a local derivative where that is a factor.

    What the tape sums over the outputs is one, too, where there is a single output.
    """
    reader, *others = readers(lesson, step.by or "")
    local = gradient_name(reader.target, step.by or "")
    single = prod(lesson.shapes[reader.target]) == 1
    asked = reader.target != lesson.loss and local in places(lesson)
    if others or not asked or not (single or local in factors(lesson)):
        return step.product
    return build.product(Name(gradient_name(lesson.loss, reader.target)), Name(local))
