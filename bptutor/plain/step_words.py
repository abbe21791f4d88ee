"""A step in sentences: the question, what is known, the verdict, the answer."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import prod

from bptutor.literals import Verdict
from bptutor.plain import quiz_words
from bptutor.plain.dialogue import Said
from bptutor.plain.entry import GOOD, Entry
from bptutor.plain.figures import (
    MOST,
    cell_words,
    exactly,
    known_lines,
    matrix_lines,
    row_words,
    shape,
)
from bptutor.service.figures import figures_for_change, size_of, weight
from bptutor.service.sentences import WORKED_OUT
from bptutor.service.words import KINDS, VERDICTS
from bptutor.text import Message, significant
from bptutor.views.lesson import AskedCell, Result, StepView, TapeLine, UpdateTable
from bptutor.views.matrix import Matrix

APART = " " * 4
"""Between the line of the program and the question in a formula of both."""


def question(view: StepView, entry: Entry) -> Iterator[Said]:
    """Where the learner is, what is asked, and what is known for it."""
    yield ""
    yield joined(_place(view))
    if view.quiz and is_open(view):
        yield joined(quiz_words.beside(view.quiz))
    yield view.question
    for line in view.formula.splitlines():
        yield from [line] if line.startswith(" ") else line.split(APART)
    for known in view.knowns:
        if known.relevant:
            yield from known_lines(known)
    if is_open(view):
        yield from view.remarks
        if view.asks_value and view.grid.rows > 1:
            wanted = shape([view.grid.rows, view.grid.columns])
            yield Message("Wanted: {shape}.", shape=wanted)
        yield from _given(view)
        yield from _typed(view, entry)
    for number, hint in enumerate(view.hints, 1):
        yield hint_words(number, hint)


def is_open(view: StepView) -> bool:
    """Is it still to be answered?"""
    return view.stage == "open" and not (view.quiz and view.quiz.reviewing)


def _place(view: StepView) -> Iterator[Said]:
    number, total = view.index + 1, view.total
    if quiz := view.quiz:
        item = Message("item {number} of {total}", number=number, total=total)
        yield Message("{item}, part {part}", item=item, part=quiz.part) if quiz.part else item
        yield from (view.lesson, quiz.skill)
        return
    yield view.lesson
    if view.iteration > 1:
        yield Message("iteration {number}", number=view.iteration)
    yield Message("step {number} of {total}", number=number, total=total)
    if view.section:
        yield view.section
    yield KINDS[view.kind]


def joined(parts: Iterable[Said]) -> Message:
    """Several short things to know as one sentence."""
    *first, last = parts
    sentence: Message = Message("{what}.", what=last)
    for part in reversed(first):
        sentence = Message("{first}; {second}", first=part, second=sentence)
    return sentence


def _given(view: StepView) -> Iterator[Said]:
    """Of a large value only a few numbers are asked; the others are there."""
    if view.grid.filled:
        yield Message("The other numbers are given; a question mark stands for one to be found.")
        yield from matrix_lines(view.name, view.grid.filled)


def _typed(view: StepView, entry: Entry) -> Iterator[Said]:
    """What was typed here before."""
    if view.asks_product and view.product:
        right = view.product_verdict in GOOD
        said = Message("The product is right: {product}") if right else Message("Typed: {product}")
        yield Message(said.text, product=view.product)
    for row, numbers in entry.typed_rows():
        yield Message("Typed in {row}", row=row_words(row, numbers))


def hint_words(number: int, hint: str) -> Message:
    """A hint with its number."""
    return Message("Hint {number}: {hint}", number=number, hint=hint)


# ── after an answer ───────────────────────────────────────────────────────────────────────────


def verdict(view: StepView) -> Iterator[Said]:
    """What is said about what was typed, and of a value that is not right, each cell."""
    if view.message and view.stage != "shown":  # as by another terminal: then it is said below
        yield view.message
    if view.product_fault is not None and view.product_fault < len(view.product):
        yield Message(
            "It cannot be read from character {number} on: {rest}",
            number=view.product_fault + 1,
            rest=view.product[view.product_fault :],
        )
    grid = view.grid
    judged = [(asked, found) for asked in grid.asked if (found := _verdict(asked))]
    if len(grid.asked) == 1 or all(found in GOOD for _, found in judged):
        return
    for asked, found in judged:
        cell = cell_words(grid.rows, grid.columns, asked.row, asked.column)
        if found in GOOD:
            yield Message("{cell}: {verdict}.", cell=cell, verdict=VERDICTS[found])
        else:
            yield Message(
                "{cell}: {verdict}; typed was {text}.",
                cell=cell,
                verdict=VERDICTS[found],
                text=asked.text,
            )


def _verdict(asked: AskedCell) -> Verdict | None:
    """In an exam there is a note alone, where a cell cannot be read."""
    return asked.verdict or ("unreadable" if asked.note else None)


def reviewed(view: StepView, entry: Entry) -> Iterator[Said]:
    """Once a quiz is over: what was typed, what is to be said on it, and the answer."""
    typed = [*_typed(view, entry)]
    yield from typed or [Message("Nothing was typed.")]
    yield from verdict(view)
    if view.result:
        yield from _result(view, view.result)


def answer(view: StepView) -> Iterator[Said]:
    """What TensorFlow says, once the step has been answered."""
    if view.stage == "worked":
        yield WORKED_OUT
    if view.stage == "shown" and view.message:
        yield view.message
    if view.result:
        yield from _result(view, view.result)


def _result(view: StepView, result: Result) -> Iterator[Said]:
    if result.product:
        told = Message("{name} = {product}", name=view.name, product=result.product)
        yield told if view.kind == "backward" else result.product
    if result.code:
        yield Message("In TensorFlow: {code}", code=result.code)
    if result.update:
        yield from _update(result.update)
        yield from _asked_of_many(view, result.update.new)
        return
    in_numbers = bool(result.value.values and (result.code or view.asks_value))
    if in_numbers:
        yield from matrix_lines(view.name, result.value, exactly(result.value.dtype))
        yield from _asked_of_many(view, result.value)
    if result.says and not (in_numbers and result.code):
        yield result.says


def _asked_of_many(view: StepView, value: Matrix) -> Iterator[Said]:
    """Of a value that is too large to be read out, the numbers that were asked."""
    grid, number = view.grid, exactly(value.dtype)
    if len(value.values) <= MOST:
        return
    for asked in grid.asked:
        position = asked.row * grid.columns + asked.column
        if position < len(value.values):
            cell = cell_words(grid.rows, grid.columns, asked.row, asked.column)
            yield Message("{name}: {numbers}", name=cell, numbers=number(value.values[position]))


def _update(update: UpdateTable) -> Iterator[Said]:
    """An update number by number: the old weight, its gradient, the change, the new weight."""
    rows, columns = size_of(update.old.shape)
    figures, dtype = figures_for_change(update.old, update.new), update.old.dtype
    if rows * columns > MOST:
        yield from matrix_lines(update.name, update.new)
        return
    for position in range(prod(update.old.shape)):
        row, column = divmod(position, columns)
        cell = cell_words(rows, columns, row, column)
        place = Message("{name}, {cell}", name=update.name, cell=cell)
        yield Message(
            "{name}: old {old}, gradient {gradient}, change {change}, new {new}.",
            name=place if rows * columns > 1 else update.name,
            old=weight(update.old.values[position], dtype, figures),
            gradient=significant(update.gradient.values[position]),
            change=significant(update.change.values[position]),
            new=weight(update.new.values[position], dtype, figures),
        )


# ── the program ───────────────────────────────────────────────────────────────────────────────


def program(view: StepView) -> Iterator[Said]:
    """The program, with the values that came down and the gradients that went back up."""
    section = None
    for line in view.tape:
        if line.section and line.section != section:
            yield Message("{what}:", what=line.section)
        section = line.section
        yield Message("{line} (you are here)", line=line.text) if line.current else line.text
        yield from _passed(line)


def _passed(line: TapeLine) -> Iterator[Said]:
    if line.value:
        yield from matrix_lines(Message("value"), line.value)
    if line.gradient:
        yield from matrix_lines(Message("gradient of the loss"), line.gradient)
