"""Element-wise operations, a row of a table each.

A derivative is given by x and the value for one operand, by both operands for two.
"""

import ast
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from bptutor.language.algebra import ONE, ZERO, negative, over, power, times
from bptutor.language.ops.base import (
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
        rule: Message,
        rules: tuple[Message, ...] = (),
        spellings: tuple[str, ...] = (),
        infix: Infix | None = None,
        prefix: str = "",
        numpy: str | Callable[[Any, Tensor], Tensor] | None = None,
        kink: Callable[[Apply], Expression] | None = None,
        magnitude: Magnitude = size_of_value,
        traits: Traits,
    ) -> None:
        self.key, self.arity, self.code = key, len(slopes), code or f"tf.{key}"
        self.forward, self.rule, self.rules = forward, rule, rules
        self.spellings, self.infix, self.prefix = spellings, infix, prefix
        self.traits = traits
        self._slopes, self._numpy, self._kink, self._magnitude = slopes, numpy, kink, magnitude

    def in_numpy(self, np: Any, node: Apply, operands: Sequence[Tensor]) -> Tensor:
        if isinstance(self._numpy, str):
            return getattr(np, self._numpy)(*operands)
        return self._numpy(np, *operands) if self._numpy else super().in_numpy(np, node, operands)

    def pullback(self, backward: Backward, index: int) -> Expression | None:
        rule, node = self._slopes[index], backward.node
        slope = rule(*(*node.operands, node)[:2]) if rule else None
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


def _by_exponent(base: Expression, exponent: Expression) -> Expression | None:
    if not isinstance(exponent, Number):
        return None
    return times(exponent, power(base, exponent.value - 1))


