"""Activation functions, each with TensorFlow's derivative, ties included."""

import math
from collections.abc import Sequence
from math import prod
from typing import Any

from bptutor.language.algebra import ONE, ZERO, minus, over, plus, power, spelled, times
from bptutor.language.broadcast import total
from bptutor.language.ops.base import (
    PASSES,
    Backward,
    Cell,
    Operation,
    Parameter,
    Read,
    Tensor,
    Traits,
    counted_axis,
)
from bptutor.language.ops.elementwise import Elementwise, at_zero, bell
from bptutor.language.tree import Apply, Expression, Number, Shape
from bptutor.text import Message


class LeakyRelu(Operation):
    """x where x > 0, alpha * x elsewhere; the derivative at exactly 0 is alpha."""

    key = "leaky_relu"
    options = {"alpha": Parameter("number", 0.2)}
    code = "tf.nn.leaky_relu"
    forward = Message(
        "Keep {x} where it is positive; elsewhere multiply it by alpha, 0.2 by default."
    )
    multiplies = True
    traits = Traits(
        activation=True, gate="weakens", slope_from_value=True, keras="leaky_relu", effort=0.5
    )

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        # Among float64 too, TensorFlow keeps alpha in float32: 0.2 is right to 1.5e-8 there.
        return tf.nn.leaky_relu(operands[0], self._alpha(node))

    def in_numpy(self, np: Any, node: Apply, operands: Sequence[Tensor]) -> Tensor:
        (x,) = operands
        return np.where(x > 0, x, x * np.float64(np.float32(self._alpha(node))))

    def slope(self, node: Apply, index: int) -> Expression:
        (x,), alpha = node.operands, Number(self._alpha(node))
        above, below = Apply("greater", (x, ZERO)), Apply("less_equal", (x, ZERO))
        return plus(above, times(alpha, below))

    def pullback(self, backward: Backward, index: int) -> Expression:
        return times(backward.upstream, self.slope(backward.node, index))

    def kink(self, node: Apply) -> Expression:
        return at_zero(node)

    def _alpha(self, node: Apply) -> float:
        alpha = node.option("alpha", self.options["alpha"].default)
        assert isinstance(alpha, int | float)
        return float(alpha)


def _at_a_tie(node: Apply) -> Expression:
    return Apply("greater", node.operands)


def _normal(x: float) -> float:
    """The normal distribution's Φ(x)."""
    return (1 + math.erf(x / math.sqrt(2))) / 2


def _letters_wrong(x: Expression, value: Expression) -> Sequence[Expression]:
    """Like value * (1 - value) with a letter wrong."""
    return minus(ONE, value), times(x, minus(ONE, x))


def _silu_slope(x: Expression, value: Expression) -> Expression:
    sigmoid = Apply("sigmoid", (x,))
    return times(sigmoid, plus(ONE, times(x, minus(ONE, sigmoid))))


def _gelu_slope(x: Expression, value: Expression) -> Expression:
    """Φ(x) + x φ(x), of the normal distribution (Hendrycks and Gimpel, 2016)."""
    error = Apply("erf", (over(x, Apply("sqrt", (Number(2),))),))
    density = times(Number(1 / math.sqrt(2 * math.pi)), x, bell(x, 2))
    return plus(over(plus(ONE, error), Number(2)), density)


def _elu_slope(x: Expression, value: Expression) -> Expression:
    below = Apply("less_equal", (x, ZERO))
    return plus(Apply("greater", (x, ZERO)), times(below, plus(value, ONE)))


class Gelu(Elementwise):
    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        # Among float64 too, tf.nn.gelu keeps the square root in float32: it is right to 4e-8 there.
        (x,) = operands
        return x * (1 + tf.math.erf(x / tf.sqrt(tf.constant(2, dtype)))) / 2


