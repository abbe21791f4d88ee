"""Comparisons: masks of 0 and 1, flat everywhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar, TypeGuard

from bptutor.language.algebra import ZERO, times
from bptutor.language.ops.base import Backward, Infix, Operation, Tensor
from bptutor.language.tree import Apply, Expression
from bptutor.locale import Message


class Comparison(Operation):
    """A mask: 1 where it holds, 0 where it does not."""

    opposite: ClassVar[str]
    """The key of the comparison that holds where this one does not."""
    arity = 2
    forward = Message("1 where it holds, 0 where it does not.")
    rule = Message("A comparison is flat: its slope is 0, and no gradient passes.")

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.cast(getattr(tf, self.key)(*operands), dtype)

    def pullback(self, backward: Backward, index: int) -> None:
        return None


class Greater(Comparison):
    """x > y"""

    key = "greater"
    opposite = "less_equal"
    infix = Infix.same(">", 1)


class GreaterEqual(Comparison):
    """x >= y"""

    key = "greater_equal"
    opposite = "less"
    infix = Infix({"unicode": "≥", "ascii": ">=", "tensorflow": ">="}, 1)


class Less(Comparison):
    """x < y"""

    key = "less"
    opposite = "greater_equal"
    infix = Infix.same("<", 1)


class LessEqual(Comparison):
    """x <= y"""

    key = "less_equal"
    opposite = "greater"
    infix = Infix({"unicode": "≤", "ascii": "<=", "tensorflow": "<="}, 1)


class Equal(Comparison):
    """x == y"""

    key = "equal"
    opposite = "not_equal"
    infix = Infix.same("==", 1)


class NotEqual(Comparison):
    """x != y"""

    key = "not_equal"
    opposite = "equal"
    infix = Infix({"unicode": "≠", "ascii": "!=", "tensorflow": "!="}, 1)


class Where(Operation):
    """x where a mask is 1, y where it is 0"""

    key = "where"
    forward = Message("The first choice where the mask is 1, the second where it is 0.")
    arity = 3
    operand_names = ("mask", "x", "y")
    code = "tf.where"
    rule = Message(
        "where(mask, x, y) hands the upstream gradient to x where the mask is 1, and to y"
        " where it is 0."
    )

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        mask, chosen, other = operands
        return tf.where(mask != 0, chosen, other)

    def pullback(self, backward: Backward, index: int) -> Expression | None:
        if index == 0:
            return None
        mask = backward.operand(0)
        if not _is_comparison(mask):
            mask = Apply("not_equal", (mask, ZERO))
        chosen = mask if index == 1 else Apply(_OPPOSITES[mask.operation], mask.operands)
        return times(backward.upstream, chosen)

    def written_code(
        self, node: Apply, operands: Sequence[str], options: Sequence[str], dtype: str
    ) -> str:
        mask, chosen, other = operands
        if _is_comparison(node.operands[0]):  # TensorFlow wants the truth values themselves
            condition = mask.removeprefix("tf.cast(").removesuffix(f", tf.{dtype})")
        else:
            condition = f"{mask} != 0"
        return f"{self.code}({condition}, {chosen}, {other})"


_OPPOSITES = {each.key: each.opposite for each in Comparison.__subclasses__()}


def _is_comparison(expression: Expression) -> TypeGuard[Apply]:
    return isinstance(expression, Apply) and expression.operation in _OPPOSITES
