"""`bptutor class serve`: the host of a class."""

from __future__ import annotations

import click

from bptutor.cli.help import Command, start_of
from bptutor.text import Message


@click.command(
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
@click.pass_context
def serve(
    context: click.Context, socket: str | None, database: str, teachers: str | None, user: str
) -> int:
    from bptutor.host.serve import TEACHERS, Options
    from bptutor.host.serve import serve as serve_class

    settings = start_of(context).configuration.settings
    serve_class(
        Options(
            socket=socket or settings.class_,
            database=database,
            teachers=teachers or TEACHERS,
            user=user,
            idle_seconds=60 * settings.idle_minutes,
        )
    )
    return 0
