"""Is a formula right? It is when it is identically equal to the tape's gradient.

A formula is tried on several sets of values; one that agrees with the tape on all of them is the
same formula, however it is spelled.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from bptutor.engine.trace import Array, Trace, evaluate_expression
from bptutor.grading.judge import off_by, threshold
from bptutor.language.errors import LanguageError, ShapeError, TooMuchError, nearest
from bptutor.language.ops.base import Style, written_shape
from bptutor.language.parse import parse_expression
from bptutor.language.render import write
from bptutor.language.shapes import Outlines, readings
from bptutor.language.tree import Expression, Name, names, parts
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.names import in_own_names, own_name
from bptutor.literals import Verdict
from bptutor.text import Message, significant

SHARE = 1e-7  # how far two float64 values of a formula may differ, as a share of its largest number


@dataclass(frozen=True)
class Scope:
    """The names with which a formula for a step may be written, and those for which it is early."""

    step: str  # the id of the step that is asked
    known: tuple[str, ...]
    places: Mapping[str, int]  # the index of each step among those that are asked, by its id
    lesson: Lesson

    def own(self, name: str) -> str:
        """The lesson's own name of what is called so."""
        return own_name(self.lesson, name)


def read_formula(text: str, scope: Scope) -> Expression:
    """The formula that a text is, all of whose names there are in the lesson.

    Raises LanguageError: it is not in the notation, has a name that there is not, or is the call
    that returns what is asked.
    """
    try:
        formula = _read(text, scope)
    except LanguageError:
        if not is_tape_call(text):
            raise
        formula = Name(scope.step)
    if is_tape_call(text) and formula == Name(scope.step):
        raise LanguageError(
            Message(
                "tape.gradient returns this gradient in TensorFlow. Here you do its work: write "
                "the chain rule with known names."
            )
        )
    return formula


_TAPE_CALL = re.compile(r"\s*\w+\s*\.\s*gradient\s*\(.*\)\s*", re.DOTALL)


def is_tape_call(text: str) -> bool:
    return _TAPE_CALL.fullmatch(text) is not None


def _read(text: str, scope: Scope) -> Expression:
    every = {*scope.known, *scope.places}
    expression = parse_expression(text, every)
    for name in names(expression):
        if scope.own(name) not in every:
            raise LanguageError(_unknown(name, scope), column=max(text.find(name), 0))
    return in_own_names(scope.lesson, expression)


def _unknown(name: str, scope: Scope) -> Message:
    close = nearest(name, scope.known)
    if close:
        return Message("There is no {name} here; did you mean {nearest}?", name=name, nearest=close)
    if "mask" in name.lower():
        return Message(
            "There is no {name} here; write a mask as a comparison, such as {example}.",
            name=name,
            example="(q > 0)",
        )
    return Message("There is no {name} here; use names from the program.", name=name)


def too_early(expression: Expression, scope: Scope) -> Message | None:
    """Which name of a formula is not known yet; None where all are."""
    for name in names(expression):
        if name == scope.step:
            return Message("{name} is what the question asks for: use known names.", name=name)
        if name not in scope.known:
            return Message(
                "{name} is not known yet: step {number} asks for it.",
                name=name,
                number=scope.places[name] + 1,
            )
    return None


@dataclass(frozen=True)
class World:
    """One set of values on which a formula is tried, in float64."""

    trace: Trace
    truth: Array  # the gradient that the tape gives there
    size: Expression  # how large it would be if nothing in it cancelled

    @cached_property
    def residue(self) -> float:
        """What rounding may leave of a 0 there."""
        return float(threshold(self.evaluate(self.size)).max(initial=0.0))

    def evaluate(self, expression: Expression) -> Array:
        """Works a formula out there. Raises ShapeError: its shapes do not fit."""
        return evaluate_expression(expression, self.trace)

    def agrees(self, value: Array) -> bool:
        """Is this the truth, but for rounding? It has the truth's shape."""
        if not np.isfinite(value).all():
            return False
        scale = float(np.abs(self.truth).max(initial=0.0))
        off = float(np.abs(value - self.truth).max(initial=0.0))
        return off <= SHARE * scale or off <= self.residue


@dataclass(frozen=True)
class JudgedFormula:
    """A verdict on a formula, and what there is to say."""

    verdict: Verdict
    message: Message | None = None
    column: int | None = None  # the character at fault, from 0, where the formula cannot be read

    @classmethod
    def wrong(cls, message: Message) -> JudgedFormula:
        return cls("wrong", message)

    @classmethod
    def unreadable(cls, message: Message) -> JudgedFormula:
        return cls("unreadable", message)


BY_CHANCE = Message(
    "Your formula gives the right numbers here only by chance. With other values it is not the"
    " gradient."
)
WRONG_ELSEWHERE = Message(
    "Your formula gives the right numbers here only by chance. With other values it does not."
)
"""The same of what is no gradient."""


