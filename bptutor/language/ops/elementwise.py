"""Element-wise operations, a row of a table each.

A derivative is given by x and the value for one operand, by both operands for two.
"""

import ast
import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from bptutor.language.algebra import ONE, ZERO, minus, negative, over, power, times
from bptutor.language.ops.base import (
    FLAT,
    PASSES,
    Backward,
    Infix,
    Magnitude,
    Operation,
    Tensor,
    Traits,
    size_of_value,
    term_by_term,
)
from bptutor.language.tree import Apply, Expression, Number
from bptutor.text import Message

Slope: TypeAlias = Callable[[Expression, Expression], Expression | None]
MINUS_ONE = Number(-1)


class Elementwise(Operation):
    """A row of a table: the derivative by each operand (None where none passes), then its words."""

    def __init__(
        self,
        key: str,
        *slopes: Slope | None,
        code: str = "",
        forward: Message,
        rule: Message = Operation.rule,
        rules: tuple[Message, ...] = (),
        multiplies: bool = True,
        spellings: tuple[str, ...] = (),
        of_one: str = "",
        infix: Infix | None = None,
        prefix: str = "",
        numpy: str | Callable[[Any, Tensor], Tensor] | None = None,
        kink: Callable[[Apply], Expression] | None = None,
        magnitude: Magnitude = size_of_value,
        traits: Traits,
    ) -> None:
        self.key, self.arity, self.code = key, len(slopes), code or f"tf.{key}"
        self.forward, self.rule, self.rules = forward, rule, rules
        self.multiplies = multiplies
        self.spellings, self.of_one, self.infix, self.prefix = spellings, of_one, infix, prefix
        self.traits = traits
        self._slopes, self._numpy, self._kink, self._magnitude = slopes, numpy, kink, magnitude

    def in_numpy(self, np: Any, node: Apply, operands: Sequence[Tensor]) -> Tensor:
        if isinstance(self._numpy, str):
            return getattr(np, self._numpy)(*operands)
        return self._numpy(np, *operands) if self._numpy else super().in_numpy(np, node, operands)

    def slope(self, node: Apply, index: int) -> Expression | None:
        rule = self._slopes[index]
        return rule(*(*node.operands, node)[:2]) if rule else None

    def pullback(self, backward: Backward, index: int) -> Expression | None:
        slope = self.slope(backward.node, index)
        if slope is None:
            return None
        if slope == ONE:
            return backward.upstream
        if slope == MINUS_ONE:
            return negative(backward.upstream)
        return times(backward.upstream, slope)

    def kink(self, node: Apply) -> Expression | None:
        return self._kink(node) if self._kink else None

    def magnitude(self, node: Apply, sizes: Sequence[Expression]) -> Expression:
        return self._magnitude(node, sizes)


def at_zero(node: Apply) -> Expression:
    return Apply("greater", (node.operands[0], ZERO))


def _by_base(base: Expression, exponent: Expression) -> Expression:
    if isinstance(exponent, Number):
        return times(exponent, power(base, exponent.value - 1))
    return times(exponent, Apply("power", (base, minus(exponent, ONE))))


def _by_exponent(base: Expression, exponent: Expression) -> Expression:
    """Of a positive base, as TensorFlow's derivative is 0 at any other (`_PowGrad`)."""
    positive = Apply("greater", (base, ZERO))
    logarithm = Apply("log", (Apply("where", (positive, base, ONE)),))
    return times(Apply("power", (base, exponent)), logarithm)


def bell(x: Expression, divisor: int) -> Expression:
    """exp(-x² / divisor)"""
    return Apply("exp", (negative(over(power(x, 2), Number(divisor))),))


