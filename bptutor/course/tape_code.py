"""A lesson as a TensorFlow program with a gradient tape, step by step.

The lines of all steps up to any one make a program that runs. A section of the forward pass has a
tape, which gives its local derivatives. The gradients of the loss come from one tape over the whole
forward pass, but for those that the loss' own tape gives.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby
from math import prod

import numpy as np

from bptutor.course.questions import readers
from bptutor.course.worked import code, nested
from bptutor.engine.trace import Array, changing, equals
from bptutor.grading.facts import Facts
from bptutor.language.differentiate import gradient_name
from bptutor.language.ops import build
from bptutor.language.ops.base import written_shape
from bptutor.language.render import write
from bptutor.language.tree import Assignment, Expression, Name, Number, names
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import LEARNING_RATE, Step, factors, places, steps
from bptutor.text import Message, UserError
from bptutor.text.printable import printable

WIDTH = 79


def require_runnable(lesson: Lesson) -> None:
    """Refuse names with which the code of a lesson would not run.

    Raises:
        UserError: a name is TensorFlow's or Python's own.
    """
    if taken := sorted(name for name in lesson.shapes if name == "tf" or name.startswith("__")):
        raise UserError(
            Message(
                "The code of a notebook needs {names} for itself. Rename it in the lesson, or "
                "export a page (.html, .md).",
                names=", ".join(taken),
            )
        )


def own_word(lesson: Lesson, word: str) -> str:
    """A helper's name that the lesson does not have."""
    while word in lesson.shapes:
        word += "_"
    return word


def right_side(lesson: Lesson, line: Assignment) -> str:
    """What an assignment computes, as a tensor of its own."""
    written = write(line.expression, "tensorflow", lesson.dtype)
    if isinstance(line.expression, Name):  # the same tensor would have the same gradient
        return f"tf.identity({written})"
    if not any(names(line.expression)):
        return f"tf.convert_to_tensor({written}, tf.{lesson.dtype})"
    return written


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


# ── tapes ─────────────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, eq=False)
class Tape:
    """A tape over some lines of the program, and what is asked of it."""

    lesson: Lesson
    lines: Sequence[Assignment]
    asked: Sequence[Step]
    """The steps whose derivatives it gives."""
    name: str = "tape"

    @property
    def sources(self) -> list[str]:
        """What is differentiated by, each once."""
        return list(dict.fromkeys(step.by for step in self.asked if step.by))

    @cached_property
    def watched(self) -> list[str]:
        """What the tape must be told to watch: neither a variable nor computed on it."""
        made = {line.target for line in self.lines}
        return [n for n in self.sources if n not in self.lesson.parameters and n not in made]

    @property
    def opening(self) -> list[str]:
        lines = [f"with tf.GradientTape(persistent=True) as {self.name}:"]
        if self.watched:
            one = self.watched[0]
            what = one if len(self.watched) == 1 else f"[{', '.join(self.watched)}]"
            lines.append(f"    {self.name}.watch({what})")
        return lines

    def written(self, line: Assignment) -> list[str]:
        """A line on the tape."""
        lines = [f"    {line.target} = {right_side(self.lesson, line)}"]
        if line.target in self._of_data_alone:
            lines.append(f"    {self.name}.watch({line.target})")
        return lines

    @cached_property
    def _of_data_alone(self) -> set[str]:
        """The lines that no tape records by itself, of those that are differentiated by."""
        recorded, alone = {*self.lesson.parameters, *self.watched}, set()
        for line in self.lines:
            if recorded.isdisjoint(line.inputs):
                if line.target not in self.sources:
                    continue
                alone.add(line.target)
            recorded.add(line.target)
        return alone

    def derivative(self, step: Step) -> str:
        zero = ', unconnected_gradients="zero"' if _vanishes(step) else ""
        return f"{step.id} = {self.name}.gradient({step.target}, {step.by}{zero})"


def _vanishes(step: Step) -> bool:
    """Does nothing of the one depend on the other, so that a tape finds no path between them?"""
    return step.product in (Number(0), build.zeros_like(Name(step.by or "")))


@dataclass(frozen=True, eq=False)
class Tapes:
    """All tapes of a lesson, by the steps that are on them."""

    by_line: Mapping[str, Tape]
    """The tape of an assignment in the forward pass."""
    whole: Tape
    """Over the whole forward pass."""
    from_loss: frozenset[str]
    """The gradients that the loss' own tape gives: of what the loss alone reads."""


def tapes(lesson: Lesson) -> Tapes:
    return _tapes(lesson.form)


@lru_cache(maxsize=64)
def _tapes(form: Lesson) -> Tapes:
    program, every = form.program, steps(form)
    tape = own_word(form, "tape")
    backward = [step for step in every if step.kind == "backward"]
    loss_line = program.by_target[form.loss]
    of_loss = [step for step in backward if readers(form, step.by or "") == [loss_line]]
    if any(step.by in form.parameters for step in of_loss):
        of_loss = []  # it would be updated before the whole pass is recorded
    local = [step for step in every if step.kind == "local"]
    found: dict[str, Tape] = {}
    forward = [step for step in every if step.kind in ("forward", "local")]
    for (kind, _), group in groupby(forward, lambda step: (step.kind, step.target == form.loss)):
        lines = [program.by_target[step.target] for step in group if kind == "forward"]
        for part in [lines] if _agree(lines, local) else [[line] for line in lines]:
            targets = {line.target for line in part}
            asked = [step for step in local if step.target in targets]
            name = tape if len(part) == len(lines) else own_word(form, f"tape_{part[0].target}")
            if form.loss in targets:
                asked = of_loss
            if asked:
                found |= dict.fromkeys(targets, Tape(form, part, asked, name))
    whole = Tape(
        form, program.assignments, [step for step in backward if step not in of_loss], tape
    )
    return Tapes(found, whole, frozenset(step.id for step in of_loss))


def _agree(lines: Sequence[Assignment], local: Sequence[Step]) -> bool:
    """Is every local derivative by a line alone, whatever else these lines compute?

    In `a = tanh(x)`, `h = a + x` the derivative of h with respect to x is not: a tape over both
    takes the path through a, too.
    """
    behind: dict[str, set[str]] = {}
    for line in lines:
        behind[line.target] = {each for n in line.inputs for each in (n, *behind.get(n, ()))}
    inputs = {line.target: line.inputs for line in lines}
    return not any(
        step.by in behind.get(name, ()) for step in local for name in inputs.get(step.target, ())
    )


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
