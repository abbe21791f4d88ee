"""The tutor itself: on a screen, or in lines of text; and how it is to look."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bptutor.cli.usage import Start, say_findings, start_of
from bptutor.cli.values import OneOf
from bptutor.locale import Message
from bptutor.locale.figures import showing

if TYPE_CHECKING:
    from bptutor.config.settings import Configuration, Theme
    from bptutor.service.messages import Ask, Part, Replay, StartQuiz
    from bptutor.tui.symbols import Notation

Callback = Callable[..., int]

plain_option = click.option(
    "--plain",
    is_flag=True,
    help=Message("Lines of text with prompts, as for a screen reader, instead of a screen.").text,
)


def looks(command: Callback) -> Callback:
    """Options of a command that opens the tutor; it is called with a `configuration` for them."""

    @click.option(
        "--notation",
        type=OneOf(("unicode", "ascii")),
        help=Message(
            "How formulas are written: ∂L/∂W, or dL_dW (else as set, or as the terminal can show)."
        ).text,
    )
    @click.option(
        "--theme",
        type=OneOf(("terminal", "dark", "light")),
        help=Message("The terminal's own colours, or dark or light ones (else as set).").text,
    )
    @click.option(
        "--mouse/--no-mouse",
        default=None,
        help=Message(
            "Take the mouse, or leave it to the terminal to select text with (else as set)."
        ).text,
    )
    @click.option(
        "--slow",
        is_flag=True,
        help=Message("Spare a slow link: draw less, and less often.").text,
    )
    @plain_option
    @wraps(command)
    def with_looks(
        context: click.Context,
        notation: Notation | None,
        theme: Theme | None,
        mouse: bool | None,
        slow: bool,
        plain: bool,
        **given: object,
    ) -> int:
        asked = {
            "notation": notation,
            "theme": theme,
            "mouse": mouse,
            "profile": "slow" if slow else None,
        }
        configuration = start_of(context).configuration.under("command line", asked)
        plain = plain or bool(context.find_root().params.get("plain"))
        return command(context, configuration=configuration, plain=plain, **given)

    return with_looks


def start(
    lesson: str | None,
    language: str,
    configuration: Configuration,
    ask: Ask | None = None,
    part: Part = "tape",
    plain: bool = False,
    quiz: StartQuiz | Replay | None = None,
) -> int:
    """Run the tutor until the learner leaves; its exit status.

    It is drawn on a terminal, or speaks in lines of text: where that is asked for (`plain`), and
    where nothing can be drawn.

    Raises:
        UserError: there is no such lesson.
    """
    if lesson is not None:
        require_lesson(lesson)
    notation = configuration.settings.notation
    if notation == "auto":
        notation = suitable_notation()
    if plain or not can_be_drawn_on():
        from bptutor.plain.run import run as speak

        say_findings(Start(language, configuration))
        with showing(configuration.settings.precision):
            return speak(lesson, ask, part, language, notation, configuration, quiz)
    from bptutor.cli.keys import with_key_findings
    from bptutor.tui.run import run

    with showing(configuration.settings.precision):
        return run(
            lesson=lesson,
            ask=ask,
            part=part,
            language=language,
            notation=notation,
            configuration=with_key_findings(configuration),
            quiz=quiz,
        )


def suitable_notation() -> Notation:
    """Unicode where the terminal can show it."""
    from bptutor.locale.choose import takes_unicode

    encoding = sys.stdout.encoding if sys.stdout else None
    return "unicode" if takes_unicode(os.environ, encoding) else "ascii"


def require_lesson(reference: str) -> None:
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
