"""A step as the rules of the misconceptions see it: its product, path by path."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

from bptutor.language.algebra import ONE, ZERO, plus
from bptutor.language.differentiate import (
    Contribution,
    contributions,
    gradient_name,
    slope_contributions,
)
from bptutor.language.errors import ShapeError
from bptutor.language.ops.base import Style
from bptutor.language.render import display_name, write
from bptutor.language.shapes import infer_shape
from bptutor.language.tree import Apply, Assignment, Expression, Name, Shape, names
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import LEARNING_RATE, Step, steps
from bptutor.locale import Message

ACTIVATIONS = ("relu", "leaky_relu", "maximum", "sigmoid", "tanh", "softplus", "softmax")
"""Operations that are called an activation where they stand alone on a line."""
GATES = ("relu", "leaky_relu", "maximum", "minimum")
"""Those that let a signal through or stop it."""


@dataclass(frozen=True)
class Mistake:
    """One way to go wrong at a step: the formula that a person would have used, and what to say.

    `explanation` says what happened, `advice` what to do instead.
    """

    id: str
    situation: Situation
    explanation: Message
    advice: Message

    @property
    def expression(self) -> Expression:
        """The wrong formula."""
        return self.situation.product


@dataclass(frozen=True)
class Path:
    """One place through which the signal comes back, and what arrives there."""

    term: Expression
    consumer: Assignment
    """The assignment that reads what is differentiated by (forward, update: what is computed)."""


@dataclass(frozen=True)
class Situation:
    """A step with the formula that is used for it; a rule makes another situation of it."""

    lesson: Lesson
    step: Step
    style: Style
    paths: tuple[Path, ...]

    @cached_property
    def product(self) -> Expression:
        """The formula as a whole, in the step's shape wherever it can be spread to it."""
        return self.spread(plus(*(path.term for path in self.paths)))

    def using(self, path: Path, term: Expression) -> Situation:
        """The same with another term in the place of one path's."""
        found = (replace(each, term=term) if each is path else each for each in self.paths)
        return replace(self, paths=tuple(found))

    def altogether(self, expression: Expression) -> Situation:
        """The same with one formula in the place of all paths."""
        return replace(self, paths=(replace(self.paths[0], term=expression),))

    # ── names and shapes ──────────────────────────────────────────────────────────────────────

    @property
    def by(self) -> str:
        """What is differentiated by; of an update the parameter, of a forward step its target."""
        return self.step.by or self.step.target

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """The shape of everything that has a name in this lesson."""
        found = dict(self.lesson.shapes)
        found.update((step.id, step.shape) for step in steps(self.lesson))
        found[LEARNING_RATE] = ()
        return found

    def shape(self, expression: Expression) -> Shape | None:
        """An expression's shape; None where its shapes do not fit."""
        try:
            return infer_shape(expression, self.shapes)
        except ShapeError:
            return None

    def fits(self, expression: Expression) -> bool:
        """Could this be the step's value, by its shape?"""
        return self.shape(expression) == self.step.shape

    def spread(self, expression: Expression) -> Expression:
        """An expression broadcast to the step's shape; as it is where it does not fit."""
        if self.fits(expression) or self.step.kind == "forward":
            return expression
        ones = Apply("ones_like", (Name(self.by),))
        spread = ones if expression == ONE else Apply("multiply", (expression, ones))
        return spread if self.fits(spread) else expression

    def name(self, name: str) -> str:
        """A quantity's name as the learner writes it."""
        return display_name(name, self.style)

    def text(self, expression: Expression) -> str:
        """A formula as the learner writes it."""
        return write(expression, self.style)

    # ── the program around the step ───────────────────────────────────────────────────────────

    def upstream(self, path: Path) -> Expression:
        """What arrives from above on a path: a gradient, or ones for a slope by itself."""
        if self.step.kind == "local":
            return Apply("ones_like", (Name(path.consumer.target),))
        if path.consumer.target == self.lesson.loss:
            return ONE
        return Name(gradient_name(self.lesson.loss, path.consumer.target))

    def nodes(self, path: Path) -> list[Apply]:
        """The operations on the way from the consumer's value down to what is differentiated by."""
        return list(nodes_to(path.consumer.expression, self.by))

    def activation(self, path: Path) -> str | None:
        """The activation that the consumer is, applied to what is differentiated by."""
        expression = path.consumer.expression
        if isinstance(expression, Apply) and expression.operation in ACTIVATIONS:
            return expression.operation if Name(self.by) in expression.operands else None
        return None

    def cofactor(self, path: Path) -> str | None:
        """The name that what is differentiated by is multiplied with in the consumer."""
        for node in self.nodes(path):
            if node.operation in ("matmul", "multiply", "dot") and Name(self.by) in node.operands:
                left, right = node.operands
                other = right if left == Name(self.by) else left
                if isinstance(other, Name):
                    return other.id
        return None

    def alike(self, name: str) -> Iterator[str]:
        """Other names of the program of the same shape, and of the same sort where it has sorts."""
        parameters = self.lesson.parameters
        for other, shape in self.lesson.shapes.items():
            same_sort = (other in parameters) == (name in parameters)
            if other != name and shape == self.lesson.shapes[name] and same_sort:
                yield other

    def last_before_loss(self, name: str) -> bool:
        """Is this what the loss is computed from?"""
        return name in self.lesson.program.by_target[self.lesson.loss].inputs


def situation(lesson: Lesson, step: Step, style: Style) -> Situation:
    """A step with its right formula."""
    program, shapes = lesson.program, lesson.shapes
    found: list[Contribution]
    if step.kind == "backward":
        found = contributions(program, lesson.loss, shapes)[step.by or ""]
        reaching = {lesson.loss, *program.ancestors(lesson.loss)}
        found = [each for each in found if each.consumer.target in reaching]
    elif step.kind == "local":
        assignment = program.by_target[step.target]
        found = slope_contributions(program, assignment, shapes)[step.by or ""]
    elif step.kind == "update":
        consumer = program.consumers[step.target][0]
        found = [Contribution(consumer, step.product)]
    else:
        found = [Contribution(program.by_target[step.target], step.product)]
    paths = tuple(Path(each.term, each.consumer) for each in found if each.term != ZERO)
    return Situation(lesson, step, style, paths)


def nodes_to(expression: Expression, name: str) -> Iterator[Apply]:
    """The operations from the outermost one down to each place of a name."""
    if isinstance(expression, Apply) and name in names(expression):
        yield expression
        for operand in expression.operands:
            yield from nodes_to(operand, name)
