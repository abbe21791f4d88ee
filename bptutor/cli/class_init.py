"""`bptutor class init`: the database of a class."""

import click

from bptutor.cli.help import Command, start_of
from bptutor.cli.output import write_lines
from bptutor.text import Message
from bptutor.text.printable import wrap

WIDTH = 79


@click.command(
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
def init(context: click.Context, url: str, role: str) -> int:
    from bptutor.classroom.setup import init

    place = init(url, role)
    said = Message("The class in {path} is ready.", path=place)
    write_lines(wrap(said.to(start_of(context).language), WIDTH))
    return 0
