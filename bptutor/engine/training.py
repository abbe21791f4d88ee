"""Training: the update of all parameters over and over, as by hand, to the same bits."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bptutor.engine.errors import EngineError
from bptutor.engine.runtime import tensorflow
from bptutor.engine.trace import Array, Leaves, compute
from bptutor.lesson.lesson import Lesson
from bptutor.locale import Message

COMPILE_FROM = 30
"""From so many iterations on, compiling takes less time than it saves (measured for 3 to 60
layers: an iteration by hand takes 40 times as long as a compiled one)."""

CHUNK_SECONDS = 0.05
"""How long training goes on without telling how far it has come."""


@dataclass(frozen=True)
class Trained:
    """What training came to."""

    losses: list[float]
    """The loss before the first iteration and after each one: one more than iterations done."""
    parameters: dict[str, Array]
    """The parameters after the last iteration, in the lesson's order."""


def train(
    lesson: Lesson,
    leaves: Leaves | None,
    iterations: int,
    on_progress: Callable[[Sequence[float]], None] = lambda losses: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Trained:
    """Train a lesson's parameters from its own values, or from those of `leaves`.

    Args:
        lesson: what to train.
        leaves: values in place of the lesson's own.
        iterations: how many times to update.
        on_progress: told the losses so far every now and then; not to be kept or changed.
        cancelled: asked as often; training then stops where it is.

    Raises:
        EngineError: the loss or a parameter is no longer a finite number.
    """
    trainer = _Trainer(lesson, leaves, compiled=iterations >= COMPILE_FROM)
    losses: list[float] = []
    chunk = 1
    while len(losses) < iterations and not cancelled():
        started = time.perf_counter()
        chunk = min(chunk, iterations - len(losses))
        losses += trainer.update(chunk)
        _require_finite(losses, chunk)
        on_progress(losses)
        took = time.perf_counter() - started
        chunk = max(1, min(2 * chunk, int(chunk * CHUNK_SECONDS / took)))
    parameters = trainer.parameters()
    losses.append(trainer.loss())
    _require_finite(losses, 1)
    return Trained(losses, parameters)
