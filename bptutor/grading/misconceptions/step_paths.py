"""The paths on which a gradient is passed back, the program around them, rewrites of formulas."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Protocol

from bptutor.language.algebra import times, untransposed
from bptutor.language.ops import build, traits_of
from bptutor.language.ops.base import Backward
from bptutor.language.shapes import Outlines
from bptutor.language.tree import (
    Apply,
    Assignment,
    Expression,
    Name,
    Number,
    Program,
    Shape,
    parts,
    replaced,
)
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.steps import LEARNING_RATE, steps

Pullback = Callable[[Backward], "Expression | None"]  # by the right rule of an operation


class WrongRule(Protocol):
    """Passes a gradient back by a wrong rule; `pull` is the right one."""

    def __call__(self, backward: Backward, pull: Pullback) -> Expression | None: ...


@dataclass(frozen=True)
class Path:
    """One place through which the gradient is passed back."""

    term: Expression
    consumer: Assignment  # reads what is differentiated by (forward, update: what is computed)
    place: int = 0  # which of the consumer's places that read the name
    wrong_rules: tuple[tuple[Apply, WrongRule], ...] = ()  # operations that passed it back wrongly
    wrong_upstream: Expression | None = None  # the wrong upstream gradient, if it was that


@dataclass(frozen=True)
class Factor:
    """The other factor of a product."""

    node: Apply
    other: Expression  # the other operand as it stands in the product
    read: Expression  # the same without its transpose: mostly a name

    @property
    def name(self) -> str | None:
        return self.read.id if isinstance(self.read, Name) else None


NEIGHBOURS = 8  # how many other names of its shape a name may be confused with


@dataclass(frozen=True, eq=False)
class Surroundings:
    """What the mistakes ask of a lesson's program."""

    lesson: Lesson

    @cached_property
    def shapes(self) -> dict[str, Shape]:
        """The shapes of all quantities, steps and the learning rate."""
        found = dict(self.lesson.shapes)
        found.update((step.id, step.shape) for step in steps(self.lesson))
        found[LEARNING_RATE] = ()
        return found

    @cached_property
    def outlines(self) -> Outlines:
        return Outlines(self.shapes)

    @cached_property
    def reaching(self) -> frozenset[str]:
        """The loss, and all that it is computed from."""
        loss = self.lesson.loss
        return self.lesson.program.ancestors(loss) | {loss}

    def readers(self, name: str) -> list[Assignment]:
        """The assignments on a path to the loss that read a name."""
        found = self.lesson.program.consumers.get(name, ())
        return [each for each in found if each.target in self.reaching]

    @cached_property
    def loss_lines(self) -> dict[str, Assignment]:
        """The assignments that compute the loss: its own, and those before it that serve it alone.

        `E = Y - T` and `S = E ** 2` are part of the loss as much as `L = mean(S)` is; a line with
        a parameter, a matrix product or an activation is not.
        """
        found: dict[str, Assignment] = {}
        for assignment in reversed(self.lesson.program.assignments):
            target = assignment.target
            if target not in self.reaching:
                continue
            serving = all(each.target in found for each in self.readers(target))
            plain = self._plain(assignment) or (serving and self._of_a_margin(assignment, found))
            if target == self.lesson.loss or (serving and plain):
                found[target] = assignment
        return found

    @cached_property
    def penalties(self) -> dict[str, Assignment]:
        """The lines of single numbers that read parameters and serve the loss alone."""
        return {
            line.target: line
            for line in self.lesson.program.assignments
            if line.target in self.reaching
            and line.target not in self.loss_lines
            and not self.shapes[line.target]
            and set(line.inputs).intersection(self.lesson.parameters)
            and all(each.target in self.loss_lines for each in self.readers(line.target))
            and any(traits_of(part).reduces for part in parts(line.expression))
        }

    def confusable(self, name: str) -> list[str]:
        """Names of the same shape and kind, the nearest in the program first."""
        parameters, shapes = self.lesson.parameters, self.lesson.shapes
        found = [
            other
            for other, shape in shapes.items()
            if shape == shapes[name] and (other in parameters) == (name in parameters)
        ]
        own = found.index(name)
        nearest = sorted(found, key=lambda other: abs(found.index(other) - own))
        return nearest[1 : NEIGHBOURS + 1]

    def only_added(self, name: str, product: Expression) -> bool:
        """Is it a given value that is added to a product, and nowhere multiplied: a bias?"""
        program = self.lesson.program
        made = program.by_target.get(product.id) if isinstance(product, Name) else None
        return (
            name in program.leaves
            and any(traits_of(part).product for part in parts(made.expression if made else product))
            and not any(
                Name(name) in map(untransposed, part.operands)
                for line in program.consumers[name]
                for part in parts(line.expression)
                if isinstance(part, Apply) and traits_of(part).product
            )
        )

    def gated(self, name: str) -> bool:
        """Is the value as a whole the input of a gate?"""
        return any(
            isinstance(reader.expression, Apply)
            and traits_of(reader.expression).gate
            and Name(name) in reader.expression.operands
            for reader in self.lesson.program.consumers.get(name, ())
        )

    @cached_property
    def inputs(self) -> list[str]:
        """The leaves that the network reads: no parameters, and not what the loss alone reads."""
        lines = [each for each in self.lesson.program.assignments if each.target in self.reaching]
        read = {
            name for each in lines if each.target not in self.loss_lines for name in each.inputs
        }
        leaves = self.lesson.program.leaves
        return [leaf for leaf in leaves if leaf in read and leaf not in self.lesson.parameters]

    def _plain(self, assignment: Assignment) -> bool:
        return (
            not set(self.lesson.parameters).intersection(assignment.inputs)
            and not any(activates(part) for part in parts(assignment.expression))
            and not _multiplies_matrices(assignment.expression)
        )

    def _of_a_margin(self, assignment: Assignment, after: Mapping[str, Assignment]) -> bool:
        """Is it a function such as softplus of a line that holds the target?

        No line after it reads a tensor that is given: nothing is left to compare with.
        """
        inner = [self.lesson.program.by_target.get(name) for name in assignment.inputs]
        margins = [line for line in (assignment, *inner) if line and self._reads_data(line)]
        return (
            not set(self.lesson.parameters).intersection(assignment.inputs)
            and any(not _multiplies_matrices(line.expression) for line in margins)
            and not any(self._reads_data(line) for line in after.values())
        )

    def _reads_data(self, line: Assignment) -> bool:
        leaves = set(self.lesson.program.leaves).difference(self.lesson.parameters)
        return any(name in leaves and self.shapes[name] for name in line.inputs)

    def feeds_loss(self, name: str) -> bool:
        """Is this the network's output?"""
        return name not in self.loss_lines and any(
            name in line.inputs for line in self.loss_lines.values()
        )

    @cached_property
    def logarithmic(self) -> bool:
        return any(
            traits_of(part).logarithm
            for line in self.loss_lines.values()
            for part in parts(line.expression)
        )

    def differences(self, name: str) -> list[Expression]:
        """The loss' differences with `name`: the error, by its name if it has one."""
        found = [
            part
            for line in self.loss_lines.values()
            for part in parts(line.expression)
            if isinstance(part, Apply) and traits_of(part).terms == "minus"
            if Name(name) in part.operands
            if not any(isinstance(each, Number) for each in part.operands)  # 1 - p is no error
        ]
        return list(dict.fromkeys(map(self.named, found)))

    def targets(self, shape: Shape) -> list[str]:
        """The given values of a shape that the loss compares with."""
        parameters = self.lesson.parameters
        read = {name for line in self.loss_lines.values() for name in line.inputs}
        return [
            name
            for name, own in self.lesson.shapes.items()
            if name in read and own == shape and name not in parameters
            if name in self.lesson.program.leaves and name not in self.inputs
        ]

    def named(self, expression: Expression) -> Expression:
        """An expression with every part that the program names under that name."""

        def name(part: Expression) -> Name | None:
            found = self.lesson.program.named.get(part)
            return Name(found.target) if found else None

        return replaced(expression, name)


