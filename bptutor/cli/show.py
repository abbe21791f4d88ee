"""`bptutor show`, `export` and `train`: a lesson's numbers without the tutor."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from msgspec import Struct

from bptutor import budget
from bptutor.cli.help import Command, language_of
from bptutor.cli.model import opened, takes_model, takes_numbers
from bptutor.cli.options import Count, LessonReference, part_option
from bptutor.cli.output import WIDTH, require_free, write_file, write_json, write_lines
from bptutor.cli.tutor import suitable_notation
from bptutor.text import Message, UserError, shortest
from bptutor.text.numbers import FLOAT32_FIGURES, matrix_lines
from bptutor.text.printable import cells, wrap

if TYPE_CHECKING:
    from bptutor.export.document import Document, Entry
    from bptutor.lesson.lesson import Lesson
    from bptutor.literals import Part


@click.command(
    cls=Command,
    help=Message("Show every step of LESSON with its value.").text,
)
@click.argument("lesson", type=LessonReference())
@part_option
@click.option("--json", "as_json", is_flag=True, help=Message("Print JSON.").text)
@click.option(
    "--pager/--no-pager",
    default=True,
    help=Message("In a terminal, show one page at a time, or everything at once.").text,
)
@click.pass_context
@takes_numbers("lesson")
@takes_model("lesson")
def show(context: click.Context, lesson: str, part: Part | None, as_json: bool, pager: bool) -> int:
    loaded, part = opened(lesson), part or "tape"
    if as_json:
        from bptutor.course.worked import work
        from bptutor.course.worked_part import work_part

        write_json(work(loaded) if part == "tape" else work_part(loaded, part))
        return 0
    from bptutor.export.document import document

    language = language_of(context)
    lines = _document_lines(document(loaded, language, suitable_notation(), part=part))
    write_lines(lines, pager=pager)
    return 0


def _document_lines(document: Document) -> Iterator[str]:
    yield from wrap(document.title, WIDTH)
    for paragraph in document.introduction:
        yield ""
        yield from wrap(paragraph, WIDTH)
    yield ""
    yield from (f"  {line}" for line in document.program)
    yield ""
    for quantity in document.given:
        yield f"  {quantity.name} ="
        yield from _matrix(quantity.value, quantity.figures)
    for section in document.sections:
        yield from ("", section.heading) if section.heading else ()
        for entry in section.entries:
            yield ""
            yield from _entry(entry)
    if document.loss:
        yield from ("", document.loss)
    if document.comparison:
        yield ""
        yield from _aligned(document.comparison)
    for paragraph in document.closing:
        yield ""
        yield from wrap(paragraph, WIDTH)


def _entry(entry: Entry) -> Iterator[str]:
    for text in (entry.question, entry.note):
        yield from (f"  {line}" for line in wrap(text, WIDTH - 2) if line)
    yield from (f"  {equation}" for equation in entry.equations)
    if entry.code:
        yield f"    {entry.code}"
    if entry.quantity:
        yield from _matrix(entry.quantity.value, entry.quantity.figures)


def _aligned(lines: Sequence[tuple[str, ...]]) -> Iterator[str]:
    """The lines of a table, its columns aligned."""
    widths = [max(map(cells, column)) for column in zip(*lines, strict=True)]
    for line in lines:
        texts = (
            text + " " * (width - cells(text)) for text, width in zip(line, widths, strict=True)
        )
        yield f"  {'   '.join(texts)}".rstrip()


def _matrix(value: Any, figures: int, indent: int = 6) -> Iterator[str]:
    unicode = suitable_notation() == "unicode"
    return matrix_lines(value, indent, figures, width=WIDTH, unicode=unicode)


# ── export ────────────────────────────────────────────────────────────────────────────────────────


NOTEBOOK = ".ipynb"
ENDINGS = (".html", ".md", NOTEBOOK)


@click.command(
    cls=Command,
    short_help=Message("Write a lesson as a printable page or a notebook.").text,
    help=Message(
        "Write LESSON to FILE. The ending sets the format: a page that needs no other file "
        "(.html), Markdown (.md), or a Jupyter notebook (.ipynb).\n\n"
        "A page has blanks to fill in, or the worked answers with --answers. A notebook computes "
        "every answer. Without --part, a page has the part in numbers, and a notebook all parts."
    ).text,
)
@click.argument("lesson", type=LessonReference())
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--answers/--no-answers",
    default=None,
    help=Message("Include the worked answers, or leave blanks to fill in.").text,
)
@part_option
@click.option("--force", is_flag=True, help=Message("Overwrite an existing file.").text)
@click.pass_context
@takes_numbers("lesson")
@takes_model("lesson")
def export(
    context: click.Context,
    lesson: str,
    file: Path,
    answers: bool | None,
    part: Part | None,
    force: bool,
) -> int:
    language = language_of(context)
    if file.suffix not in ENDINGS:
        raise UserError(
            Message(
                "Give a file that ends in {endings}, not “{given}”.",
                endings=", ".join(ENDINGS),
                given=file.name,
            )
        )
    if file.suffix == NOTEBOOK and answers is False:
        raise UserError(
            Message("A notebook computes its answers, so --no-answers works only with pages.")
        )
    if not force:
        require_free(file, Message("{file} already exists; choose another name, or give --force."))
    text = _exported(opened(lesson), file.suffix, language, bool(answers), part)
    write_file(file, text, over=force)
    write_lines([Message("Wrote {file}.", file=str(file)).to(language)])
    return 0


def _exported(lesson: Lesson, suffix: str, language: str, answers: bool, part: Part | None) -> str:
    if suffix == NOTEBOOK:
        from bptutor.export.notebook import notebook

        return notebook(lesson, language, *([(part,)] if part else []))
    from bptutor.export.document import document
    from bptutor.export.pages import markdown, page

    write = page if suffix == ".html" else markdown
    return write(document(lesson, language, "unicode", answers, part or "tape"))


# ── train ─────────────────────────────────────────────────────────────────────────────────────────


MOST_ITERATIONS = 1_000_000
LOSSES_SHOWN = 10


class Training(Struct, frozen=True):
    """The result of training, as the JSON has it."""

    iterations: int
    loss: list[float]
    """Before the first iteration, then after each one."""
    parameters: dict[str, object]


@click.command(
    cls=Command,
    help=Message("Update the parameters of LESSON N times and show the result.").text,
)
@click.argument("lesson", type=LessonReference())
@click.option(
    "--iterations",
    type=Count(MOST_ITERATIONS),
    required=True,
    help=Message("The number of updates.").text,
)
@click.option("--json", "as_json", is_flag=True, help=Message("Print JSON.").text)
@click.pass_context
@takes_numbers("lesson")
@takes_model("lesson")
def train(context: click.Context, lesson: str, iterations: int, as_json: bool) -> int:
    loaded = opened(lesson)
    training = _train(loaded, iterations, language_of(context))
    if as_json:
        write_json(training)
    else:
        write_lines(_training_lines(loaded, training, language_of(context)))
    return 0


def _train(lesson: Lesson, iterations: int, language: str) -> Training:
    from bptutor.course.worked import nested
    from bptutor.engine.training import train as train_lesson

    with ExitStack() as stack:
        bar = None

        def show_progress(losses: Sequence[float]) -> None:
            budget.renew()
            if bar is not None:
                bar.update(len(losses) - bar.pos)

        if sys.stderr is not None and sys.stderr.isatty():
            label = Message("Training").to(language)
            bar = stack.enter_context(
                click.progressbar(length=iterations, label=label, file=sys.stderr)
            )
        trained = train_lesson(lesson, None, iterations, show_progress)
    return Training(
        iterations,
        [float(shortest(loss, lesson.dtype)) for loss in trained.losses],
        {name: nested(array, lesson.dtype) for name, array in trained.parameters.items()},
    )


def _training_lines(lesson: Lesson, training: Training, language: str) -> Iterator[str]:
    yield from (lesson.title.to(language), "")
    yield Message("Loss by iteration:").to(language)
    count = training.iterations
    for iteration in sorted({count * part // LOSSES_SHOWN for part in range(LOSSES_SHOWN + 1)}):
        loss = shortest(training.loss[iteration], lesson.dtype)
        yield f"  {iteration:>{len(str(count))}}  {loss}"
    for name, value in training.parameters.items():
        yield from ("", name)
        yield from _matrix(value, FLOAT32_FIGURES, indent=2)
