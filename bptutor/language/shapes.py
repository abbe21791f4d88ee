"""Shapes and how much work they are, known before anything is computed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from math import prod
from operator import eq, is_not, ne

from bptutor.language import limits
from bptutor.language.errors import MOST_LISTED, ShapeError, TooMuchError, shortened
from bptutor.language.ops import operation_of
from bptutor.language.ops.base import written_shapes
from bptutor.language.tree import Apply, Expression, Name, Number, Program, Shape
from bptutor.text import Message


@dataclass(frozen=True, slots=True)
class Outline:
    """What the shapes of the names tell about an expression."""

    expression: Expression  # with every shorthand (`x · y`) replaced by its meaning
    shape: Shape  # of its value
    elements: int = 0  # of all tensors made on the way, its value included
    work: int = 0  # its multiplications and additions
    additions: int = 0  # in sums over several elements, as in a matrix product


class Outlines:
    """The outlines of expressions over the same names; each part is worked out once."""

    def __init__(
        self, shapes: Mapping[str, Shape], otherwise: Callable[[Apply], bool] = lambda node: False
    ) -> None:
        """Takes the shapes of the names; `otherwise` says which nodes take their other meaning."""
        self._shapes = shapes
        self._otherwise = otherwise
        self._known: dict[Expression, Outline] = {}
        self.ambiguous: list[Apply] = []  # the nodes so far that have another meaning besides

    def of(self, expression: Expression) -> Outline:
        """The outline of an expression.

        Raises ShapeError: shapes that do not fit, a name without a value, or a tensor too large.
        """
        if isinstance(expression, Number):
            return Outline(expression, ())
        if isinstance(expression, Name):
            if expression.id not in self._shapes:
                raise ShapeError(Message("{name} has no value here", name=shortened(expression.id)))
            return Outline(expression, self._shapes[expression.id])
        found = self._known.get(expression)
        if found is None:
            found = self._known[expression] = self._made(expression)
            self._known[found.expression] = found
        return found

    def shape(self, expression: Expression) -> Shape:
        return self.of(expression).shape

    def _made(self, node: Apply) -> Outline:
        operands = list(map(self.of, node.operands))
        shapes = [operand.shape for operand in operands]
        operation = operation_of(node)
        plain = node  # kept where nothing in it is short for another: it is found by identity
        if any(map(is_not, (operand.expression for operand in operands), node.operands)):
            parts = tuple(operand.expression for operand in operands)
            plain = Apply(node.operation, parts, node.options)
        if (meaning := operation.meaning(plain, shapes)) is not None:
            if (other := operation.other_meaning(plain, shapes)) is not None:
                self.ambiguous.append(node)
                meaning = other if self._otherwise(node) else meaning
            return self.of(meaning)
        shape = operation.shape(plain, shapes)
        if len(shape) > limits.MOST_AXES:
            raise TooMuchError(limits.TOO_MANY_AXES)
        if prod(shape) > limits.MOST_ELEMENTS:
            raise TooMuchError(
                Message(
                    "a tensor of shape {shape} is too large here", shape=written_shapes([shape])
                )
            )
        return Outline(
            plain,
            shape,
            prod(shape) + sum(operand.elements for operand in operands),
            operation.work(plain, shapes, shape) + sum(operand.work for operand in operands),
            operation.additions(plain, shapes, shape)
            + sum(operand.additions for operand in operands),
        )


def infer_shape(expression: Expression, shapes: Mapping[str, Shape]) -> Shape:
    """The shape of an expression, given the shapes of its names.

    Raises ShapeError: shapes that do not fit, a name without a value, or a tensor too large.
    """
    return Outlines(shapes).shape(expression)


def resolved(expression: Expression, shapes: Mapping[str, Shape]) -> Expression:
    """An expression with every shorthand (`x · y`) replaced by its meaning.

    Raises ShapeError: shapes that do not fit, a name without a value, or a tensor too large.
    """
    return Outlines(shapes).of(expression).expression


def readings(expression: Expression, shapes: Mapping[str, Shape]) -> Iterator[Expression]:
    """What a typed formula may mean, likeliest first: `·` is @ or *, and often both fit.

    First every `·` is @ where that fits. Then, where both fit, every one is *; one alone is *; all
    but one are. Equal parts of a formula mean the same. There are at most MOST_READINGS, which
    together keep to the work of one formula. Raises ShapeError: shapes that do not fit, a name
    without a value, a tensor too large, or more work than a typed formula may ask for.
    """
    first = Outlines(shapes)
    outline = affordable(first, expression)
    yield outline.expression
    seen, work = {outline.expression}, outline.work
    for otherwise in islice(_choices(first.ambiguous), limits.MOST_READINGS - 1):
        try:
            outline = affordable(Outlines(shapes, otherwise), expression)
        except ShapeError:
            continue
        work += outline.work
        if work > limits.MOST_FORMULA_WORK:
            return
        if outline.expression not in seen:
            seen.add(outline.expression)
            yield outline.expression


def require_affordable(expression: Expression, shapes: Mapping[str, Shape]) -> None:
    """Checks that a typed formula does not ask for too much work.

    Raises ShapeError: it does, its shapes do not fit, or a name has no value.
    """
    affordable(Outlines(shapes), expression)


def affordable(outlines: Outlines, expression: Expression) -> Outline:
    """The outline of a formula that does not ask for too much; raises as `require_affordable`."""
    outline = outlines.of(expression)
    if outline.elements > limits.MOST_FORMULA_ELEMENTS:
        raise TooMuchError(limits.FORMULA_TOO_LARGE)
    if outline.work > limits.MOST_FORMULA_WORK:
        raise TooMuchError(limits.FORMULA_TOO_LABORIOUS)
    return outline


def _choices(ambiguous: Sequence[Apply]) -> Iterator[Callable[[Apply], bool]]:
    """Which nodes take their other meaning: all; one; all but one."""
    if ambiguous:
        yield lambda node: True
    for node in ambiguous:
        yield partial(eq, node)
        yield partial(ne, node)


def program_shapes(program: Program, leaves: Mapping[str, Shape]) -> dict[str, Shape]:
    """The shapes of all of a program's names, given those of its leaves.

    Raises ShapeError: an assignment whose shapes do not fit, which the sentence names, or a program
    that asks for too much work.
    """
    shapes = dict(leaves)
    elements = work = 0
    for assignment in program.assignments:
        try:
            outline = Outlines(shapes).of(assignment.expression)
        except ShapeError as error:
            raise ShapeError(
                Message(
                    "{target} (line {line} of the program): {problem}. The shapes are {shapes}.",
                    target=assignment.target,
                    line=assignment.line,
                    problem=error.message,
                    shapes=", ".join(
                        f"{name} {written_shapes([shapes[name]])}"
                        for name in assignment.inputs[:MOST_LISTED]
                        if name in shapes
                    ),
                ),
                assignment.line,
            ) from error
        shapes[assignment.target] = outline.shape
        elements += outline.elements
        work += outline.work
        if elements > limits.MOST_PROGRAM_ELEMENTS:
            raise TooMuchError(limits.PROGRAM_TOO_LARGE, assignment.line)
        if work > limits.MOST_PROGRAM_WORK:
            raise TooMuchError(limits.PROGRAM_TOO_LABORIOUS, assignment.line)
    return shapes
