"""A step worked out on other names and numbers, for who meets its kind for the first time.

The program is the lesson's own, in small: its names are other letters, every axis has at most two
elements, and the numbers that the step reads are whole wherever they can be.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import count
from math import prod
from random import Random
from typing import TypeAlias

import numpy as np

from bptutor.course.hints import applied_rule, element
from bptutor.course.questions import MOST_CELLS, bare, chain_rule, relevant
from bptutor.engine.domains import class_numbers, distribution_axis, is_binary
from bptutor.engine.numpy_pass import NumpyPass
from bptutor.engine.trace import Array
from bptutor.language.errors import LanguageError, ShapeError
from bptutor.language.evaluate import masks_in
from bptutor.language.ops import numbers_read, traits_of
from bptutor.language.ops.base import Style
from bptutor.language.render import index_of, write, write_assignment
from bptutor.language.shapes import Outlines
from bptutor.language.tree import (
    Assignment,
    Expression,
    Name,
    Program,
    Shape,
    names,
    replaced,
    size,
)
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import LEARNING_RATE, Step, places, readers, shown_name, steps
from bptutor.text import Message, significant

Panel: TypeAlias = tuple[Message | str, ...]  # the lines that come with one press of Enter

HEADING = Message("An example, with other names and numbers:")
SCALARS, MATRICES = "pqrstuvgh", "PQRSUVGH"
WHOLE = (2, -2, 3, -3, 4, -4)  # the numbers of an example
SHARES = (0.2, 0.5, 0.4, 0.8)  # the numbers where the lesson's are between 0 and 1
RATE = 0.1  # the learning rate of an example
TRIES = 60  # draws, of which some have a finite value other than 0 and both sides of a kink


@lru_cache(maxsize=256)
def worked_example(form: Lesson, id_: str, style: Style, *, numbers: bool = True) -> list[Panel]:
    """The example for a step of a lesson (see `Lesson.form`), without numbers where none are asked.

    Empty where no numbers are found.
    """
    step = steps(form)[places(form)[id_]]
    for small in (True, False):
        try:
            other = _renamed(form, step, small=small)
        except (LanguageError, ShapeError):  # a slice, say, needs its own width
            continue
        if max(map(prod, other.shapes.values())) > MOST_CELLS:  # in full there are too many
            continue
        same = steps(other)[places(form)[id_]]
        sound: list[_Example] = []
        with np.errstate(all="ignore"):
            for attempt in range(TRIES):
                drawn = _Example(other, same, style, _numbers(form, other, same, attempt))
                if drawn.sound:
                    sound.append(drawn)
                    if drawn.both_sides:
                        return list(drawn.panels(numbers))
            if sound:
                return list(sound[0].panels(numbers))
    return []


@dataclass(frozen=True)
class _Example:
    lesson: Lesson
    step: Step
    style: Style
    numbers: NumpyPass

    @property
    def sound(self) -> bool:
        read = [self._value(name) for name in numbers_read(self.step.product)]
        value = self._value(self.step.id)
        return all(np.isfinite(each).all() for each in (*read, value)) and bool(value.any())

    @property
    def both_sides(self) -> bool:
        """Has every mask of several elements one that is 1 and one that is 0?"""
        masks = [self.numbers.value(mask) for mask in masks_in(self.step.product)]
        return all(mask.size == 1 or (mask.any() and not mask.all()) for mask in masks)

    def panels(self, numbers: bool) -> Iterator[Panel]:
        step, lesson, style = self.step, self.lesson, self.style
        letters = f"{self._name} = {write(step.product, style)}"
        yield (
            HEADING,
            *(write_assignment(line, style) for line in self._lines()),
            *(map(self._shown, relevant(lesson, step)) if numbers else ()),
            bare(lesson, step, style),
        )
        rule = chain_rule(lesson, step, style)
        yield (*([rule] if rule else []), applied_rule(lesson, step, style))
        if step.asks_formula:
            yield (
                Message("A formula says how to compute it, in letters, for any numbers:"),
                letters,
            )
        if numbers:
            yield (Message("With the numbers:"), *self._worked())

    @property
    def _name(self) -> str:
        return shown_name(self.lesson, self.step.id, self.style)

    def _lines(self) -> list[Assignment]:
        """The assignments that the question is about, beside the one in the question itself."""
        if self.step.kind == "backward":
            return readers(self.lesson, self.step.by or "")
        return [self.lesson.program.by_target[self.step.target]] if self.step.by else []

    def _value(self, name: str) -> Array:
        return self.numbers.settled(Name(name))

    def _shown(self, name: str) -> str:
        shown = shown_name(self.lesson, name, self.style)
        return f"{shown} = {_written(self._value(name))}"

    def _worked(self) -> Iterator[str]:
        """One element with its arithmetic, then the whole value where it has several."""
        value = np.broadcast_to(self._value(self.step.id), self.step.shape)
        position = int(np.flatnonzero(value)[0])
        at = index_of(position, self.step.shape)
        arithmetic = element(self.step.product, at, self._value)
        result = significant(float(value.reshape(-1)[position]))
        name = self._name + (str(list(at)) if at else "")
        middle = f"{write(arithmetic, self.style)} = " if size(arithmetic) > 1 else ""
        yield f"{name} = {middle}{result}"
        if at:
            yield f"{self._name} = {_written(value)}"


def _written(value: Array) -> str:
    """Numbers as they may be typed: [[1, 2], [3, 4]]."""
    if value.ndim == 0:
        return significant(float(value))
    return "[" + ", ".join(map(_written, value)) + "]"


# ── the lesson in small ───────────────────────────────────────────────────────────────────────────


def _renamed(lesson: Lesson, step: Step, *, small: bool) -> Lesson:
    """The lesson with other letters, and with short axes. Raises LanguageError: they do not fit."""
    program, shapes = lesson.program, lesson.shapes
    leaves = {name: _short(shapes[name]) if small else shapes[name] for name in program.leaves}
    settings = lesson.optimizer.settings
    letters = _letters(lesson, step)

    def renamed(expression: Expression) -> Expression:
        return replaced(
            expression, lambda part: Name(letters[part.id]) if isinstance(part, Name) else None
        )

    lines = [
        replace(line, target=letters[line.target], expression=renamed(line.expression))
        for line in program.assignments
    ]
    found: dict[str, Shape] = {letters[name]: shape for name, shape in leaves.items()}
    for line in lines:
        found[line.target] = Outlines(found).shape(line.expression)
    parameters = tuple(letters[name] for name in lesson.parameters)
    for name, state in lesson.optimizer.states(parameters).items():
        found[name] = found[state.parameter] if state.parameter else ()
    found |= dict.fromkeys(settings, ())
    return replace(
        lesson,
        program=Program(tuple(lines)),
        loss=letters[lesson.loss],
        parameters=parameters,
        watch=tuple(letters[name] for name in lesson.watch),
        shapes=found,
        values={},
        notes={},
        learning_rate=RATE,
        original=None,
    )


def _short(shape: Shape) -> Shape:
    return tuple(min(length, 2) for length in shape)


def _letters(lesson: Lesson, step: Step) -> dict[str, str]:
    """By name, another one; the loss keeps its own. The names of the step come first."""
    program = lesson.program
    if step.role:
        first = [step.target]
    else:
        by = step.by if step.kind == "backward" else None
        lines = readers(lesson, by) if by else [program.by_target[step.target]]
        first = [name for line in lines for name in (line.target, *names(line.expression))]
    taken = {*program.leaves, *program.by_target}
    given = {lesson.loss: lesson.loss}
    free = {
        "": (letter for letter in _endless(SCALARS) if letter not in taken),
        "s": (letter for letter in _endless(MATRICES) if letter not in taken),
    }
    for name in (*first, *program.leaves, *program.by_target):
        if name not in given:
            given[name] = next(free["s" if lesson.shapes[name] else ""])
    return given


def _endless(letters: str) -> Iterator[str]:
    yield from letters
    yield from (f"{letter}{number}" for number in count(1) for letter in letters)


# ── its numbers ───────────────────────────────────────────────────────────────────────────────────


def _numbers(form: Lesson, other: Lesson, step: Step, attempt: int) -> NumpyPass:
    """Whole numbers for what the step reads; what follows from them is computed."""
    random = Random(f"{form.digest} {step.id} {attempt}")
    positive = attempt % 2 == 1
    renamed = dict(zip(other.leaves, form.leaves, strict=True))
    known: dict[str, Array] = {
        name: _leaf(form, own, other.shapes[name], random) for name, own in renamed.items()
    }
    known[LEARNING_RATE] = np.asarray(RATE)
    place, program = places(other), other.program
    read = {
        *numbers_read(step.product),
        *(program.by_target[step.target].inputs if step.by else ()),
    }
    waiting = [*dict.fromkeys(numbers_read(step.product)), *relevant(other, step)]
    while waiting:
        name = waiting.pop(0)
        line = program.by_target.get(name)
        if name in known:
            continue
        if line is None:
            asked = steps(other)[place[name]] if name in place else None
            if asked and (asked.kind == "backward" or asked.renews):
                square = asked.role == "second"
                known[name] = _whole(asked.shape, random, positive=square)
            elif asked:
                waiting += numbers_read(asked.product)
        elif traits_of(line.expression).product or traits_of(line.expression).terms:
            if not program.ancestors(name) & read:
                known[name] = _whole(other.shapes[name], random, positive=positive)
        else:
            waiting += line.inputs
    return NumpyPass(known, {each.id: each.product for each in steps(other)})


def _leaf(form: Lesson, name: str, shape: Shape, random: Random) -> Array:
    """Numbers of the sort that the lesson has."""
    own = np.asarray(form.values[name], "float64")
    if name in form.optimizer.settings:
        return own
    if name in form.states:
        positive = form.states[name].domain != "any"
        return _whole(shape, random, positive=positive)
    if name in (*form.parameters, *form.watch):
        return _whole(shape, random, positive=False)
    if depth := class_numbers(form).get(name):
        return np.asarray(
            [random.randrange(depth) for _ in range(own[..., None].size)][: int(np.prod(shape))]
        ).reshape(shape)
    if (axis := distribution_axis(own)) is not None:
        chosen = np.moveaxis(np.zeros(shape), axis, -1)
        for row in chosen.reshape(-1, chosen.shape[-1]):
            row[random.randrange(len(row))] = 1
        return np.moveaxis(chosen, -1, axis)
    if is_binary(own):
        kinds = (-1.0, 1.0) if (own < 0).any() else (0.0, 1.0)
        return np.asarray(random.choices(kinds, k=int(np.prod(shape)))).reshape(shape)
    if ((own > 0) & (own < 1)).all():
        return np.resize(random.sample(SHARES, len(SHARES)), shape)
    return _whole(shape, random, positive=bool((own > 0).all()))


def _whole(shape: Shape, random: Random, *, positive: bool) -> Array:
    """Whole numbers; the first two of both signs, so that a mask has both a 1 and a 0."""
    first, *others = random.sample(WHOLE, len(WHOLE))
    others.sort(key=lambda number: number * first > 0 or number == -first)
    drawn = np.resize([first, *others], shape).astype("float64")
    return np.abs(drawn) if positive else drawn
