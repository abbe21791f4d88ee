"""Rewrites of trees: how a right formula becomes a wrong one."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from bptutor.language.tree import Apply, Expression, names

Rewrite = Callable[[Apply], "Expression | None"]
"""Gives what stands in a node's place, or None where the node stays."""


def everywhere(
    expression: Expression, rewrite: Rewrite, but: Expression | None = None
) -> Expression:
    """The tree with every node rewritten, from the leaves up; the part `but` stays as it is."""
    if not isinstance(expression, Apply) or expression == but:
        return expression
    operands = tuple(everywhere(operand, rewrite, but) for operand in expression.operands)
    node = Apply(expression.operation, operands, expression.options)
    found = rewrite(node)
    return node if found is None else found


def once(expression: Expression, rewrite: Rewrite) -> Iterator[Expression]:
    """The trees with a single node rewritten, for each node that can be."""
    if not isinstance(expression, Apply):
        return
    found = rewrite(expression)
    if found is not None:
        yield found
    for index, operand in enumerate(expression.operands):
        for rewritten in once(operand, rewrite):
            operands = (*expression.operands[:index], rewritten, *expression.operands[index + 1 :])
            yield Apply(expression.operation, operands, expression.options)


def with_part(expression: Expression, part: Expression, other: Expression) -> Expression:
    """The tree with `other` wherever `part` stands."""
    if expression == part:
        return other
    if not isinstance(expression, Apply):
        return expression
    operands = tuple(with_part(operand, part, other) for operand in expression.operands)
    return Apply(expression.operation, operands, expression.options)


def contains(expression: Expression, part: Expression) -> bool:
    """Does `part` stand somewhere in the tree?"""
    if expression == part:
        return True
    return isinstance(expression, Apply) and any(
        contains(operand, part) for operand in expression.operands
    )


def nodes_to(expression: Expression, name: str) -> Iterator[Apply]:
    """The operations from the outermost one down to each place of a name."""
    if isinstance(expression, Apply) and name in names(expression):
        yield expression
        for operand in expression.operands:
            yield from nodes_to(operand, name)
