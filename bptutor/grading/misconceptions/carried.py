"""A mistake made at a step nearer to the loss, and carried on by right chain-rule products.

Without the 2 of the square at the loss, every later gradient is half of the right one; without a
mask between two steps, the second one is wrong.
"""

from collections.abc import Callable, Iterator, Set
from dataclasses import replace

from bptutor.grading.misconceptions.situation import Mistake, Situation, situation
from bptutor.grading.misconceptions.step_paths import with_part
from bptutor.language.differentiate import gradient_name
from bptutor.language.tree import Expression, Name, names, size
from bptutor.lesson.steps import Step, places, steps

CARRIED_ONE_STEP = {
    "crossentropy-without-jacobian",
    "output-slope-added",
    "softmax-diagonal-only",
    "relu-mask-missing",
    "output-slope-skipped",
    "activation-slope-missing",
    "transpose-missing",
}
"""Mistakes that are recognised in the gradient one step further on, if that step is right."""
CARRIED_TO_THE_INPUTS = {
    "batch-mean-dropped",
    "batch-mean-twice",
    "outputs-mean-confused",
    "loss-factor-dropped",
    "loss-factor-added",
    "error-reversed",
    "error-absolute",
}
"""Mistakes that are recognised in every gradient further on."""

LARGEST = 200
"""Nodes of a formula that is spelled out up to the loss; a deeper network is not followed."""


def carried(right: Situation, mistakes: Callable[[Situation], list[Mistake]]) -> Iterator[Mistake]:
    """The mistakes of steps nearer to the loss as they come out at this one, the nearest first."""
    if right.step.kind != "backward":
        return
    product, anywhere = right.product, CARRIED_TO_THE_INPUTS
    yield from _with_wrong(right, product, CARRIED_ONE_STEP | anywhere, mistakes)
    spelled = _up_to_the_loss(right, product)
    if spelled is not None and spelled != product:
        yield from _with_wrong(right, spelled, anywhere, mistakes)


def _with_wrong(
    right: Situation,
    product: Expression,
    ids: Set[str],
    mistakes: Callable[[Situation], list[Mistake]],
) -> Iterator[Mistake]:
    """The formula with each gradient in it replaced by a wrong one."""
    for name in dict.fromkeys(names(product)):
        nearer = _step(right, name)
        if nearer is None:
            continue
        there = situation(right.lesson, nearer, right.style)
        for mistake in mistakes(there):
            if mistake.id in ids:
                wrong = right.with_product(with_part(product, Name(name), mistake.expression))
                yield replace(mistake, situation=wrong, made=(there, mistake.situation))


def _up_to_the_loss(right: Situation, product: Expression) -> Expression | None:
    """The formula with every gradient spelled out but those that the loss itself passes back."""
    while size(product) <= LARGEST:
        further = [
            nearer
            for name in dict.fromkeys(names(product))
            if (nearer := _step(right, name)) and not _at_the_loss(right, nearer)
        ]
        if not further:
            return product
        for nearer in further:
            product = with_part(product, Name(nearer.id), nearer.product)
    return None


def _step(right: Situation, name: str) -> Step | None:
    """The backward step whose gradient this is, if it is one."""
    place = places(right.lesson).get(name)
    step = steps(right.lesson)[place] if place is not None else None
    return step if step is not None and step.kind == "backward" else None


def _at_the_loss(right: Situation, step: Step) -> bool:
    """Does the loss alone pass this gradient back?"""
    loss = right.lesson.loss
    arriving = {gradient_name(loss, name) for name in right.lesson.program.by_target}
    return not arriving.intersection(names(step.product))
