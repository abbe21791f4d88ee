"""Chain-rule products, derived from the syntax tree in reverse mode.

The textbook algorithm (Baydin et al., "Automatic Differentiation in Machine Learning: a Survey",
JMLR 18, 2018, section 3.2), with formulas in the place of numbers: each operation turns the
upstream gradient into one for each of its operands, and a name that is read in several places
gets the sum.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from bptutor.language import limits
from bptutor.language.algebra import ONE, ZERO, plus
from bptutor.language.broadcast import full, unbroadcast
from bptutor.language.errors import ShapeError, TooMuchError
from bptutor.language.ops import build, operation_of
from bptutor.language.ops.base import Backward, Operation, ShapeOf
from bptutor.language.shapes import Outlines, affordable
from bptutor.language.tree import (
    Apply,
    Assignment,
    Expression,
    Name,
    Program,
    Shape,
    depth,
    names,
    replaced,
    size,
)
from bptutor.text import Message


def gradient_name(target: str, by: str) -> str:
    """dL_dW3, for a gradient or a local derivative."""
    return f"d{target}_d{by}"


Rule: TypeAlias = Callable[[Operation, Backward, int], Expression | None]
"""The vector-Jacobian product of an operation by the operand of an index."""


@dataclass(frozen=True)
class Contribution:
    """The gradient that one reader of a name passes back to it."""

    consumer: Assignment
    term: Expression


def derivative(operation: Operation, backward: Backward, index: int) -> Expression | None:
    """The right rule: each operation's own."""
    return operation.pullback(backward, index)


def gradients(program: Program, loss: str, shapes: Mapping[str, Shape]) -> dict[str, Expression]:
    """The chain-rule product of every name that the loss is computed from.

    A product is over the program's names and over gradients nearer to the loss (dL_dY); its shape
    is the name's. `shapes` has every name of the program. Raises TooMuchError: a product that is
    longer, or more work, than a formula that may be typed.
    """
    outlines = Outlines({**_gradient_shapes(program, loss, shapes), **shapes})
    return _summed(contributions(program, loss, shapes), outlines)


def contributions(
    program: Program, loss: str, shapes: Mapping[str, Shape]
) -> dict[str, list[Contribution]]:
    """The terms that `gradients` adds up: one for each place that reads a name.

    Raises TooMuchError: they are longer than `limits` grants.
    """
    named = _gradient_shapes(program, loss, shapes)
    shape_of = Outlines({**named, **shapes}).shape
    last = program.assignments[-1].line
    found: dict[str, list[Contribution]] = {}
    parts = 0
    for assignment in program.assignments:
        target = assignment.target
        if gradient_name(loss, target) not in named:
            continue
        upstream = ONE if target == loss else Name(gradient_name(loss, target))
        for name, expression in _paths(assignment, upstream, shape_of, derivative):
            term = _by_name(expression, program, last)
            found.setdefault(name, []).append(Contribution(assignment, term))
            parts += size(term)
        if parts > limits.MOST_DERIVED_PARTS:
            raise TooMuchError(limits.DERIVED_TOO_LONG, assignment.line)
    return found


def passed_back(
    program: Program, loss: str, shapes: Mapping[str, Shape]
) -> dict[tuple[str, str], Expression]:
    """What an assignment passes back to a name that it reads: the vector-Jacobian product.

    By the assignment's target and the name; over the target's gradient, which is upstream.
    """
    outlines = Outlines({**_gradient_shapes(program, loss, shapes), **shapes})
    found: dict[tuple[str, str], list[Contribution]] = {}
    for name, terms in contributions(program, loss, shapes).items():
        for each in terms:
            found.setdefault((each.consumer.target, name), []).append(each)
    return {path: _sum(path[1], terms, outlines) for path, terms in found.items()}


def local_derivatives(
    program: Program, assignment: Assignment, shapes: Mapping[str, Shape]
) -> dict[str, Expression]:
    """The local derivative of an assignment by each of its inputs, summed over its outputs.

    That is what `tape.gradient` gives for a target that is not a single number: the chain-rule
    product with an upstream gradient of ones. It is over names known at that line.
    """
    found: dict[str, list[Contribution]] = {}
    for name, term in downstream_gradients(program, assignment, None, shapes):
        found.setdefault(name, []).append(Contribution(assignment, term))
    return _summed(found, Outlines(shapes))


def element_by_element(expression: Expression, name: str, shape_of: ShapeOf) -> bool:
    """Does each element of the value depend on the same element of `name`, and on no other?

    The Jacobian is then diagonal: the gradient is the upstream gradient times the local derivative,
    element-wise.
    """
    if not isinstance(expression, Apply):
        return True
    operation = operation_of(expression)
    shapes = [shape_of(operand) for operand in expression.operands]
    if (meaning := operation.meaning(expression, shapes)) is not None:
        return element_by_element(meaning, name, shape_of)
    return operation.elementwise and all(
        shape == shape_of(expression) and element_by_element(operand, name, shape_of)
        for operand, shape in zip(expression.operands, shapes, strict=True)
        if name in names(operand)
    )


