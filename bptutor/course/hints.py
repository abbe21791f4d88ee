"""Hints as a ladder: the chain rule or the rule applied here, the factors, the formula, the answer.

All of it in the lesson's own names.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod

from bptutor.course.questions import optimizer_rule, passages
from bptutor.engine.trace import Array
from bptutor.grading.facts import Facts
from bptutor.grading.judge import figures_needed
from bptutor.language.differentiate import gradient_name
from bptutor.language.evaluate import cell
from bptutor.language.ops import numbers_read, operation_of
from bptutor.language.ops.base import Cell, Style, written_shape
from bptutor.language.render import (
    ONE,
    UPSTREAM,
    display_name,
    forward_words,
    index_of,
    rule_words,
    write,
)
from bptutor.language.shapes import Outlines
from bptutor.language.tree import Apply, Assignment, Expression, Name, names, replaced, size
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import LEARNING_RATE, Step, factors, readers, step_name
from bptutor.text import Message, sentences, shortest, significant

RUNGS = 3  # hints before the answer itself
LONGEST = 120  # characters of one element's arithmetic that are shown of a long sum
MOST_RULES = 3  # operations of an assignment; of a longer one the plain arithmetic is left out


@dataclass(frozen=True)
class Hints:
    """The hints of a step on the tape."""

    facts: Facts
    step: Step
    style: Style
    asked: Sequence[int]  # positions of the asked elements; the third hint works one out
    line: str = ""  # the chain rule where the question does not show it: the first hint
    letters: bool = False  # is the formula asked, so that the third hint has it?

    def all(self) -> Iterator[Message]:
        yield Message("The chain rule: {line}.", line=self.line) if self.line else self.rule()
        yield self.factors()
        yield self.worked()

    def rule(self) -> Message:
        return applied_rule(self.facts.lesson, self.step, self.style)

    def factors(self) -> Message:
        step = self.step
        made_of = [self._shaped(name) for name in dict.fromkeys(numbers_read(step.product))]
        name, shape = step_name(self.facts.lesson, step, self.style), written_shape(step.shape)
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
        """The name of a quantity with its shape, or with its value where it is a scalar."""
        value = self.facts.known(name)
        shown = display_name(name, self.style)
        if value.shape:
            return f"{shown} {written_shape(value.shape)}"
        return f"{shown} = {significant(float(value))}"

    def worked(self) -> Message:
        """The formula in letters where it is asked, and one element in numbers."""
        step = self.step
        if not (self.letters and any(names(step.product))):
            return self.one_element()
        name = step_name(self.facts.lesson, self.step, self.style)
        letters = f"{name} = {write(step.product, self.style)}"
        if not step.shape:
            return Message("The formula, then its numbers: {line}.", line=self._equation(letters))
        return Message(
            "{formula} {element}",
            formula=Message("The formula is {line}.", line=letters),
            element=self.one_element(),
        )

    def one_element(self) -> Message:
        """One element in numbers; its value only where others are asked as well."""
        step = self.step
        at = index_of(self._example, step.shape)
        left = step_name(self.facts.lesson, self.step, self.style) + (
            f"[{', '.join(map(str, at))}]" if at else ""
        )
        equation = self._equation(left, value=len(self._cells) > 1)
        if not at:
            return Message("In numbers: {equation}.", equation=equation)
        return Message("One element: {equation}.", equation=equation)

    @property
    def _cells(self) -> Sequence[int]:
        return self.asked or range(prod(self.step.shape))

    @property
    def _example(self) -> int:
        """The position of the element that is worked out, not a 0 if possible."""
        truth = self.facts.truth(self.step).reshape(-1)
        return next((cell for cell in self._cells if truth[cell] != 0), self._cells[0])

    def _equation(self, left: str, value: bool = False) -> str:
        """`left`, its arithmetic, and its value where that is wanted or is all there is."""
        step, position = self.step, self._example
        worked = element(step.product, index_of(position, step.shape), self.facts.known)
        arithmetic = shortened(write(worked, self.style))
        result = self._value(position)
        if size(worked) == 1:
            return f"{left} = {result}"
        return f"{left} = {arithmetic} = {result}" if value else f"{left} = {arithmetic}"

    def _value(self, position: int) -> str:
        """A number of the answer; of an updated weight, one digit more than the change takes."""
        facts, step = self.facts, self.step
        value = float(facts.truth(step).reshape(-1)[position])
        if step.kind != "update":
            return significant(value)
        old = float(facts.known(step.target).reshape(-1)[position])
        decrease = float(facts.decrease(step).reshape(-1)[position])
        decimals = figures_needed(old, decrease, facts.lesson.dtype)
        return shortest(round(value, decimals + 1))


def element(product: Expression, at: Cell, known: Callable[[str], Array]) -> Expression:
    """One element of a formula, with the numbers as they are shown."""
    shapes = {name: known(name).shape for name in set(names(product))}
    return cell(
        product, at, shapes, lambda name, place: float(significant(float(known(name)[place])))
    )


def shortened(arithmetic: str) -> str:
    """A long sum up to a blank."""
    if len(arithmetic) <= LONGEST:
        return arithmetic
    return arithmetic[:LONGEST].rsplit(" ", 1)[0] + " ..."


def applied_rule(lesson: Lesson, step: Step, style: Style) -> Message:
    """The rule by which a step is worked out, applied to its own names."""
    if step.role and step.asks_formula:
        return optimizer_rule(lesson, step)
    if step.kind == "update":
        return Message(
            "Step against the gradient: {weight} minus {rate} times {gradient}.",
            weight=step.target,
            rate=LEARNING_RATE,
            gradient=display_name(gradient_name(lesson.loss, step.target), style),
        )
    said = _going_forward if step.kind == "forward" else _going_back
    return sentences(*dict.fromkeys(said(lesson, step, style)))


def _going_back(lesson: Lesson, step: Step, style: Style) -> Iterator[Message]:
    """The rules of the operations on the path from the loss, or the target, to `step.by`."""
    by, local = step.by or "", step.kind == "local"
    shape_of = Outlines(lesson.shapes).shape
    consumers = [lesson.program.by_target[step.target]] if local else readers(lesson, by)
    if len(consumers) > 1:
        yield Message(
            "{name} is used in {places}: add what each passes back.",
            name=by,
            places=", ".join(consumer.target for consumer in consumers),
        )
    for consumer in consumers:
        along = list(passages(consumer.expression, by))
        upstream = display_name(gradient_name(lesson.loss, consumer.target), style)
        if not along and local:
            yield Message(
                "{target} is {name} under another name: its derivative is 1.",
                target=consumer.target,
                name=by,
            )
            continue
        if not along:
            yield Message(
                "{target} is {name} under another name: {upstream} passes unchanged.",
                target=consumer.target,
                name=by,
                upstream=upstream,
            )
            continue
        arriving: Message | str = upstream
        if consumer.target == lesson.loss or (local and step.id in factors(lesson)):
            arriving = ONE
        elif local and step.part == "tape":  # which adds up over the outputs
            arriving = Message("an upstream gradient of ones")
        only_sums = all(operation_of(node).traits.terms for node, _ in along)
        for node, index in along:
            terms = operation_of(node).traits.terms
            subtracted = terms == "minus" and index == 1
            if only_sums or subtracted or not terms:
                yield from rule_words(
                    node,
                    index,
                    partial(_written, line=consumer, style=style),
                    upstream=arriving,
                    value=consumer.target if node == consumer.expression else write(node, style),
                )
            if terms != "plus":  # a sum passes its upstream gradient on unchanged
                arriving = UPSTREAM
        for node, index in along:
            used, whole = shape_of(node.operands[index]), shape_of(node)
            if not operation_of(node).elementwise or used == whole:
                continue
            name = _written(node.operands[index], consumer, style)
            if prod(used) == prod(whole):
                yield Message(
                    "{name} has the shape {shape}: drop the axes of length 1.",
                    name=name,
                    shape=written_shape(used),
                )
            else:
                yield Message(
                    "{name} is broadcast to the shape {shape}: each element is used several times."
                    " Add up the parts.",
                    name=name,
                    shape=written_shape(whole),
                )


def _written(part: Expression, line: Assignment, style: Style) -> str:
    """A part of an assignment; the value is called by its name inside of other formulas."""
    if part == line.expression:
        return write(part, style)
    value = Name(line.target)
    return write(replaced(part, lambda each: value if each == line.expression else None), style)


def _going_forward(lesson: Lesson, step: Step, style: Style) -> Iterator[Message]:
    """How the operations of an assignment are computed, innermost first."""
    expression = step.product
    if isinstance(expression, Name):
        yield Message("It is {name} under another name: copy its value.", name=expression.id)
        return
    if not isinstance(expression, Apply):
        yield Message("It is a constant: copy the number. There is nothing to differentiate.")
        return
    done = list(_inside_out(expression))
    if len(done) > MOST_RULES:
        done = [node for node in done if not operation_of(node).traits.arithmetic] or done
    for node in done:
        yield forward_words(node, lambda part: write(part, style))


def _inside_out(expression: Expression) -> Iterator[Apply]:
    if isinstance(expression, Apply):
        for operand in expression.operands:
            yield from _inside_out(operand)
        yield expression
