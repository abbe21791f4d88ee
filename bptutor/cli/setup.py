"""What whoever sets bptutor up needs: `doctor`, `record init`, `class init` and `class serve`."""

from __future__ import annotations

import os
import sys

import click

from bptutor.cli.help import Command, Group, ReportsFindings, language_of, start_of
from bptutor.cli.options import json_option
from bptutor.cli.output import write_json, write_lines, write_wrapped
from bptutor.text import Message


@click.command(
    cls=ReportsFindings,
    short_help=Message("Check this machine and terminal for problems.").text,
    help=Message(
        "Check Python, TensorFlow (loaded once), the processor, memory, the terminal, your "
        "folders, your saved answers, your class and your settings. For each problem, bptutor "
        "prints what to do; the exit status is then 1.\n\n"
        "Attach the output of --json to a report of a problem. It contains neither your name nor "
        "the name of this machine."
    ).text,
)
@json_option
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> int:
    from bptutor.cli.tutor import with_key_findings
    from bptutor.doctor import report

    start = start_of(context)
    configuration = with_key_findings(start.configuration)
    encoding = sys.stdout.encoding if sys.stdout else None
    examined = report.examine(configuration, os.environ, encoding, start.language)
    findings = list(report.findings(examined, configuration))
    if as_json:
        write_json(report.as_json(examined, findings, start.language))
    else:
        write_lines(report.lines(examined, findings, start.language))
    return int(any(finding.mend for finding in findings))


@click.group(
    cls=Group,
    name="record",
    short_help=Message("Set up a record that many learners share.").text,
    help=Message(
        "Set up a record that many learners share, in a PostgreSQL database. docs/lab.md describes "
        "how."
    ).text,
)
def record() -> None:
    """The commands are below."""


@record.command(
    "init",
    cls=Command,
    short_help=Message("Make the tables, with the rights of learners.").text,
    help=Message(
        "Make the tables of the record in the PostgreSQL database at URL, or renew them. Learners "
        "may use them with logins of their own. The database lets each login see and change only "
        "the answers of the learner with the same name.\n\n"
        "Run it with a login that owns the database, and again after an update of bptutor. "
        "For example: bptutor record init postgresql+psycopg://host/name"
    ).text,
)
@click.argument("url")
@click.option(
    "--learners",
    metavar="ROLE",
    default="",
    help=Message("The role of all learners (default: everybody who may log in).").text,
)
@click.pass_context
def record_init(context: click.Context, url: str, learners: str) -> int:
    from bptutor.record.roles import init

    said = Message(
        "The record in {path} is ready. Each login sees and changes only its own answers. Set "
        "{setting} for all learners, to an address without a login.",
        path=init(url, learners),
        setting="record",
    )
    write_wrapped(said, language_of(context))
    return 0


@click.command(
    "init",
    cls=Command,
    short_help=Message("Set up the database of a class.").text,
    help=Message(
        "Make the tables of a class in the database at URL, or bring them up to date after an "
        "update of bptutor. In PostgreSQL, they belong to the login in URL. The hosts of the class "
        "connect as ROLE, which is created where it is missing. ROLE can add answers, marks and "
        "events; it cannot change or delete any.\n\n"
        "For example: bptutor class init postgresql+psycopg://admin@host/name"
    ).text,
)
@click.argument("url")
@click.option(
    "--role",
    metavar="ROLE",
    default="bptutor",
    show_default=True,
    help=Message("The role of the hosts.").text,
)
@click.pass_context
def class_init(context: click.Context, url: str, role: str) -> int:
    from bptutor.classroom.setup import init

    said = Message("The class in {path} is ready.", path=init(url, role))
    write_wrapped(said, language_of(context))
    return 0


@click.command(
    "serve",
    cls=Command,
    short_help=Message("Run the host of the class on this machine.").text,
    help=Message(
        "Run the host of the class on this machine, until SIGTERM. It loads TensorFlow once and "
        "starts a process for each learner who connects. It knows learners by their login, from "
        "the system. docs/lab.md sets it up."
    ).text,
)
@click.option(
    "--socket",
    metavar="PATH",
    help=Message("Where to listen (default: systemd's socket, then the setting `class`).").text,
)
@click.option(
    "--database",
    metavar="URL",
    default="",
    help=Message("The database of the class (default: class.sqlite in /var/lib/bptutor).").text,
)
@click.option(
    "--teachers",
    metavar="GROUP",
    help=Message("The group whose members are teachers (default: bptutor-teachers).").text,
)
@click.option(
    "--user",
    metavar="NAME",
    default="",
    help=Message("The user to become, if root starts the host.").text,
)
@click.option(
    "--web-user",
    metavar="NAME",
    multiple=True,
    help=Message(
        "The user that runs `bptutor serve` for the class: it may connect for learners."
    ).text,
)
@click.pass_context
def class_serve(
    context: click.Context,
    socket: str | None,
    database: str,
    teachers: str | None,
    user: str,
    web_user: tuple[str, ...],
) -> int:
    from bptutor.host.serve import TEACHERS, Options, serve

    settings = start_of(context).configuration.settings
    serve(
        Options(
            socket=socket or settings.class_,
            database=database,
            teachers=teachers or TEACHERS,
            user=user,
            speakers=web_user,
            idle_seconds=60 * settings.idle_minutes,
        )
    )
    return 0