def downstream_gradients(
    program: Program,
    assignment: Assignment,
    upstream: Expression | None,
    shapes: Mapping[str, Shape],
    rule: Rule = derivative,
    outlines: Outlines | None = None,
) -> list[tuple[str, Expression]]:
    """The gradient that an assignment passes back to each place where it reads a name.

    With `upstream` None its local derivative, over names known by then. `shapes` has every name of
    the program and of `upstream`; `outlines` are those over them, if there are any. A wrong `rule`
    gives what a learner gets who goes by it.
    """
    shape_of = (outlines or Outlines(shapes)).shape
    last = assignment.line if upstream is None else program.assignments[-1].line
    found = []
    given = ONE if upstream is None else upstream
    for name, expression in _paths(assignment, given, shape_of, rule):
        term = _by_name(expression, program, last)
        if upstream is None:
            term = _ones_by_name(term, assignment.target, shape_of)
        found.append((name, term))
    return found


def _summed(found: Mapping[str, list[Contribution]], outlines: Outlines) -> dict[str, Expression]:
    return {name: _sum(name, terms, outlines) for name, terms in found.items()}


def _sum(name: str, terms: list[Contribution], outlines: Outlines) -> Expression:
    total = plus(*(each.term for each in terms))
    line = terms[0].consumer.line
    _require_short(total, line)
    total = _spelled_out(total, name, outlines.shape)
    try:
        affordable(outlines, total)
    except TooMuchError as error:
        raise TooMuchError(
            Message(
                "the gradient with respect to {name}: {problem}", name=name, problem=error.message
            ),
            line,
        ) from None
    except ShapeError:  # of a wrong rule: `engine.agreement` compares the shapes with the tape's
        pass
    return total


def _require_short(gradient: Expression, line: int = 1) -> None:
    if (nodes := size(gradient)) > limits.MOST_NODES:
        raise TooMuchError(limits.GRADIENT_TOO_LONG, line)
    if nodes > limits.MOST_DEPTH and depth(gradient) > limits.MOST_DEPTH:
        raise TooMuchError(limits.GRADIENT_TOO_DEEP, line)


def _gradient_shapes(program: Program, loss: str, shapes: Mapping[str, Shape]) -> dict[str, Shape]:
    reaches = {loss, *program.ancestors(loss)}
    return {gradient_name(loss, name): shapes[name] for name in reaches}


def _paths(
    assignment: Assignment, upstream: Expression, shape_of: ShapeOf, rule: Rule
) -> list[tuple[str, Expression]]:
    """The gradient passed to each place where a name is read; zero where none passes."""
    found: list[tuple[str, Expression]] = [(name, ZERO) for name in assignment.inputs]
    try:
        _walk(assignment.expression, upstream, shape_of, rule, lambda *path: found.append(path))
    except TooMuchError as error:
        raise TooMuchError(error.message, assignment.line) from None
    return found


def _walk(
    expression: Expression,
    upstream: Expression,
    shape_of: ShapeOf,
    rule: Rule,
    visit: Callable[[str, Expression], None],
) -> None:
    if isinstance(expression, Name):
        visit(expression.id, upstream)
    if not isinstance(expression, Apply):
        return
    operation = operation_of(expression)
    shapes = [shape_of(operand) for operand in expression.operands]
    if (meaning := operation.meaning(expression, shapes)) is not None:
        return _walk(meaning, upstream, shape_of, rule, visit)
    backward = Backward(expression, upstream, shape_of)
    for index, operand in enumerate(expression.operands):
        if not any(names(operand)):
            continue
        gradient = rule(operation, backward, index)
        if gradient is None:
            continue
        if operation.elementwise:
            gradient = unbroadcast(gradient, shape_of(expression), shapes[index], shape_of)
        _require_short(gradient)  # some rules use the upstream gradient twice: 2^n
        _walk(operand, gradient, shape_of, rule, visit)


def _by_name(expression: Expression, program: Program, line: int) -> Expression:
    """Replaces every part that one of the program's first lines assigns by its name."""

    def name(part: Expression) -> Name | None:
        found = program.named.get(part)
        return Name(found.target) if found and found.line <= line else None

    return replaced(expression, name)


def _ones_by_name(expression: Expression, target: str, shape_of: ShapeOf) -> Expression:
    """Writes ones of the target's shape as `ones_like(target)`: they are its upstream gradient."""
    ones = build.ones_like(Name(target))

    def named(part: Expression) -> Expression | None:
        alike = isinstance(part, Apply) and part.operation == ones.operation
        return ones if alike and shape_of(part) == shape_of(ones) else None

    return replaced(expression, named)


def _spelled_out(expression: Expression, name: str, shape_of: ShapeOf) -> Expression:
    if expression == ZERO:
        return build.zeros_like(Name(name)) if shape_of(Name(name)) else ZERO
    return full(expression, Name(name), shape_of)
