"""The masks of a formula: what tells the two sides of a kink apart."""

from collections.abc import Iterator

from bptutor.language.ops import operation_of
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
