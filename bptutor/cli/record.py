"""`bptutor record`: a record that many learners share."""

import click

from bptutor.cli.help import Command, Group, start_of
from bptutor.cli.output import write_lines
from bptutor.text import Message
from bptutor.text.printable import wrap

WIDTH = 79


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
def init(context: click.Context, url: str, learners: str) -> int:
    from bptutor.record.roles import init

    place = init(url, learners)
    said = Message(
        "The record in {path} is ready. Each login sees and changes only its own answers. Set "
        "{setting} for all learners, to an address without a login.",
        path=place,
        setting="record",
    )
    write_lines(wrap(said.to(start_of(context).language), WIDTH))
    return 0
