"""A lesson as a document: what every export has in common."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import count, groupby
from math import prod
from typing import Any

import numpy as np

from bptutor.course.coding import GAP
from bptutor.course.exercise import Exercise
from bptutor.course.keras_steps import beside_the_tape, gradients_beside
from bptutor.course.questions import asks_product, asks_value, chain_rule, question
from bptutor.course.worked import WorkedStep, nested, work
from bptutor.course.worked_part import exercises
from bptutor.engine.trace import Array
from bptutor.grading.facts import Facts
from bptutor.language.ops.base import Style
from bptutor.language.render import in_style, write, write_assignment
from bptutor.language.tree import Shape
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import LEARNING_RATE, Step, shown_name, steps
from bptutor.literals import OF_PROGRAM, Ask, Part
from bptutor.text import Message, significant
from bptutor.text.numbers import FLOAT32_FIGURES, MOST_ROWS, SHOWN, cut, rows_of

BLANK = "\ue000"  # one character of a blank: no text has it, since it cannot be printed
SHORTEST, NAME = 8, 12  # characters of a short blank, and of one for a name


@dataclass(frozen=True)
class Quantity:
    name: str
    shape: Shape
    value: Any | None  # numbers in nested lists; None for a blank
    figures: int = SHOWN


@dataclass(frozen=True)
class Entry:
    """A step: its question, its derivation (or a blank for it), TensorFlow code and value."""

    step: Step
    name: str
    question: str
    equations: tuple[str, ...]
    code: str
    note: str
    quantity: Quantity | None  # where the step has one; else its answer is in the equations
    number: int = 0  # of the blanks to fill in; 0 where there is none

    @property
    def has_blank(self) -> bool:
        empty = self.quantity is not None and self.quantity.value is None
        return empty or any(BLANK in equation for equation in self.equations)

    @property
    def heading(self) -> str:
        return f"{self.number}. {self.name}" if self.number else self.name


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
    program: tuple[str, ...]
    given: tuple[Quantity, ...]  # the leaves, and the learning rate if there are parameters
    sections: tuple[Section, ...]
    loss: str  # the loss before and after the update, as a sentence; empty without answers
    closing: tuple[str, ...]  # paragraphs; empty without answers, which they may give away
    comparison: tuple[tuple[str, str, str], ...] = ()
    """In Keras, with answers: the gradients, a row of the tape and of Keras a line, after a line
    of headings."""
    name_line: str = ""  # where whoever fills in the blanks writes who they are


def blank_for(answer: str) -> str:
    return BLANK * max(SHORTEST, len(answer))


def name_line(language: str) -> str:
    texts = (Message("Name: {line}"), Message("Number: {line}"), Message("Date: {line}"))
    return "   ".join(Message(each.text, line="").to(language) + BLANK * NAME for each in texts)


def document(
    lesson: Lesson,
    language: str,
    style: Style,
    answers: bool = True,
    part: Part = "tape",
    ask: Ask = "all",
) -> Document:
    """Work a part of a lesson through; without `answers` with blanks for what is asked.

    Raises EngineError: a number is not finite. UserError: the lesson has no such part.
    """
    made = (
        _in_numbers(lesson, language, style, answers, ask)
        if part == "tape"
        else _of_part(lesson, language, style, answers, part)
    )
    if answers:
        return made
    return replace(made, sections=_numbered(made.sections), name_line=name_line(language))


def _numbered(sections: Iterable[Section]) -> tuple[Section, ...]:
    """The sections with their blanks numbered from 1 on."""
    number = count(1)
    return tuple(
        Section(
            section.heading,
            tuple(
                replace(entry, number=next(number)) if entry.has_blank else entry
                for entry in section.entries
            ),
        )
        for section in sections
    )


def _in_numbers(lesson: Lesson, language: str, style: Style, answers: bool, ask: Ask) -> Document:
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
                tuple(
                    _entry(lesson, step, done, language, style, None if answers else ask)
                    for step, done in group
                ),
            )
            for section, group in groupby(pairs, lambda pair: pair[0].section)
        ),
        loss=_loss(lesson, worked.loss_before, worked.loss_after).to(language) if answers else "",
        closing=_paragraphs(in_style(lesson.closing.to(language), style)) if answers else (),
    )


def _of_part(lesson: Lesson, language: str, style: Style, answers: bool, part: Part) -> Document:
    """The part in symbols, or in Keras."""
    facts = Facts(lesson)
    asked = groupby(exercises(lesson, part, style, facts), lambda each: each.step.section)
    summary = lesson.summary.to(language)
    closing: tuple[str, ...] = ()
    comparison: tuple[tuple[str, str, str], ...] = ()
    if part == "keras" and answers:
        closing = (beside_the_tape(facts).to(language),)
        comparison = tuple(_comparison(facts, language))
    return Document(
        language=language,
        title=f"{lesson.title.to(language)}: {PART_TITLES[part].to(language)}",
        introduction=_paragraphs(in_style(summary, style)),
        program=tuple(_program(lesson, language, style)),
        given=tuple(_given(lesson)) if part == "keras" else (),
        sections=tuple(
            Section(
                lesson.heading(section, language) or "",
                tuple(_asked(each, language, answers) for each in group),
            )
            for section, group in asked
        ),
        loss="",
        closing=closing,
        comparison=comparison,
    )


PART_TITLES: dict[Part, Message] = {
    "derive": Message("1. Derive the formulas"),
    "tape": Message("2. Compute with GradientTape"),
    "keras": Message("3. Write it in Keras"),
}


def _asked(asked: Exercise, language: str, answers: bool) -> Entry:
    """A step of another part: what is asked, and its answer or a blank for it."""
    step, truth = asked.step, asked.truth()
    name, written = asked.name(), asked.written()
    text = str(name) if isinstance(name, str) else name.to(language)
    answer = written.to(language) if isinstance(written, Message) else written
    lines, code, notes = asked.formula().splitlines(), asked.code(), []
    if step.kind == "code":  # the lines before it are those of the steps before
        lines = [] if step.numbers else [*(asked.line() or "").splitlines()[:-1], lines[-1]]
        code = code if step.numbers else ""
    elif step.kind not in OF_PROGRAM:
        notes = [asked.says(language)] if answers else asked.remarks(language)
    if answer is not None:
        lines = _filled(
            lines, answer if answers else blank_for(answer), f"{text} = " if step.by else ""
        )
    return Entry(
        step=step,
        name=text,
        question=asked.question().to(language),
        equations=tuple(lines),
        code=code,
        note="\n".join(notes),
        quantity=None
        if truth is None
        else Quantity(
            text,
            step.shape,
            nested(truth, asked.lesson.dtype) if answers else None,
            FLOAT32_FIGURES if asked.updates else SHOWN,
        ),
    )


def _filled(lines: list[str], answer: str, name: str) -> list[str]:
    """The question with its answer: in the place of the gap or of the question mark, or below."""
    if lines and GAP in lines[-1]:
        return [*lines[:-1], lines[-1].replace(GAP, answer)]
    if lines and lines[-1].endswith("= ?"):
        return [*lines[:-1], lines[-1].removesuffix("?") + answer]
    return [*lines, f"{name}{answer}"]


def _comparison(facts: Facts, language: str) -> Iterator[tuple[str, str, str]]:
    """Every gradient of the tape beside that of Keras, row by row."""
    yield "", Message("tape").to(language), "Keras"
    for name, (tape, keras) in gradients_beside(facts).items():
        pairs = zip(_rows(name, tape, facts), _rows(name, keras, facts), strict=True)
        for place, (one, other) in enumerate(pairs):
            yield "" if place else name, "  ".join(one), "  ".join(other)


def _rows(name: str, array: Array, facts: Facts) -> list[list[str]]:
    dtype = facts.lesson.dtype
    return rows(Quantity(name, array.shape, nested(array, dtype), FLOAT32_FIGURES))


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
    for name in lesson.leaves:
        array = np.asarray(lesson.values[name], lesson.dtype)
        yield Quantity(name, array.shape, nested(array, lesson.dtype))
    if lesson.parameters:
        yield Quantity(LEARNING_RATE, (), lesson.learning_rate)


def _entry(
    lesson: Lesson, step: Step, done: WorkedStep, language: str, style: Style, ask: Ask | None
) -> Entry:
    """A step with its answer, or with blanks for what is asked of it."""
    value_asked = ask is not None and asks_value(step, ask)
    name = shown_name(lesson, step.id, style)
    note = lesson.notes.get(step.id)
    return Entry(
        step=step,
        name=name,
        question=question(lesson, step, style).to(language),
        equations=tuple(_equations(lesson, step, style, ask)),
        code=done.code if ask is None else "",  # on paper it takes more room than it helps
        note=" ".join(in_style(note.to(language), style).split()) if note else "",
        quantity=Quantity(
            name,
            step.shape,
            None if value_asked else done.value,
            FLOAT32_FIGURES if step.kind == "update" else SHOWN,  # it may differ from the old late
        ),
    )


def _equations(lesson: Lesson, step: Step, style: Style, ask: Ask | None) -> Iterator[str]:
    name = shown_name(lesson, step.id, style)
    if rule := chain_rule(lesson, step, style):
        yield rule
    worked = write(step.product, style)
    asks = asks_product if step.asks_formula else asks_value
    asked = ask is not None and (step.by or step.asks_formula) and asks(step, ask)
    yield f"{name} = {blank_for(worked) if asked else worked}"


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
        table = [[BLANK * SHORTEST] * width] * prod(quantity.shape[:-1])
    else:
        table = [
            [significant(number, quantity.figures) for number in row]
            for row in rows_of(quantity.value)
        ]
    narrow = [cut(row, MOST_ROWS, DOTS) for row in table]
    return cut(narrow, MOST_ROWS, [DOTS] * len(narrow[0]))
