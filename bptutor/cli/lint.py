"""`bptutor lint`: what an author should mend in a lesson."""

from __future__ import annotations

import click
from msgspec import Struct

from bptutor.cli.engine import start_engine
from bptutor.cli.output import write_json, write_lines
from bptutor.cli.usage import Command, language_of
from bptutor.cli.values import LessonReference
from bptutor.locale import Message


class Found(Struct, frozen=True):
    """A finding; the order of the fields is that of the JSON."""

    code: str
    where: str
    message: str


class Report(Struct, frozen=True):
    """What there is to mend; the order of the fields is that of the JSON."""

    lesson: str
    findings: list[Found]


@click.command(
    cls=Command,
    short_help=Message("Look a lesson over, for its author.").text,
    help=Message(
        "Look a lesson over: are its names free of clashes, are its texts there in every language, "
        "does every product that is derived from its program agree with TensorFlow's tape?\n\n"
        "The exit status is 0 if there is nothing to mend, 1 if there is, 2 if the file cannot be "
        "opened as a lesson."
    ).text,
)
@click.argument("file", type=LessonReference())
@click.option("--json", "as_json", is_flag=True, help=Message("Write JSON.").text)
@click.pass_context
def lint(context: click.Context, file: str, as_json: bool) -> int:
    """Looks a lesson over."""
    from bptutor.lesson.lint import lint as lint_file
    from bptutor.lesson.load import load

    lesson = load(file)
    start_engine()
    from bptutor.engine.agreement import disagreements

    language = language_of(context)
    findings = [*lint_file(lesson), *disagreements(lesson)]
    if as_json:
        found = [Found(each.code, each.where, each.message.to(language)) for each in findings]
        write_json(Report(lesson.name, found))
    elif findings:
        write_lines(f"{lesson.path}: {each.message.to(language)}" for each in findings)
    else:
        write_lines([Message("{file}: nothing to mend", file=str(lesson.path)).to(language)])
    return 1 if findings else 0
