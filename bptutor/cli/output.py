"""Writing to standard output, standard error and files; no other module of the commands does."""

import sys
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import click

from bptutor.files import TAKEN, followed, unwritten
from bptutor.text import Message, UserError
from bptutor.text.printable import printable, printable_json, wrap

WIDTH = 80


def write_json(value: Any) -> None:
    """Write a value as one line of JSON, and flush: the reader may be waiting for it."""
    import msgspec

    if sys.stdout is not None:
        sys.stdout.flush()
        text = printable_json(msgspec.json.encode(value).decode())
        sys.stdout.buffer.write(f"{text}\n".encode())
        sys.stdout.buffer.flush()


def require_free(path: Path, problem: Message = TAKEN) -> None:
    """Check before a long computation that a file does not exist.

    Raises UserError: it exists (`problem`, with its name), or its folder may not be entered.
    """
    try:
        exists = followed(path).exists()
    except (OSError, ValueError) as error:
        raise unwritten(path, error) from error
    if exists:
        raise UserError(Message(problem.text, file=str(path)))


def write_lines(lines: Iterable[str], *, pager: bool = False) -> None:
    """Write lines of text made printable; with `pager`, a page at a time on a terminal."""
    if sys.stdout is None:
        return
    shown = (f"{printable(line)}\n" for line in lines)
    if pager and sys.stdout.isatty():
        click.echo_via_pager(shown)
    else:
        sys.stdout.writelines(shown)


def write_wrapped(said: Message | str, language: str) -> None:
    """Write a paragraph; nothing for an empty one."""
    text = said.to(language) if isinstance(said, Message) else said
    if text:
        write_lines(wrap(text, WIDTH - 1))


def write_error(text: str) -> None:
    with suppress(OSError):
        click.echo(printable(text), err=True)


def ask(question: str) -> str:
    """The line that is typed after a question."""
    click.echo(f"{printable(question)} ", nl=False, err=True)
    return sys.stdin.readline().strip() if sys.stdin is not None else ""


def ask_or(question: str, default: str) -> str:
    """The same on a terminal, with an answer for a line without one."""
    return str(click.prompt(printable(question), default=printable(default)))
