"""How numbers answer when one of them is moved: exactly, and by trying it out."""

from __future__ import annotations

import numpy as np

from bptutor.engine.runtime import tensorflow
from bptutor.engine.trace import Array, Trace, compute, run
from bptutor.language.tree import Assignment


def sensitivity(trace: Trace, assignment: Assignment, name: str, position: int) -> Array:
    """How each number of an assignment answers when one number of an input is moved.

    One column of the Jacobian, by forward accumulation.

    Args:
        trace: a pass in which the assignment was computed.
        assignment: the one to look at; only its own line counts.
        name: the input that is moved.
        position: which number of it, counted row after row.

    Returns:
        The changes per unit, in the assignment's shape.
    """
    tf = tensorflow()
    moved = trace.tensors[name]
    direction = np.zeros(moved.shape, trace.dtype)
    direction.reshape(-1)[position] = 1
    with tf.autodiff.ForwardAccumulator(moved, tf.constant(direction)) as accumulator:
        value = compute(tf, assignment, trace.tensors, trace.dtype)
    answer = accumulator.jvp(value, unconnected_gradients=tf.UnconnectedGradients.ZERO)
    return np.asarray(answer.numpy())


def nudged(trace: Trace, name: str, position: int, by: float) -> float:
    """The loss after one number of a leaf has been moved, in float64.

    Raises:
        EngineError: the loss comes to no finite number.
    """
    leaves = {leaf: trace.values[leaf].astype("float64") for leaf in trace.lesson.program.leaves}
    leaves[name].reshape(-1)[position] += by
    return run(trace.lesson, leaves, "float64").loss
