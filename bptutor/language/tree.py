"""The syntax tree of the tutor's one notation: expressions, assignments and programs.

Trees are immutable and hashable; equal trees are the same formula. A leaf of a program is a name
that is read and never assigned.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeAlias

Shape: TypeAlias = tuple[int, ...]  # the shape of a tensor; () is a scalar

Option: TypeAlias = int | float | bool | tuple[int, ...] | None
"""The value of an option: an axis (or axes), keepdims, a depth, a slope."""


@dataclass(frozen=True, slots=True)
class Number:
    value: float


@dataclass(frozen=True, slots=True)
class Name:
    """A quantity by its name: a leaf, an assignment, or a gradient such as dL_dW3."""

    id: str


@dataclass(frozen=True, slots=True)
class Apply:
    """An operation applied to its operands.

    `operation` is the key of an operation under `ops/` ("matmul", "add", "maximum"); `options`
    are its keyword arguments, sorted by name, without those left at their defaults.
    """

    operation: str
    operands: tuple["Expression", ...]
    options: tuple[tuple[str, Option], ...] = ()
    _hash: int = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # Trees are looked up by the thousand: the hash of a deep one is worked out once.
        object.__setattr__(self, "_hash", hash((self.operation, self.operands, self.options)))

    def __hash__(self) -> int:
        return self._hash

    def option(self, name: str, default: Option = None) -> Option:
        return dict(self.options).get(name, default)


Expression: TypeAlias = Number | Name | Apply


@dataclass(frozen=True, slots=True)
class Assignment:
    target: str
    expression: Expression
    line: int
    section: str | None = None

    @property
    def inputs(self) -> tuple[str, ...]:
        """The names it reads, each once, in order."""
        return tuple(dict.fromkeys(names(self.expression)))


@dataclass(frozen=True)
class Program:
    assignments: tuple[Assignment, ...]

    @cached_property
    def by_target(self) -> dict[str, Assignment]:
        return {assignment.target: assignment for assignment in self.assignments}

    @cached_property
    def leaves(self) -> tuple[str, ...]:
        """The names that are read and never assigned, in the order in which they are first read."""
        read = (name for assignment in self.assignments for name in assignment.inputs)
        return tuple(dict.fromkeys(name for name in read if name not in self.by_target))

    @cached_property
    def named(self) -> dict[Expression, Assignment]:
        """For each expression that is assigned as a whole, its first assignment."""
        found: dict[Expression, Assignment] = {}
        for assignment in self.assignments:
            if isinstance(assignment.expression, Apply):
                found.setdefault(assignment.expression, assignment)
        return found

    @cached_property
    def consumers(self) -> dict[str, tuple[Assignment, ...]]:
        """For each name, the assignments that read it, in program order."""
        found: dict[str, list[Assignment]] = {}
        for assignment in self.assignments:
            for name in assignment.inputs:
                found.setdefault(name, []).append(assignment)
        return {name: tuple(assignments) for name, assignments in found.items()}

    def ancestors(self, name: str) -> frozenset[str]:
        """Every name that `name` is computed from, directly or not, without itself."""
        found: set[str] = set()
        waiting = [name]
        while waiting:
            assignment = self.by_target.get(waiting.pop())
            for read in assignment.inputs if assignment else ():
                if read not in found:
                    found.add(read)
                    waiting.append(read)
        return frozenset(found)


def parts(expression: Expression) -> Iterator[Expression]:
    """An expression and every expression in it, from left to right, the whole before its parts."""
    waiting: list[Expression] = [expression]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, Apply):
            waiting.extend(reversed(node.operands))


def names(expression: Expression) -> Iterator[str]:
    """The names in an expression from left to right, each as often as it occurs."""
    return (part.id for part in parts(expression) if isinstance(part, Name))


def replaced(expression: Expression, rule: Callable[[Expression], Expression | None]) -> Expression:
    """The tree with what `rule` gives in the place of a part, the whole before its parts."""
    found = rule(expression)
    if found is not None:
        return found
    if not isinstance(expression, Apply):
        return expression
    operands = tuple(replaced(operand, rule) for operand in expression.operands)
    return Apply(expression.operation, operands, expression.options)


def renamed(expression: Expression, name: Callable[[str], str]) -> Expression:
    return replaced(
        expression, lambda part: Name(name(part.id)) if isinstance(part, Name) else None
    )


def size(expression: Expression) -> int:
    return sum(1 for _ in parts(expression))


def depth(expression: Expression) -> int:
    level, below = 0, [expression]
    while below:
        level += 1
        below = [each for node in below if isinstance(node, Apply) for each in node.operands]
    return level
