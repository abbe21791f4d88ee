"""The tapes on which a lesson's derivatives are taken, and the questions on them."""

from collections.abc import Iterator, Mapping, Sequence
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
    from_loss: frozenset[str]  # by the loss' own tape: of what the loss alone reads


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


VARIABLES, KEPT, ONE_TAPE, WATCHED = "tape: variables", "tape: kept", "tape: one", "tape: watched "
"""The ids of these steps; one of `WATCHED` ends in the first line on its tape."""


def with_questions(lesson: Lesson) -> tuple[Step, ...]:
    """The steps, with questions on the tape where the lesson asks for what it returns."""
    return _with_questions(lesson.form)


@lru_cache(maxsize=64)
def _with_questions(form: Lesson) -> tuple[Step, ...]:
    asks = form.local == "tape" and form.parameters
    return tuple(_inserted(form)) if asks else steps(form)


def _inserted(form: Lesson) -> Iterator[Step]:
    every = tapes(form)
    before: set[str] = set()  # the questions asked so far, with their kind where it matters

    def ask(kind: str, step: Step, id_: str = "") -> Iterator[Step]:
        if kind not in before:
            before.add(kind)
            line = step.target if step.target in form.program.by_target else form.loss
            yield Step(id_ or kind, "code", step.section, line, None, Number(0), ())

    for step in steps(form):
        tape = every.by_line[step.target] if step.kind == "local" else None
        if tape and tape.asked[0].id == step.id:
            yield from ask(VARIABLES, step)
            if kind := _kind_watched(form, tape):
                yield from ask(kind, step, WATCHED + step.target)
            if len(tape.asked) > 1:
                yield from ask(KEPT, step)
        if step.kind == "backward" and step.id not in every.from_loss:
            yield from ask(ONE_TAPE, step)
        yield step


def _kind_watched(form: Lesson, tape: Tape) -> str:
    """Is it data that a tape must watch, or computed on another tape? "" where both, or neither."""
    kinds = {"computed" if name in form.program.by_target else "data" for name in tape.watched}
    return kinds.pop() if len(kinds) == 1 else ""


def first_parameter(lesson: Lesson) -> str:
    """The parameter that the program reads first."""
    return next(name for name in lesson.program.leaves if name in lesson.parameters)


def on_the_way(lesson: Lesson) -> list[str]:
    """The assignments between the first parameter and the loss."""
    program, first = lesson.program, first_parameter(lesson)
    reaching = {lesson.loss, *program.ancestors(lesson.loss)}
    return [
        line.target
        for line in program.assignments
        if line.target in reaching and first in program.ancestors(line.target)
    ]
