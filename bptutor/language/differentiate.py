"""Chain-rule products, derived from the syntax tree in reverse mode.

The textbook algorithm (Baydin et al., "Automatic Differentiation in Machine Learning: a Survey",
JMLR 18, 2018, section 3.2), with formulas in the place of numbers: each operation turns the
upstream gradient into one for each of its operands, and a name that is read in several places
gets the sum.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from bptutor.language.algebra import ONE, ZERO, plus
from bptutor.language.broadcast import full, unbroadcast
from bptutor.language.ops import operations
from bptutor.language.ops.base import Backward, ShapeOf
from bptutor.language.shapes import infer_shape
from bptutor.language.tree import Apply, Assignment, Expression, Name, Program, Shape, names


def gradient_name(of: str, by: str) -> str:
    """The name of the gradient (or slope) of one quantity by another: dL_dW3."""
    return f"d{of}_d{by}"


def gradients(
    program: Program, loss: str, shapes: Mapping[str, Shape]
) -> dict[str, Expression]:
    """The chain-rule product of every name that the loss is computed from.

    A product is over the program's names and over gradients nearer to the loss (dL_dY); its shape
    is the name's. `shapes` has every name of the program.
    """
    paths: dict[str, list[Expression]] = {}
    reaches = {loss, *program.ancestors(loss)}
    for assignment in program.assignments:
        if assignment.target not in reaches:
            continue
        target = assignment.target
        upstream = ONE if target == loss else Name(gradient_name(loss, target))
        for name, expression in _paths(program, assignment, upstream, loss, shapes):
            paths.setdefault(name, []).append(expression)
    shape_of = _shape_of(program, loss, shapes)
    return {name: _spelled_out(plus(*terms), name, shape_of) for name, terms in paths.items()}


def slopes(
    program: Program, assignment: Assignment, shapes: Mapping[str, Shape]
) -> dict[str, Expression]:
    """The slope of an assignment by each of its inputs, summed over its outputs.

    That is what `tape.gradient` gives for a target that is not a single number: the chain-rule
    product with an upstream gradient of ones.
    """
    shape_of = _shape_of(program, assignment.target, shapes)
    paths: dict[str, list[Expression]] = {}
    for name, expression in _paths(program, assignment, ONE, assignment.target, shapes):
        paths.setdefault(name, []).append(expression)
    return {name: _spelled_out(plus(*terms), name, shape_of) for name, terms in paths.items()}


def _paths(
    program: Program,
    assignment: Assignment,
    upstream: Expression,
    loss: str,
    shapes: Mapping[str, Shape],
) -> list[tuple[str, Expression]]:
    """What an assignment hands back to each place where it reads a name; zero where nothing."""
    found: list[tuple[str, Expression]] = [(name, ZERO) for name in assignment.inputs]
    shape_of = _shape_of(program, loss, shapes)
    _walk(assignment.expression, upstream, shape_of, lambda *path: found.append(path))
    called = {
        known.expression: Name(known.target)
        for known in program.assignments
        if isinstance(known.expression, Apply)
    }
    return [(name, _by_name(expression, called)) for name, expression in found]


def _walk(
    expression: Expression,
    upstream: Expression,
    shape_of: ShapeOf,
    visit: Callable[[str, Expression], None],
) -> None:
    if isinstance(expression, Name):
        visit(expression.id, upstream)
    if not isinstance(expression, Apply):
        return
    operation = operations()[expression.operation]
    shapes = [shape_of(operand) for operand in expression.operands]
    if (meaning := operation.meaning(expression, shapes)) is not None:
        return _walk(meaning, upstream, shape_of, visit)
    backward = Backward(expression, upstream, shape_of)
    for index, operand in enumerate(expression.operands):
        if not any(names(operand)):
            continue
        gradient = operation.pullback(backward, index)
        if gradient is None:
            continue
        if operation.broadcasts:
            gradient = unbroadcast(gradient, shape_of(expression), shapes[index], shape_of)
        _walk(operand, gradient, shape_of, visit)


def _by_name(expression: Expression, called: Mapping[Expression, Name]) -> Expression:
    """`expression` with every part that the program has a name for under that name."""
    if expression in called:
        return called[expression]
    if isinstance(expression, Apply):
        operands = tuple(_by_name(operand, called) for operand in expression.operands)
        return Apply(expression.operation, operands, expression.options)
    return expression


def _spelled_out(expression: Expression, name: str, shape_of: ShapeOf) -> Expression:
    if expression == ZERO:
        return Apply("zeros_like", (Name(name),)) if shape_of(Name(name)) else ZERO
    return full(expression, Name(name), shape_of)


def _shape_of(program: Program, loss: str, shapes: Mapping[str, Shape]) -> ShapeOf:
    gradients_too = dict(shapes)
    for name, shape in shapes.items():
        gradients_too.setdefault(gradient_name(loss, name), shape)
    return lambda expression: infer_shape(expression, gradients_too)
