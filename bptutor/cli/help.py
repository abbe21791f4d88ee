"""Commands, options and arguments that speak the learner's language.

click writes its pages and errors in English and counts characters where a terminal has cells, of
which Hangul takes two. The texts here are keys of the catalogue, translated when a page is shown.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import click

from bptutor.cli.options import OneOf
from bptutor.config.settings import DEFAULT, SETTINGS, Configuration, ignored
from bptutor.language.errors import nearest
from bptutor.text import LANGUAGES, Message, UserError, catalogue
from bptutor.text.printable import printable
from bptutor.text.width import wrap

WIDEST = 80
"""Columns of a page of help, where the terminal has them."""
LEFT = 26
"""The widest an option may be for its text to stand beside it."""


@dataclass(frozen=True)
class Start:
    """What is known before a command is."""

    language: str = "en"
    configuration: Configuration = DEFAULT


def start_of(context: click.Context) -> Start:
    """What was known before the command was."""
    start = context.find_root().obj
    return start if isinstance(start, Start) else Start()


def language_of(context: click.Context) -> str:
    """The learner's language."""
    return start_of(context).language


def say_findings(start: Start) -> None:
    """Name on standard error what in the configuration is wrong, and ignored."""
    for finding in start.configuration.findings:
        say_error(ignored(finding), start.language)


def say_error(message: Message, language: str) -> None:
    """Say one sentence where errors are said."""
    with suppress(OSError):
        click.echo(printable(message.to(language)), err=True)


def sentence(error: click.UsageError) -> Message:
    """What is wrong with a command line."""
    command = error.ctx.command_path if error.ctx else "bptutor"
    if isinstance(error, click.NoSuchOption):
        known = [name for each in _options(error.ctx) for name in each.opts]
        close = nearest(error.option_name, known)
        if close:
            return Message(
                "{command} has no option {option}; did you mean {nearest}?",
                command=command,
                option=error.option_name,
                nearest=close,
            )
        return Message(
            "{command} has no option {option}; `{command} --help` lists them.",
            command=command,
            option=error.option_name,
        )
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return Message(
            "{what} is missing; `{command} --help` tells what it is.",
            what=_written(error.param, error.ctx),
            command=command,
        )
    if isinstance(error, click.BadOptionUsage):
        return Message(
            "{option} is not written like that; `{command} --help` tells how.",
            option=error.option_name,
            command=command,
        )
    return Message("{problem} (`{command} --help`)", problem=str(error.message), command=command)


class Command(click.Command):
    """A command; what it does is a key of the catalogue."""

    shows_findings = False
    """Does it say itself what is wrong with the configuration?"""

    def __init__(self, name: str | None, **settings: Any) -> None:
        super().__init__(name, **settings, add_help_option=False)
        self.params += _everywhere()

    def invoke(self, ctx: click.Context) -> Any:
        if not self.shows_findings:
            say_findings(start_of(ctx))
        return super().invoke(ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.allow_extra_args = True  # to say it in the learner's language
        try:
            rest = super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # click's parser does not know it
            raise
        if rest and not ctx.resilient_parsing:
            raise UserError(
                Message(
                    "{command} has no use for “{extra}”; `{command} --help` tells what it takes.",
                    command=ctx.command_path,
                    extra=" ".join(rest),
                )
            )
        return rest

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write("\n".join(_page(self, ctx)))


class Group(click.Group):
    """A command with commands under it."""

    command_class = Command

    def __init__(self, name: str | None, **settings: Any) -> None:
        super().__init__(name, **settings, add_help_option=False)
        self.params += _everywhere()

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)  # in the order in which they are met

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self.commands and not ctx.resilient_parsing:
            raise UserError(self._unknown(args[0]))
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write("\n".join(_page(self, ctx)))

    def _unknown(self, word: str) -> Message:
        from bptutor.lesson.find import available

        if word.endswith(".toml") or word in available():
            return Message(
                "There is no command “{word}”; did you mean `bptutor learn {word}`?", word=word
            )
        if close := nearest(word, self.commands):
            return Message(
                "There is no command “{word}”; did you mean `bptutor {nearest}`?",
                word=word,
                nearest=close,
            )
        return Message("There is no command “{word}”; `bptutor --help` lists them.", word=word)


def _everywhere() -> list[click.Parameter]:
    """The options of every command."""
    language = SETTINGS["language"]
    return [
        click.Option(
            [language.option],
            type=OneOf(LANGUAGES),
            expose_value=False,
            help=language.help,
        ),
        click.Option(
            ["-h", "--help"],
            is_flag=True,
            is_eager=True,
            expose_value=False,
            callback=_show_help,
            help=Message("Show this page.").text,
        ),
    ]


def _show_help(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        click.echo(context.get_help())
        context.exit()


def _options(context: click.Context | None) -> list[click.Option]:
    parameters = context.command.params if context else []
    return [each for each in parameters if isinstance(each, click.Option)]


def _written(parameter: click.Parameter, context: click.Context | None) -> str:
    """A parameter as it is called on the command line."""
    if isinstance(parameter, click.Option):
        return parameter.opts[-1]
    return (parameter.metavar or parameter.name or "").upper()


# ── a page of help ────────────────────────────────────────────────────────────────────────────


def _page(command: click.Command, context: click.Context) -> Iterator[str]:
    language = language_of(context)
    words = catalogue(language).gettext
    width = min(WIDEST, shutil.get_terminal_size().columns)
    usage = " ".join((context.command_path, *command.collect_usage_pieces(context)))
    yield from wrap(f"{words(_USAGE)} {usage}", width)
    for paragraph in words(command.help or "").strip().split("\n\n"):
        yield ""
        yield from wrap(paragraph, width)
    if isinstance(command, click.Group):
        yield from _table(
            words(_COMMANDS),
            [
                (name, words(each.short_help or each.help or ""))
                for name, each in command.commands.items()
            ],
            width,
        )
    yield from _table(
        words(_OPTIONS),
        [
            (record[0], _about(option, words(option.help or "")).to(language))
            for option in _options(context)
            if (record := option.get_help_record(context))
        ],
        width,
    )


def _about(option: click.Option, what: str) -> Message:
    """What an option is for, and what holds without it."""
    if option.required:
        return Message("{what} It must be given.", what=what)
    if option.show_default:
        return Message("{what} By default {default}.", what=what, default=str(option.default))
    return Message("{what}", what=what)


_USAGE = Message("Usage:").text
_COMMANDS = Message("Commands:").text
_OPTIONS = Message("Options:").text


def _table(heading: str, rows: Sequence[tuple[str, str]], width: int) -> Iterator[str]:
    yield from ("", heading)
    column = max(len(left) for left, _ in rows if len(left) <= LEFT) + 4
    for left, right in rows:
        lines = list(wrap(right, width - column))
        if len(left) > LEFT:
            yield f"  {left}"
        else:
            yield f"  {left}".ljust(column) + lines.pop(0)
        yield from (" " * column + line for line in lines)
