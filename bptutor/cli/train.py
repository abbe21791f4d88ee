"""`bptutor train`: let TensorFlow go on where the hand would."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import TYPE_CHECKING

import click
from msgspec import Struct

from bptutor.cli.model import opened, takes_model
from bptutor.cli.output import matrix_lines, write_json, write_lines
from bptutor.cli.tutor import suitable_notation
from bptutor.cli.usage import Command, language_of
from bptutor.cli.values import Count, LessonReference
from bptutor.locale import Message, shortest

if TYPE_CHECKING:
    from bptutor.lesson.lesson import Lesson

MOST_ITERATIONS = 1_000_000
LOSSES_SHOWN = 10


class Training(Struct, frozen=True):
    """What training came to; the order of the fields is that of the JSON."""

    iterations: int
    loss: list[float]
    """Before the first iteration, and after each one."""
    parameters: dict[str, object]


@click.command(
    cls=Command,
    help=Message(
        "Update the parameters of LESSON so many times, and show what became of them."
    ).text,
)
@click.argument("lesson", type=LessonReference())
@click.option(
    "--iterations",
    type=Count(MOST_ITERATIONS),
    required=True,
    help=Message("How many times to update.").text,
)
@click.option("--json", "as_json", is_flag=True, help=Message("Write JSON.").text)
@click.pass_context
@takes_model("lesson")
def train(context: click.Context, lesson: str, iterations: int, as_json: bool) -> int:
    """Trains a lesson."""
    loaded = opened(lesson)
    training = _train(loaded, iterations, language_of(context))
    if as_json:
        write_json(training)
    else:
        write_lines(_page(loaded, training, language_of(context)))
    return 0


def _train(lesson: Lesson, iterations: int, language: str) -> Training:
    from bptutor.engine.training import train as train_lesson
    from bptutor.tutoring.worked import nested

    with ExitStack() as stack:
        done = 0

        def tell(losses: Sequence[float]) -> None:
            nonlocal done
            if bar is not None:
                bar.update(len(losses) - done)
                done = len(losses)

        bar = None
        if sys.stderr is not None and sys.stderr.isatty():
            label = Message("Training").to(language)
            bar = stack.enter_context(
                click.progressbar(length=iterations, label=label, file=sys.stderr)
            )
        trained = train_lesson(lesson, None, iterations, tell)
    return Training(
        iterations,
        [float(shortest(loss, lesson.dtype)) for loss in trained.losses],
        {name: nested(array, lesson.dtype) for name, array in trained.parameters.items()},
    )


def _page(lesson: Lesson, training: Training, language: str) -> Iterator[str]:
    yield lesson.title.to(language)
    yield ""
    heading = Message("Loss after so many iterations:")
    yield heading.to(language)
    count = training.iterations
    for iteration in sorted({count * part // LOSSES_SHOWN for part in range(LOSSES_SHOWN + 1)}):
        loss = shortest(training.loss[iteration], lesson.dtype)
        yield f"  {iteration:>{len(str(count))}}  {loss}"
    for name, value in training.parameters.items():
        yield ""
        yield name
        yield from matrix_lines(value, 2, 9, suitable_notation() == "unicode")
