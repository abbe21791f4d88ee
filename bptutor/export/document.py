"""A lesson as a document: what every export has in common."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from math import prod
from typing import Any

import numpy as np

from bptutor.course.questions import chain_rule, question
from bptutor.course.worked import WorkedStep, nested, work
from bptutor.language.ops.base import Style
from bptutor.language.render import in_style, write, write_assignment
from bptutor.language.tree import Shape
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import LEARNING_RATE, Step, shown_name, steps
from bptutor.text import Message, significant
from bptutor.text.numbers import FLOAT32_FIGURES, MOST_ROWS, SHOWN, cut, rows_of

BLANK = "________"


@dataclass(frozen=True)
class Quantity:
    name: str
    shape: Shape
    value: Any | None
    """Numbers in nested lists; None for a blank."""
    figures: int = SHOWN


@dataclass(frozen=True)
class Entry:
    """A step: its question, its derivation (or a blank for it), TensorFlow code and value."""

    step: Step
    question: str
    equations: tuple[str, ...]
    code: str
    note: str
    quantity: Quantity


@dataclass(frozen=True)
class Section:
    heading: str
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Document:
    """A lesson worked through, with its answers or with blanks for them."""

    language: str
    title: str
    introduction: tuple[str, ...]
    """Paragraphs."""
    program: tuple[str, ...]
    """Lines, with the sections' headings as comments."""
    given: tuple[Quantity, ...]
    """The leaves, and the learning rate if there are parameters."""
    sections: tuple[Section, ...]
    loss: str
    """The loss before and after the update, as a sentence; empty without answers."""
    closing: tuple[str, ...]
    """Paragraphs; empty without answers, which they may give away."""


def document(lesson: Lesson, language: str, style: Style, answers: bool = True) -> Document:
    """Work a lesson through.

    Raises:
        EngineError: a value, a derivative or a gradient is not finite.
    """
    worked = work(lesson)
    pairs = zip(steps(lesson), worked.steps, strict=True)
    return Document(
        language=language,
        title=lesson.title.to(language),
        introduction=_paragraphs(in_style(lesson.introduction.to(language), style)),
        program=tuple(_program(lesson, language, style)),
        given=tuple(_given(lesson)),
        sections=tuple(
            Section(
                lesson.heading(section, language) or "",
                tuple(_entry(lesson, step, done, language, style, answers) for step, done in group),
            )
            for section, group in groupby(pairs, lambda pair: pair[0].section)
        ),
        loss=_loss(lesson, worked.loss_before, worked.loss_after).to(language) if answers else "",
        closing=_paragraphs(in_style(lesson.closing.to(language), style)) if answers else (),
    )


def _paragraphs(text: str) -> tuple[str, ...]:
    """The paragraphs of a text, each on one line."""
    paragraphs = (" ".join(part.split()) for part in text.split("\n\n"))
    return tuple(filter(None, paragraphs))


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
    name = shown_name(lesson, step.id, style)
    note = lesson.notes.get(step.id)
    return Entry(
        step=step,
        question=question(lesson, step, style).to(language),
        equations=tuple(_equations(lesson, step, style, answers)),
        code=done.code,
        note=" ".join(in_style(note.to(language), style).split()) if note else "",
        quantity=Quantity(
            name,
            step.shape,
            done.value if answers else None,
            FLOAT32_FIGURES if step.kind == "update" else SHOWN,  # it may differ from the old late
        ),
    )


def _equations(lesson: Lesson, step: Step, style: Style, answers: bool) -> Iterator[str]:
    name = shown_name(lesson, step.id, style)
    if rule := chain_rule(lesson, step, style):
        yield rule
    worked = f"{name} = {write(step.product, style)}"
    if answers or step.kind in ("forward", "update"):
        yield worked
    else:
        yield f"{name} = {BLANK}"


def _loss(lesson: Lesson, before: float, after: float) -> Message:
    if not lesson.parameters:
        return Message("Loss: {loss}; no parameters to update", loss=significant(before))
    figures = next(
        (
            figures
            for figures in range(SHOWN, FLOAT32_FIGURES)
            if significant(before, figures) != significant(after, figures)
        ),
        FLOAT32_FIGURES,
    )
    return Message(
        "Loss: {before} before the update, {after} after it",
        before=significant(before, figures),
        after=significant(after, figures),
    )


DOTS = "…"


def rows(quantity: Quantity) -> list[list[str]]:
    """A table of texts, cut; a vector is one row, axes in front of the last two count as rows."""
    if quantity.value is None:
        width = quantity.shape[-1] if quantity.shape else 1
        table = [[BLANK] * width] * prod(quantity.shape[:-1])
    else:
        table = [
            [significant(number, quantity.figures) for number in row]
            for row in rows_of(quantity.value)
        ]
    narrow = [cut(row, MOST_ROWS, DOTS) for row in table]
    return cut(narrow, MOST_ROWS, [DOTS] * len(narrow[0]))
