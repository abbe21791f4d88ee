"""Hints as a ladder: the rule, the factors and their shapes, one cell worked out, the answer."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import prod

from bptutor.course.questions import passages, readers
from bptutor.grading.facts import Facts
from bptutor.grading.judge import figures_needed
from bptutor.language.evaluate import cell
from bptutor.language.ops import numbers_read, operation_of
from bptutor.language.ops.base import Cell, Style, written_shape
from bptutor.language.render import display_name, index_of, write
from bptutor.language.tree import Apply, Expression, Name, names, size
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import Step, shown_name
from bptutor.text import Message, shortest, significant

RUNGS = 3
"""Hints before the answer itself."""
LONGEST = 120
"""Characters of one cell's arithmetic that are shown of a long sum."""


@dataclass(frozen=True)
class Hints:
    """The hints of a step on the tape."""

    facts: Facts
    step: Step
    style: Style
    asked: Sequence[int]
    """The positions of the cells that are asked; the third hint works one of them out."""

    def all(self) -> Iterator[Message]:
        yield self.rule()
        yield self.factors()
        yield self.one_cell()

    def rule(self) -> Message:
        step, lesson = self.step, self.facts.lesson
        if step.kind == "forward":
            return _joined(_going_forward(step.product))
        if step.kind == "update":
            return Message(
                "Against the gradient: the old weight minus the learning rate times its gradient."
            )
        rule = _joined(list(dict.fromkeys(_rules(lesson, step))))
        if step.kind == "local":
            return Message("With 1 in the place of the upstream gradient. {rule}", rule=rule)
        return rule

    def factors(self) -> Message:
        """The factors with their shapes."""
        step = self.step
        made_of = [self._shaped(name) for name in dict.fromkeys(numbers_read(step.product))]
        name, shape = shown_name(self.facts.lesson, step.id, self.style), written_shape(step.shape)
        if not made_of and not step.shape:
            return Message(
                "{name} is a single number, and no other number goes into it.", name=name
            )
        if not made_of:
            return Message(
                "{name} has the shape {shape}, and it takes no other number.",
                name=name,
                shape=shape,
            )
        factors = ", ".join(made_of)
        if not step.shape:
            return Message(
                "{name} is a single number, made of {factors}.", name=name, factors=factors
            )
        return Message(
            "{name} has the shape {shape}; it is made of {factors}.",
            name=name,
            shape=shape,
            factors=factors,
        )

    def _shaped(self, name: str) -> str:
        """The name of a quantity, with its shape unless it is a scalar."""
        shape = self.facts.known(name).shape
        shown = display_name(name, self.style)
        return f"{shown} {written_shape(shape)}" if shape else shown

    def one_cell(self) -> Message:
        """One cell worked out in numbers."""
        step, facts = self.step, self.facts
        truth = facts.truth(step).reshape(-1)
        cells = self.asked or range(len(truth))
        position = next((cell for cell in cells if truth[cell] != 0), cells[0])
        at = index_of(position, step.shape)
        shapes = {name: facts.known(name).shape for name in set(names(step.product))}
        worked = cell(step.product, at, shapes, self._displayed)
        arithmetic = write(worked, self.style)
        if len(arithmetic) > LONGEST:
            arithmetic = arithmetic[:LONGEST].rsplit(" ", 1)[0] + " ..."
        left = shown_name(facts.lesson, step.id, self.style)
        left += f"[{', '.join(map(str, at))}]" if at else ""
        value = self._value(position)
        equation = f"{left} = {arithmetic} = {value}" if size(worked) > 1 else f"{left} = {value}"
        if not at:
            return Message("In numbers: {equation}.", equation=equation)
        return Message("One cell: {equation}.", equation=equation)

    def _value(self, position: int) -> str:
        """A number of the answer; of an updated weight, one digit more than the change takes."""
        facts, step = self.facts, self.step
        value = float(facts.truth(step).reshape(-1)[position])
        if step.kind != "update":
            return significant(value)
        old = float(facts.known(step.target).reshape(-1)[position])
        gradient = float(facts.gradient(step.target).reshape(-1)[position])
        decimals = figures_needed(old, gradient, facts.lesson.learning_rate, facts.lesson.dtype)
        return shortest(round(value, decimals + 1))

    def _displayed(self, name: str, at: Cell) -> float:
        return float(significant(float(self.facts.known(name)[at])))


def _rules(lesson: Lesson, step: Step) -> Iterator[Message]:
    """The rules of the operations on the path from the loss, or the target, to `step.by`."""
    by = step.by or ""
    local = step.kind == "local"
    consumers = [lesson.program.by_target[step.target]] if local else readers(lesson, by)
    if len(consumers) > 1:
        yield Message("It is read in several places: add up what comes back from each.")
    for consumer in consumers:
        along = list(passages(consumer.expression, by))
        if not along:
            yield Message(
                "{target} is {name} under another name: the upstream gradient passes unchanged.",
                target=consumer.target,
                name=by,
            )
            continue
        not_sums = [passage for passage in along if not passage[0].traits.terms] or along
        yield from (operation.rule_for(operand) for operation, operand in not_sums)
        last, _ = along[-1]
        if prod(step.shape) < prod(lesson.shapes[consumer.target]) and last.elementwise:
            yield Message("One number serves several places: add up what comes back from each.")


def _going_forward(expression: Expression) -> list[Message]:
    """The rules of the operations, innermost first, without arithmetic beside other rules."""
    if isinstance(expression, Name):
        return [Message("It is {name} under another name: copy its value.", name=expression.id)]
    if not isinstance(expression, Apply):
        return [Message("It is a constant: copy the number. There is nothing to differentiate.")]
    done = [operation_of(node) for node in _inside_out(expression)]
    named = [operation for operation in done if not operation.traits.arithmetic] or done
    return list(dict.fromkeys(operation.forward for operation in named))


def _inside_out(expression: Expression) -> Iterator[Apply]:
    if isinstance(expression, Apply):
        for operand in expression.operands:
            yield from _inside_out(operand)
        yield expression


def _joined(rules: Sequence[Message]) -> Message:
    first, *rest = rules
    return Message("{first} {second}", first=first, second=_joined(rest)) if rest else first
