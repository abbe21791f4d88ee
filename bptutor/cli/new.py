"""`bptutor new`: the beginning of a lesson, with numbers that teach."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from bptutor.cli.engine import start_engine
from bptutor.cli.output import write_lines
from bptutor.cli.usage import Command, language_of
from bptutor.cli.values import Count, OneOf
from bptutor.locale import LANGUAGES, Message, UserError

if TYPE_CHECKING:
    from bptutor.lesson.draft import Activation, Loss

LARGEST_SEED = 2**31 - 1

ChoiceT = TypeVar("ChoiceT", bound=str)


@click.command(
    cls=Command,
    short_help=Message("Begin a lesson of your own.").text,
    help=Message(
        "Write FILE, a lesson that is whole as it stands: a stack of layers whose numbers can be "
        "worked by hand and tell mistakes apart. Then make it yours: `lessons/README.md` knows "
        "every key.\n\n"
        "What is not given is asked, in a terminal; else the example's 2,3,1 stands."
    ).text,
)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--layers", help=Message("Inputs, units and outputs: 2,3,1.").text)
@click.option(
    "--activation",
    type=OneOf(("maximum", "relu", "leaky_relu", "sigmoid", "tanh", "softplus")),
    help=Message("The activation of the hidden layers.").text,
)
@click.option(
    "--loss",
    type=OneOf(("squares", "binary-cross-entropy", "cross-entropy")),
    help=Message("What is made small; it decides the output's activation.").text,
)
@click.option("--batch", type=Count(256), help=Message("Examples in the batch.").text)
@click.option("--learning-rate", type=float, help=Message("The learning rate.").text)
@click.option("--title", help=Message("The lesson's title.").text)
@click.option(
    "--seed",
    type=Count(LARGEST_SEED),
    default=0,
    help=Message("Another seed, other numbers.").text,
)
@click.pass_context
def new(
    context: click.Context,
    file: Path,
    layers: str | None,
    activation: Activation | None,
    loss: Loss | None,
    batch: int | None,
    learning_rate: float | None,
    title: str | None,
    seed: int,
) -> int:
    """Writes a lesson."""
    language = language_of(context)
    if file.suffix != ".toml":
        raise UserError(Message("A lesson's file ends in .toml: {file}.", file=f"{file}.toml"))
    if file.exists():
        raise UserError(Message("{file} is there already; choose another name.", file=str(file)))
    asking = sys.stdin.isatty() and sys.stdout.isatty()

    def given(value: str | None, question: Message, default: str) -> str:
        if value is not None or not asking:
            return value or default
        return str(click.prompt(question.to(language), default=default))

    from bptutor.lesson.draft import ACTIVATIONS, LOSSES, Draft, file_text

    units = given(layers, Message("Inputs, units of each layer, outputs"), "2,3,1")
    function = given(activation, Message("Activation of the hidden layers"), ACTIVATIONS[0])
    kind = given(loss, Message("Loss"), LOSSES[0])
    rows = given(str(batch) if batch else None, Message("Examples in the batch"), "1")
    draft = Draft(
        units=_whole_numbers(units),
        activation=_chosen(function, ACTIVATIONS),
        loss=_chosen(kind, LOSSES),
        rows=_whole_numbers(rows)[0],
        learning_rate=0.1 if learning_rate is None else learning_rate,
    )
    name = given(title, Message("Title"), file.stem.replace("-", " ").capitalize())
    start_engine()
    from bptutor.tutoring.choosing import choose

    text = file_text(draft, dict.fromkeys(LANGUAGES, name), choose(draft, seed))
    try:
        with file.open("x", encoding="utf-8") as written:
            written.write(text)
    except OSError as error:
        raise UserError(
            Message(
                "{file} cannot be written: {reason}.", file=str(file), reason=error.strerror or ""
            )
        ) from error
    said = Message("{file} is written. Try it: bptutor learn {file}", file=str(file))
    write_lines([said.to(language)])
    return 0


def _whole_numbers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise UserError(
            Message(
                "Write whole numbers with commas between them, as in 2,3,1; not “{given}”.",
                given=text[:40],
            )
        ) from None


def _chosen(given: str, choices: tuple[ChoiceT, ...]) -> ChoiceT:
    for choice in choices:
        if choice == given:
            return choice
    raise UserError(
        Message("There are {choices}; not “{given}”.", choices=", ".join(choices), given=given[:40])
    )
