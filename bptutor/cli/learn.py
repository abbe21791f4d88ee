"""`bptutor learn`: the tutor itself, in the terminal."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bptutor.cli.model import takes_model
from bptutor.cli.usage import Command, Start, say_findings, start_of
from bptutor.cli.values import LessonReference, OneOf
from bptutor.locale import Message

if TYPE_CHECKING:
    from bptutor.config.settings import Configuration, Theme
    from bptutor.service.messages import Ask, Part
    from bptutor.tui.symbols import Notation


plain_option = click.option(
    "--plain",
    is_flag=True,
    help=Message("Lines of text with prompts, as for a screen reader, instead of a screen.").text,
)


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
    help=Message("What you are asked.").text,
)
@click.option(
    "--part",
    type=OneOf(("derive", "tape", "keras")),
    default="tape",
    help=Message("The part of the course: in symbols, in numbers, or in Keras.").text,
)
@click.option(
    "--notation",
    type=OneOf(("unicode", "ascii")),
    help=Message(
        "How formulas are written: ∂L/∂W, or dL_dW (else what the terminal can show)."
    ).text,
)
@click.option(
    "--theme",
    type=OneOf(("terminal", "dark", "light")),
    help=Message("The terminal's own colours, or dark or light ones.").text,
)
@click.option(
    "--mouse/--no-mouse",
    default=None,
    help=Message("Take the mouse, or leave it to the terminal to select text with.").text,
)
@click.option(
    "--slow",
    is_flag=True,
    help=Message("Spare a slow link: draw less, and less often.").text,
)
@plain_option
@click.pass_context
@takes_model("lesson")
def learn(
    context: click.Context,
    lesson: str | None,
    ask: Ask | None,
    part: Part,
    notation: Notation | None,
    theme: Theme | None,
    mouse: bool | None,
    slow: bool,
    plain: bool,
) -> int:
    """Opens the tutor."""
    given = {
        "notation": notation,
        "theme": theme,
        "mouse": mouse,
        "profile": "slow" if slow else None,
    }
    known = start_of(context)
    configuration = known.configuration.under("command line", given)
    plain = plain or bool(context.find_root().params.get("plain"))
    return start(lesson, known.language, configuration, ask, part, plain)


def start(
    lesson: str | None,
    language: str,
    configuration: Configuration,
    ask: Ask | None = None,
    part: Part = "tape",
    plain: bool = False,
) -> int:
    """Run the tutor until the learner leaves; its exit status.

    It is drawn on a terminal, or speaks in lines of text: where that is asked for (`plain`), and
    where nothing can be drawn.

    Raises:
        UserError: there is no such lesson.
    """
    if lesson is not None:
        _require_lesson(lesson)
    notation = configuration.settings.notation
    if notation == "auto":
        notation = suitable_notation()
    if plain or not can_be_drawn_on():
        from bptutor.plain.run import run as speak

        say_findings(Start(language, configuration))
        idle_minutes = configuration.settings.idle_minutes
        return speak(lesson, ask, part, language, notation, idle_minutes)
    from bptutor.cli.keys import with_key_findings
    from bptutor.tui.run import run

    return run(
        lesson=lesson,
        ask=ask,
        part=part,
        language=language,
        notation=notation,
        configuration=with_key_findings(configuration),
    )


def suitable_notation() -> Notation:
    """Unicode where the terminal can show it."""
    from bptutor.locale.choose import takes_unicode

    encoding = sys.stdout.encoding if sys.stdout else None
    return "unicode" if takes_unicode(os.environ, encoding) else "ascii"


def _require_lesson(reference: str) -> None:
    """Say at once that a lesson cannot be opened.

    A file of an author's is read for that; those that come with bptutor are known to be sound, and
    reading them here would only delay the first screen.
    """
    from bptutor.lesson.find import locate
    from bptutor.lesson.model import ModelReference

    if model := ModelReference.read(reference):
        from bptutor.engine.keras import check_model

        check_model(model)
        return
    if locate(reference) == Path(reference).expanduser():
        from bptutor.lesson.load import load

        load(reference)


def can_be_drawn_on() -> bool:
    """Are standard input and output a terminal that a screen can be drawn on?"""
    streams = (sys.stdin, sys.stdout)
    terminal = all(stream is not None and stream.isatty() for stream in streams)
    return terminal and os.environ.get("TERM", "") != "dumb"