ARITHMETIC = (
    Elementwise(
        "add",
        lambda x, y: ONE,
        lambda x, y: ONE,
        infix=Infix.same("+", 2, ast.Add),
        magnitude=term_by_term,
        forward=Message("Add cell by cell."),
        rule=Message("A sum passes the upstream gradient on to each of its terms unchanged."),
        traits=Traits(terms="plus", arithmetic=True, effort=0.5),
    ),
    Elementwise(
        "subtract",
        lambda x, y: ONE,
        lambda x, y: MINUS_ONE,
        spellings=("sub",),
        infix=Infix.same("-", 2, ast.Sub),
        magnitude=lambda node, sizes: Apply("add", tuple(sizes)),
        forward=Message("Subtract cell by cell."),
        rules=(
            Message("A difference x - y passes the upstream gradient on to x unchanged."),
            Message(
                "A difference x - y passes the upstream gradient on to y with its sign turned."
            ),
        ),
        rule=Message(
            "A difference passes the upstream gradient on to its first term unchanged, and to"
            " its second with the sign turned."
        ),
        traits=Traits(terms="minus", arithmetic=True, effort=0.5),
    ),
    Elementwise(
        "multiply",
        lambda x, y: y,
        lambda x, y: x,
        spellings=("mul",),
        infix=Infix.same("*", 3, ast.Mult),
        magnitude=term_by_term,
        forward=Message("Multiply cell by cell."),
        rule=Message(
            "For a product cell by cell, multiply the upstream gradient by the other factor."
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
        forward=Message("Divide cell by cell."),
        rules=(
            Message("For x in a quotient x / y, divide the upstream gradient by y."),
            Message("For y in a quotient x / y, multiply the upstream gradient by -x / y ** 2."),
        ),
        rule=Message(
            "For a quotient x / y, divide the upstream gradient by y to get the gradient of"
            " x, and multiply it by -x / y ** 2 to get that of y."
        ),
        traits=Traits(arithmetic=True, effort=1),
    ),
    Elementwise(
        "negate",
        lambda x, value: MINUS_ONE,
        code="tf.negative",
        spellings=("negative", "neg"),
        prefix="-",
        magnitude=lambda node, sizes: sizes[0],
        forward=Message("Turn the sign."),
        rule=Message("A minus sign turns the sign of the upstream gradient."),
        traits=Traits(arithmetic=True, effort=0),
    ),
    Elementwise(
        "power",
        _by_exponent,
        None,
        code="tf.pow",
        numpy="power",
        spellings=("pow",),
        infix=Infix.same("**", 5, ast.Pow),
        forward=Message("Raise each cell to the power."),
        rule=Message(
            "For a power x ** n, multiply the upstream gradient by n * x ** (n - 1); for a"
            " square that is 2 * x."
        ),
        traits=Traits(effort=1),
    ),
)

FUNCTIONS = (
    Elementwise(
        "exp",
        lambda x, value: value,
        forward=Message("exp(x) is e = 2.71828 to the power x."),
        rule=Message("The slope of exp(x) is exp(x) itself: multiply the upstream gradient by it."),
        traits=Traits(slope_from_value=True, keras="exponential"),
    ),
    Elementwise(
        "log",
        lambda x, value: over(ONE, x),
        code="tf.math.log",
        spellings=("ln",),
        forward=Message("log(x) is the natural logarithm: the power to which e = 2.71828 gives x."),
        rule=Message(
            "The slope of the natural logarithm is 1 / x: divide the upstream gradient by x."
        ),
        traits=Traits(logarithm=True),
    ),
    Elementwise(
        "sqrt",
        lambda x, value: over(ONE, Number(2), value),
        forward=Message("Take the square root of each cell."),
        rule=Message(
            "The slope of a square root is 1 / (2 * sqrt(x)): divide the upstream gradient by"
            " 2 * sqrt(x)."
        ),
        traits=Traits(slope_from_value=True),
    ),
    Elementwise(
        "square",
        lambda x, value: times(Number(2), x),
        forward=Message("Multiply each cell by itself."),
        rule=Message("The slope of a square is 2 * x: multiply the upstream gradient by it."),
        traits=Traits(effort=1),
    ),
    Elementwise(
        "abs",  # TensorFlow's slope at 0 is 0
        lambda x, value: Apply("sign", (x,)),
        spellings=("absolute",),
        kink=at_zero,
        forward=Message("Drop the sign of each cell."),
        rule=Message("The slope of an absolute value is the sign of x: 1, -1, or 0 at exactly 0."),
        traits=Traits(effort=0.5),
    ),
    Elementwise(
        "sign",
        None,
        forward=Message("1 above 0, -1 below it, 0 at it."),
        rule=Message("A sign is flat: its slope is 0, and no gradient passes."),
        traits=Traits(effort=0.5),
    ),
)


class Comparison(Operation):
    """A mask: 1 where it holds, 0 where it does not; flat everywhere.

    Where this one does not hold, its `opposite` does; `at_a_tie` names the comparison that differs
    from it where the two are equal alone.
    """

    arity = 2
    forward = Message("1 where it holds, 0 where it does not.")
    rule = Message("A comparison is flat: its slope is 0, and no gradient passes.")

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
    forward = Message("The first choice where the mask is 1, the second where it is 0.")
    rule = Message(
        "where(mask, x, y) hands the upstream gradient to x where the mask is 1, and to y"
        " where it is 0."
    )
    traits = Traits(effort=0.5)

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        mask, chosen, other = operands
        return tf.where(mask != 0, chosen, other)

    def in_numpy(self, np: Any, node: Apply, operands: Sequence[Tensor]) -> Tensor:
        return self.compute(np, node, operands, "float64")

    def pullback(self, backward: Backward, index: int) -> Expression | None:
        if index == 0:
            return None
        mask = backward.operand(0)
        if not isinstance(mask, Apply) or mask.operation not in _OPPOSITES:
            mask = Apply("not_equal", (mask, ZERO))
        chosen = mask if index == 1 else Apply(_OPPOSITES[mask.operation], mask.operands)
        return times(backward.upstream, chosen)

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
