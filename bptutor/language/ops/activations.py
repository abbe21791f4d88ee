"""Activation functions, each with TensorFlow's slope, ties included."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from bptutor.language.algebra import ONE, ZERO, minus, plus, power, spelled_sum, times
from bptutor.language.broadcast import total
from bptutor.language.errors import ShapeError
from bptutor.language.ops.base import Backward, Cell, Operation, Parameter, Read, Tensor, no_axis
from bptutor.language.tree import Apply, Expression, Number, Shape
from bptutor.locale import Message


class Relu(Operation):
    """max(x, 0); TensorFlow's slope at exactly 0 is 0"""

    key = "relu"
    forward = Message("The number itself where it is above 0, else 0.")
    spellings = ("ReLU",)
    code = "tf.nn.relu"
    rule = Message(
        "relu lets the upstream gradient through where x > 0 and stops it everywhere"
        " else, at exactly 0 too."
    )

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.nn.relu(operands[0])

    def pullback(self, backward: Backward, index: int) -> Expression:
        return times(backward.upstream, Apply("greater", (backward.operand(0), ZERO)))


class LeakyRelu(Operation):
    """x where x > 0, alpha * x elsewhere; the slope at exactly 0 is alpha"""

    key = "leaky_relu"
    forward = Message("The number itself where it is above 0, else a small share of it.")
    options = {"alpha": Parameter("number", 0.2)}
    code = "tf.nn.leaky_relu"
    rule = Message(
        "leaky_relu lets the upstream gradient through where x > 0 and multiplies it by"
        " alpha everywhere else."
    )

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        # Among float64 too, TensorFlow keeps alpha in float32: 0.2 is right to 1.5e-8 there.
        return tf.nn.leaky_relu(operands[0], self._alpha(node))

    def pullback(self, backward: Backward, index: int) -> Expression:
        x, alpha = backward.operand(0), Number(self._alpha(backward.node))
        above, below = Apply("greater", (x, ZERO)), Apply("less_equal", (x, ZERO))
        return times(backward.upstream, plus(above, times(alpha, below)))

    def _alpha(self, node: Apply) -> float:
        alpha = node.option("alpha", self.options["alpha"].default)
        assert isinstance(alpha, int | float)
        return float(alpha)


class Sigmoid(Operation):
    """1 / (1 + exp(-x))"""

    key = "sigmoid"
    forward = Message("sigmoid(x) is 1 / (1 + exp(-x)).")
    spellings = ("logistic", "expit")
    code = "tf.sigmoid"
    rule = Message(
        "The slope of a = sigmoid(x) is a * (1 - a): multiply the upstream gradient by it."
    )

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.sigmoid(operands[0])

    def pullback(self, backward: Backward, index: int) -> Expression:
        return times(backward.upstream, backward.node, minus(ONE, backward.node))


class Tanh(Operation):
    """The hyperbolic tangent"""

    key = "tanh"
    forward = Message("tanh(x) is (exp(x) - exp(-x)) / (exp(x) + exp(-x)).")
    code = "tf.tanh"
    rule = Message("The slope of a = tanh(x) is 1 - a ** 2: multiply the upstream gradient by it.")

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.tanh(operands[0])

    def pullback(self, backward: Backward, index: int) -> Expression:
        return times(backward.upstream, minus(ONE, power(backward.node, 2)))


class Softplus(Operation):
    """log(1 + exp(x))"""

    key = "softplus"
    forward = Message("softplus(x) is log(1 + exp(x)).")
    code = "tf.math.softplus"
    rule = Message("The slope of softplus(x) is sigmoid(x): multiply the upstream gradient by it.")

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.math.softplus(operands[0])

    def pullback(self, backward: Backward, index: int) -> Expression:
        return times(backward.upstream, Apply("sigmoid", backward.node.operands))


class Normaliser(Operation):
    """What softmax and log_softmax share: they work along one axis, the last one by default."""

    options = {"axis": Parameter("axis", -1)}

    @property
    def elementwise(self) -> bool:
        return False

    def shape(self, node: Apply, shapes: Sequence[Shape]) -> Shape:
        rank = len(shapes[0])
        if not -rank <= self._axis(node) < rank:
            raise ShapeError(no_axis(self._axis(node), shapes[0]))
        return shapes[0]

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
        """exp of the cell, and the sum of exp over its row."""
        axis = self._axis(node) % len(at)
        row = ((*at[:axis], index, *at[axis + 1 :]) for index in range(shapes[0][axis]))
        return Apply("exp", (read(0, at),)), spelled_sum(Apply("exp", (read(0, c),)) for c in row)


class Softmax(Normaliser):
    """exp(x) over the sum of exp(x) along an axis"""

    key = "softmax"
    forward = Message("Take exp of each number, and divide it by the sum of these over its row.")
    code = "tf.nn.softmax"
    rule = Message(
        "Every output of p = softmax(x) depends on every x of its row: with g the"
        " upstream gradient it is p * (g - sum(g * p)), summed over the row."
    )

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.nn.softmax(operands[0], axis=self._axis(node))

    def pullback(self, backward: Backward, index: int) -> Expression:
        node, upstream = backward.node, backward.upstream
        inner = minus(upstream, self._row_sum(backward, times(upstream, node)))
        return times(node, inner)

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        own, row = self._exponentials(node, at, shapes, read)
        return Apply("divide", (own, row))


class LogSoftmax(Normaliser):
    """The logarithm of softmax"""

    key = "log_softmax"
    forward = Message("From each number take away the logarithm of the sum of exp over its row.")
    code = "tf.nn.log_softmax"
    rule = Message(
        "Every output of log_softmax(x) depends on every x of its row: with g the"
        " upstream gradient it is g - softmax(x) * sum(g), summed over the row."
    )

    def compute(self, tf: Any, node: Apply, operands: Sequence[Tensor], dtype: str) -> Tensor:
        return tf.nn.log_softmax(operands[0], axis=self._axis(node))

    def pullback(self, backward: Backward, index: int) -> Expression:
        node, upstream = backward.node, backward.upstream
        softmax = Apply("softmax", node.operands, node.options)
        return minus(upstream, times(softmax, self._row_sum(backward, upstream)))

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        own, row = self._exponentials(node, at, shapes, read)
        return Apply("log", (Apply("divide", (own, row)),))
