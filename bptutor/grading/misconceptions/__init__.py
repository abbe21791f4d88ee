"""What learners of backpropagation are known to get wrong, as rewrites of the right formula.

A rule sees a step as a `Situation` and gives the situations into which its mistake turns it, the
likeliest first. Adding a misconception is adding its entry, and the mistake to a rule, in the file
of its family; a new family takes a line here.
"""

from collections.abc import Callable, Iterator

from bptutor.grading.misconceptions import (
    activation,
    forward,
    loss,
    output,
    parameters,
    slips,
    update,
    weights,
)
from bptutor.grading.misconceptions.carried import carried
from bptutor.grading.misconceptions.situation import (
    Cell,
    Misconception,
    Mistake,
    Situation,
    situation,
)

__all__ = [
    "MISCONCEPTIONS",
    "Cell",
    "Mistake",
    "Situation",
    "carried_mistakes",
    "mistakes",
    "situation",
]

MISCONCEPTIONS = {
    each.id: each
    for family in (loss, output, activation, weights, parameters, forward, update, slips)
    for each in vars(family).values()
    if isinstance(each, Misconception)
}
"""Every misconception by its id."""

RULES: tuple[Callable[[Situation], Iterator[Mistake]], ...] = (
    loss.at_the_loss,
    weights.by_a_summed_slope,
    output.at_the_output,
    activation.through_an_activation,
    weights.through_the_weights,
    weights.where_paths_meet,
    weights.of_another_layer,
    parameters.by_a_parameter,
    weights.without_the_upstream,
    update.at_an_update,
    forward.going_forward,
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
