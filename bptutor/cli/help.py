"""Commands, options and arguments that run_text the learner's language.

click writes its pages and errors in English and counts characters where a terminal has cells, of
which Hangul takes two. The texts here are keys of the catalogue, translated when a page is shown.
"""

import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import click

from bptutor.cli.options import OneOf
from bptutor.cli.output import write_error, write_lines
from bptutor.config.settings import DEFAULT, SETTINGS, Configuration, ignored
from bptutor.language.errors import suggestion
from bptutor.text import LANGUAGES, Message, UserError, catalogue
from bptutor.text.printable import wrap

WIDEST = 80  # columns of a help page, on a terminal that has as many
LEFT = 26  # the widest option whose text is printed beside it, and not below


@dataclass(frozen=True)
class Start:
    """What is known before the command line is parsed."""

    language: str = "en"
    configuration: Configuration = DEFAULT


def start_of(context: click.Context) -> Start:
    start = context.find_root().obj
    return start if isinstance(start, Start) else Start()


def every_command(group: click.Group, path: str) -> Iterator[tuple[str, click.Command]]:
    """The group itself and all commands below it, each with the words that call it."""
    yield path, group
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from every_command(command, f"{path} {name}")
        else:
            yield f"{path} {name}", command


def language_of(context: click.Context) -> str:
    return start_of(context).language


def print_findings(start: Start) -> None:
    """Report on standard error what is wrong in the configuration, and ignored."""
    for finding in start.configuration.findings:
        print_error(ignored(finding), start.language)


def print_error(message: Message, language: str) -> None:
    write_error(message.to(language))


def sentence(error: click.UsageError) -> Message:
    """The sentence for one of click's errors."""
    command = error.ctx.command_path if error.ctx else "bptutor"
    if isinstance(error, click.NoSuchOption):
        return suggestion(
            error.option_name,
            [name for option in _options(error.ctx) for name in option.opts],
            Message("{command} has no option {option}; did you mean {nearest}?"),
            Message("{command} has no option {option}; `{command} --help` lists them."),
            command=command,
            option=error.option_name,
        )
    if isinstance(error, click.MissingParameter) and error.param is not None:
        return Message(
            "{what} is missing; see `{command} --help`.",
            what=_written(error.param, error.ctx),
            command=command,
        )
    if isinstance(error, click.BadOptionUsage):
        return Message(
            "{option} is used in the wrong way; see `{command} --help`.",
            option=error.option_name,
            command=command,
        )
    return Message("{problem} (`{command} --help`)", problem=str(error.message), command=command)


class _Translated(click.Command):
    """A command with a help page in the learner's language, and the options of every command."""

    def __init__(self, name: str | None, **settings: Any) -> None:
        super().__init__(name, **settings, add_help_option=False)
        self.params += _common_options()

    def format_help(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        formatter.write("\n".join(_page(self, ctx)))


class Command(_Translated):
    shows_findings = False  # does the command itself report what is wrong with the configuration?

    def invoke(self, ctx: click.Context) -> Any:
        if not self.shows_findings:
            print_findings(start_of(ctx))
        return super().invoke(ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        ctx.allow_extra_args = True  # to report them in the learner's language
        try:
            rest = super().parse_args(ctx, args)
        except click.UsageError as error:
            error.ctx = error.ctx or ctx  # click's parser does not know it
            raise
        if rest and not ctx.resilient_parsing:
            raise UserError(
                "{command} does not take “{extra}”; see `{command} --help`.",
                command=ctx.command_path,
                extra=" ".join(rest),
            )
        return rest


class ReportsFindings(Command):
    shows_findings = True


class Group(_Translated, click.Group):
    command_class = Command

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(self.commands)  # in the order in which they are taught

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args[0] not in self.commands and not ctx.resilient_parsing:
            raise UserError(self._unknown(args[0], ctx))
        return super().resolve_command(ctx, args)

    def _unknown(self, word: str, context: click.Context) -> Message:
        from bptutor.lesson.find import available

        if context.parent is None and (word.endswith(".toml") or word in available()):
            return Message(
                "There is no command “{word}”; did you mean `bptutor learn {word}`?", word=word
            )
        return suggestion(
            word,
            self.commands,
            Message("There is no command “{word}”; did you mean `{command} {nearest}`?"),
            Message("There is no command “{word}”; `{command} --help` lists them."),
            word=word,
            command=context.command_path,
        )


def _common_options() -> list[click.Parameter]:
    language = SETTINGS["language"]
    return [
        click.Option(
            [language.option], type=OneOf(LANGUAGES), expose_value=False, help=language.help
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
        write_lines(context.get_help().splitlines())
        context.exit()


def _options(context: click.Context | None) -> list[click.Option]:
    parameters = context.command.params if context else []
    return [parameter for parameter in parameters if isinstance(parameter, click.Option)]


def _written(parameter: click.Parameter, context: click.Context | None) -> str:
    """A parameter as the command line names it: `--seed`, `LESSON`."""
    if isinstance(parameter, click.Option):
        return parameter.opts[-1]
    return (parameter.metavar or parameter.name or "").upper()


# ── a page of help ────────────────────────────────────────────────────────────────────────────


def _page(command: click.Command, context: click.Context) -> Iterator[str]:
    language = language_of(context)
    words = catalogue(language).gettext
    width = min(WIDEST, shutil.get_terminal_size().columns)
    pieces = command.collect_usage_pieces(context)
    usage = " ".join((Message("Usage:").to(language), context.command_path, *pieces))
    yield from wrap(usage, width)
    for paragraph in words(command.help or "").strip().split("\n\n"):
        yield ""
        yield from wrap(paragraph, width)
    if isinstance(command, click.Group):
        yield from _table(
            Message("Commands:").to(language),
            [
                (name, words(one.short_help or one.help or ""))
                for name, one in command.commands.items()
            ],
            width,
        )
    yield from _table(
        Message("Options:").to(language),
        [
            (record[0], about(option, words(option.help or "")).to(language))
            for option in _options(context)
            if (record := option.get_help_record(context))
        ],
        width,
    )


def about(option: click.Option, what: str) -> Message:
    """What an option is for, and its default."""
    if option.required:
        return Message("{what} Required.", what=what)
    if option.show_default:
        return Message("{what} Default: {default}.", what=what, default=str(option.default))
    return Message("{what}", what=what)


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
