"""`bptutor export`: a lesson as a file, to hand out or to run."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bptutor.cli.model import opened, takes_model
from bptutor.cli.output import require_free, write_file, write_lines
from bptutor.cli.usage import Command, language_of
from bptutor.cli.values import LessonReference
from bptutor.locale import Message, UserError

if TYPE_CHECKING:
    from bptutor.lesson.lesson import Lesson

NOTEBOOK = ".ipynb"
ENDINGS = (".html", ".md", NOTEBOOK)


@click.command(
    cls=Command,
    short_help=Message("Write a lesson as a page to hand out, or as a notebook.").text,
    help=Message(
        "Write LESSON to FILE, by its ending: a page that stands alone (.html), Markdown (.md), or "
        "a notebook that runs (.ipynb).\n\n"
        "A page has blanks to fill in, or with --answers everything worked out; a notebook works "
        "everything out."
    ).text,
)
@click.argument("lesson", type=LessonReference())
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--answers/--no-answers",
    default=None,
    help=Message("With everything worked out, or with blanks to fill in.").text,
)
@click.option("--force", is_flag=True, help=Message("Write over a file that is there.").text)
@click.pass_context
@takes_model("lesson")
def export(
    context: click.Context, lesson: str, file: Path, answers: bool | None, force: bool
) -> int:
    """Writes a lesson as a document."""
    language = language_of(context)
    if file.suffix not in ENDINGS:
        raise UserError(
            Message(
                "A lesson is written to a file that ends in {endings}; not “{given}”.",
                endings=", ".join(ENDINGS),
                given=file.name,
            )
        )
    if file.suffix == NOTEBOOK and answers is False:
        raise UserError(Message("A notebook works its answers out; --no-answers is for pages."))
    if not force:
        there = Message(
            "{file} is there already; choose another name, or give --force.", file=str(file)
        )
        require_free(file, there)
    text = _written(opened(lesson), file.suffix, language, bool(answers))
    write_file(file, text, over=force)
    write_lines([Message("{file} is written.", file=str(file)).to(language)])
    return 0


def _written(lesson: Lesson, suffix: str, language: str, answers: bool) -> str:
    if suffix == NOTEBOOK:
        from bptutor.export.notebook import notebook

        return notebook(lesson, language)
    from bptutor.export.document import document
    from bptutor.export.markdown import markdown
    from bptutor.export.page import page

    write = page if suffix == ".html" else markdown
    return write(document(lesson, language, "unicode", answers))
