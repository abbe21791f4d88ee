"""The options of the commands that start the tutor, and how they start it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING, Any

import click
from msgspec.structs import replace as with_fields

from bptutor.cli.help import Start, say_findings, start_of
from bptutor.cli.options import OneOf
from bptutor.config.settings import SETTINGS, Configuration, Setting
from bptutor.front.keys import first_clash, names
from bptutor.language.errors import nearest
from bptutor.text import Message
from bptutor.text.numbers import showing

if TYPE_CHECKING:
    from bptutor.config.settings import Configuration
    from bptutor.literals import Ask, Part
    from bptutor.tui.symbols import Notation
    from bptutor.views.quiz import QuizSpec


def with_key_findings(configuration: Configuration) -> Configuration:
    """The configuration with what is wrong with its keys; only where there are any is it slow.

    A key by which something else would have none is ignored.
    """
    keys = dict(configuration.settings.keys)
    if not keys:
        return configuration
    findings = (*_unknown(keys), *_without_clashes(keys))
    settings = with_fields(configuration.settings, keys=keys)
    return replace(configuration, settings=settings).with_findings(*findings)


def _without_clashes(keys: dict[str, str]) -> Iterator[Message]:
    """Takes the keys out that are those of something else as well."""
    while clash := first_clash(keys):
        left = [key for key in keys.pop(clash.name).split(",") if key != clash.key]
        if left:
            keys[clash.name] = ",".join(left)
        yield Message(
            "`keys.{name}`: {key} is the key of {others}; give that another one first",
            name=clash.name,
            key=clash.key,
            others=", ".join(clash.others),
        )


def _unknown(keys: Mapping[str, str]) -> Iterator[Message]:
    known = names()
    for name in keys:
        if name in known:
            continue
        close = nearest(name, known)
        if close:
            yield Message(
                "`keys.{name}` is a key for nothing; did you mean `keys.{nearest}`?",
                name=name,
                nearest=close,
            )
        else:
            yield Message(
                "`keys.{name}` is a key for nothing; the names are in the README, beside the keys",
                name=name,
            )


# ── tutor ─────────────────────────────────────────────────────────────────────────────────────────


Callback = Callable[..., int]

plain_option = click.option(
    "--plain",
    is_flag=True,
    help=Message("Lines of text with prompts, as for a screen reader, instead of a screen.").text,
)


def looks(command: Callback) -> Callback:
    """Options of a command that opens the tutor; it is called with a `configuration` for them."""

    @plain_option
    @wraps(command)
    def with_looks(context: click.Context, plain: bool, **given: object) -> int:
        asked = {setting.key: given.pop(setting.key) for setting in OPTIONS}
        configuration = start_of(context).configuration.under("command line", asked)
        plain = plain or bool(context.find_root().params.get("plain"))
        return command(context, configuration=configuration, plain=plain, **given)

    whole: Callback = with_looks
    for setting in reversed(OPTIONS):
        whole = _option(setting)(whole)
    return whole


OPTIONS = [setting for setting in SETTINGS.values() if setting.option and setting.key != "language"]
"""Settings that such a command takes options for; each command takes that for the language."""


def _option(setting: Setting) -> Callable[[Callback], Callback]:
    """The command line's option for a setting; None where it is not given."""
    how: dict[str, Any] = {}
    if setting.flag:
        how["flag_value"] = setting.flag
    elif setting.type_itself is not bool:
        how["type"] = OneOf([value for value in setting.values if value != "auto"])
    return click.option(setting.option, setting.key, default=None, help=setting.help, **how)


def start(
    lesson: str | None,
    language: str,
    configuration: Configuration,
    ask: Ask | None = None,
    part: Part = "tape",
    plain: bool = False,
    quiz: QuizSpec | None = None,
) -> int:
    """Run the tutor until the learner leaves; its exit status.

    It is drawn on a terminal, or speaks in lines of text: where that is asked for (`plain`), and
    where nothing can be drawn.

    Raises:
        UserError: there is no such lesson.
    """
    if lesson is not None:
        lesson = required_lesson(lesson)
    notation = configuration.settings.notation
    if notation == "auto":
        notation = suitable_notation()
    if plain or not can_be_drawn_on():
        from bptutor.plain.run import run as speak

        say_findings(Start(language, configuration))
        with showing(configuration.settings.precision):
            return speak(lesson, ask, part, language, notation, configuration, quiz)
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
    from bptutor.text.languages import takes_unicode

    encoding = sys.stdout.encoding if sys.stdout else None
    return "unicode" if takes_unicode(os.environ, encoding) else "ascii"


def required_lesson(reference: str) -> str:
    """What names a lesson for the service, which works in another folder.

    A file of an author's is read; lessons that come with bptutor are known to be sound, and
    reading them here would only delay the first screen.

    Raises:
        UserError: it cannot be opened.
    """
    from bptutor.lesson.content import path_of
    from bptutor.lesson.find import ModelReference, from_anywhere, locate

    if model := ModelReference.read(reference):
        from bptutor.engine.keras import check_model

        check_model(model)
    elif locate(reference) == path_of(reference):
        from bptutor.lesson.load import load

        load(reference)
    return from_anywhere(reference)


def can_be_drawn_on() -> bool:
    """Are standard input and output a terminal that a screen can be drawn on?"""
    streams = (sys.stdin, sys.stdout)
    terminal = all(stream is not None and stream.isatty() for stream in streams)
    return terminal and os.environ.get("TERM", "") != "dumb"
