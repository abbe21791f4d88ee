"""Functions of one number, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bptutor.language.algebra import over, times
from bptutor.language.ops.base import Backward, Operation, Tensor
from bptutor.language.tree import Apply, Expression, Number
from bptutor.locale import Message


class Exp(Operation):
    """exp(x)"""

    key = "exp"
    forward = Message("exp(x) is e = 2.71828 to the power x.")
    code = "tf.exp"
    rule = Message("The slope of exp(x) is exp(x) itself: multiply the upstream gradient by it.")

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.exp(operands[0])

    def pullback(self, backward: Backward, index: int) -> Expression:
        return times(backward.upstream, backward.node)


class Log(Operation):
    """log(x), the natural logarithm"""

    key = "log"
    forward = Message("log(x) is the natural logarithm: the power to which e = 2.71828 gives x.")
    spellings = ("ln",)
    code = "tf.math.log"
    rule = Message(
        "The slope of the natural logarithm is 1 / x: divide the upstream gradient by x."
    )

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.math.log(operands[0])

    def pullback(self, backward: Backward, index: int) -> Expression:
        return over(backward.upstream, backward.operand(0))


class Sqrt(Operation):
    """The square root of x"""

    key = "sqrt"
    forward = Message("Take the square root of each cell.")
    code = "tf.sqrt"
    rule = Message(
        "The slope of a square root is 1 / (2 * sqrt(x)): divide the upstream gradient by"
        " 2 * sqrt(x)."
    )

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.sqrt(operands[0])

    def pullback(self, backward: Backward, index: int) -> Expression:
        return over(backward.upstream, Number(2), backward.node)


class Square(Operation):
    """x squared"""

    key = "square"
    forward = Message("Multiply each cell by itself.")
    code = "tf.square"
    rule = Message("The slope of a square is 2 * x: multiply the upstream gradient by it.")

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.square(operands[0])

    def pullback(self, backward: Backward, index: int) -> Expression:
        return times(Number(2), backward.upstream, backward.operand(0))


class Abs(Operation):
    """The absolute value of x; TensorFlow's slope at 0 is 0"""

    key = "abs"
    forward = Message("Drop the sign of each cell.")
    spellings = ("absolute",)
    code = "tf.abs"
    rule = Message("The slope of an absolute value is the sign of x: 1, -1, or 0 at exactly 0.")

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.abs(operands[0])

    def pullback(self, backward: Backward, index: int) -> Expression:
        return times(backward.upstream, Apply("sign", backward.node.operands))


class Sign(Operation):
    """1 where x is positive, -1 where it is negative, 0 at 0"""

    key = "sign"
    forward = Message("1 above 0, -1 below it, 0 at it.")
    code = "tf.sign"
    rule = Message("A sign is flat: its slope is 0, and no gradient passes.")

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.sign(operands[0])

    def pullback(self, backward: Backward, index: int) -> None:
        return None
