"""`bptutor lessons`: the list of lessons."""

import click
from msgspec import Struct

from bptutor.cli.help import Command, language_of
from bptutor.cli.options import json_option
from bptutor.cli.output import write_json, write_lines
from bptutor.text import Message, UserError
from bptutor.text.printable import cells, wrap


class Listed(Struct, frozen=True):
    """A lesson as the JSON has it; one that cannot be opened has a problem instead of steps."""

    name: str
    title: str
    summary: str
    steps: int | None
    problem: str | None


@click.command(cls=Command, help=Message("List the lessons.").text)
@json_option
@click.pass_context
def lessons(context: click.Context, as_json: bool) -> int:
    from bptutor.lesson.find import available

    language = language_of(context)
    listed = [_listed(name, language) for name in available()]
    if as_json:
        write_json(listed)
        return 0
    column = max((cells(lesson.name) for lesson in listed), default=0) + 2
    for lesson in listed:
        steps = Message("{count} steps", count=lesson.steps or 0).to(language)
        title = lesson.problem or f"{lesson.title} ({steps})"
        write_lines([lesson.name.ljust(column) + title])
        write_lines(" " * column + line for line in wrap(lesson.summary, 78 - column) if line)
    return 0


def _listed(name: str, language: str) -> Listed:
    from bptutor.course.tapes import with_questions
    from bptutor.lesson.load import load

    try:
        lesson = load(name)
    except UserError as error:
        return Listed(name, name, "", None, error.message.to(language))
    summary = lesson.summary.to(language)
    return Listed(name, lesson.title.to(language), summary, len(with_questions(lesson)), None)
