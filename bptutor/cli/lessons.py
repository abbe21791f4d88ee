"""`bptutor lessons`: which lessons there are."""

from __future__ import annotations

import click
from msgspec import Struct

from bptutor.cli.help import Command, language_of
from bptutor.cli.output import write_json, write_lines
from bptutor.text import Message, UserError
from bptutor.text.width import cells, wrap


class Listed(Struct, frozen=True):
    """A lesson in the list; the order of the fields is that of the JSON."""

    name: str
    title: str
    summary: str
    steps: int | None
    """How many; None where the lesson cannot be opened."""
    problem: str | None
    """Why it cannot be opened."""


@click.command(
    cls=Command,
    help=Message("List the lessons.").text,
)
@click.option("--json", "as_json", is_flag=True, help=Message("Write JSON.").text)
@click.pass_context
def lessons(context: click.Context, as_json: bool) -> int:
    """Lists the lessons."""
    from bptutor.lesson.find import available

    language = language_of(context)
    listed = [_listed(name, language) for name in available()]
    if as_json:
        write_json(listed)
        return 0
    column = max((cells(each.name) for each in listed), default=0) + 2
    for each in listed:
        steps = Message("{count} steps", count=each.steps or 0).to(language)
        title = f"{each.title} ({steps})" if each.problem is None else each.problem
        write_lines([each.name.ljust(column) + title])
        write_lines(" " * column + line for line in wrap(each.summary, 78 - column) if line)
    return 0


def _listed(name: str, language: str) -> Listed:
    """A lesson that cannot be opened is listed with what is wrong with it."""
    from bptutor.lesson.load import load
    from bptutor.lesson.steps import steps

    try:
        lesson = load(name)
    except UserError as error:
        return Listed(name, name, "", None, error.message.to(language))
    summary = lesson.summary.to(language)
    return Listed(name, lesson.title.to(language), summary, len(steps(lesson)), None)
