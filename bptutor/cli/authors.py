"""`bptutor new` and `bptutor lint`, for authors of lessons."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click
from msgspec import Struct
from msgspec.structs import replace as with_fields

from bptutor import budget
from bptutor.cli.help import Command, language_of
from bptutor.cli.model import data_option, opened, start_engine, takes_model
from bptutor.cli.options import Count, HiddenActivation, LessonReference, json_option
from bptutor.cli.output import ask_or, require_free, write_json, write_lines
from bptutor.files import write_file
from bptutor.text import Message, UserError
from bptutor.text.printable import printable

if TYPE_CHECKING:
    from bptutor.lesson.lesson import Lesson
    from bptutor.lesson.lint import Finding
    from bptutor.lesson.source import LessonFile


LARGEST_SEED = 2**31 - 1

ChoiceT = TypeVar("ChoiceT", bound=str)


@click.command(
    cls=Command,
    short_help=Message("Create a lesson of your own.").text,
    help=Message(
        "Write FILE, a complete lesson: a stack of layers with numbers that you can work by hand. "
        "Then change it as you like; `lessons/README.md` describes every key.\n\n"
        "In a terminal, bptutor asks for what you leave out. Otherwise the defaults are layers "
        "2,3,1, activation maximum, loss squares, one example and learning rate 0.1.\n\n"
        "With --from, FILE describes a Keras model: its layers, its weights and its loss. It can "
        "also be a copy of a lesson, with --seed on other numbers."
    ).text,
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--from",
    "model",
    type=click.Path(),
    help=Message("Make it from this Keras model (.keras) or lesson.").text,
)
@data_option
@click.option("--layers", help=Message("Inputs, units and outputs: 2,3,1.").text)
@click.option(
    "--activation",
    type=HiddenActivation(),
    help=Message("The activation of the hidden layers.").text,
)
@click.option(
    "--loss",
    help=Message(
        "The loss to minimise: squares, binary-cross-entropy or cross-entropy. It also sets the "
        "output activation. With --from, Keras' name: mse, binary_crossentropy, "
        "categorical_crossentropy or sparse_categorical_crossentropy."
    ).text,
)
@click.option("--batch", type=Count(256), help=Message("The number of examples in the batch.").text)
@click.option("--learning-rate", type=float, help=Message("The learning rate.").text)
@click.option("--title", help=Message("The lesson's title.").text)
@click.option(
    "--seed",
    type=Count(LARGEST_SEED),
    help=Message("The seed for the numbers (default: 0; with a lesson, its own numbers).").text,
)
@click.pass_context
def new(
    context: click.Context,
    file: Path,
    model: str | None,
    data: str,
    layers: str | None,
    activation: str | None,
    loss: str | None,
    batch: int | None,
    learning_rate: float | None,
    title: str | None,
    seed: int | None,
) -> int:
    language = language_of(context)
    if file.suffix != ".toml":
        raise UserError(
            "The name of a lesson file ends in .toml: give {file}.",
            file=f"{file.stem or 'mine'}.toml",
        )
    require_free(file)
    if model is not None:
        if layers is not None or activation is not None:
            raise UserError(
                "With --from, layers and activations are those of the model or lesson; leave "
                "out --layers and --activation."
            )
        made = _from(model, loss or "", data, batch, seed)
        return _write(file, _changed(made, title, learning_rate), language)
    if data:
        raise UserError("--data needs --from with a Keras model.")
    if loss is not None:
        _require_loss(loss)
    asking = sys.stdin.isatty() and sys.stdout.isatty()

    def answer(value: str | None, question: Message, default: str) -> str:
        if value is not None or not asking:
            return value or default
        return ask_or(question.to(language), default)

    from bptutor.lesson.draft import ACTIVATIONS, LOSSES, Draft, drafted

    units = answer(layers, Message("Inputs, units of each layer, outputs"), "2,3,1")
    function = answer(activation, Message("Activation of the hidden layers"), ACTIVATIONS[0])
    kind = answer(loss, Message("Loss"), LOSSES[0])
    rows = answer(str(batch) if batch else None, Message("Examples in the batch"), "1")
    draft = Draft(
        units=_whole_numbers(units),
        activation=_chosen(function, ACTIVATIONS),
        loss=_chosen(kind, LOSSES),
        rows=_whole_numbers(rows)[0],
        learning_rate=0.1 if learning_rate is None else learning_rate,
    )
    name = answer(title, Message("Title"), file.stem.replace("-", " ").capitalize())
    start_engine()
    from bptutor.quiz.choosing import choose

    return _write(file, drafted(draft, printable(name), choose(draft, seed or 0)), language)


def _from(source: str, loss: str, data: str, batch: int | None, seed: int | None) -> LessonFile:
    """The file of a Keras model, or of a lesson."""
    from bptutor.lesson.find import SUFFIX, ModelReference

    reference = ModelReference.read(source)
    if reference is not None:
        from bptutor.lesson.draft import of_lesson

        return of_lesson(opened(str(replace(reference, loss=loss, data=data)), batch, seed or 0))
    if loss or data or batch:
        raise UserError(
            "--loss, --data and --batch need a Keras model, a file that ends in {suffix}.",
            suffix=SUFFIX,
        )
    from bptutor.quiz.variant import file_of, with_numbers

    return file_of(with_numbers(source, seed, ()))


def _require_loss(loss: str) -> None:
    """Refuse a loss that only a Keras model may have."""
    from bptutor.lesson.draft import LOSSES

    if loss not in LOSSES:
        raise UserError(
            "Without --from, --loss takes one of {choices}, not “{given}”.",
            choices=", ".join(LOSSES),
            given=loss[:40],
        )


def _changed(file: LessonFile, title: str | None, learning_rate: float | None) -> LessonFile:
    """The file with the author's title and learning rate."""
    if title is not None:
        file = with_fields(file, title=printable(title))
    if learning_rate is not None:
        if not 0 < learning_rate < 1e6:
            raise UserError("The learning rate must be a positive number.")
        file = with_fields(file, learning_rate=learning_rate)
    return file