ARITHMETIC = (
    Elementwise(
        "add",
        lambda x, y: ONE,
        lambda x, y: ONE,
        infix=Infix.same("+", 2, ast.Add),
        magnitude=term_by_term,
        forward=Message("Add {x} and {y}."),
        rule=Message("{node} is a sum: {operand} gets {upstream} unchanged."),
        multiplies=False,
        traits=Traits(terms="plus", arithmetic=True, effort=0.5),
    ),
    Elementwise(
        "subtract",
        lambda x, y: ONE,
        lambda x, y: MINUS_ONE,
        spellings=("sub",),
        infix=Infix.same("-", 2, ast.Sub),
        magnitude=lambda node, sizes: Apply("add", tuple(sizes)),
        forward=Message("Subtract {y} from {x}."),
        rules=(
            Message("{node} is a difference: {operand} gets {upstream} unchanged."),
            Message("{operand} is subtracted: it gets {upstream} with the opposite sign."),
        ),
        multiplies=False,
        traits=Traits(terms="minus", arithmetic=True, effort=0.5),
    ),
    Elementwise(
        "multiply",
        lambda x, y: y,
        lambda x, y: x,
        spellings=("mul",),
        infix=Infix.same("*", 3, ast.Mult),
        magnitude=term_by_term,
        forward=Message("Multiply {x} by {y}."),
        rule=Message(
            "{node} is a product: its derivative with respect to {operand} is the other factor."
        ),
        traits=Traits(product="cells", arithmetic=True, effort=1),
    ),
    Elementwise(
        "divide",
        lambda x, y: over(ONE, y),
        lambda x, y: negative(over(x, power(y, 2))),
        spellings=("div", "truediv"),
        infix=Infix.same("/", 3, ast.Div),
        magnitude=lambda node, sizes: Apply("divide", (sizes[0], Apply("abs", node.operands[1:]))),
        forward=Message("Divide {x} by {y}."),
        traits=Traits(arithmetic=True, effort=1),
    ),
    Elementwise(
        "negate",
        lambda x, value: MINUS_ONE,
        code="tf.negative",
        spellings=("negative", "neg"),
        prefix="-",
        magnitude=lambda node, sizes: sizes[0],
        forward=Message("Change the sign of {x}."),
        rule=Message(
            "A minus sign is in front of {operand}: it gets {upstream} with the opposite sign."
        ),
        multiplies=False,
        traits=Traits(arithmetic=True, effort=0),
    ),
    Elementwise(
        "power",
        _by_base,
        _by_exponent,
        code="tf.pow",
        numpy="power",
        spellings=("pow",),
        infix=Infix.same("**", 5, ast.Pow),
        forward=Message("Raise {x} to the power {y}."),
        rules=(
            Message("{node} is a power: bring the exponent down as a factor, then lower it by 1."),
            Message("{operand} is the exponent of {node}: the derivative is {slope}."),
        ),
        traits=Traits(effort=1),
    ),
)

FUNCTIONS = (
    Elementwise(
        "exp",
        lambda x, value: value,
        forward=Message("exp({x}) is 2.71828 to the power {x}."),
        traits=Traits(slope_from_value=True, keras="exponential"),
    ),
    Elementwise(
        "log",
        lambda x, value: over(ONE, x),
        code="tf.math.log",
        spellings=("ln",),
        forward=Message("{node} is the natural logarithm of {x}."),
        traits=Traits(logarithm=True),
    ),
    Elementwise(
        "sqrt",
        lambda x, value: over(ONE, Number(2), value),
        forward=Message("Take the square root of {x}."),
        traits=Traits(slope_from_value=True),
    ),
    Elementwise(
        "square",
        lambda x, value: times(Number(2), x),
        forward=Message("Multiply {x} by itself."),
        traits=Traits(effort=1),
    ),
    Elementwise(
        "abs",  # TensorFlow's slope at 0 is 0
        lambda x, value: Apply("sign", (x,)),
        spellings=("absolute",),
        kink=at_zero,
        forward=Message("Take the absolute value of {x}."),
        traits=Traits(effort=0.5),
    ),
    Elementwise(
        "erf",
        lambda x, value: times(Number(2 / math.sqrt(math.pi)), bell(x, 1)),
        code="tf.math.erf",
        numpy=lambda np, x: np.vectorize(math.erf, otypes=["float64"])(x),
        forward=Message("{node} is the error function of {x}: from -1 to 1, and 0 at 0."),
        traits=Traits(saturates=True),
    ),
    Elementwise(
        "stop_gradient",
        None,
        numpy="positive",
        magnitude=lambda node, sizes: sizes[0],
        forward=Message("{node} has the value of {x}."),
        rule=Message("{node} stops the gradient: TensorFlow treats {operand} as a constant here."),
        multiplies=False,
        traits=Traits(effort=0),
    ),
    Elementwise(
        "sign",
        None,
        forward=Message("The sign of {x}: 1, -1, or 0 for 0."),
        rule=FLAT,
        multiplies=False,
        traits=Traits(effort=0.5),
    ),
)


