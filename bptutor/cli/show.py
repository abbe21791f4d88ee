"""`bptutor show`, `export` and `train`: a lesson's numbers without the tutor."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

import click
from msgspec import Struct

from bptutor import budget
from bptutor.cli.help import Command, language_of, print_error, start_of
from bptutor.cli.model import opened, takes_model, takes_numbers
from bptutor.cli.options import Count, LessonReference, OneOf, json_option, part_option
from bptutor.cli.output import WIDTH, require_free, write_json, write_lines
from bptutor.cli.progress import NOT_OF_CLASS
from bptutor.cli.tutor import required_lesson, suitable_notation
from bptutor.files import write_file
from bptutor.literals import Ask, Part
from bptutor.text import Message, UserError, shortest
from bptutor.text.numbers import FLOAT32_FIGURES, matrix_lines
from bptutor.text.printable import cells, wrap

if TYPE_CHECKING:
    from bptutor.export.document import Document, Entry
    from bptutor.export.sheet import Sheet
    from bptutor.lesson.lesson import Lesson


@click.command(cls=Command, help=Message("Show every step of LESSON with its value.").text)
@click.argument("lesson", type=LessonReference())
@part_option
@json_option
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
    for text in (entry.question, *entry.note.splitlines()):
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
        "every answer, or has blanks with --blanks: a cell below each blank checks it. --ask "
        "chooses the steps with blanks. --key writes what fills the blanks, for the teacher.\n\n"
        "--attempt writes what you have answered in LESSON, with times, hints and verdicts.\n\n"
        "Without --part, a page has the part in numbers, and a notebook all parts."
    ).text,
)
@click.argument("lesson", type=LessonReference())
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--answers/--no-answers",
    " /--blanks",
    default=None,
    help=Message("Include the worked answers, or leave blanks to fill in.").text,
)
@click.option("--key", is_flag=True, help=Message("Write what fills the blanks.").text)
@click.option("--attempt", is_flag=True, help=Message("Write what you have answered.").text)
@click.option(
    "--ask",
    type=OneOf(get_args(Ask)),
    default="all",
    help=Message("Which steps have blanks (default: all).").text,
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
    key: bool,
    attempt: bool,
    ask: Ask,
    part: Part | None,
    force: bool,
) -> int:
    language = language_of(context)
    if file.suffix not in ENDINGS:
        raise UserError(
            "Give a file that ends in {endings}, not “{given}”.",
            endings=", ".join(ENDINGS),
            given=file.name,
        )
    if (answers is not None) + key + attempt > 1:
        raise UserError("Choose one: --answers, --blanks, --key or --attempt.")
    if not force:
        require_free(file, Message("{file} already exists; choose another name, or give --force."))
    if attempt:
        text = _attempt(context, lesson, file.suffix, part)
    else:
        loaded = opened(lesson)
        export_of = _notebook if file.suffix == NOTEBOOK else _page
        text = export_of(loaded, file.suffix, language, "key" if key else answers, part, ask)
    write_file(file, text, over=force, private=attempt)
    write_lines([Message("Wrote {file}.", file=str(file)).to(language)])
    return 0


def _notebook(
    lesson: Lesson,
    _: str,
    language: str,
    answers: bool | Literal["key"] | None,
    part: Part | None,
    ask: Ask,
) -> str:
    from bptutor.course.parts import PARTS
    from bptutor.export.blanks import notebook_with_blanks
    from bptutor.export.notebook import notebook

    parts = (part,) if part else PARTS
    if answers in (None, True):
        return notebook(lesson, language, parts)
    return notebook_with_blanks(lesson, language, ask, parts, filled=answers == "key")


def _page(
    lesson: Lesson,
    suffix: str,
    language: str,
    answers: bool | Literal["key"] | None,
    part: Part | None,
    ask: Ask,
) -> str:
    from bptutor.export.document import document
    from bptutor.export.pages import markdown, page
    from bptutor.export.sheet import key

    if answers == "key":
        return _written(key(lesson, language, part or "tape", ask), suffix)
    write = page if suffix == ".html" else markdown
    return write(document(lesson, language, "unicode", bool(answers), part or "tape", ask))


def _written(sheet: Sheet, suffix: str) -> str:
    write = {".html": sheet.page, ".md": sheet.markdown, NOTEBOOK: sheet.notebook}
    return write[suffix]()


def _attempt(context: click.Context, reference: str, suffix: str, part: Part | None) -> str:
    """What the learner has answered, as their record and their places have it."""
    from bptutor.quiz.recorder import Recorder
    from bptutor.record.attempts import learner_name
    from bptutor.record.record import Record
    from bptutor.record.sittings import Sittings
    from bptutor.record.spool import Spool
    from bptutor.service.answers import answers_of
    from bptutor.service.lessons import key_of

    start, learner = start_of(context), learner_name()
    if start.configuration.settings.class_:
        print_error(NOT_OF_CLASS, start.language)
    record = Record(start.configuration.settings.record)
    if news := Recorder(record, learner, Spool(learner)).bring_in():
        print_error(news, start.language)
    reference = required_lesson(reference)
    lesson = opened(reference)
    every, parts = [*record.every(learner)], (part,) if part else get_args(Part)
    sheet = answers_of(
        lesson, key_of(lesson, reference), learner, every, Sittings(), parts, start.language
    )
    return _written(sheet, suffix)


# ── train ─────────────────────────────────────────────────────────────────────────────────────────


MOST_ITERATIONS = 1_000_000
LOSSES_SHOWN = 10


class Training(Struct, frozen=True):
    iterations: int
    loss: list[float]  # before the first iteration, then after each one
    parameters: dict[str, object]


@click.command(
    cls=Command, help=Message("Update the parameters of LESSON N times and show the result.").text
)
@click.argument("lesson", type=LessonReference())
@click.option(
    "--iterations",
    type=Count(MOST_ITERATIONS),
    required=True,
    help=Message("The number of updates.").text,
)
@json_option
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
