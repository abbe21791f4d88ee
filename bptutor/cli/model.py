"""Lessons and models on the command line, and TensorFlow for the commands that need it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import wraps
from typing import TYPE_CHECKING

import click

from bptutor.text import Message, UserError

if TYPE_CHECKING:
    from bptutor.lesson.lesson import Lesson


def start_engine() -> None:
    """Load TensorFlow.

    Raises:
        UserError: it cannot be had here.
    """
    from bptutor.engine.runtime import tensorflow
    from bptutor.service.log import log_path

    try:
        with silently():
            tensorflow()
    except ImportError as error:
        raise UserError(
            Message(
                "TensorFlow cannot be loaded here ({reason}); what it said is in {path}.",
                reason=" ".join(str(error).split())[:200],
                path=str(log_path()),
            )
        ) from error


@contextmanager
def silently() -> Iterator[None]:
    """Send what is written to file descriptor 2 to the log: TensorFlow's libraries write there."""
    from bptutor.service.log import open_log

    with suppress(AttributeError, OSError, ValueError):
        sys.stderr.flush()
    try:
        kept = os.dup(2)
    except OSError:  # there is no standard error to keep clean
        yield
        return
    log = open_log()
    try:
        os.dup2(log, 2)
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)
        os.close(log)


# ── model ─────────────────────────────────────────────────────────────────────────────────────────


Callback = Callable[..., int]
_OPENED = "bptutor.opened"
"""Where a command's context has the file that was opened last; none of a lesson that is ours."""


def takes_model(lesson: str) -> Callable[[Callback], Callback]:
    """A command whose argument `lesson` may be a Keras model: its loss and examples are options."""

    def decorate(command: Callback) -> Callback:
        @click.option(
            "--loss",
            default="",
            help=Message(
                "The loss of a Keras model, as in mse, if not the one it was compiled with."
            ).text,
        )
        @click.option(
            "--data",
            type=click.Path(),
            default="",
            help=Message("Examples for a Keras model: an .npz file of x and y.").text,
        )
        @wraps(command)
        def with_model(context: click.Context, loss: str, data: str, **given: object) -> int:
            given[lesson] = reference(given[lesson], loss, data)
            try:
                return command(context, **given)
            except UserError as error:
                raise _of_its_file(error, context) from error

        return with_model

    return decorate


def reference(lesson: object, loss: str, data: str) -> object:
    """A lesson's reference, with the loss and the examples that a model is to have.

    Raises:
        UserError: it is no model's.
    """
    if not loss and not data:
        return lesson
    from bptutor.lesson.find import SUFFIX, ModelReference

    model = ModelReference.read(str(lesson or ""))
    if model is None:
        raise UserError(
            Message(
                "--loss and --data are for a Keras model, a file that ends in {suffix}.",
                suffix=SUFFIX,
            )
        )
    return str(replace(model, loss=loss or model.loss, data=data or model.data))


def _of_its_file(error: UserError, context: click.Context) -> UserError:
    """An error in the numbers of a lesson that was opened names the lesson's file."""
    from bptutor.engine.trace import EngineError

    file = context.meta.get(_OPENED, "")
    if not isinstance(error, EngineError) or not file:
        return error
    return UserError(Message("{file}: {problem}", file=file, problem=error.message))


def opened(reference: str, rows: int | None = None, seed: int = 0) -> Lesson:
    """A lesson, and TensorFlow loaded; what is wrong with its file is said before.

    `rows` and `seed` are of the examples that a model gets, where none are given.

    Raises:
        UserError: there is no such lesson, it is not sound, or TensorFlow cannot be had.
    """
    from bptutor.lesson.find import ModelReference

    model = ModelReference.read(reference)
    if model is None:
        from bptutor.lesson.load import load

        lesson = load(reference)
        start_engine()
        _remember(reference if reference.endswith(".toml") else "")
        return lesson
    from bptutor.engine.keras import check_model, lesson_of

    check_model(model)
    start_engine()
    with silently():
        lesson = lesson_of(model, rows, seed)
    _remember(str(model.path))
    return lesson


def _remember(file: str) -> None:
    """Keep which file the command is about now."""
    if context := click.get_current_context(silent=True):
        context.meta[_OPENED] = file