def _write(file: Path, content: LessonFile, language: str) -> int:
    from bptutor.language.limits import MOST_LESSON_BYTES
    from bptutor.lesson.draft import toml_text

    text = toml_text(content)
    if len(text.encode()) > MOST_LESSON_BYTES:
        raise UserError(
            "This lesson is larger than {limit} MB as a file. Open the model with "
            "`bptutor learn` instead.",
            limit=MOST_LESSON_BYTES // 1_000_000,
        )
    write_file(file, text)
    message = Message("Wrote {file}. Try it: bptutor learn {file}", file=str(file))
    write_lines([message.to(language)])
    return 0


def _whole_numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise UserError(
            "Write whole numbers with commas between them, as in 2,3,1; not “{given}”.",
            given=text[:40],
        ) from None


def _chosen(text: str, choices: tuple[ChoiceT, ...]) -> ChoiceT:
    for choice in choices:
        if choice == text:
            return choice
    raise UserError(
        "Choose one of {choices}, not “{given}”.", choices=", ".join(choices), given=text[:40]
    )


# ── lint ──────────────────────────────────────────────────────────────────────────────────────────


class ListedFinding(Struct, frozen=True):
    """A finding as the JSON has it."""

    code: str
    where: str
    message: str


class Report(Struct, frozen=True):
    lesson: str
    findings: list[ListedFinding]
    advice: list[ListedFinding]  # how the numbers could teach more
    values: dict[str, Any] | None = None  # with --suggest, numbers that tell more mistakes apart
    left: int | None = None  # how many pairs of mistakes look alike with them


@click.command(
    cls=Command,
    short_help=Message("Check a lesson you are writing.").text,
    help=Message(
        "Check a lesson for clashing names, missing languages, and formulas that disagree with "
        "TensorFlow's tape.\n\n"
        "Several files are checked one after the other. With --json, each gives one line.\n\n"
        "The exit status is 0 without problems, 1 with problems, and 2 if the file is not a "
        "lesson."
    ).text,
)
@click.argument("file", type=LessonReference())
@click.argument("more", type=LessonReference(), nargs=-1)
@click.option(
    "--suggest", is_flag=True, help=Message("Propose numbers that tell more mistakes apart.").text
)
@json_option
@click.pass_context
@takes_model("file")
def lint(
    context: click.Context, file: str, more: tuple[str, ...], suggest: bool, as_json: bool
) -> int:
    language = language_of(context)
    status = 0
    for reference in (file, *more):
        budget.renew()
        report, path = _report(opened(reference), language, suggest)
        if report.findings:
            status = 1
        if as_json:
            write_json(report)
        else:
            write_lines(_report_lines(report, path, language))
            if suggest:
                write_lines(_suggestion_lines(report, language))
    return status


def _report(lesson: Lesson, language: str, suggest: bool) -> tuple[Report, str]:
    from bptutor.course.asked import too_long
    from bptutor.engine.agreement import disagreements
    from bptutor.grading.authored import right_ones
    from bptutor.lesson.lint import lint as lint_file
    from bptutor.quiz.choosing import advice
    from bptutor.quiz.choosing import suggest as suggested

    def listed(findings: Iterable[Finding]) -> list[ListedFinding]:
        return [ListedFinding(one.code, one.where, one.message.to(language)) for one in findings]

    found = lint_file(lesson)
    if lesson.path.suffix == ".toml":  # a model has no list of steps
        found += too_long(lesson)
    findings = listed((*found, *disagreements(lesson), *right_ones(lesson)))
    report = Report(lesson.name, findings, listed(advice(lesson)))
    other = suggested(lesson, budget.renew) if suggest else None
    if other:
        report = with_fields(report, values=other.values, left=other.left)
    return report, str(lesson.path)


def _report_lines(report: Report, path: str, language: str) -> list[str]:
    lines = [f"{path}: {finding.message}" for finding in report.findings]
    if not lines:
        lines = [Message("{file}: no problems found", file=path).to(language)]
    if report.advice:
        lines += ["", Message("Other numbers would teach more:").to(language)]
        lines += [f"  {advice.message}" for advice in report.advice]
    return lines


def _suggestion_lines(report: Report, language: str) -> list[str]:
    from bptutor.lesson.draft import values_text

    if report.values is None or report.left is None:
        return ["", Message("No other numbers of this kind tell more mistakes apart.").to(language)]
    told = Message(
        "These numbers tell more mistakes apart. Pairs that still look alike: {left}.",
        left=report.left,
    )
    return ["", told.to(language), "", *"\n".join(values_text(report.values)).split("\n")]