def _multiplies_matrices(expression: Expression) -> bool:
    return any(traits_of(part).product in ("matrices", "either") for part in parts(expression))


def activates(expression: Expression) -> bool:
    """Is it an activation, or a gate such as `maximum`?"""
    traits = traits_of(expression)
    return traits.activation or traits.gate is not None


def surroundings(lesson: Lesson) -> Surroundings:
    """Cached by the lesson's form: the same on whatever numbers."""
    return _surroundings(lesson.form)


@lru_cache(maxsize=64)
def _surroundings(form: Lesson) -> Surroundings:
    """The program is spelled out: what `x · w` stands for depends on the shapes."""
    outlines = Outlines(form.shapes)
    lines = form.program.assignments
    spelled = tuple(
        replace(line, expression=outlines.of(line.expression).expression) for line in lines
    )
    return Surroundings(form if spelled == lines else replace(form, program=Program(spelled)))


Rewrite = Callable[[Apply], "Expression | None"]  # what stands in a node's place; None: it stays


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
    return replaced(expression, lambda each: other if each == part else None)


def one_alone(upstream: Expression, index: int, count: int, axis: int = 0) -> Expression:
    """The upstream gradient of a matrix with zeros in every row (axis 1: column) but one."""
    mask: Expression = build.one_hot(Number(index), count)
    return times(upstream, mask if axis else build.expand_dims(mask, axis=1))


def contains(expression: Expression, part: Expression) -> bool:
    return part in parts(expression)


def nodes_to(expression: Expression, name: str) -> list[Apply]:
    """The operations from the outermost one down to each place of a name."""
    found: list[Apply] = []

    def leads(part: Expression) -> bool:
        if not isinstance(part, Apply):
            return part == Name(name)
        place = len(found)
        found.append(part)
        if True in [leads(operand) for operand in part.operands]:
            return True
        del found[place:]
        return False

    leads(expression)
    return found
