"""What numbers may rightly be said to be, whatever the learner did to get them."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from tools.outside.mistakes.case import Case
from tools.outside.mistakes.weights import summed
from tools.outside.program import Array
from tools.outside.typed import LIKE_TRUTH
from tools.outside.working import Known


def described(case: Case) -> Iterator[tuple[str, Array]]:
    """Quantities of the lesson that stand in the place of a step's value."""
    env, shape = case.env, case.shape
    loss = env[case.program.loss]
    if case.step.kind == "backward":
        if shape == ():
            yield "loss-for-gradient", loss
        yield "output-for-gradient", env[case.name]
        for step in case.working.steps:
            if step.kind == "backward" and step.id != case.step.id:
                value = env[step.id]
                if value.shape == shape:
                    yield "input-gradient-of-other-layer", value
        for edge in case.edges:
            for terms in summed(edge):
                if case.is_parameter:
                    yield "bias-averaged", case.truth / terms
    if case.step.kind == "forward":
        for name, value in env.items():
            if name in case.program.leaves and name not in case.program.parameters:
                negated = Known({**env, name: -value})
                yield "input-sign", case.working.value(case.step, negated)
    if case.step.kind == "local":
        value = env[case.step.target]
        if value.shape == shape:
            yield "value-for-derivative", value
        for name in case.program.leaves if not case.program.parameters else ():
            if env[name].shape == shape:
                yield "weight-from-other-layer", env[name]


def as_slip(typed: Array, truth: Array) -> Iterator[str]:
    """The slips of the pen that turn the truth into what was typed."""
    wrong = np.flatnonzero(np.abs(typed - truth) > LIKE_TRUTH * np.abs(truth))
    given, right = typed.flat[wrong], truth.flat[wrong]
    if not right.any():
        yield "tiny-for-zero"
    if not given.any():
        yield "zero-for-tiny"
    if _near(given, -right):
        yield "sign-slip"
    if len(wrong) == 1 and given[0] and right[0]:
        power = float(10 ** np.round(np.log10(abs(given[0] / right[0]))))
        if power != 1 and _near(given, right * power):
            yield "decimal-slip"
        if power != 1 and _near(given, -right * power):
            yield from ("decimal-slip", "sign-slip")
    if len(wrong) == 2 and _near(given, right[::-1]):
        yield "cells-swapped"
    if typed.ndim == 2 and typed.shape[0] == typed.shape[1] and _near(typed, truth.T):
        yield from ("matrix-transposed", "outer-product-transposed")


def _near(typed: Array, value: Array) -> bool:
    return bool(np.all(np.abs(typed - value) <= LIKE_TRUTH * np.abs(value)))
