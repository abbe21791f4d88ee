"""A lesson as a Jupyter notebook in three parts: derive it, then the tape, then Keras."""

import json
from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import Any, TypeAlias

from bptutor.course.keras_steps import beside_the_tape
from bptutor.course.parts import PARTS, steps_of
from bptutor.course.tape_code import require_runnable
from bptutor.course.worked import work
from bptutor.export.code import Code
from bptutor.export.document import PART_TITLES, Document, document
from bptutor.export.pages import escaped, fenced, opening
from bptutor.grading.facts import Facts
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import steps
from bptutor.literals import Part
from bptutor.text import Message, UserError
from bptutor.text.printable import printable_lines

Cell: TypeAlias = dict[str, Any]
MOST_NUMBERS = 200_000  # more numbers make a file of megabytes, which editors open slowly


def notebook(lesson: Lesson, language: str, parts: Sequence[Part] = PARTS) -> str:
    """The notebook of some parts as the JSON of nbformat 4.

    Raises UserError: it would hold too many numbers, its code would not run, or the only part that
    is wanted is one that the lesson does not have. EngineError: a number is not finite.
    """
    require_notebook(lesson, parts)
    return packed(_cells(lesson, language, parts))


def require_notebook(lesson: Lesson, parts: Sequence[Part]) -> None:
    """Raises UserError, as `notebook` does."""
    require_runnable(lesson)
    if len(parts) == 1:
        steps_of(lesson, parts[0])
    count = sum(prod(step.shape) for step in steps(lesson))
    if count > MOST_NUMBERS:
        raise UserError(
            "A notebook holds at most {most} numbers, and this lesson has {count}. Export a "
            "page (.html, .md) instead; it shows the first numbers.",
            most=MOST_NUMBERS,
            count=count,
        )


def packed(cells: Iterable[Cell]) -> str:
    """A notebook of these cells, as JSON."""
    content = {
        "cells": [{**cell, "id": f"cell-{number}"} for number, cell in enumerate(cells)],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _cells(lesson: Lesson, language: str, parts: Sequence[Part]) -> Iterator[Cell]:
    content = document(lesson, language, "unicode")
    yield text_cell(opening(content))
    if "derive" in parts:
        yield text_cell(derivation(content))
    if parts == ("derive",):
        return
    code = Code(lesson)
    if "tape" in parts:
        yield from _tape(content, code, lesson)
    else:
        yield code_cell(code.setup())
        yield code_cell(code.leaves())
    if "keras" in parts:
        yield from _keras(code, lesson, language)
    if content.closing and "tape" in parts:
        yield text_cell(line for text in content.closing for line in (escaped(text), ""))


def part_title(part: Part, language: str) -> str:
    return f"## {escaped(PART_TITLES[part].to(language))}"


def _tape(content: Document, code: Code, lesson: Lesson) -> Iterator[Cell]:
    language = content.language
    about = Message(
        "Run the cells from top to bottom. Each cell prints its numbers and compares them with "
        "the lesson's."
    )
    yield text_cell([part_title("tape", language), "", escaped(about.to(language))])
    yield code_cell(code.setup())
    yield code_cell(code.leaves())
    yield code_cell(code.forward(language))
    for section in content.sections:
        notes = [
            f"- **{escaped(entry.name)}**: {escaped(entry.note)}"
            for entry in section.entries
            if entry.note
        ]
        if section.heading or notes:
            heading = [f"### {escaped(section.heading)}", ""] if section.heading else []
            yield text_cell([*heading, *notes])
        yield code_cell(code.section(section.entries))
    if lesson.parameters:
        yield text_cell([escaped(content.loss)])
        yield code_cell(code.loss_after(work(lesson).loss_after))


def _keras(code: Code, lesson: Lesson, language: str) -> Iterator[Cell]:
    title = part_title("keras", language)
    try:
        keras = list(code.keras())
    except UserError as error:
        yield text_cell([title, "", escaped(error.message.to(language))])
    else:
        beside = beside_the_tape(Facts(lesson)).to(language)
        yield text_cell([title, "", escaped(beside)])
        yield code_cell(keras)


def derivation(content: Document) -> Iterator[str]:
    """The formulas of the local derivatives and gradients."""
    yield from (part_title("derive", content.language), "")
    for section in content.sections:
        formulas = [
            equation
            for entry in section.entries
            if entry.step.kind in ("local", "backward")
            for equation in entry.equations
        ]
        if formulas:
            if section.heading:
                yield from (f"### {escaped(section.heading)}", "")
            yield from (fenced(formulas), "")


def text_cell(lines: Iterable[str]) -> Cell:
    return {"cell_type": "markdown", "metadata": {}, "source": _source(lines).rstrip()}


def code_cell(lines: Iterable[str]) -> Cell:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": _source(lines),
    }


def _source(lines: Iterable[str]) -> str:
    return printable_lines("\n".join(lines))
