"""Where every command begins and ends: the language, what is said when it fails, the exit status.

0 right or done, 1 a wrong answer or a lint finding, 2 arguments or input that cannot be used, 70 a
fault of ours, and what shells expect of an interrupt (130) and of a closed pipe (141).
"""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from contextlib import suppress

import click

from bptutor.cli.commands import bptutor
from bptutor.cli.usage import Start, say_error, sentence
from bptutor.config.read import read
from bptutor.config.settings import SETTINGS
from bptutor.folders import KINDS, user_folder
from bptutor.locale import LANGUAGES, Message, UserError
from bptutor.locale.choose import language

NAME = "bptutor"
COMPLETION = "_BPTUTOR_COMPLETE"
"""Set by the shell that asks for completions."""

UNUSABLE = 2
OURS = 70
INTERRUPTED = 130
PIPE_CLOSED = 141


def main(arguments: Sequence[str] | None = None) -> int:
    """Carry out a command line; its exit status."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    _never_stumble_over_a_character()
    speech = language(asked_language(arguments), os.environ)
    try:
        for kind in KINDS:
            user_folder(kind)  # one that is not known is said now, and not amid another error
        configuration = read(os.environ)
        asked = asked_language(arguments)
        configuration = configuration.under("command line", {"language": asked})
        wanted = configuration.settings.language
        speech = language(None if wanted == "auto" else wanted, os.environ)
        status = _carry_out(arguments, Start(speech, configuration), os.environ)
        if sys.stdout is not None:
            sys.stdout.flush()
        return status
    except click.UsageError as error:
        return _fail(sentence(error), speech, UNUSABLE)
    except UserError as error:
        return _fail(error.message, speech, UNUSABLE)
    except (KeyboardInterrupt, click.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        _write_nowhere()
        return PIPE_CLOSED
    except OSError as error:
        if error.filename is None and _is_output_lost(error):
            reason = error.strerror or str(error)
            _write_nowhere()
            return _fail(
                Message("The output cannot be written: {reason}.", reason=reason), speech, UNUSABLE
            )
        return _unforeseen(error, speech)
    except Exception as error:
        return _unforeseen(error, speech)


def asked_language(arguments: Sequence[str]) -> str | None:
    """What `--lang` says, wherever it stands.

    Help and errors are in the learner's language too, so it is known before the rest is read; that
    it is one that there is is checked with the rest.
    """
    for index, argument in enumerate(arguments):
        if argument == "--":
            break
        option, equals, given = argument.partition("=")
        if option == SETTINGS["language"].option:
            said = given if equals else next(iter(arguments[index + 1 :]), "")
            return said if said in LANGUAGES else None
    return None


def _carry_out(arguments: list[str], start: Start, environment: Mapping[str, str]) -> int:
    if instruction := environment.get(COMPLETION):
        from click.shell_completion import shell_complete

        return shell_complete(bptutor, {"obj": start}, NAME, COMPLETION, instruction)
    try:
        with bptutor.make_context(NAME, arguments, obj=start) as context:
            return int(bptutor.invoke(context) or 0)
    except click.exceptions.Exit as finished:
        return finished.exit_code


def _fail(message: Message, speech: str, status: int) -> int:
    say_error(message, speech)
    return status


def _unforeseen(error: Exception, speech: str) -> int:
    from bptutor.cli.fault import keep

    path = keep(error)
    message = (
        Message(
            "Something went wrong in bptutor itself ({kind}); please report it with {path}.",
            kind=type(error).__name__,
            path=str(path),
        )
        if path
        else Message(
            "Something went wrong in bptutor itself ({kind}: {detail}); please report it.",
            kind=type(error).__name__,
            detail=" ".join(str(error).split())[:200],
        )
    )
    return _fail(message, speech, OURS)


def _never_stumble_over_a_character() -> None:
    """What a stream cannot encode is replaced, not an error."""
    for stream in (sys.stdout, sys.stderr):
        with suppress(AttributeError, ValueError):
            stream.reconfigure(errors="replace")  # type: ignore[union-attr]


def _is_output_lost(error: OSError) -> bool:
    import errno

    return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG, errno.EBADF)


def _write_nowhere() -> None:
    """Let Python's own last flush go to where nothing can fail."""
    with suppress(OSError, ValueError, AttributeError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
