"""`bptutor learn`: the tutor itself, in the terminal."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bptutor.cli.model import takes_model
from bptutor.cli.usage import Command, language_of
from bptutor.cli.values import LessonReference, OneOf
from bptutor.locale import Message, UserError

if TYPE_CHECKING:
    from bptutor.service.messages import Ask
    from bptutor.tui.symbols import Notation


@click.command(
    cls=Command,
    short_help=Message("Walk through a lesson, or choose one in the menu.").text,
    help=Message(
        "Walk through LESSON, step by step; without one, the menu opens. Where you were is kept, "
        "and the next time you go on from there.\n\n"
        "--ask chooses what you are asked; the rest is worked out before your eyes: everything "
        "(all), the backward pass only (backward), its products only (products), or numbers only "
        "(values)."
    ).text,
)
@click.argument("lesson", type=LessonReference(), required=False)
@click.option(
    "--ask",
    type=OneOf(("all", "backward", "products", "values")),
    default="all",
    help=Message("What you are asked.").text,
)
@click.option(
    "--notation",
    type=OneOf(("unicode", "ascii")),
    help=Message(
        "How formulas are written: ∂L/∂W, or dL_dW (else what the terminal can show)."
    ).text,
)
@click.option(
    "--mouse/--no-mouse",
    default=True,
    help=Message("Take the mouse, or leave it to the terminal to select text with.").text,
)
@click.pass_context
@takes_model("lesson")
def learn(
    context: click.Context, lesson: str | None, ask: Ask, notation: Notation | None, mouse: bool
) -> int:
    """Opens the tutor."""
    language = language_of(context)
    return start(lesson, language=language, ask=ask, notation=notation, mouse=mouse)


def start(
    lesson: str | None,
    *,
    language: str,
    ask: Ask = "all",
    notation: Notation | None = None,
    mouse: bool = True,
) -> int:
    """Run the tutor until the learner leaves; its exit status.

    Raises:
        UserError: there is no terminal to run in, or no such lesson.
    """
    if lesson is not None:
        _require_lesson(lesson)
    _require_terminal()
    from bptutor.tui.run import run

    return run(
        lesson=lesson,
        ask=ask,
        language=language,
        notation=notation or suitable_notation(),
        mouse=mouse,
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


def _require_terminal() -> None:
    streams = (sys.stdin, sys.stdout)
    if not all(stream is not None and stream.isatty() for stream in streams):
        raise UserError(
            Message(
                "The tutor needs a terminal to draw on; `bptutor show` and `bptutor check` do "
                "without one."
            )
        )
    if os.environ.get("TERM", "") == "dumb":
        raise UserError(
            Message(
                "This terminal (TERM=dumb) cannot be drawn on; start the tutor in another one, or "
                "use `bptutor show` and `bptutor check`."
            )
        )
