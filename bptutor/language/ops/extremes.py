"""The larger and the smaller of two, with TensorFlow's slope at a tie: the first one takes it.

So it is in TensorFlow's math_grad.py (`_MaximumMinimumGrad`): `x >= y` for a maximum, `x <= y` for
a minimum.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bptutor.language.algebra import times
from bptutor.language.ops.base import Backward, Operation, Tensor
from bptutor.language.tree import Apply, Expression
from bptutor.locale import Message


class Maximum(Operation):
    """The larger of x and y; where they are equal the gradient goes to x"""

    key = "maximum"
    forward = Message("The larger of the two, cell by cell.")
    arity = 2
    spellings = ("max",)
    code = "tf.maximum"
    rule = Message(
        "maximum(x, y) lets the upstream gradient through to whichever is larger and"
        " stops it for the other; where they are equal TensorFlow gives it to the first."
    )

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.maximum(operands[0], operands[1])

    def pullback(self, backward: Backward, index: int) -> Expression:
        first, second = backward.node.operands
        if index == 0:
            return times(backward.upstream, Apply("greater_equal", (first, second)))
        return times(backward.upstream, Apply("greater", (second, first)))


class Minimum(Operation):
    """The smaller of x and y; where they are equal the gradient goes to x"""

    key = "minimum"
    forward = Message("The smaller of the two, cell by cell.")
    arity = 2
    spellings = ("min",)
    code = "tf.minimum"
    rule = Message(
        "minimum(x, y) lets the upstream gradient through to whichever is smaller and"
        " stops it for the other; where they are equal TensorFlow gives it to the first."
    )

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.minimum(operands[0], operands[1])

    def pullback(self, backward: Backward, index: int) -> Expression:
        first, second = backward.node.operands
        if index == 0:
            return times(backward.upstream, Apply("less_equal", (first, second)))
        return times(backward.upstream, Apply("less", (second, first)))
