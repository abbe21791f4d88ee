"""What a step asks: its question in words and in mathematics, and which cells."""

from collections.abc import Iterator
from itertools import islice
from math import prod
from typing import Any

import numpy as np

from bptutor.engine.trace import Array
from bptutor.grading.facts import Facts
from bptutor.grading.judge import figures_needed
from bptutor.language.differentiate import gradient_name
from bptutor.language.ops import numbers_read, operation_of, traits_of
from bptutor.language.ops.base import Operation, Style
from bptutor.language.render import display_name, write
from bptutor.language.tree import Apply, Assignment, Expression, Name, names
from bptutor.lesson.lesson import Lesson, Texts
from bptutor.lesson.steps import Step, known_names, places
from bptutor.literals import Ask
from bptutor.text import Message, significant

MOST_CELLS = 12
"""A matrix of at most so many cells is asked whole."""
ASKED_OF_LARGE = 4
"""Cells of a larger one that are asked."""
MOST_SEEN = 4_096
"""Of a very large matrix its first numbers, row after row, are shown, and asked of."""


def asks_product(step: Step, ask: Ask) -> bool:
    if step.part != "tape":
        return not step.numbers
    return step.kind == "backward" and ask != "values"


def asks_value(step: Step, ask: Ask) -> bool:
    if step.part != "tape":
        return step.numbers
    if ask == "products":
        return False
    return ask != "backward" or step.kind in ("backward", "update")


def asked_anything(step: Step, ask: Ask) -> bool:
    return asks_product(step, ask) or asks_value(step, ask)


def sizes(step: Step) -> Expression:
    """What the elements to ask are chosen by: the value; of an update, its change."""
    product = step.product
    if step.kind == "update" and isinstance(product, Apply):
        return product.operands[1]
    return product


def asked_of(facts: Facts, step: Step) -> list[int]:
    """The positions of the elements to ask at a step on the tape."""
    return asked_cells(step, sizes_in(facts, step))


def sizes_in(facts: Facts, step: Step) -> Array:
    """The size by which the elements to ask are chosen, as TensorFlow gives it."""
    return facts.gradient(step.target) if step.kind == "update" else facts.truth(step)


