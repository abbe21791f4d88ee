"""Starting the tutor, and the options of the commands that do."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Coroutine, Iterator, Mapping
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click
from msgspec.structs import replace as with_fields

from bptutor.cli.help import Start, print_findings, start_of
from bptutor.cli.options import OneOf
from bptutor.config.settings import SETTINGS, Configuration, Setting
from bptutor.language.errors import suggestion
from bptutor.text import Message, UserError
from bptutor.text.numbers import showing

if TYPE_CHECKING:
    from bptutor.config.settings import Configuration
    from bptutor.literals import Ask, Part
    from bptutor.service.protocol import Tutor
    from bptutor.tui.symbols import Notation
    from bptutor.views.quiz import QuizSpec

T = TypeVar("T")


def with_key_findings(configuration: Configuration) -> Configuration:
    """The configuration with findings about its keys; a key that is another action's is ignored.

    Only a configuration with keys imports the table of actions.
    """
    keys = dict(configuration.settings.keys)
    if not keys:
        return configuration
    findings = (*_unknown(keys), *_without_clashes(keys))
    settings = with_fields(configuration.settings, keys=keys)
    return replace(configuration, settings=settings).with_findings(*findings)


def _without_clashes(keys: dict[str, str]) -> Iterator[Message]:
    """Remove the keys that are those of other actions, too."""
    from bptutor.front.keys import first_clash

    while clash := first_clash(keys):
        others = [key for key in keys.pop(clash.name).split(",") if key != clash.key]
        if others:
            keys[clash.name] = ",".join(others)
        yield Message(
            "`keys.{name}`: {key} already belongs to {others}; change that key first",
            name=clash.name,
            key=clash.key,
            others=", ".join(clash.others),
        )


def _unknown(keys: Mapping[str, str]) -> Iterator[Message]:
    from bptutor.front.keys import names

    known = names()
    for name in keys:
        if name not in known:
            yield suggestion(
                name,
                known,
                Message("`keys.{name}` names no action; did you mean `keys.{nearest}`?"),
                Message("`keys.{name}` names no action; docs/reference.md lists the actions"),
                name=name,
            )


Callback = Callable[..., int]

plain_option = click.option(
    "--plain",
    is_flag=True,
    help=Message("Use text mode, with prompts instead of screens (for screen readers).").text,
)


def tutor_options(command: Callback) -> Callback:
    """Give a command the options for settings, and pass it a `configuration` with them."""

    @plain_option
    @wraps(command)
    def with_options(context: click.Context, plain: bool, **arguments: object) -> int:
        values = {setting.key: arguments.pop(setting.key) for setting in OPTIONS}
        configuration = start_of(context).configuration.under("command line", values)
        plain = plain or bool(context.find_root().params.get("plain"))
        return command(context, configuration=configuration, plain=plain, **arguments)

    decorated: Callback = with_options
    for setting in reversed(OPTIONS):
        decorated = _option(setting)(decorated)
    return decorated


OPTIONS = [setting for setting in SETTINGS.values() if setting.option and setting.key != "language"]
"""The language has its option in every command."""


def _option(setting: Setting) -> Callable[[Callback], Callback]:
    attributes: dict[str, Any] = {}
    if setting.flag:
        attributes["flag_value"] = setting.flag
    elif setting.type_itself is not bool:
        attributes["type"] = OneOf([value for value in setting.values if value != "auto"])
    return click.option(setting.option, setting.key, default=None, help=setting.help, **attributes)


def start(
    lesson: str | None,
    language: str,
    configuration: Configuration,
    ask: Ask | None = None,
    part: Part = "tape",
    plain: bool = False,
    quiz: QuizSpec | None = None,
    assignment: str = "",
) -> int:
    """Run the tutor until the learner leaves, and return its exit status.

    It is text mode with `plain`, and where no screen can be drawn. Raises UserError: there is no
    such lesson.
    """
    if lesson is not None:
        lesson = required_lesson(lesson)
    notation = notation_of(configuration)
    early = None
    if not configuration.settings.class_:
        from bptutor.service.child import early_child

        early = early_child()
    if plain or not can_draw():
        from bptutor.plain.heard import SPOKEN
        from bptutor.plain.run import run as run_text
        from bptutor.service.host_connection import service_of

        print_findings(Start(language, configuration))
        with showing(configuration.settings.precision):
            SPOKEN.set(configuration.settings.notation == "spoken")
            service = service_of(configuration, early)
            return run_text(
                service, lesson, ask, part, language, notation, configuration, quiz, assignment
            )
    from bptutor.tui.background import BACKGROUND

    with BACKGROUND.asked(os.environ), showing(configuration.settings.precision):
        from bptutor.service.host_connection import service_of
        from bptutor.tui.app import run

        return run(
            service_of(configuration, early),
            lesson=lesson,
            ask=ask,
            part=part,
            language=language,
            notation=notation,
            configuration=with_key_findings(configuration),
            quiz=quiz,
            assignment=assignment,
        )


class ClassAwayError(UserError):
    """The host of the class cannot be reached."""


def asked_of_class(known: Start, ask: Callable[[Tutor], Coroutine[Any, Any, T]]) -> T:
    """What the host of the class answers. Raises UserError: it refuses; ClassAwayError."""
    import asyncio

    from bptutor import __version__
    from bptutor.service.assignment_words import UNREACHABLE
    from bptutor.service.client import Client
    from bptutor.service.host_connection import HostConnection
    from bptutor.service.process import RequestRefused, ServiceLost
    from bptutor.service.protocol import Hello
    from bptutor.text.numbers import SHOWN

    path = known.configuration.settings.class_
    hello = Hello(__version__, known.language, suitable_notation(), SHOWN)

    async def answer() -> T:
        client = Client(HostConnection(path, lambda event: None), hello, lambda: None)
        try:
            await client.start()
            return await ask(client.tutor)
        finally:
            await client.stop()

    try:
        return asyncio.run(answer())
    except RequestRefused as refused:
        raise UserError("{what}", what=refused.message) from refused
    except ServiceLost as lost:
        raise ClassAwayError(Message(UNREACHABLE.text, why=str(lost))) from lost


def notation_of(configuration: Configuration) -> Notation:
    """The notation that is set, or else a suitable one; formulas are spoken from that, too."""
    chosen = configuration.settings.notation
    return suitable_notation() if chosen == "auto" or chosen == "spoken" else chosen


def suitable_notation() -> Notation:
    from bptutor.text.languages import takes_unicode

    encoding = sys.stdout.encoding if sys.stdout else None
    return "unicode" if takes_unicode(os.environ, encoding) else "ascii"


def required_lesson(reference: str) -> str:
    """The lesson's name or absolute path, since the service works in another folder.

    A file is read, to report what is wrong with it. The lessons that come with bptutor are tested,
    and reading them here would only delay the first screen. Raises UserError: it cannot be opened.
    """
    from bptutor.lesson.content import path_of
    from bptutor.lesson.find import ModelReference, from_anywhere, locate, split_reference

    name, numbers = split_reference(reference)
    if numbers:
        from bptutor.quiz.variant import with_numbers

        return from_anywhere(with_numbers(reference, None, ()))
    if model := ModelReference.read(name):
        from bptutor.engine.keras import check_model

        check_model(model)
    elif locate(name) == path_of(name):
        from bptutor.lesson.load import load

        load(name)
    return from_anywhere(name)


def can_draw() -> bool:
    """Are standard input and output a terminal that can draw, or a page?"""
    from bptutor.tui import in_browser

    if in_browser():
        return True
    streams = (sys.stdin, sys.stdout)
    terminal = all(stream is not None and stream.isatty() for stream in streams)
    return terminal and os.environ.get("TERM", "") != "dumb"
