"""A gradient tried out: one number of its leaf is moved, and the loss answers."""

from __future__ import annotations

import math
from math import prod

from bptutor.engine.sensitivity import nudged
from bptutor.language.differentiate import gradient_name
from bptutor.lesson.steps import places
from bptutor.locale import Message, UserError
from bptutor.tutoring.session import Session


def nudgeable(of: Session) -> str | None:
    """The leaf that the current step is about, if its gradient is known by now, in numbers."""
    step = of.step
    leaf = step.by if step.kind == "backward" else step.target
    about_a_leaf = step.kind in ("backward", "update") and leaf in of.lesson.program.leaves
    if step.part != "tape" or not about_a_leaf or not leaf:
        return None
    place = places(of.lesson)[gradient_name(of.lesson.loss, leaf)]
    return leaf if of.facts and of.done(place) else None


def nudge(of: Session, position: int, by: float) -> tuple[str, float]:
    """The leaf of the current step, and the loss (in float64) with one of its numbers moved.

    Raises:
        UserError: the step is about no leaf, or its gradient is still asked.
    """
    leaf = nudgeable(of)
    if leaf is None:
        raise UserError(
            Message("Answer for the gradient first; then try out whether it tells the truth.")
        )
    if not math.isfinite(by) or by == 0 or not 0 <= position < prod(of.lesson.shapes[leaf]):
        raise UserError(Message("Choose one of the numbers, and a move that is not 0."))
    return leaf, nudged(of.prepare().trace, leaf, position, by)
