"""A lesson as a document: what every export has in common."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from math import prod
from typing import Any, TypeVar

import numpy as np

from bptutor.course.questions import formula, question
from bptutor.course.worked import WorkedStep, nested, work
from bptutor.language.ops.base import Style
from bptutor.language.render import display_name, write, write_assignment
from bptutor.language.tree import Shape
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import LEARNING_RATE, Step, steps
from bptutor.text import Message, significant
from bptutor.text.numbers import SHOWN, rows_of

OF_UPDATES = 9
"""Significant figures of a new weight, which differs from the old one late: all of a float32."""
BLANK = "________"
"""Where something is to be filled in."""


@dataclass(frozen=True)
class Quantity:
    """Numbers with a name."""

    name: str
    shape: Shape
    value: Any | None
    """Numbers nested as deep as the shape is long; None where they are to be filled in."""
    figures: int = SHOWN
    """Significant figures that are shown."""


@dataclass(frozen=True)
class Entry:
    """What is said about a step."""

    step: Step
    question: str
    equations: tuple[str, ...]
    """The question in mathematics and how it comes about, or a blank for that."""
    code: str
    """The TensorFlow that computes it."""
    note: str
    quantity: Quantity


@dataclass(frozen=True)
class Section:
    """Steps under a heading of the program's."""

    heading: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Document:
    """A lesson worked through; without answers, what is worked out in it is left blank."""

    language: str
    title: str
    introduction: tuple[str, ...]
    """Paragraphs."""
    program: tuple[str, ...]
    """Lines, the sections' headings as comments among them."""
    given: tuple[Quantity, ...]
    """The leaves, and the learning rate where there is something to update."""
    sections: tuple[Section, ...]
    loss: str
    """The loss before and after the update, as a sentence; empty without answers."""
    closing: tuple[str, ...]
    """Paragraphs; none without answers, which they may tell."""


def document(lesson: Lesson, language: str, style: Style, answers: bool = True) -> Document:
    """Work a lesson through and say what there is to say about it.

    Raises:
        EngineError: a value, a slope or a gradient comes to no finite number.
    """
    worked = work(lesson)
    pairs = zip(steps(lesson), worked.steps, strict=True)
    return Document(
        language=language,
        title=lesson.title.to(language),
        introduction=_paragraphs(lesson.introduction.to(language)),
        program=tuple(_program(lesson, language, style)),
        given=tuple(_given(lesson)),
        sections=tuple(
            Section(
                lesson.heading(section, language) or "",
                tuple(_entry(lesson, step, done, language, style, answers) for step, done in found),
            )
            for section, found in groupby(pairs, lambda pair: pair[0].section)
        ),
        loss=_loss(lesson, worked.loss_before, worked.loss_after).to(language) if answers else "",
        closing=_paragraphs(lesson.closing.to(language)) if answers else (),
    )


def _paragraphs(text: str) -> tuple[str, ...]:
    """The paragraphs of a text, each on one line."""
    found = (" ".join(part.split()) for part in text.split("\n\n"))
    return tuple(part for part in found if part)


def _program(lesson: Lesson, language: str, style: Style) -> Iterator[str]:
    section: str | None = None
    for line in lesson.program.assignments:
        if line.section != section:
            section = line.section
            if heading := lesson.heading(section, language):
                yield f"# {heading}"
        yield write_assignment(line, style)


def _given(lesson: Lesson) -> Iterator[Quantity]:
    for name in lesson.program.leaves:
        array = np.asarray(lesson.values[name], lesson.dtype)
        yield Quantity(name, array.shape, nested(array, lesson.dtype))
    if lesson.parameters:
        yield Quantity(LEARNING_RATE, (), lesson.learning_rate)


def _entry(
    lesson: Lesson, step: Step, done: WorkedStep, language: str, style: Style, answers: bool
) -> Entry:
    name = display_name(step.id, style)
    note = lesson.notes.get(step.id)
    return Entry(
        step=step,
        question=question(lesson, step, style).to(language),
        equations=tuple(_equations(lesson, step, style, answers)),
        code=done.code,
        note=" ".join(note.to(language).split()) if note else "",
        quantity=Quantity(
            name,
            step.shape,
            done.value if answers else None,
            OF_UPDATES if step.kind == "update" else SHOWN,
        ),
    )


def _equations(lesson: Lesson, step: Step, style: Style, answers: bool) -> Iterator[str]:
    name = display_name(step.id, style)
    asked = formula(lesson, step, style)
    worked = f"{name} = {write(step.product, style)}"
    if asked not in (worked, f"{name} = ?"):
        yield asked
    if answers or step.kind in ("forward", "update"):
        yield worked
    else:
        yield f"{name} = {BLANK}"


def _loss(lesson: Lesson, before: float, after: float) -> Message:
    if not lesson.parameters:
        return Message("Loss: {loss}; nothing is updated", loss=significant(before))
    figures = next(
        (
            figures
            for figures in range(SHOWN, OF_UPDATES)
            if significant(before, figures) != significant(after, figures)
        ),
        OF_UPDATES,
    )
    return Message(
        "Loss: {before} before the update, {after} after it",
        before=significant(before, figures),
        after=significant(after, figures),
    )


MOST = 8
"""Rows and columns that are shown; of more, one fewer and dots."""
DOTS = "…"

Item = TypeVar("Item")


def rows(quantity: Quantity) -> list[list[str]]:
    """The rows of a table; a vector is one row, axes in front of the last two count as rows."""
    if quantity.value is None:
        width = quantity.shape[-1] if quantity.shape else 1
        table = [[BLANK] * width] * prod(quantity.shape[:-1])
    else:
        table = [
            [significant(number, quantity.figures) for number in row]
            for row in rows_of(quantity.value)
        ]
    shown = [_shortened(row, DOTS) for row in table]
    return _shortened(shown, [DOTS] * len(shown[0]))


def _shortened(items: list[Item], dots: Item) -> list[Item]:
    return items if len(items) <= MOST else [*items[: MOST - 1], dots]
