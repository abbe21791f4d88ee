"""A lesson as a Jupyter notebook in three parts: derive it, then the tape, then Keras."""

import json
from collections.abc import Iterable, Iterator, Sequence
from math import prod
from typing import Any

from bptutor.course.keras_steps import beside_the_tape
from bptutor.course.parts import PARTS, steps_of
from bptutor.course.worked import work
from bptutor.export.code import Code, require_runnable
from bptutor.export.document import PART_TITLES, Document, document
from bptutor.export.pages import escaped, fenced, opening
from bptutor.grading.facts import Facts
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import steps
from bptutor.literals import Part
from bptutor.text import Message, UserError
from bptutor.text.printable import printable_lines

MOST_NUMBERS = 200_000
"""More numbers make a file of megabytes, which editors open slowly."""


def notebook(lesson: Lesson, language: str, parts: Sequence[Part] = PARTS) -> str:
    """The notebook of some parts as the JSON of nbformat 4.

    Raises:
        UserError: it would hold too many numbers, its code would not run, or the only part that is
            wanted is one that the lesson does not have.
        EngineError: a value, a derivative or a gradient is not finite.
    """
    require_runnable(lesson)
    if len(parts) == 1:
        steps_of(lesson, parts[0])
    count = sum(prod(step.shape) for step in steps(lesson))
    if count > MOST_NUMBERS:
        raise UserError(
            Message(
                "A notebook holds at most {most} numbers, and this lesson has {count}. Export a "
                "page (.html, .md) instead; it shows the first numbers.",
                most=MOST_NUMBERS,
                count=count,
            )
        )
    cells = enumerate(_cells(lesson, language, parts))
    content = {
        "cells": [{**cell, "id": f"cell-{number}"} for number, cell in cells],
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(content, ensure_ascii=False, indent=1) + "\n"


def _cells(lesson: Lesson, language: str, parts: Sequence[Part]) -> Iterator[dict[str, Any]]:
    content = document(lesson, language, "unicode")
    yield _text(opening(content))
    if "derive" in parts:
        yield _text(_derivation(content))
    if parts == ("derive",):
        return
    code = Code(lesson)
    if "tape" in parts:
        yield from _tape(content, code, lesson)
    else:
        yield _code(code.setup())
        yield _code(code.leaves())
    if "keras" in parts:
        yield from _keras(code, lesson, language)
    if content.closing and "tape" in parts:
        yield _text(line for text in content.closing for line in (escaped(text), ""))


def _title(part: Part, language: str) -> str:
    return f"## {escaped(PART_TITLES[part].to(language))}"


def _tape(content: Document, code: Code, lesson: Lesson) -> Iterator[dict[str, Any]]:
    language = content.language
    about = Message(
        "Run the cells from top to bottom. Each cell prints its numbers and compares them with "
        "the lesson's."
    )
    yield _text([_title("tape", language), "", escaped(about.to(language))])
    yield _code(code.setup())
    yield _code(code.leaves())
    yield _code(code.forward(language))
    for section in content.sections:
        notes = [
            f"- **{escaped(entry.name)}**: {escaped(entry.note)}"
            for entry in section.entries
            if entry.note
        ]
        if section.heading or notes:
            heading = [f"### {escaped(section.heading)}", ""] if section.heading else []
            yield _text([*heading, *notes])
        yield _code(code.section(section.entries))
    if lesson.parameters:
        yield _text([escaped(content.loss)])
        yield _code(code.loss_after(work(lesson).loss_after))


def _keras(code: Code, lesson: Lesson, language: str) -> Iterator[dict[str, Any]]:
    title = _title("keras", language)
    try:
        keras = list(code.keras())
    except UserError as error:
        yield _text([title, "", escaped(error.message.to(language))])
    else:
        beside = beside_the_tape(Facts(lesson)).to(language)
        yield _text([title, "", escaped(beside)])
        yield _code(keras)


def _derivation(content: Document) -> Iterator[str]:
    """The formulas of the local derivatives and gradients."""
    yield from (_title("derive", content.language), "")
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