class Comparison(Operation):
    """A mask: 1 where it holds, 0 where it does not; flat everywhere.

    Where this one does not hold, its `opposite` does; `at_a_tie` names the comparison that differs
    from it where the two are equal alone.
    """

    arity = 2
    forward = Message("The mask {node} is 1 where the comparison is true, 0 elsewhere.")
    rule = FLAT

    def __init__(
        self, key: str, opposite: str, infix: Infix, at_a_tie: str = "", effort: float = 0.5
    ) -> None:
        self.key, self.opposite, self.infix, self.at_a_tie = key, opposite, infix, at_a_tie
        self.traits = Traits(effort=effort)

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.cast(getattr(tf, self.key)(*operands), dtype)

    def in_numpy(self, np: Any, node: Apply, operands: Sequence[Tensor]) -> Tensor:
        return getattr(np, self.key)(*operands).astype("float64")

    def pullback(self, backward: Backward, index: int) -> None:
        return None


def _sign(ascii_: str, unicode: str, python: type[ast.cmpop]) -> Infix:
    return Infix({"unicode": unicode, "ascii": ascii_, "tensorflow": ascii_}, 1, python)


COMPARISONS = (
    Comparison("greater", "less_equal", _sign(">", ">", ast.Gt), "greater_equal"),
    Comparison("greater_equal", "less", _sign(">=", "≥", ast.GtE), "greater"),
    Comparison("less", "greater_equal", _sign("<", "<", ast.Lt), "less_equal"),
    Comparison("less_equal", "greater", _sign("<=", "≤", ast.LtE), "less"),
    Comparison("equal", "not_equal", _sign("==", "==", ast.Eq)),
    Comparison("not_equal", "equal", _sign("!=", "≠", ast.NotEq), effort=0),
)
_OPPOSITES: Mapping[str, str] = {each.key: each.opposite for each in COMPARISONS}


class Where(Operation):
    """x where a mask is 1, y where it is 0."""

    key = "where"
    arity = 3
    operand_names = ("mask", "x", "y")
    code = "tf.where"
    forward = Message("Take {y} where the mask {x} is 1, and {z} elsewhere.")
    rules = (FLAT, PASSES, PASSES)
    traits = Traits(effort=0.5)

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        mask, chosen, other = operands
        return tf.where(mask != 0, chosen, other)

    def in_numpy(self, np: Any, node: Apply, operands: Sequence[Tensor]) -> Tensor:
        return self.compute(np, node, operands, "float64")

    def slope(self, node: Apply, index: int) -> Expression | None:
        if index == 0:
            return None
        mask = node.operands[0]
        if not isinstance(mask, Apply) or mask.operation not in _OPPOSITES:
            mask = Apply("not_equal", (mask, ZERO))
        return mask if index == 1 else Apply(_OPPOSITES[mask.operation], mask.operands)

    def pullback(self, backward: Backward, index: int) -> Expression | None:
        chosen = self.slope(backward.node, index)
        return chosen and times(backward.upstream, chosen)

    def written_code(
        self, node: Apply, operands: Sequence[str], options: Sequence[str], dtype: str
    ) -> str:
        mask, chosen, other = operands
        if getattr(node.operands[0], "operation", "") in _OPPOSITES:
            # TensorFlow wants the truth values themselves.
            condition = mask.removeprefix("tf.cast(").removesuffix(f", tf.{dtype})")
        else:
            condition = f"{mask} != 0"
        return f"{self.code}({condition}, {chosen}, {other})"


OPERATIONS: tuple[Operation, ...] = (*(*ARITHMETIC, *FUNCTIONS, *COMPARISONS), Where())
