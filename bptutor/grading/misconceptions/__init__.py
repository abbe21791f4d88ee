"""What learners of backpropagation are known to get wrong, as rewrites of the right formula.

A rule takes a step as a `Situation` and yields the situations that its mistakes make of it, the
likeliest first. A new misconception is a label, and a mistake in a rule, both in the file of its
family.
"""

from collections.abc import Callable, Iterator

from bptutor.grading.misconceptions import (
    activation,
    forward,
    loss,
    optimizer,
    output,
    parameters,
    paths,
    penalty,
    repairs,
    slips,
    update,
    weights,
    writing,
)
from bptutor.grading.misconceptions.situation import Cell, Mistake, Situation, situation
from bptutor.text import Message

__all__ = ["MISCONCEPTIONS", "Cell", "Mistake", "Situation", "mistakes", "situation"]

FAMILIES = (
    *(loss, penalty, output, activation, weights, paths, parameters),
    *(forward, update, optimizer, writing, slips, repairs),
)
MISCONCEPTIONS: dict[str, Message] = {
    id_: label for family in FAMILIES for id_, label in family.LABELS.items()
}
"""What the record and the JSON call every known mistake, and its label in lists."""

RULES: tuple[Callable[[Situation], Iterator[Mistake]], ...] = (
    loss.at_the_loss,
    penalty.at_a_penalty,
    weights.by_a_summed_slope,
    output.at_the_output,
    penalty.powers_and_means,
    activation.through_an_activation,
    paths.signs_of_paths,
    weights.through_the_weights,
    weights.transposes,
    weights.element_by_element,
    paths.where_paths_meet,
    paths.through_units,
    paths.statistics_as_constants,
    weights.of_another_layer,
    weights.the_value_itself,
    parameters.by_a_parameter,
    weights.without_the_upstream,
    weights.added_factors,
    penalty.constant_factors,
    writing.without_parentheses,
    update.at_an_update,
    forward.going_forward,
)
OF_AN_OPTIMIZER = (optimizer.at_an_optimizer, writing.without_parentheses)  # no gradient passes


def mistakes(right: Situation) -> list[Mistake]:
    """What can go wrong at a step, likeliest first; each wrong formula has the step's shape."""
    if not right.paths:  # no gradient passes at all
        return []
    found: dict[tuple[str, object], Mistake] = {}
    rules = OF_AN_OPTIMIZER if right.step.role and right.step.asks_formula else RULES
    for mistake in (mistake for rule in rules for mistake in rule(right)):
        if _fits(mistake, right):
            found.setdefault((mistake.id, mistake.expression), mistake)
    for mistake in paths.on_every_path(right, list(found.values())):
        if _fits(mistake, right):
            found.setdefault((mistake.id, mistake.expression), mistake)
    return list(found.values())


def _fits(mistake: Mistake, right: Situation) -> bool:
    return right.fits(mistake.expression) and mistake.expression != right.product
