"""`bptutor learn`: the tutor itself, in the terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from bptutor.cli.model import takes_model
from bptutor.cli.tutor import looks, start
from bptutor.cli.usage import Command, language_of
from bptutor.cli.values import LessonReference, OneOf
from bptutor.locale import Message

if TYPE_CHECKING:
    from bptutor.config.settings import Configuration
    from bptutor.service.messages import Ask, Part


class Learn(Command):
    """The tutor says itself what is wrong with the configuration."""

    shows_findings = True


@click.command(
    cls=Learn,
    short_help=Message("Walk through a lesson, or choose one in the menu.").text,
    help=Message(
        "Walk through LESSON, step by step; without one, the menu opens. Where you were is kept, "
        "and the next time you go on from there.\n\n"
        "--ask chooses what you are asked; the rest is worked out before your eyes: everything "
        "(all), the backward pass only (backward), its products only (products), or numbers only "
        "(values).\n\n"
        "--part chooses the part of the course: in symbols (derive), in numbers with the tape "
        "(tape), or in Keras (keras). Each part keeps its own place."
    ).text,
)
@click.argument("lesson", type=LessonReference(), required=False)
@click.option(
    "--ask",
    type=OneOf(("all", "backward", "products", "values")),
    help=Message("What you are asked (else all; where you go on, what was asked there).").text,
)
@click.option(
    "--part",
    type=OneOf(("derive", "tape", "keras")),
    default="tape",
    show_default=True,
    help=Message("The part of the course: in symbols, in numbers, or in Keras.").text,
)
@click.pass_context
@takes_model("lesson")
@looks
def learn(
    context: click.Context,
    lesson: str | None,
    ask: Ask | None,
    part: Part,
    configuration: Configuration,
    plain: bool,
) -> int:
    """Opens the tutor."""
    return start(lesson, language_of(context), configuration, ask, part, plain)
