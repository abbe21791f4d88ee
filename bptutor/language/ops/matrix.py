"""Products of matrices, and the transpose."""

import ast
from collections.abc import Sequence
from math import prod

from bptutor.language.algebra import matrix_product, spelled, transposed
from bptutor.language.broadcast import full
from bptutor.language.errors import ShapeError
from bptutor.language.ops.base import (
    Backward,
    Cell,
    Infix,
    Operation,
    Read,
    Traits,
    broadcast_shape,
    term_by_term,
    written_shape,
)
from bptutor.language.tree import Apply, Expression, Shape
from bptutor.text import Message


class Matmul(Operation):
    """The matrix product x @ y

    Its rule is in Giles, "Collected Matrix Derivative Results for Forward and Reverse Mode
    Algorithmic Differentiation", 2008, section 2.2.2.
    """

    key = "matmul"
    forward = Message(
        "In {node}, take each row of {x} with each column of {y}: multiply the pairs and add."
    )
    rules = (
        Message(
            "{operand} is on the left of {node}: multiply {upstream} by the transpose of the right"
            " factor, which stays on the right of @."
        ),
        Message(
            "{operand} is on the right of {node}: multiply {upstream} by the transpose of the left"
            " factor, which stays on the left of @."
        ),
    )
    arity = 2
    code = "tf.matmul"
    infix = Infix.same("@", 3, ast.MatMult)
    elementwise = False
    traits = Traits(product="matrices")
    magnitude = staticmethod(term_by_term)

    def shape(self, node: Apply, shapes: Sequence[Shape]) -> Shape:
        left, right = shapes
        if len(left) != 2 or len(right) != 2:
            problem = Message(
                "@ multiplies two matrices; the shapes here are {left} and {right}",
                left=written_shape(left),
                right=written_shape(right),
            )
            raise ShapeError(problem)
        if left[1] != right[0]:
            problem = Message(
                "{left} @ {right} does not fit: columns on the left: {columns}, rows on the"
                " right: {rows}",
                left=written_shape(left),
                right=written_shape(right),
                columns=left[1],
                rows=right[0],
            )
            raise ShapeError(problem)
        return left[0], right[1]

    def work(self, node: Apply, shapes: Sequence[Shape], value: Shape) -> int:
        return prod(value) * shapes[0][1]

    def additions(self, node: Apply, shapes: Sequence[Shape], value: Shape) -> int:
        left = node.operands[0]
        if isinstance(left, Apply) and left.operation == "one_hot":  # it takes rows
            return 0
        return prod(value) * (shapes[0][1] - 1)

    def pullback(self, backward: Backward, index: int) -> Expression:
        left, right = backward.node.operands
        upstream = full(backward.upstream, backward.node, backward.shape_of)
        if index == 0:
            return matrix_product(upstream, transposed(right))
        return matrix_product(transposed(left), upstream)

    def effort(self, numbers: int, shapes: Sequence[Shape]) -> float:
        return _sums_of_products(numbers, shapes)

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        row, column = at
        pairs = ((read(0, (row, k)), read(1, (k, column))) for k in range(shapes[0][1]))
        return spelled(Apply("multiply", pair) for pair in pairs)


class Dot(Operation):
    """np.dot(x, y) and `x · y`

    The matrix product where it fits, the inner product where one side is a vector, else the
    element-wise product.
    """

    key = "dot"
    forward = Message("Multiply {x} by {y} pair by pair, and add.")
    arity = 2
    code = "np.dot"
    infix = Infix({"unicode": "·"}, 3, ast.Mod)
    rule = Message(
        "In {node}, multiply {upstream} by the other factor. For matrices, take its transpose, on"
        " the same side."
    )
    traits = Traits(product="either")
    magnitude = staticmethod(term_by_term)

    def effort(self, numbers: int, shapes: Sequence[Shape]) -> float:
        return _sums_of_products(numbers, shapes)

    def meaning(self, node: Apply, shapes: Sequence[Shape]) -> Expression:
        left, right = node.operands
        ranks = len(shapes[0]), len(shapes[1])
        if min(ranks) == 0 or max(ranks) > 2 or shapes[0][-1] != shapes[1][0]:
            return Apply("multiply", node.operands)
        if ranks == (2, 2):
            return Apply("matmul", node.operands)
        if ranks == (1, 2):
            left = Apply("expand_dims", (left,), (("axis", 1),))
        return Apply("sum", (Apply("multiply", (left, right)),), (("axis", ranks[0] - 1),))

    def other_meaning(self, node: Apply, shapes: Sequence[Shape]) -> Expression | None:
        """The element-wise product, where that fits as well."""
        if self.meaning(node, shapes) == (cell_by_cell := Apply("multiply", node.operands)):
            return None
        try:
            broadcast_shape(*shapes)
        except ShapeError:
            return None
        return cell_by_cell


class Outer(Operation):
    """np.outer(x, y): every number of x (rows) times every number of y (columns)."""

    key = "outer"
    forward = Message("Multiply each element of {x} by each element of {y}.")
    arity = 2
    code = "np.outer"
    rule = Message(
        "In {node}, multiply {upstream} by the other factor, and sum over the other factor's axis."
    )
    traits = Traits(effort=1)
    magnitude = staticmethod(term_by_term)

    def meaning(self, node: Apply, shapes: Sequence[Shape]) -> Expression:
        for shape in shapes:
            if len(shape) > 2 or (len(shape) == 2 and 1 not in shape):
                problem = Message(
                    "outer multiplies two vectors; {shape} is not one", shape=written_shape(shape)
                )
                raise ShapeError(problem)
        left, right = node.operands
        return Apply("matmul", (_column(left, shapes[0]), transposed(_column(right, shapes[1]))))


def _column(vector: Expression, shape: Shape) -> Expression:
    if len(shape) == 2:
        return vector if shape[1] == 1 else transposed(vector)
    if len(shape) == 0:
        vector = Apply("expand_dims", (vector,), (("axis", 0),))
    return Apply("expand_dims", (vector,), (("axis", 1),))


def _sums_of_products(numbers: int, shapes: Sequence[Shape]) -> float:
    """Each number is as many products as the left has columns, added up."""
    return numbers * (1.5 * prod(shapes[0][-1:]) - 0.5)


class Transpose(Operation):
    """Reverses the axes."""

    key = "transpose"
    forward = Message("Turn the rows of {x} into columns.")
    code = "tf.transpose"
    postfix = {"unicode": "ᵀ", "ascii": ".T"}
    elementwise = False
    rule = Message("{node} is a transpose: {operand} gets {upstream} transposed.")
    traits = Traits(effort=0)
    magnitude = staticmethod(term_by_term)

    def shape(self, node: Apply, shapes: Sequence[Shape]) -> Shape:
        return shapes[0][::-1]

    def pullback(self, backward: Backward, index: int) -> Expression:
        return transposed(full(backward.upstream, backward.node, backward.shape_of))

    def cell(self, node: Apply, at: Cell, read: Read, shapes: Sequence[Shape]) -> Expression:
        return read(0, at[::-1])


OPERATIONS: tuple[Operation, ...] = (Matmul(), Dot(), Outer(), Transpose())
