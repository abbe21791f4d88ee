"""`bptutor class`: the teacher's commands before an assignment and while it runs."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from bptutor import __version__
from bptutor.cli.help import Group, Start, print_findings, start_of
from bptutor.cli.options import json_option
from bptutor.cli.output import write_json, write_lines
from bptutor.text import Message, UserError
from bptutor.text.numbers import showing
from bptutor.text.printable import wrap

if TYPE_CHECKING:
    from bptutor.service.desk import Desk
    from bptutor.service.desk_tables import Table
    from bptutor.tui.symbols import Notation
    from bptutor.views.classroom import Changed

T = TypeVar("T")

WIDTH = 79


@click.group(
    "class",
    cls=Group,
    invoke_without_command=True,
    short_help=Message("For teachers: people, assignments, marks.").text,
    help=Message(
        "For teachers: who is in the class, what is assigned, who is where, mistakes and marks. "
        "docs/class.md goes through it from the roster to the marks.\n\n"
        "Without a command, the teacher's app opens. Every change of a time or of points needs a "
        "reason (--why), which is saved with your name."
    ).text,
)
@click.pass_context
def classroom(context: click.Context) -> int:
    return 0 if context.invoked_subcommand else _app(context)


def _app(context: click.Context, assignment: str = "") -> int:
    from bptutor.cli.tutor import can_draw, with_key_findings
    from bptutor.tui.background import BACKGROUND

    socket = _socket(context)
    if not can_draw():
        raise UserError(
            "The teacher's app needs a terminal. `bptutor class --help` lists the commands."
        )
    start = start_of(context)
    configuration = with_key_findings(start.configuration)
    with BACKGROUND.asked(os.environ), showing(configuration.settings.precision):
        from bptutor.tui.desk import run

        return run(socket, assignment, start.language, _notation(start), configuration)


def _socket(context: click.Context) -> str:
    """Where the host of the class listens. Raises UserError: none is configured."""
    path = start_of(context).configuration.settings.class_
    if not path:
        if context.command is classroom:  # its commands have told already
            print_findings(start_of(context))
        raise UserError(
            "No class is set up. Set `class` in /etc/bptutor/config.toml to the socket of its "
            "host; docs/lab.md shows how."
        )
    return path


def ask_desk(context: click.Context, work: Callable[[Desk], Awaitable[T]]) -> T:
    """What the desk answers. Raises UserError: it refuses, or there is none."""
    from bptutor.service.desk_client import asked
    from bptutor.service.host_connection import HostConnection
    from bptutor.service.protocol import Hello

    start = start_of(context)
    connection = HostConnection(_socket(context), lambda event: None)
    precision = start.configuration.settings.precision
    return asked(connection, Hello(__version__, start.language, _notation(start), precision), work)


def _notation(start: Start) -> Notation:
    from bptutor.cli.tutor import notation_of

    return notation_of(start.configuration)


# ── what the commands have in common ──────────────────────────────────────────────────────────

why_option = click.option(
    "--why", metavar="TEXT", required=True, help=Message("The reason, which is saved.").text
)
name_argument = click.argument("name", metavar="NAME")
logins_argument = click.argument("logins", metavar="[LOGIN]...", nargs=-1)
all_option = click.option(
    "--all", "everybody", is_flag=True, help=Message("For everybody on the roster.").text
)


def _minutes(what: Message, required: bool) -> Callable[[Callable[..., int]], Callable[..., int]]:
    return click.option(
        "--minutes", metavar="N", callback=_read_minutes, required=required, help=what.text
    )


def _read_minutes(_: click.Context, __: click.Parameter, given: str | None) -> float:
    """The minutes; 0 where none are given."""
    from bptutor.service.desk_words import minutes_of

    return minutes_of(given) if given is not None else 0.0


def _chosen(logins: Sequence[str], everybody: bool) -> list[str]:
    """The logins that were named, or none for everybody. Raises UserError: neither is said."""
    if everybody == bool(logins):
        raise UserError("Name the learners by their logins, or give --all.")
    return list(logins)


def speak(context: click.Context) -> Callable[[Message], str]:
    language = start_of(context).language
    return lambda message: message.to(language)


def say(context: click.Context, messages: Iterable[Message]) -> None:
    for message in messages:
        text = message.to(start_of(context).language)
        indent = text[: len(text) - len(text.lstrip(" "))]
        write_lines(indent + line for line in wrap(text, WIDTH - len(indent)))


def show(table: Table) -> None:
    write_lines(table.lines())


def tell(
    context: click.Context, as_json: bool, view: object, *said: Iterable[Message] | Table
) -> int:
    """Print what the desk answers: as JSON, or messages and tables with blank lines between."""
    if as_json:
        write_json(view)
        return 0
    for place, each in enumerate(said):
        if place:
            write_lines([""])
        if isinstance(each, Iterable):
            say(context, each)
        else:
            show(each)
    return 0


# ── before: people and assignments ────────────────────────────────────────────────────────────


@classroom.command(
    help=Message(
        "Show who is in the class; with FILE, read the roster from a CSV file with the columns "
        "login, name, number, email, section and time_factor. FILE replaces the roster: the papers "
        "and marks of people who are no longer on it stay."
    ).text,
    short_help=Message("Show the roster, or read it from a CSV file.").text,
)
@click.argument("file", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@json_option
@click.pass_context
def roster(context: click.Context, file: Path | None, as_json: bool) -> int:
    from bptutor.service import desk_tables
    from bptutor.service.desk_files import text_of
    from bptutor.service.desk_words import read_in

    text = text_of(file, ".csv") if file else None
    view = ask_desk(context, lambda desk: desk.roster(text, str(file or "")))
    people = desk_tables.people(view, speak(context))
    return tell(context, as_json, view, [read_in(view)] if file else people)


@classroom.command(
    help=Message(
        "Show the assignments; with FILE, assign what this TOML file describes. The name of FILE "
        "is the assignment's name. Assign it again to change it: its times at any time, its "
        "questions until somebody begins."
    ).text,
    short_help=Message("Show the assignments, or assign a file.").text,
)
@click.argument("file", metavar="[FILE]", required=False, type=click.Path(path_type=Path))
@json_option
@click.pass_context
def assign(context: click.Context, file: Path | None, as_json: bool) -> int:
    from bptutor.service import desk_tables
    from bptutor.service.desk_files import assignment_of
    from bptutor.service.desk_words import about, assigned

    if file is None:
        lines = ask_desk(context, lambda desk: desk.assignments())
        return tell(context, as_json, lines, desk_tables.assignments(lines, speak(context)))
    text, lessons = assignment_of(file)
    line = ask_desk(context, lambda desk: desk.assign(text, str(file), lessons))
    return tell(context, as_json, line, [assigned(line), *about(line)])


@classroom.command(
    help=Message(
        "Show the questions of the assignment NAME with their right answers, as the learner LOGIN "
        "gets them. Nothing is saved."
    ).text,
    short_help=Message("Show the questions of an assignment.").text,
)
@name_argument
@click.option(
    "--as", "login", metavar="LOGIN", default="", help=Message("The learner who gets them.").text
)
@json_option
@click.pass_context
def preview(context: click.Context, name: str, login: str, as_json: bool) -> int:
    from bptutor.service.desk_words import about, about_question, item_heading

    view = ask_desk(context, lambda desk: desk.preview(name, login))
    questions = ([item_heading(item), *about_question(item)] for item in view.items)
    return tell(context, as_json, view, about(view.assignment), *questions)


# ── during: who is where, and time ────────────────────────────────────────────────────────────


@classroom.command(
    help=Message(
        "Show the assignment NAME as it goes: where each learner is, and how many have each item "
        "right. On a terminal, the teacher's app shows it live."
    ).text,
    short_help=Message("Watch an assignment.").text,
)
@name_argument
@click.option("--once", is_flag=True, help=Message("Print the view once.").text)
@json_option
@click.pass_context
def watch(context: click.Context, name: str, once: bool, as_json: bool) -> int:
    from bptutor.cli.tutor import can_draw
    from bptutor.service import desk_tables
    from bptutor.service.desk_words import about

    if not (once or as_json) and can_draw():
        return _app(context, name)
    view = ask_desk(context, lambda desk: desk.watch(name))
    tables = [make(view, speak(context)) for make in (desk_tables.learners, desk_tables.bars)]
    return tell(context, as_json, view, about(view.assignment), *tables)


@classroom.command(
    help=Message(
        "Give the learners LOGIN more time in the assignment NAME: their paper ends so many "
        "minutes later, also after the assignment closes."
    ).text,
    short_help=Message("Give learners more time.").text,
)
@name_argument
@logins_argument
@all_option
@_minutes(Message("So many minutes more."), required=True)
@why_option
@json_option
@click.pass_context
def extend(
    context: click.Context,
    name: str,
    logins: tuple[str, ...],
    everybody: bool,
    minutes: float,
    why: str,
    as_json: bool,
) -> int:
    chosen = _chosen(logins, everybody)
    return _change(context, lambda desk: desk.extend(name, chosen, minutes, why), as_json)


@classroom.command(
    help=Message(
        "Let the learner LOGIN continue a submitted paper of the assignment NAME. All answers so "
        "far stay."
    ).text,
    short_help=Message("Reopen a submitted paper.").text,
)
@name_argument
@click.argument("login", metavar="LOGIN")
@_minutes(Message("So many minutes from now (default: the time that was left)."), required=False)
@why_option
@json_option
@click.pass_context
def reopen(
    context: click.Context, name: str, login: str, minutes: float, why: str, as_json: bool
) -> int:

    async def work(desk: Desk) -> list[Changed]:
        return [await desk.reopen(name, login, minutes, why)]

    return _change(context, work, as_json)


@classroom.command(
    help=Message(
        "Submit the papers of the learners LOGIN in the assignment NAME now; with --all, close the "
        "assignment."
    ).text,
    short_help=Message("Close an assignment, or submit papers now.").text,
)
@name_argument
@logins_argument
@all_option
@why_option
@json_option
@click.pass_context
def close(
    context: click.Context,
    name: str,
    logins: tuple[str, ...],
    everybody: bool,
    why: str,
    as_json: bool,
) -> int:
    chosen = _chosen(logins, everybody)
    return _change(context, lambda desk: desk.close(name, chosen, why), as_json)


def _change(
    context: click.Context, work: Callable[[Desk], Awaitable[list[Changed]]], as_json: bool
) -> int:
    """Change the times of papers, and show what they are now."""
    from bptutor.service.desk_words import new_ends

    changes = ask_desk(context, work)
    return tell(context, as_json, changes, new_ends(changes))
