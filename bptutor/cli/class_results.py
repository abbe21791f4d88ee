"""`bptutor class`, once answers are in: results for learners, marks, mistakes and papers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bptutor.cli.classroom import ask_desk, name_argument, say, show, speak, tell, why_option
from bptutor.cli.help import Command, print_error, start_of
from bptutor.cli.options import Count, OneOf, json_option
from bptutor.cli.output import require_free, write_json, write_lines
from bptutor.files import write_file
from bptutor.text import Message, UserError
from bptutor.views.quiz import MOST_ITEMS

if TYPE_CHECKING:
    from bptutor.views.classroom import Released

BOM = "\ufeff"  # by which a spreadsheet takes a file for UTF-8


@click.command(
    cls=Command,
    help=Message(
        "Let the learners see their score in the assignment NAME, the answers, or both."
    ).text,
    short_help=Message("Show the learners their score or the answers.").text,
)
@name_argument
@click.argument(
    "what", metavar="[score|answers|both]", default="both", type=OneOf(("score", "answers", "both"))
)
@why_option
@json_option
@click.pass_context
def release(context: click.Context, name: str, what: Released, why: str, as_json: bool) -> int:
    from bptutor.service.desk_words import about

    line = ask_desk(context, lambda desk: desk.release(name, what, why))
    return tell(context, as_json, line, about(line))


TABLES = ("csv", "moodle", "canvas")


@click.command(
    cls=Command,
    help=Message(
        "Show the marks of the assignment NAME, or of all of them. --csv, --moodle and --canvas "
        "print a table that a spreadsheet, Moodle or Canvas reads; --out writes it to a file that "
        "only you can read.\n\n"
        "--canvas takes the numbers of learners and assignments from a gradebook that you exported "
        "from Canvas (--ids). Learners who are not in it are left out and named, and the exit "
        "status is 1."
    ).text,
    short_help=Message("Show the marks, or write them for Moodle or Canvas.").text,
)
@click.argument("name", metavar="[NAME]", default="")
@json_option
@click.option("--csv", "csv", is_flag=True, help=Message("A table for a spreadsheet.").text)
@click.option("--moodle", is_flag=True, help=Message("A table for Moodle.").text)
@click.option("--canvas", is_flag=True, help=Message("A table for Canvas.").text)
@click.option("--items", is_flag=True, help=Message("The points of each item, too.").text)
@click.option(
    "--ids",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help=Message("A gradebook exported from Canvas.").text,
)
@click.option(
    "--out",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help=Message("Write the table to FILE.").text,
)
@click.pass_context
def marks(
    context: click.Context,
    name: str,
    as_json: bool,
    csv: bool,
    moodle: bool,
    canvas: bool,
    items: bool,
    ids: Path | None,
    out: Path | None,
) -> int:
    from bptutor.classroom import marks_csv
    from bptutor.service import desk_tables
    from bptutor.service.desk_files import text_of
    from bptutor.service.desk_words import starred

    if as_json + csv + moodle + canvas > 1:
        raise UserError("Choose one: --json, --csv, --moodle or --canvas.")
    kind: marks_csv.Kind | None = (
        "csv" if csv else "moodle" if moodle else "canvas" if canvas else None
    )
    if ids and kind != "canvas":
        raise UserError("--ids goes with --canvas.")
    if (out or items) and kind is None:
        raise UserError("--items and --out go with --csv, --moodle or --canvas.")
    gradebook = marks_csv.read_gradebook(text_of(ids, ".csv"), str(ids)) if ids else None
    if out:
        require_free(out)
    view = ask_desk(context, lambda desk: desk.marks(name))
    if kind is None:
        if as_json:
            write_json(view)
        else:
            show((desk_tables.marks_of if name else desk_tables.marks)(view, speak(context)))
            say(context, starred(view))
        return 0
    rows, missing = marks_csv.table(view, kind, items=items, gradebook=gradebook)
    lines = marks_csv.written(rows)
    if out:
        write_file(out, BOM + "".join(f"{line}\r\n" for line in lines), private=True)
    else:
        write_lines(lines)
    for login in missing:
        gone = Message("{login} is not in {file}, and is left out.", login=login, file=str(ids))
        print_error(gone, start_of(context).language)
    return 1 if missing else 0


@click.command(
    cls=Command,
    help=Message(
        "Show the mistakes in the assignment NAME, item by item: those that bptutor can name with "
        "sample answers, then frequent wrong answers without an explanation."
    ).text,
    short_help=Message("Show the mistakes of an assignment.").text,
)
@name_argument
@json_option
@click.pass_context
def mistakes(context: click.Context, name: str, as_json: bool) -> int:
    from bptutor.service import desk_tables
    from bptutor.service.desk_words import about_mistakes, item_heading

    view = ask_desk(context, lambda desk: desk.mistakes(name))
    wrong = ([item_heading(item), *about_mistakes(item)] for item in view.items if item.wrong)
    return tell(context, as_json, view, desk_tables.mistakes(view, speak(context)), *wrong)


@click.command(
    cls=Command,
    help=Message(
        "Show the paper of the learner LOGIN in the assignment NAME: each answer with its time, "
        "the points, and who changed what and why."
    ).text,
    short_help=Message("Show a learner's paper.").text,
)
@name_argument
@click.argument("login", metavar="LOGIN")
@click.option(
    "--attempt",
    type=Count(100),
    default=0,
    help=Message("Which of several papers, from 1 (default: the one that counts).").text,
)
@json_option
@click.pass_context
def paper(context: click.Context, name: str, login: str, attempt: int, as_json: bool) -> int:
    from bptutor.service import desk_tables
    from bptutor.service.desk_words import (
        about_item,
        about_paper,
        events,
        item_heading,
        paper_heading,
    )

    view = ask_desk(context, lambda desk: desk.paper(name, login, attempt))
    return tell(
        context,
        as_json,
        view,
        [paper_heading(view), *about_paper(view)],
        desk_tables.paper(view, speak(context)),
        *([item_heading(item), *about_item(item)] for item in view.items),
        *([events(view)] if view.events else []),
    )


@click.command(
    cls=Command,
    help=Message(
        "Give the learner LOGIN so many POINTS for item ITEM (from 1) of the assignment NAME. "
        "POINTS of - takes your points back, and bptutor's count again."
    ).text,
    short_help=Message("Change the points of an item.").text,
)
@name_argument
@click.argument("login", metavar="LOGIN")
@click.argument("item", metavar="ITEM", type=Count(MOST_ITEMS, least=1))
@click.argument("points", metavar="POINTS")
@why_option
@json_option
@click.pass_context
def mark(
    context: click.Context, name: str, login: str, item: int, points: str, why: str, as_json: bool
) -> int:
    from bptutor.service.desk_words import about_item, item_heading, points_of

    given = points_of(points)
    view = ask_desk(context, lambda desk: desk.mark(name, login, item, given, why))
    marked = view.items[item - 1]
    return tell(context, as_json, view, [item_heading(marked), *about_item(marked)])


@click.command(
    cls=Command,
    help=Message(
        "Grade every submitted paper of the assignment NAME again, after a new version of bptutor "
        "or of a lesson's mistakes. Points that a teacher gave stay. Each change is listed and "
        "saved."
    ).text,
    short_help=Message("Grade an assignment again.").text,
)
@name_argument
@why_option
@json_option
@click.pass_context
def regrade(context: click.Context, name: str, why: str, as_json: bool) -> int:
    from bptutor.service.desk_words import regraded

    changes = ask_desk(context, lambda desk: desk.regrade(name, why))
    return tell(context, as_json, changes, regraded(changes))
