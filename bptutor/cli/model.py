"""Opening lessons and Keras models for commands, and loading TensorFlow for them."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING

import click

from bptutor.cli.options import Count
from bptutor.text import Message, UserError
from bptutor.views.quiz import LARGEST_SEED

if TYPE_CHECKING:
    from bptutor.lesson.lesson import Lesson


def start_engine() -> None:
    """Load TensorFlow. Raises UserError."""
    from bptutor.engine.runtime import tensorflow
    from bptutor.service.log import log_path

    try:
        with silently():
            tensorflow()
    except ImportError as error:
        raise UserError(
            "TensorFlow cannot be loaded here ({reason}). Its messages are in {path}.",
            reason=" ".join(str(error).split())[:200],
            path=str(log_path()),
        ) from error


@contextmanager
def silently() -> Iterator[None]:
    """Redirect file descriptor 2, to which TensorFlow's libraries write, to the log."""
    from bptutor.service.log import open_log

    with suppress(AttributeError, OSError, ValueError):
        sys.stderr.flush()
    try:
        stderr = os.dup(2)
    except OSError:  # standard error is closed
        yield
        return
    log = open_log()
    try:
        os.dup2(log, 2)
        yield
    finally:
        os.dup2(stderr, 2)
        os.close(stderr)
        os.close(log)


Callback = Callable[..., int]
_OPENED = "bptutor.opened"  # in click's context: the file opened last, if it is not bptutor's


data_option = click.option(
    "--data",
    type=click.Path(),
    default="",
    help=Message("Examples for a Keras model: an .npz file with x and y.").text,
)


def takes_model(lesson: str) -> Callable[[Callback], Callback]:
    """Let the argument `lesson` of a command be a Keras model, with --loss and --data for it."""

    def decorate(command: Callback) -> Callback:
        @click.option(
            "--loss",
            default="",
            help=Message(
                "The loss of a Keras model, such as mse (default: the one it was compiled with)."
            ).text,
        )
        @data_option
        @wraps(command)
        def with_model(context: click.Context, loss: str, data: str, **arguments: object) -> int:
            if loss or data:
                arguments[lesson] = _with_options(str(arguments[lesson] or ""), loss, data)
            try:
                return command(context, **arguments)
            except UserError as error:
                raise _with_file_name(error, context) from error

        return with_model

    return decorate


def takes_numbers(lesson: str) -> Callable[[Callback], Callback]:
    """Let the lesson of a command be one on other numbers, with --seed and --set."""

    def decorate(command: Callback) -> Callback:
        @click.option(
            "--seed",
            type=Count(LARGEST_SEED),
            help=Message("Draw other numbers for the lesson; each seed gives its own.").text,
        )
        @click.option(
            "--set",
            "changes",
            metavar="NAME=VALUE",
            multiple=True,
            help=Message("Change a number of the lesson: lr=0.1, or X=[[1,2]].").text,
        )
        @wraps(command)
        def on_numbers(
            context: click.Context, seed: int | None, changes: tuple[str, ...], **arguments: object
        ) -> int:
            if changes or seed is not None:
                if not arguments[lesson]:
                    raise UserError("--seed and --set need a lesson; give its name.")
                from bptutor.quiz.variant import with_numbers

                arguments[lesson] = with_numbers(str(arguments[lesson]), seed, changes)
            return command(context, **arguments)

        return on_numbers

    return decorate


def _with_options(reference: str, loss: str, data: str) -> str:
    from bptutor.lesson.find import SUFFIX, ModelReference

    model = ModelReference.read(reference)
    if model is None:
        raise UserError(
            "--loss and --data need a Keras model, a file that ends in {suffix}.", suffix=SUFFIX
        )
    return str(replace(model, loss=loss or model.loss, data=data or model.data))


def _with_file_name(error: UserError, context: click.Context) -> UserError:
    """An error in a lesson's numbers, with the lesson's file; any other one as it is."""
    from bptutor.engine.trace import EngineError

    file = context.meta.get(_OPENED, "")
    if not isinstance(error, EngineError) or not file:
        return error
    return UserError("{file}: {problem}", file=file, problem=error.message)


def opened(reference: str, rows: int | None = None, seed: int = 0) -> Lesson:
    """Read a lesson, then load TensorFlow: an error in the file comes at once.

    `rows` and `seed` are of the examples drawn for a model without data. Raises UserError: there is
    no such lesson, it is not valid, or TensorFlow cannot be loaded.
    """
    from bptutor.lesson.find import ModelReference, split_reference

    name, numbers = split_reference(reference)
    if model := ModelReference.read(name):
        from bptutor.engine.keras import check_model, lesson_of

        check_model(model)
        start_engine()
        with silently():
            lesson = lesson_of(model, rows, seed)
    else:
        from bptutor.lesson.load import load

        lesson = load(name)
        start_engine()
        if numbers:
            from bptutor.quiz.variant import open_lesson

            lesson = open_lesson(reference)
    if context := click.get_current_context(silent=True):
        file = name if name.endswith(".toml") else ""
        context.meta[_OPENED] = str(model.path) if model else file
    return lesson
