"""The catalogue's mistakes, as wrong rules of the backward pass."""

from collections.abc import Iterator

from tools.outside.mistakes.activation import activation
from tools.outside.mistakes.case import Case
from tools.outside.mistakes.forward import forward
from tools.outside.mistakes.loss import loss
from tools.outside.mistakes.parameters import parameters, update
from tools.outside.mistakes.weights import weights
from tools.outside.working import Way


def ways(case: Case) -> Iterator[Way]:
    """Every way to go wrong at a step, but for slips."""
    for family in (loss, activation, weights, parameters, update, forward):
        yield from family(case)