def asked_cells(step: Step, by: Array | None) -> list[int]:
    """The positions of the elements to ask, row after row, chosen by the size of `by` (`sizes`).

    Of an update the one that changes most, unless the lesson asks for all. All of a small matrix.
    Of a larger one a few that tell mistakes apart: the largest number, a number off the diagonal
    (which a transpose would move), a zero if there is one, a middling one. None where that depends
    on a truth that is not computed yet.
    """
    shape, count = step.shape, prod(step.shape)
    if count <= (1 if step.asks_one else MOST_CELLS):
        return list(range(count))
    if by is None:
        return []
    flat = np.abs(by.reshape(-1)[:MOST_SEEN]).astype("float64")
    columns = shape[-1]
    by_size = np.argsort(-flat, kind="stable")
    if step.asks_one:
        return [int(by_size[0])]
    zeros = np.flatnonzero(flat == 0)
    off_diagonal = next((c for c in by_size if c // columns != c % columns), by_size[-1])
    middle = by_size[(len(flat) - len(zeros)) // 2]
    chosen = dict.fromkeys([by_size[0], off_diagonal, *zeros[:1], middle, *by_size])
    return sorted(map(int, islice(chosen, ASKED_OF_LARGE)))


# ── questions ─────────────────────────────────────────────────────────────────────────────────────


def question(lesson: Lesson, step: Step, style: Style) -> Message:
    name = display_name(step.id, style)
    if step.kind == "forward":
        return Message("What comes out? Work out {name}.", name=name)
    if step.kind == "local":
        return Message(
            "How does {target} answer when {by} moves? Work out its slope.",
            target=step.target,
            by=step.by or "",
        )
    if step.kind == "update":
        return Message("Take one step downhill: what is {name} now?", name=step.target)
    if not lesson.parameters:  # nothing is to be made small, so it is no loss
        return Message(
            "How does {target} answer when {by} moves? Follow the chain rule back.",
            target=step.target,
            by=step.by or "",
        )
    return Message(
        "How does the loss {loss} answer when {by} moves? Follow the chain rule back.",
        loss=step.target,
        by=step.by or "",
    )


def formula(lesson: Lesson, step: Step, style: Style) -> str:
    """The question in mathematics: the assignment, the slope, or the chain rule's factors."""
    name = display_name(step.id, style)
    if step.kind == "local":
        return f"{name} = ?"
    if step.kind != "backward":
        return f"{name} = {write(step.product, style)}"
    times = " · " if style == "unicode" else " . "
    paths = []
    for consumer in lesson.program.consumers[step.by or ""]:
        target = consumer.target
        slope = display_name(gradient_name(target, step.by or ""), style)
        if target == lesson.loss:
            paths.append(slope)
        elif gradient_name(lesson.loss, target) in places(lesson):
            upstream = display_name(gradient_name(lesson.loss, target), style)
            paths.append(upstream + times + slope)
    if paths == [name]:
        return f"{name} = ?"
    return f"{name} = " + " + ".join(paths)


def remarks(lesson: Lesson, step: Step, facts: Facts | None) -> list[Message | Texts]:
    """What to know before answering; the author's note first."""
    said: list[Message | Texts] = [lesson.notes[step.id]] if step.id in lesson.notes else []
    if step.kind == "local" and _sums(lesson, step):
        said.append(
            Message(
                "Summed over the outputs, as tape.gradient does: one number for each cell of {by}.",
                by=step.by or "",
            )
        )
    if step.kind == "update":
        said.append(_digits(step, facts))
    elif step.kind == "backward":
        said.append(
            Message("Three figures are enough. @ multiplies matrices, * goes cell by cell.")
            if step.shape
            else Message("Three significant figures are enough.")
        )
    else:
        said.append(Message("Three significant figures are enough; 0.5*0.2 + 1 is fine too."))
    return said


def relevant(lesson: Lesson, step: Step) -> list[str]:
    """The known quantities for the answer: those of the formula, then the derivative."""
    known = set(known_names(lesson, places(lesson)[step.id]))
    taken = dict.fromkeys(name for name in numbers_read(step.product) if name in known)
    if step.kind == "backward":
        for consumer in lesson.program.consumers[step.by or ""]:
            slope = gradient_name(consumer.target, step.by or "")
            if slope in known:
                taken.setdefault(slope)
    return list(taken)


def readers(lesson: Lesson, name: str) -> list[Assignment]:
    """The assignments that read a name on a path to the loss."""
    on_path = {lesson.loss, *lesson.program.ancestors(lesson.loss)}
    return [reader for reader in lesson.program.consumers[name] if reader.target in on_path]


def operations_to(expression: Expression, name: str) -> Iterator[Operation]:
    """The operations on the path to each occurrence of a name, the outermost first."""
    return (operation for operation, _ in passages(expression, name))


def passages(expression: Expression, name: str) -> Iterator[tuple[Operation, int]]:
    """The same operations, with the index of the operand on the path."""
    if isinstance(expression, Apply):
        for index, operand in enumerate(expression.operands):
            if name in names(operand):
                yield operation_of(expression), index
                yield from passages(operand, name)


def multiplied_with(expression: Expression, name: str) -> Iterator[str]:
    """The names that a name is multiplied with: its local derivatives."""
    if not isinstance(expression, Apply):
        return
    if traits_of(expression).product and Name(name) in expression.operands:
        left, right = expression.operands
        other = right if left == Name(name) else left
        if isinstance(other, Name):
            yield other.id
    for operand in expression.operands:
        yield from multiplied_with(operand, name)


def _sums(lesson: Lesson, step: Step) -> bool:
    """Does one cell of the input change several cells of the output?"""
    if lesson.shapes[step.target] != step.shape:
        return True
    expression = lesson.program.by_target[step.target].expression
    return not all(each.elementwise for each in operations_to(expression, step.by or ""))


def _digits(step: Step, facts: Facts | None) -> Message:
    """The decimals to give in an update."""
    if facts is None:
        return Message("Type every digit that changes; 0.1 - 0.001*0.0317 is fine too.")
    lesson = facts.lesson
    asked = asked_of(facts, step)
    old = facts.known(step.target).reshape(-1)[asked].tolist()
    gradient = facts.gradient(step.target).reshape(-1)[asked].tolist()
    rate = lesson.learning_rate
    decimals = max(
        figures_needed(weight, slope, rate, lesson.dtype)
        for weight, slope in zip(old, gradient, strict=True)
    )
    fields: dict[str, Any] = {"decimals": decimals, "rate": significant(rate)}
    small = any(
        0 < abs(rate * slope) < SMALL * abs(weight)
        for weight, slope in zip(old, gradient, strict=True)
    )
    if small:
        return Message(
            "The change is small: give {decimals} decimals, or arithmetic: old - {rate}*gradient.",
            **fields,
        )
    return Message(
        "Give {decimals} decimals, or type it as arithmetic: old - {rate}*gradient.", **fields
    )


SMALL = 0.01
"""A change below this share of a weight is easily rounded away."""
