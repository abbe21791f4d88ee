"""Numbers that teach: worked by hand, with live and dead units, and each mistake telling."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

import numpy as np

from bptutor.engine.numpy_pass import NumpyPass
from bptutor.language.ops import operations
from bptutor.lesson.draft import Draft, file_text
from bptutor.lesson.lesson import Lesson, Values
from bptutor.lesson.load import load
from bptutor.lesson.steps import steps
from bptutor.locale import UserError
from bptutor.tutoring.facts import Array, Facts
from bptutor.tutoring.quiz.telling import telling

TRIES = 24
"""Sets of numbers that are tried at most; the first one with nothing against it is taken."""
SIZES = np.arange(1.0, 10.0)
"""One digit; inputs are halves of the first ones, weights and biases tenths."""
LARGE = 400
"""Numbers in all from which on the mistakes of a draw are not compared: nobody works it by hand."""


@dataclass(frozen=True)
class Alike:
    """Two mistakes at one step, or a mistake and the truth, that the numbers do not tell apart."""

    step: str
    mistakes: tuple[str, ...]


def confusions(lesson: Lesson) -> Iterator[Alike]:
    """What the numbers of a lesson do not tell apart, step by step.

    What no numbers tell apart (two ways to one formula) is left out, and so is what gives the very
    truth here: an author may want a 0.
    """
    with np.errstate(all="ignore"):
        numbers = NumpyPass.on_its_own(lesson)
        for step in steps(lesson):
            for mistakes in dict.fromkeys(telling(lesson, step).alike(numbers, by_chance=False)):
                yield Alike(step.id, mistakes)


def choose(draft: Draft, seed: int) -> dict[str, Values]:
    """Numbers for a drafted lesson's leaves: of several draws the one that teaches best.

    Raises:
        UserError: no draw gives finite numbers.
    """
    rng = np.random.default_rng(seed)
    best: tuple[float, dict[str, Values]] | None = None
    problem: UserError | None = None
    lesson: Lesson | None = None
    small = sum(int(np.prod(shape)) for shape in draft.shapes.values()) < LARGE
    for _ in range(TRIES if small else 1):
        values = {name: _drawn(draft, name, rng) for name in draft.shapes}
        lesson = lesson.on(values) if lesson else replace(_lesson(draft), values=values)
        try:
            facts = Facts(lesson)
            worth = _worth(facts, draft) if small else 0.0
        except UserError as error:
            problem = error
            continue
        if best is None or worth < best[0]:
            best = worth, values
        if worth == 0:
            break
    if best is None:
        assert problem is not None
        raise problem
    return best[1]


def _lesson(draft: Draft) -> Lesson:
    """The drafted lesson, with zeros for numbers."""
    zeros: dict[str, Any] = {name: np.zeros(shape).tolist() for name, shape in draft.shapes.items()}
    with TemporaryDirectory() as folder:
        path = Path(folder) / "draft.toml"
        path.write_text(file_text(draft, {}, zeros), encoding="utf-8")
        return load(str(path))


def _worth(facts: Facts, draft: Draft) -> float:
    """How much there is to say against a draw; less is better."""
    against = 3.0 * sum(1 for _ in confusions(facts.lesson))
    for layer in range(1, len(draft.units) - 1):
        z = facts.known(f"Z{layer}")
        against += 20.0 * float((np.abs(z) < 0.05).any())  # at a kink, or as good as
        live = (z > 0).mean()
        if operations()[draft.activation].traits.gate:
            against += 12.0 * float(live in (0.0, 1.0))  # a dead and a live unit
        else:
            against += 8.0 * float((np.abs(z) > 2.5).any())  # saturated
    if facts.after.loss >= facts.trace.loss:
        against += 30.0
    return against


def _drawn(draft: Draft, name: str, rng: np.random.Generator) -> Values:
    """Numbers of one digit or two; targets that the loss can be of."""
    shape = draft.shapes[name]
    if name == "T":
        return _targets(draft, rng)
    sizes = SIZES[:4] / 2 if name == "X" else SIZES / 10
    count = int(np.prod(shape))
    drawn = rng.choice(sizes, size=shape, replace=count > len(sizes))
    signs = rng.choice([-1.0, 1.0], size=shape)
    return _values(np.round(drawn * signs, 1))


def _values(array: Array) -> Values:
    return cast(Values, array.tolist())


def _targets(draft: Draft, rng: np.random.Generator) -> Values:
    rows, outputs = draft.rows, draft.units[-1]
    if draft.loss == "cross-entropy":
        drawn = np.eye(outputs)[rng.permutation(np.arange(rows) % outputs)]
    elif draft.loss == "binary-cross-entropy":
        drawn = rng.permuted(np.arange(rows * outputs) % 2.0).reshape(rows, outputs)
    else:
        drawn = np.round(rng.uniform(-1, 1, size=(rows, outputs)), 1)
    return _values(drawn)
