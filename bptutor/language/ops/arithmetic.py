"""Adding, multiplying and powers, cell by cell."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bptutor.language.algebra import negative, over, power, times
from bptutor.language.ops.base import Backward, Infix, Operation, Tensor
from bptutor.language.tree import Apply, Expression, Number
from bptutor.locale import Message


class Add(Operation):
    """x + y"""

    key = "add"
    forward = Message("Add cell by cell.")
    arity = 2
    infix = Infix.same("+", 2)
    rule = Message("A sum passes the upstream gradient on to each of its terms unchanged.")

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return operands[0] + operands[1]

    def pullback(self, backward: Backward, index: int) -> Expression:
        return backward.upstream


class Subtract(Operation):
    """x - y"""

    key = "subtract"
    forward = Message("Subtract cell by cell.")
    rules = (
        Message("A difference x - y passes the upstream gradient on to x unchanged."),
        Message("A difference x - y passes the upstream gradient on to y with its sign turned."),
    )
    arity = 2
    spellings = ("sub",)
    infix = Infix.same("-", 2)
    rule = Message(
        "A difference passes the upstream gradient on to its first term unchanged, and to"
        " its second with the sign turned."
    )

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return operands[0] - operands[1]

    def pullback(self, backward: Backward, index: int) -> Expression:
        return backward.upstream if index == 0 else negative(backward.upstream)


class Multiply(Operation):
    """x * y"""

    key = "multiply"
    forward = Message("Multiply cell by cell.")
    arity = 2
    spellings = ("mul",)
    infix = Infix.same("*", 3)
    rule = Message(
        "For a product cell by cell, multiply the upstream gradient by the other factor."
    )

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return operands[0] * operands[1]

    def pullback(self, backward: Backward, index: int) -> Expression:
        return times(backward.upstream, backward.operand(1 - index))


class Divide(Operation):
    """x / y"""

    key = "divide"
    forward = Message("Divide cell by cell.")
    rules = (
        Message("For x in a quotient x / y, divide the upstream gradient by y."),
        Message("For y in a quotient x / y, multiply the upstream gradient by -x / y ** 2."),
    )
    arity = 2
    spellings = ("div", "truediv")
    infix = Infix.same("/", 3)
    rule = Message(
        "For a quotient x / y, divide the upstream gradient by y to get the gradient of"
        " x, and multiply it by -x / y ** 2 to get that of y."
    )

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return operands[0] / operands[1]

    def pullback(self, backward: Backward, index: int) -> Expression:
        above, below = backward.node.operands
        if index == 0:
            return over(backward.upstream, below)
        return negative(over(times(backward.upstream, above), power(below, 2)))


class Negate(Operation):
    """-x"""

    key = "negate"
    forward = Message("Turn the sign.")
    spellings = ("negative", "neg")
    code = "tf.negative"
    rule = Message("A minus sign turns the sign of the upstream gradient.")

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return -operands[0]

    def pullback(self, backward: Backward, index: int) -> Expression:
        return negative(backward.upstream)


class Power(Operation):
    """x ** n, n a number"""

    key = "power"
    forward = Message("Raise each cell to the power.")
    arity = 2
    spellings = ("pow",)
    infix = Infix.same("**", 5)
    rule = Message(
        "For a power x ** n, multiply the upstream gradient by n * x ** (n - 1); for a"
        " square that is 2 * x."
    )

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return operands[0] ** operands[1]

    def pullback(self, backward: Backward, index: int) -> Expression | None:
        base, exponent = backward.node.operands
        if index == 1 or not isinstance(exponent, Number):
            return None
        return times(backward.upstream, exponent, power(base, exponent.value - 1))