class Normaliser(Operation):
    """Softmax and log_softmax: along one axis, the last one by default."""

    options = {"axis": Parameter("axis", -1)}
    elementwise = False

    def shape(self, node: Apply, shapes: Sequence[Shape]) -> Shape:
        counted_axis(self, node, shapes[0])
        return shapes[0]

    def additions(self, node: Apply, shapes: Sequence[Shape], value: Shape) -> int:
        return prod(value) * (value[self._axis(node)] - 1)

    def _axis(self, node: Apply) -> int:
        axis = node.option("axis", self.options["axis"].default)
        assert isinstance(axis, int)
        return axis

    def _row_sum(self, backward: Backward, summand: Expression) -> Expression:
        shape = backward.shape_of(backward.node)
        axis = self._axis(backward.node) % len(shape)
        return total(summand, shape, [axis], True, backward.shape_of)

    def _exponentials(
        self, node: Apply, at: Cell, shapes: Sequence[Shape], read: Read
    ) -> tuple[Expression, Expression]:
        """exp of the element, and the sum of exp over its row."""
        axis = self._axis(node) % len(at)
        row = ((*at[:axis], index, *at[axis + 1 :]) for index in range(shapes[0][axis]))
        return Apply("exp", (read(0, at),)), spelled(Apply("exp", (read(0, c),)) for c in row)


class Softmax(Normaliser):
    """exp(x) over the sum of exp(x) along an axis."""

    key = "softmax"
    forward = Message("Take exp of each element of {x}; divide each by the sum over its row.")
    code = "tf.nn.softmax"
    rule = Message(
        "Each element of {value} depends on a whole row of {operand}. Multiply {upstream} by"
        " {value} and sum over the row. Subtract that sum from {upstream}; multiply by {value}."
    )
    traits = Traits(
        activation=True,
        normalises=True,
        probabilities="row",
        slope_from_value=True,
        keras="softmax",
        near_slopes=_letters_wrong,
    )

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.nn.softmax(operands[0], axis=self._axis(node))

    def in_numpy(self, np: Any, node: Apply, operands: Sequence[Tensor]) -> Tensor:
        (x,), axis = operands, self._axis(node)
        exponentials = np.exp(x - x.max(axis=axis, keepdims=True))
        return exponentials / exponentials.sum(axis=axis, keepdims=True)

    def pullback(self, backward: Backward, index: int) -> Expression:
        node, upstream = backward.node, backward.upstream
        inner = minus(upstream, self._row_sum(backward, times(upstream, node)))
        return times(node, inner)

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        own, row = self._exponentials(node, at, shapes, read)
        return Apply("divide", (own, row))


class LogSoftmax(Normaliser):
    key = "log_softmax"
    forward = Message(
        "Subtract from each element of {x} the logarithm of the sum of exp over its row."
    )
    code = "tf.nn.log_softmax"
    rule = Message(
        "Each element of {value} depends on a whole row of {operand}. Sum {upstream} over the row"
        " and multiply by softmax({operand}). Subtract that from {upstream}."
    )
    traits = Traits(
        activation=True, normalises=True, logarithm=True, slope_from_value=True, keras="log_softmax"
    )

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.nn.log_softmax(operands[0], axis=self._axis(node))

    def in_numpy(self, np: Any, node: Apply, operands: Sequence[Tensor]) -> Tensor:
        (x,), axis = operands, self._axis(node)
        shifted = x - x.max(axis=axis, keepdims=True)
        return shifted - np.log(np.exp(shifted).sum(axis=axis, keepdims=True))

    def probability(self, node: Apply) -> Apply:
        return Apply("softmax", node.operands, node.options)

    def pullback(self, backward: Backward, index: int) -> Expression:
        node, upstream = backward.node, backward.upstream
        return minus(upstream, times(self.probability(node), self._row_sum(backward, upstream)))

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        own, row = self._exponentials(node, at, shapes, read)
        return Apply("log", (Apply("divide", (own, row)),))


