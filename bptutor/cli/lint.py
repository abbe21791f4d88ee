"""`bptutor lint`: what an author should mend in a lesson."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from msgspec import Struct

from bptutor.cli.model import opened, takes_model
from bptutor.cli.output import write_json, write_lines
from bptutor.cli.usage import Command, language_of
from bptutor.cli.values import LessonReference
from bptutor.locale import Message

if TYPE_CHECKING:
    from bptutor.lesson.lint import Finding


class Found(Struct, frozen=True):
    """A finding; the order of the fields is that of the JSON."""

    code: str
    where: str
    message: str


class Report(Struct, frozen=True):
    """What there is to mend; the order of the fields is that of the JSON."""

    lesson: str
    findings: list[Found]
    advice: list[Found]
    """What the numbers might do better; not counted as findings."""


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
@takes_model("file")
def lint(context: click.Context, file: str, as_json: bool) -> int:
    """Looks a lesson over."""
    from bptutor.lesson.lint import lint as lint_file

    lesson = opened(file)
    from bptutor.engine.agreement import disagreements
    from bptutor.tutoring.advice import advice

    language = language_of(context)
    findings = [*lint_file(lesson), *disagreements(lesson)]
    advised = advice(lesson)
    if as_json:
        write_json(Report(lesson.name, _found(findings, language), _found(advised, language)))
        return 1 if findings else 0
    lines = [f"{lesson.path}: {each.message.to(language)}" for each in findings]
    if not findings:
        lines = [Message("{file}: nothing to mend", file=str(lesson.path)).to(language)]
    if advised:
        lines += ["", Message("The numbers could teach more:").to(language)]
        lines += [f"  {each.message.to(language)}" for each in advised]
    write_lines(lines)
    return 1 if findings else 0


def _found(findings: list[Finding], language: str) -> list[Found]:
    return [Found(each.code, each.where, each.message.to(language)) for each in findings]
