"""`bptutor assignments` and `bptutor do`: what the learner's class is to do."""

from __future__ import annotations

import click

from bptutor.cli.help import Command, ReportsFindings, Start, language_of, print_findings, start_of
from bptutor.cli.options import json_option
from bptutor.cli.output import write_json, write_wrapped
from bptutor.cli.tutor import asked_of_class, start, tutor_options
from bptutor.config.settings import Configuration
from bptutor.text import Message, UserError


@click.command(
    cls=Command,
    short_help=Message("List the assignments of your class.").text,
    help=Message(
        "List the assignments of your class: what is open, what comes later, and what is done, "
        "with your score where you may see it."
    ).text,
)
@json_option
@click.pass_context
def assignments(context: click.Context, as_json: bool) -> int:
    known = start_of(context)
    _required_class(known.configuration)
    view = asked_of_class(known, lambda tutor: tutor.assignments())
    if as_json:
        write_json(view)
        return 0
    from bptutor.plain.assignment_text import listed

    for line in listed(view):
        write_wrapped(line, known.language)
    return 0


@click.command(
    cls=ReportsFindings,
    short_help=Message("Open an assignment of your class.").text,
    help=Message(
        "Open the assignment NAME. Its first page shows the rules; there you begin it. The same "
        "command resumes it, and after you submit, it shows your results.\n\n"
        "Only the clock of the class counts. `bptutor assignments` lists the names."
    ).text,
)
@click.argument("name")
@click.pass_context
@tutor_options
def do(context: click.Context, name: str, configuration: Configuration, plain: bool) -> int:
    if not configuration.settings.class_:  # a mistake in the configuration may be why
        print_findings(Start(language_of(context), configuration))
    _required_class(configuration)
    return start(None, language_of(context), configuration, plain=plain, assignment=name)


def _required_class(configuration: Configuration) -> None:
    """Raises UserError: the configuration names no class."""
    if not configuration.settings.class_:
        from bptutor.service.assignment_words import NO_CLASS

        raise UserError(NO_CLASS)