# At a tie the first of two takes the gradient, as in TensorFlow's math_grad.py
# (`_MaximumMinimumGrad`): `x >= y` for a maximum, `x <= y` for a minimum.
_EXTREMES = (
    Elementwise(
        "maximum",
        lambda x, y: Apply("greater_equal", (x, y)),
        lambda x, y: Apply("greater", (y, x)),
        spellings=("max",),
        of_one="reduce_max",
        kink=_at_a_tie,
        forward=Message("Take the larger of {x} and {y}."),
        rule=PASSES,
        multiplies=False,
        traits=Traits(
            activation=True,
            gate="stops",
            slope_from_value=True,
            keras="relu",
            passes_at_tie=True,
            effort=0.5,
        ),
    ),
    Elementwise(
        "minimum",
        lambda x, y: Apply("less_equal", (x, y)),
        lambda x, y: Apply("less", (y, x)),
        spellings=("min",),
        of_one="reduce_min",
        kink=_at_a_tie,
        forward=Message("Take the smaller of {x} and {y}."),
        rule=PASSES,
        multiplies=False,
        traits=Traits(gate="stops", effort=0.5),
    ),
)

_ROWS = (
    Elementwise(
        "relu",  # TensorFlow's slope at exactly 0 is 0
        lambda x, value: Apply("greater", (x, ZERO)),
        code="tf.nn.relu",
        numpy=lambda np, x: np.maximum(x, 0),
        spellings=("ReLU",),
        kink=at_zero,
        forward=Message("Keep {x} where it is positive; take 0 elsewhere."),
        rule=PASSES,
        multiplies=False,
        traits=Traits(
            activation=True, gate="stops", slope_from_value=True, keras="relu", effort=0.5
        ),
    ),
    LeakyRelu(),
    Elementwise(
        "sigmoid",
        lambda x, value: times(value, minus(ONE, value)),
        numpy=lambda np, x: 1 / (1 + np.exp(-x)),
        spellings=("logistic", "expit"),
        forward=Message("{node} is 1 / (1 + exp(-{atom}))."),
        traits=Traits(
            activation=True,
            saturates=True,
            probabilities="each",
            slope_from_value=True,
            keras="sigmoid",
            near_slopes=lambda x, value: (*_letters_wrong(x, value), minus(ONE, power(value, 2))),
        ),
    ),
    Elementwise(
        "tanh",
        lambda x, value: minus(ONE, power(value, 2)),
        forward=Message("{node} is (exp({x}) - exp(-{atom})) / (exp({x}) + exp(-{atom}))."),
        traits=Traits(
            activation=True,
            saturates=True,
            slope_from_value=True,
            keras="tanh",
            near_slopes=lambda x, value: (
                times(value, minus(ONE, value)),
                minus(ONE, value),
                power(value, 2),
                minus(ONE, power(x, 2)),
            ),
        ),
    ),
    Elementwise(
        "softplus",
        lambda x, value: Apply("sigmoid", (x,)),
        code="tf.math.softplus",
        numpy=lambda np, x: np.logaddexp(x, 0),
        forward=Message("{node} is log(1 + exp({x}))."),
        traits=Traits(activation=True, slope_from_value=True, keras="softplus"),
    ),
    Elementwise(
        "silu",
        _silu_slope,
        code="tf.nn.silu",
        numpy=lambda np, x: x / (1 + np.exp(-x)),
        spellings=("swish",),
        forward=Message("{node} is {x} times sigmoid({x})."),
        traits=Traits(activation=True, keras="silu"),
    ),
    Gelu(
        "gelu",
        _gelu_slope,
        code="tf.nn.gelu",
        numpy=lambda np, x: x * np.vectorize(_normal, otypes=["float64"])(x),
        forward=Message("{node} is {x} times (1 + erf({x} / sqrt(2))) / 2."),
        traits=Traits(activation=True, keras="gelu"),
    ),
    Elementwise(
        "elu",
        _elu_slope,
        code="tf.nn.elu",
        numpy=lambda np, x: np.where(x > 0, x, np.expm1(np.minimum(x, 0))),
        forward=Message("Keep {x} where it is positive; elsewhere take exp({x}) - 1."),
        traits=Traits(activation=True, slope_from_value=True, keras="elu"),
    ),
)

OPERATIONS: tuple[Operation, ...] = (*_EXTREMES, *_ROWS, Softmax(), LogSoftmax())
