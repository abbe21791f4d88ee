"""A lesson as a Jupyter notebook in three parts: derive it, then the tape, then Keras."""

import json
from collections.abc import Iterable, Iterator
from math import prod
from typing import Any

from bptutor.course.keras_steps import beside_the_tape
from bptutor.course.worked import work
from bptutor.export.code import Code
from bptutor.export.document import Document, document
from bptutor.export.pages import escaped, fenced, opening
from bptutor.grading.facts import Facts
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import steps
from bptutor.text import Message, UserError
from bptutor.text.printable import printable_lines

MOST_NUMBERS = 200_000
"""Numbers that a notebook holds: more make a file of megabytes that editors open slowly."""


def notebook(lesson: Lesson, language: str) -> str:
    """The notebook as the JSON of nbformat 4.

    Raises:
        UserError: it would hold too many numbers.
        EngineError: a value, a slope or a gradient comes to no finite number.
    """
    count = sum(prod(step.shape) for step in steps(lesson))
    if count > MOST_NUMBERS:
        raise UserError(
            Message(
                "A notebook takes lessons of up to {most} numbers, and this one has {count}; a "
                "page (.html, .md) shows the first of them.",
                most=MOST_NUMBERS,
                count=count,
            )
        )
    cells = [
        {**cell, "id": f"cell-{number}"} for number, cell in enumerate(_cells(lesson, language))
    ]
    made = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(made, ensure_ascii=False, indent=1) + "\n"


DERIVE = Message("1. Derive it")
TAPE = Message("2. Do it with GradientTape")
KERAS = Message("3. Do it with Keras")


def _cells(lesson: Lesson, language: str) -> Iterator[dict[str, Any]]:
    said = document(lesson, language, "unicode")
    written = Code(lesson)
    yield _text(opening(said))
    yield _text(_derivation(said))
    about = Message(
        "The cells run from top to bottom. Each number is printed, and held against the lesson's."
    )
    yield _text([f"## {escaped(TAPE.to(language))}", "", escaped(about.to(language))])
    yield _code(written.setup())
    yield _code(written.leaves())
    yield _code(written.forward())
    for section in said.sections:
        notes = [
            f"- **{escaped(entry.quantity.name)}**: {escaped(entry.note)}"
            for entry in section.entries
            if entry.note
        ]
        if section.heading or notes:
            heading = [f"### {escaped(section.heading)}", ""] if section.heading else []
            yield _text([*heading, *notes])
        yield _code(written.section(section.entries))
    if lesson.parameters:
        yield _text([escaped(said.loss)])
        yield _code(written.loss_after(work(lesson).loss_after))
    title = f"## {escaped(KERAS.to(language))}"
    try:
        keras = list(written.keras())
    except UserError as error:
        yield _text([title, "", escaped(error.message.to(language))])
    else:
        beside = beside_the_tape(Facts(lesson)).to(language)
        yield _text([title, "", escaped(beside)])
        yield _code(keras)
    if said.closing:
        yield _text(line for text in said.closing for line in (escaped(text), ""))


def _derivation(said: Document) -> Iterator[str]:
    """The slopes and the products of the chain rule, as formulas."""
    yield from (f"## {escaped(DERIVE.to(said.language))}", "")
    for section in said.sections:
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


def _text(lines: Iterable[str]) -> dict[str, Any]:
    return {"cell_type": "markdown", "metadata": {}, "source": _source(lines).rstrip()}


def _code(lines: Iterable[str]) -> dict[str, Any]:
    return {
        "cell_type": "code",
        "execution_count": None,
        "metadata": {},
        "outputs": [],
        "source": _source(lines),
    }


def _source(lines: Iterable[str]) -> str:
    return printable_lines("\n".join(lines))