def judge_formula(
    expression: Expression,
    worlds: Sequence[World],
    *,
    spread: bool = False,
    by: str = "",
    gradient: bool = True,
) -> JudgedFormula:
    """Judge a formula on the lesson's own values (first) and on others of the same shapes.

    A formula with `·` is right when one of its readings is. With `spread`, what can be broadcast
    to the gradient's shape counts as of that shape. The gradient is with respect to `by`. What is
    asked may be no `gradient`, but a value of an optimizer.
    """
    try:
        meant = readings(expression, _shapes(expression, worlds[0]))
        likeliest = next(meant)
    except TooMuchError as error:
        return JudgedFormula("unreadable", Message("{problem}.", problem=error.message))
    except ShapeError as error:
        return JudgedFormula("wrong", misfit(expression, worlds[0], error, "ascii"))
    judged = _judged(likeliest, worlds, spread=spread, by=by)
    if judged.verdict == "wrong":
        others = (_judged(each, worlds, spread=spread, by=by) for each in meant)
        judged = next((each for each in others if each.verdict == "right"), judged)
    if judged.verdict == "wrong" and judged.message is None:
        factor = _factor(likeliest, worlds, spread=spread)
        said = None if factor is None else _multiple(factor, gradient=gradient)
        return JudgedFormula("wrong", said)
    if judged.message is BY_CHANCE and not gradient:
        return JudgedFormula("wrong", WRONG_ELSEWHERE)
    return judged


def misfit(expression: Expression, world: World, error: ShapeError, style: Style) -> Message:
    """What does not fit in a formula, and in which part where it is not plain."""
    shapes = Outlines(_shapes(expression, world))
    for part in reversed(list(parts(expression))):  # what is inside first
        try:
            shapes.of(part)
        except ShapeError:
            if part == expression:
                break
            where = write(part, style)
            return Message("In {part}: {problem}.", part=where, problem=error.message)
    return Message("{problem}.", problem=error.message)


def _shapes(expression: Expression, world: World) -> dict[str, tuple[int, ...]]:
    return {name: world.evaluate(Name(name)).shape for name in set(names(expression))}


def _judged(
    expression: Expression, worlds: Sequence[World], *, spread: bool, by: str
) -> JudgedFormula:
    """The verdict on one reading of a formula, whose shapes fit together."""
    fits: list[bool] = []
    for world in worlds:
        value = world.evaluate(expression)
        if spread:
            value = _spread(value, world.truth)
        if squeezed(value.shape) != squeezed(world.truth.shape):
            return JudgedFormula("wrong", _misfit(value, world.truth, by))
        fits.append(world.agrees(value.reshape(world.truth.shape)))
        if not fits[0]:
            return JudgedFormula("wrong")
    if not all(fits):
        return JudgedFormula("wrong", BY_CHANCE)
    if value.shape != worlds[0].truth.shape:
        return JudgedFormula("right", _other_shape(value, worlds[0].truth))
    return JudgedFormula("right")


def _factor(expression: Expression, worlds: Sequence[World], *, spread: bool) -> float | None:
    """The constant factor that a formula has too much; None where it is otherwise wrong."""
    factor: float | None = None
    for world in worlds:
        value = world.evaluate(expression)
        value = (_spread(value, world.truth) if spread else value).reshape(world.truth.shape)
        largest = int(np.abs(world.truth).argmax())
        truth = float(world.truth.reshape(-1)[largest])
        if truth == 0:
            continue
        if factor is None:
            factor = float(value.reshape(-1)[largest]) / truth
        if not factor or not math.isfinite(factor) or not world.agrees(value / factor):
            return None
    return factor


def _multiple(factor: float, *, gradient: bool) -> Message:
    """What is known of a formula that is right but for its sign or this factor."""
    if factor < 0:
        return off_by(factor)
    if not gradient:
        times = significant(max(factor, 1 / factor), 5)
        if factor > 1:
            return Message("Your formula gives {factor} times the right value.", factor=times)
        return Message("The right value is {factor} times what your formula gives.", factor=times)
    if factor > 1:
        return Message(
            "Your formula gives {factor} times the gradient.", factor=significant(factor, 5)
        )
    return Message(
        "The gradient is {factor} times what your formula gives.", factor=significant(1 / factor, 5)
    )


def _spread(value: Array, truth: Array) -> Array:
    """A value in the truth's shape, where it can be broadcast to it."""
    try:
        return np.broadcast_to(value, truth.shape)
    except ValueError:
        return value


def squeezed(shape: Sequence[int]) -> tuple[int, ...]:
    """A shape without the axes of one in front, which a batch of one has."""
    sizes = list(shape)
    while sizes and sizes[0] == 1:
        sizes.pop(0)
    return tuple(sizes)


def _misfit(value: Array, truth: Array, by: str) -> Message:
    found, wanted = written_shape(value.shape), written_shape(truth.shape)
    if not by:
        return Message("This has the shape {found}, not {wanted}.", found=found, wanted=wanted)
    return Message(
        "This has the shape {found}; the gradient with respect to {by} has the shape of {by}, "
        "{wanted}.",
        found=found,
        by=by,
        wanted=wanted,
    )


def _other_shape(value: Array, truth: Array) -> Message:
    return Message(
        "The numbers are right. Only the shape is {found}, not the gradient's {wanted}: "
        "where an axis is longer than 1, the shapes must agree.",
        found=written_shape(value.shape),
        wanted=written_shape(truth.shape),
    )
