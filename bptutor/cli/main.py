"""The command line: its commands, its language, and what becomes of an error."""

import errno
import os
import platform
import sys
import time
import traceback
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

import click

from bptutor import __version__, budget
from bptutor.cli.assignments import assignments, do
from bptutor.cli.authors import lint, new
from bptutor.cli.check import check
from bptutor.cli.class_results import mark, marks, mistakes, paper, regrade, release
from bptutor.cli.classroom import classroom
from bptutor.cli.help import Group, Start, print_error, sentence, start_of
from bptutor.cli.learn import learn, quiz
from bptutor.cli.lessons import lessons
from bptutor.cli.output import write_lines
from bptutor.cli.progress import progress
from bptutor.cli.setup import class_init, class_serve, doctor, record
from bptutor.cli.show import export, show, train
from bptutor.cli.tutor import plain_option, start
from bptutor.cli.web import serve
from bptutor.config.read import read
from bptutor.config.settings import SETTINGS
from bptutor.files import KINDS, make_private, user_folder, write_whole
from bptutor.service.log import state_directory
from bptutor.text import LANGUAGES, Message, UserError
from bptutor.text.languages import language
from bptutor.text.printable import printable_lines


def _show_version(context: click.Context, _: click.Parameter, asked: bool) -> None:
    if asked and not context.resilient_parsing:
        write_lines([f"bptutor {__version__}"])
        context.exit()


WORKING = ("check", "export", "lint", "new", "show", "train")  # they print what they compute


@click.group(
    cls=Group,
    invoke_without_command=True,
    help=Message(
        "Learn backpropagation by doing it. You compute a network one step at a time, forward and "
        "then backward, and TensorFlow checks your answers.\n\n"
        "Without a command, bptutor opens the menu, where you resume or start a lesson. LESSON is "
        "the name of a lesson, or the path of a .toml file or a Keras model."
    ).text,
)
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=_show_version,
    help=Message("Show the version.").text,
)
@plain_option
@click.pass_context
def bptutor(context: click.Context, plain: bool) -> int:
    if context.invoked_subcommand is None:
        known = start_of(context)
        return start(None, known.language, known.configuration, plain=plain)
    if context.invoked_subcommand in WORKING:
        context.with_resource(budget.limited())
    return 0


for command in (
    *(learn, quiz, assignments, do, progress, lessons, show, export, check, train, new, lint),
    *(record, serve, doctor),
):
    bptutor.add_command(command)
for command in (release, marks, mistakes, paper, mark, regrade, class_init, class_serve):
    classroom.add_command(command)
bptutor.add_command(classroom)


MOST_REPORTS = 20


def write_report(error: Exception) -> Path | None:
    """Write the traceback to a file of its own and delete old ones; None where that fails."""
    stamp = time.strftime("%Y%m%d-%H%M%S")
    path = state_directory() / f"fault-{stamp}-{os.getpid()}.log"
    lines = [
        f"bptutor {__version__}, Python {platform.python_version()}, {platform.platform()}",
        " ".join(sys.argv),
        "",
        "".join(traceback.format_exception(error)),
    ]
    try:
        make_private(path.parent)
        write_whole(path, printable_lines("\n".join(lines)).encode())
        for old in sorted(path.parent.glob("fault-*.log"))[:-MOST_REPORTS]:
            old.unlink(missing_ok=True)
    except OSError:
        return None
    return path


NAME = "bptutor"
COMPLETION = "_BPTUTOR_COMPLETE"  # set by the shell that asks for completions

UNUSABLE = 2
OURS = 70
INTERRUPTED = 130
PIPE_CLOSED = 141

LOST_OUTPUT = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG, errno.EBADF)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command line and return its exit status."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    _open_closed_streams()
    _replace_unencodable_characters()
    asked = asked_language(arguments)
    speech = language(asked, os.environ)
    try:
        for kind in KINDS:
            user_folder(kind)  # one that is unknown is an error now, and not amid another one
        configuration = read(os.environ)
        configuration = configuration.under("command line", {"language": asked})
        if further := configuration.settings.lessons:
            from bptutor.lesson.find import look_in

            look_in(further)
        wanted = configuration.settings.language
        speech = language(None if wanted == "auto" else wanted, os.environ)
        status = _run(arguments, Start(speech, configuration), os.environ)
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except budget.OverTime:
        return _fail(budget.TOO_LONG, speech, UNUSABLE)
    except click.UsageError as error:
        return _fail(sentence(error), speech, UNUSABLE)
    except UserError as error:
        return _fail(error.message, speech, UNUSABLE)
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        _discard_output()
        return PIPE_CLOSED
    except OSError as error:
        if error.filename is None and error.errno in LOST_OUTPUT:
            reason = error.strerror or str(error)
            _discard_output()
            return _fail(
                Message("bptutor cannot write its output: {reason}.", reason=reason),
                speech,
                UNUSABLE,
            )
        return _report(error, speech)
    except Exception as error:
        if budget.is_over_memory(error):
            return _fail(budget.TOO_LARGE, speech, UNUSABLE)
        return _report(error, speech)


def asked_language(arguments: Sequence[str]) -> str | None:
    """The value of `--lang`, wherever it stands; None for a language that does not exist.

    Help and errors are translated too, so it is needed before the rest is parsed, which also
    reports an unknown language.
    """
    for index, argument in enumerate(arguments):
        if argument == "--":
            break
        option, equals, given = argument.partition("=")
        if option == SETTINGS["language"].option:
            value = given if equals else next(iter(arguments[index + 1 :]), "")
            return value if value in LANGUAGES else None
    return None


def _run(arguments: list[str], start: Start, environment: Mapping[str, str]) -> int:
    if instruction := environment.get(COMPLETION):
        from click.shell_completion import shell_complete

        return shell_complete(bptutor, {"obj": start}, NAME, COMPLETION, instruction)
    try:
        with bptutor.make_context(NAME, arguments, obj=start) as context:
            return int(bptutor.invoke(context) or 0)
    except click.exceptions.Exit as finished:
        return finished.exit_code


def _fail(message: Message, speech: str, status: int) -> int:
    print_error(message, speech)
    return status


def _report(error: Exception, speech: str) -> int:
    path = write_report(error)
    message = (
        Message(
            "bptutor failed ({kind}). Please report it, and attach {path}.",
            kind=type(error).__name__,
            path=str(path),
        )
        if path
        else Message(
            "bptutor failed ({kind}: {detail}). Please report it.",
            kind=type(error).__name__,
            detail=" ".join(str(error).split())[:200],
        )
    )
    return _fail(message, speech, OURS)


def _open_closed_streams() -> None:
    """Keep the numbers 0 to 2 from any other file: a child takes these for its own streams."""
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)  # gets the lowest number that is free: this one


def _replace_unencodable_characters() -> None:
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]


def _discard_output() -> None:
    """Redirect standard output, so that Python's own last flush cannot fail."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
