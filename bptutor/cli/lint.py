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
    from bptutor.lesson.lesson import Lesson
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
        "Several files are looked over one after the other; with --json each is a line.\n\n"
        "The exit status is 0 if there is nothing to mend, 1 if there is, 2 if the file cannot be "
        "opened as a lesson."
    ).text,
)
@click.argument("file", type=LessonReference())
@click.argument("more", type=LessonReference(), nargs=-1)
@click.option("--json", "as_json", is_flag=True, help=Message("Write JSON.").text)
@click.pass_context
@takes_model("file")
def lint(context: click.Context, file: str, more: tuple[str, ...], as_json: bool) -> int:
    """Looks lessons over, all with one TensorFlow."""
    language = language_of(context)
    mended = True
    for reference in (file, *more):
        lesson = opened(reference)
        findings, advised = _looked_over(lesson)
        mended = mended and not findings
        if as_json:
            write_json(Report(lesson.name, _found(findings, language), _found(advised, language)))
        else:
            write_lines(_page(lesson, findings, advised, language))
    return 0 if mended else 1


def _looked_over(lesson: Lesson) -> tuple[list[Finding], list[Finding]]:
    """What there is to mend, and what the numbers might do better."""
    from bptutor.engine.agreement import disagreements
    from bptutor.lesson.lint import lint as lint_file
    from bptutor.tutoring.advice import advice

    return [*lint_file(lesson), *disagreements(lesson)], advice(lesson)


def _page(
    lesson: Lesson, findings: list[Finding], advised: list[Finding], language: str
) -> list[str]:
    """The same as lines for a person."""
    lines = [f"{lesson.path}: {each.message.to(language)}" for each in findings]
    if not findings:
        lines = [Message("{file}: nothing to mend", file=str(lesson.path)).to(language)]
    if advised:
        lines += ["", Message("The numbers could teach more:").to(language)]
        lines += [f"  {each.message.to(language)}" for each in advised]
    return lines


def _found(findings: list[Finding], language: str) -> list[Found]:
    return [Found(each.code, each.where, each.message.to(language)) for each in findings]
