"""A document as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from bptutor.export.document import Document, Entry, Quantity
from bptutor.export.tables import rows
from bptutor.locale import Message
from bptutor.locale.printable import printable_lines

_SPECIAL = re.compile(r"[\\`*_{}\[\]<>#|~$&]")
_AT_THE_START = re.compile(r"^(\d*)([-+=.):])(?=[-=\s]|$)")


def markdown(document: Document) -> str:
    """The document as Markdown, with the tables that GitHub and most others know."""
    return printable_lines("\n".join(_blocks(document)).rstrip("\n")) + "\n"


def escaped(text: str) -> str:
    """A text on one line, as Markdown that shows it and nothing else."""
    plain = _SPECIAL.sub(r"\\\g<0>", " ".join(text.split()))
    return _AT_THE_START.sub(r"\1\\\2", plain)


def fenced(lines: Iterable[str], language: str = "") -> str:
    """Lines as they are; the fence is longer than any in them."""
    text = "\n".join(lines)
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def opening(document: Document) -> Iterator[str]:
    """The title, the introduction and the program."""
    yield from (f"# {escaped(document.title)}", "")
    for paragraph in document.introduction:
        yield from (escaped(paragraph), "")
    yield from (f"## {PROGRAM.to(document.language)}", "", fenced(document.program), "")


PROGRAM = Message("The program")
GIVEN = Message("What is given")


def _blocks(document: Document) -> Iterator[str]:
    yield from opening(document)
    yield from (f"## {GIVEN.to(document.language)}", "")
    for quantity in document.given:
        yield from _table(quantity)
    for section in document.sections:
        if section.heading:
            yield from (f"## {escaped(section.heading)}", "")
        for entry in section.entries:
            yield from _entry(entry)
    if document.loss:
        yield from (f"**{escaped(document.loss)}**", "")
    for paragraph in document.closing:
        yield from (escaped(paragraph), "")


def _entry(entry: Entry) -> Iterator[str]:
    yield from (f"### {escaped(entry.quantity.name)}", "")
    yield from (escaped(entry.question), "", fenced(entry.equations), "")
    if entry.note:
        yield from (f"> {escaped(entry.note)}", "")
    yield from (fenced([entry.code], "python"), "")
    yield from _table(entry.quantity)


def _table(quantity: Quantity) -> Iterator[str]:
    """Numbers as a table; the name stands in its head, over the first column."""
    table = rows(quantity)
    name, width = escaped(quantity.name), len(table[0])
    yield f"| {name} |" + "  |" * (width - 1)
    yield "|" + " ---: |" * width
    yield from ("| " + " | ".join(row) + " |" for row in table)
    yield ""
