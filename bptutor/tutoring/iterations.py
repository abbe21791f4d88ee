"""From one iteration to the next: by hand from the new weights, or by letting TensorFlow go on."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from bptutor.engine import training
from bptutor.locale import Message, UserError
from bptutor.tutoring.checking import Said
from bptutor.tutoring.facts import Array, Facts
from bptutor.tutoring.kept import arrays, numbers
from bptutor.tutoring.session import STILL_OPEN, Session

MOST_LOSSES = 1_000
"""Losses of one training that are kept, evenly taken."""


def next_parameters(of: Session) -> dict[str, Array]:
    """The parameters after this iteration, or after the training that followed it."""
    if of.sitting.trained:
        return arrays(of.sitting.trained)
    return of.prepare().trace.updated


def again(of: Session) -> None:
    """Another iteration by hand, from the new weights.

    Raises:
        UserError: this one is not over.
    """
    _require_end(of)
    _close(of)
    sitting = of.sitting
    following = {name: numbers(array) for name, array in next_parameters(of).items()}
    sitting.leaves, sitting.trained, sitting.marks = following, {}, {}
    sitting.index = sitting.furthest = 0
    of.facts, of.said = None, Said()
    of.prepare()


def train(
    of: Session,
    iterations: int,
    on_progress: Callable[[Sequence[float]], None],
    cancelled: Callable[[], bool],
) -> None:
    """Let TensorFlow go on for so many iterations.

    Raises:
        UserError: this one is not over, there is nothing to train, or the numbers run away.
    """
    _require_end(of)
    if not of.lesson.parameters:
        raise UserError(Message("This lesson has no parameters to train."))
    if iterations < 1:
        raise UserError(Message("Train for at least one iteration."))
    start = next_parameters(of)
    trained = training.train(of.lesson, start, iterations, on_progress, cancelled)
    _close(of)
    sitting = of.sitting
    sitting.iterations += len(trained.losses) - 1
    sitting.losses += thinned(trained.losses[:-1], MOST_LOSSES)
    sitting.trained = {name: numbers(array) for name, array in trained.parameters.items()}


def losses(of: Session) -> list[float]:
    """The loss before each iteration so far (of long trainings some), and after the last one."""
    facts = of.prepare()
    if of.sitting.trained:
        return [*of.sitting.losses, Facts(of.lesson, next_parameters(of)).trace.loss]
    return [*of.sitting.losses, facts.trace.loss, facts.after.loss]


def iterations_over(of: Session) -> int:
    """How many iterations are over, the one whose summary is shown among them."""
    return of.sitting.iterations + (not of.sitting.trained)


def thinned(values: Sequence[float], most: int) -> list[float]:
    """At most so many of the values, evenly taken, the first and the last among them."""
    if len(values) <= most:
        return list(values)
    last = len(values) - 1
    return [values[round(index * last / (most - 1))] for index in range(most)]


def _close(of: Session) -> None:
    """Count the iteration by hand, once, as one that is over."""
    if not of.sitting.trained:
        of.sitting.iterations += 1
        of.sitting.losses.append(of.prepare().trace.loss)


def _require_end(of: Session) -> None:
    if of.sitting.part != "tape":
        raise UserError(Message("This part is done once; the one in numbers goes on and on."))
    if not of.at_end:
        raise UserError(STILL_OPEN)
