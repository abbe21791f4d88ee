"""What the tree of a formula says of its values: where they have a kink, whether they are alike."""

from collections.abc import Iterator
from math import prod

from bptutor.language.ops import operation_of
from bptutor.language.ops.base import ShapeOf
from bptutor.language.ops.elementwise import Comparison
from bptutor.language.tree import Apply, Expression, parts


def masks_in(expression: Expression) -> Iterator[Expression]:
    """The masks of a formula, each as a comparison."""
    for part in dict.fromkeys(parts(expression)):
        if isinstance(part, Apply):
            operation = operation_of(part)
            mask = part if isinstance(operation, Comparison) else operation.kink(part)
            if mask is not None:
                yield mask


def uniform(expression: Expression, shape_of: ShapeOf) -> bool:
    """Are all elements of the value one number, whatever the numbers of the names?"""
    if prod(shape_of(expression)) == 1:
        return True
    if not isinstance(expression, Apply):
        return False
    operation = operation_of(expression)
    return operation.traits.shape_alone or (
        operation.elementwise and all(uniform(each, shape_of) for each in expression.operands)
    )
