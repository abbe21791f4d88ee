"""`bptutor show`: a lesson worked through, to be read in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from bptutor.cli.model import opened, takes_model
from bptutor.cli.output import WIDTH, matrix_lines, write_json, write_lines
from bptutor.cli.tutor import suitable_notation
from bptutor.cli.usage import Command, language_of
from bptutor.cli.values import LessonReference
from bptutor.locale import Message
from bptutor.locale.printable import printable
from bptutor.locale.width import wrap

if TYPE_CHECKING:
    from bptutor.export.document import Document, Entry, Quantity


@click.command(
    cls=Command,
    help=Message("Show LESSON worked through, every step with its value.").text,
)
@click.argument("lesson", type=LessonReference())
@click.option("--json", "as_json", is_flag=True, help=Message("Write JSON.").text)
@click.option(
    "--pager/--no-pager",
    default=True,
    help=Message("In a terminal, a page at a time, or all at once.").text,
)
@click.pass_context
@takes_model("lesson")
def show(context: click.Context, lesson: str, as_json: bool, pager: bool) -> int:
    """Works a lesson through."""
    loaded = opened(lesson)
    if as_json:
        from bptutor.tutoring.worked import work

        write_json(work(loaded))
        return 0
    from bptutor.export.document import document

    notation = suitable_notation()
    lines = _page(document(loaded, language_of(context), notation), notation == "unicode")
    if pager and sys.stdout is not None and sys.stdout.isatty():
        click.echo_via_pager(f"{printable(line)}\n" for line in lines)
    else:
        write_lines(lines)
    return 0


def _page(document: Document, unicode: bool) -> Iterator[str]:
    yield from wrap(document.title, WIDTH)
    for paragraph in document.introduction:
        yield ""
        yield from wrap(paragraph, WIDTH)
    yield ""
    yield from (f"  {line}" for line in document.program)
    yield ""
    for quantity in document.given:
        yield from _numbers(quantity, unicode)
    for section in document.sections:
        yield from ("", section.heading)
        for entry in section.entries:
            yield ""
            yield from _entry(entry, unicode)
    yield from ("", document.loss)
    for paragraph in document.closing:
        yield ""
        yield from wrap(paragraph, WIDTH)


def _entry(entry: Entry, unicode: bool) -> Iterator[str]:
    for text in (entry.question, entry.note):
        yield from _indented(text)
    yield from (f"  {equation}" for equation in entry.equations)
    yield f"    {entry.code}"
    yield from matrix_lines(entry.quantity.value, 6, entry.quantity.figures, unicode)


def _indented(text: str) -> Iterator[str]:
    return (f"  {line}" for line in wrap(text, WIDTH - 2) if line)


def _numbers(quantity: Quantity, unicode: bool) -> Iterator[str]:
    yield f"  {quantity.name} ="
    yield from matrix_lines(quantity.value, 6, quantity.figures, unicode)
