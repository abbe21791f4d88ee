"""The tapes on which a lesson's derivatives are taken: what each records, watches and is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import groupby

from bptutor.language.ops import build
from bptutor.language.render import write
from bptutor.language.tree import Assignment, Name, Number, names
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step, readers, steps


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


@dataclass(frozen=True, eq=False)
class Tape:
    """A tape over some lines of the program, and what is asked of it."""

    lesson: Lesson
    lines: Sequence[Assignment]
    asked: Sequence[Step]  # the steps whose derivatives it gives
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
        lines = [f"    {line.target} = {right_side(self.lesson, line)}"]
        if line.target in self._of_data_alone:
            lines.append(f"    {self.name}.watch({line.target})")
        return lines

    @cached_property
    def _of_data_alone(self) -> set[str]:
        """The lines differentiated by that no tape records for themselves alone."""
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

    by_line: Mapping[str, Tape]  # the tape of an assignment in the forward pass
    whole: Tape  # over the whole forward pass
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
