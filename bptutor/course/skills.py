"""The skill that a step practises, and how much support a step of that skill gets."""

from typing import Literal, TypeAlias

from bptutor.course.coding import reads_weights
from bptutor.course.questions import operations_to
from bptutor.language.ops import traits_of
from bptutor.language.tree import Apply, Expression, Name, parts
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step, readers
from bptutor.literals import Support

Skill: TypeAlias = Literal[
    "affine-forward",
    "activation-forward",
    "loss-forward",
    "forward",
    "weight-slope",
    "bias-slope",
    "input-slope",
    "activation-slope",
    "slope",
    "loss-slope",
    "weight-gradient",
    "bias-gradient",
    "input-gradient",
    "activation-gradient",
    "sum-over-paths",
    "gradient",
    "optimizer",
    "update",
    "order",
    "memory",
    "code",
    "goal",
    "trainable-weights",
]


def skill(lesson: Lesson, step: Step) -> Skill:
    if step.kind == "code":
        in_keras = step.part == "keras"
        return "trainable-weights" if in_keras and reads_weights(lesson, step.id) else "code"
    if step.kind in ("optimizer", "update", "goal", "order", "memory"):
        return step.kind
    if step.kind == "forward":
        return _forward(lesson, step)
    by = step.by or ""
    if step.kind == "local":
        return _passing(lesson, lesson.program.by_target[step.target].expression, by, local=True)
    reader, *others = readers(lesson, by)
    if others:
        return "sum-over-paths"
    if reader.target == lesson.loss:
        return "loss-slope"
    return _passing(lesson, reader.expression, by, local=False)


def _forward(lesson: Lesson, step: Step) -> Skill:
    if step.id == lesson.loss:
        return "loss-forward"
    product = step.product
    if _is_activation(product):
        return "activation-forward"
    products = any(traits_of(part).product for part in parts(product))
    return "affine-forward" if products else "forward"


def _passing(lesson: Lesson, expression: Expression, by: str, *, local: bool) -> Skill:
    """The skill of a derivative with respect to `by`, by the operations on the path."""
    passed = [operation.traits for operation in operations_to(expression, by)]
    if any(traits.activation for traits in passed):
        return "activation-slope" if local else "activation-gradient"
    if any(traits.product for traits in passed):
        if by in lesson.parameters:
            return "weight-slope" if local else "weight-gradient"
        return "input-slope" if local else "input-gradient"
    if by in lesson.parameters:
        return "bias-slope" if local else "bias-gradient"
    return "slope" if local else "gradient"


def _is_activation(expression: Expression) -> bool:
    return (
        isinstance(expression, Apply)
        and traits_of(expression).activation
        and isinstance(expression.operands[0], Name)
    )


Practised: TypeAlias = dict[str, int]  # by kind of step, how often right at once without a hint

ALONE_AFTER = 2  # right first attempts at a kind of step after which its question stands alone


def support(right: int | None) -> Support:
    """The support for a kind of step, by its right first attempts; None where it was never met."""
    if right is None:
        return "example"
    return "line" if right < ALONE_AFTER else "alone"
