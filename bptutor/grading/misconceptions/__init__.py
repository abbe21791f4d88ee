"""What learners of backpropagation are known to get wrong, as rewrites of the right formula.

A rule sees a step as a `Situation` and gives the situations into which its mistake turns it, the
likeliest first. Adding a rule is adding a function in the file of its family and its line here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bptutor.grading.misconceptions.activation import through_an_activation
from bptutor.grading.misconceptions.carried import carried
from bptutor.grading.misconceptions.forward import going_forward
from bptutor.grading.misconceptions.loss import at_the_loss
from bptutor.grading.misconceptions.output import at_the_output
from bptutor.grading.misconceptions.parameters import by_a_parameter
from bptutor.grading.misconceptions.situation import Cell, Mistake, Situation, situation
from bptutor.grading.misconceptions.update import at_an_update
from bptutor.grading.misconceptions.weights import (
    by_a_summed_slope,
    of_another_layer,
    through_the_weights,
    where_paths_meet,
    without_the_upstream,
)

__all__ = ["Cell", "Mistake", "Situation", "carried_mistakes", "mistakes", "situation"]

Rule = Callable[[Situation], Iterator[Mistake]]

RULES: tuple[Rule, ...] = (
    at_the_loss,
    by_a_summed_slope,
    at_the_output,
    through_an_activation,
    through_the_weights,
    where_paths_meet,
    of_another_layer,
    by_a_parameter,
    without_the_upstream,
    at_an_update,
    going_forward,
)


def mistakes(right: Situation) -> list[Mistake]:
    """What can go wrong at a step, likeliest first; each wrong formula has the step's shape."""
    if not right.paths:  # no gradient passes at all
        return []
    found: dict[tuple[str, object], Mistake] = {}
    for rule in RULES:
        for mistake in rule(right):
            if right.fits(mistake.expression) and mistake.expression != right.product:
                found.setdefault((mistake.id, mistake.expression), mistake)
    return list(found.values())


def carried_mistakes(right: Situation) -> list[Mistake]:
    """What went wrong further up, as it comes out at this step, the nearest first."""
    return [
        mistake
        for mistake in carried(right, mistakes)
        if right.fits(mistake.expression) and mistake.expression != right.product
    ]
