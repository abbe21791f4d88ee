"""Recognizes a program that is a stack of layers, each an affine map and perhaps an activation.

A layer multiplies the output of the layer before (the first one: data) with parameters of its own,
adds a bias or none, and may apply an activation, in the same assignment or in the next one. The
loss reads the last layer and data.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache

from bptutor.language.algebra import untransposed
from bptutor.language.ops import operation_of, traits_of
from bptutor.language.tree import Apply, Assignment, Expression, Name, Number
from bptutor.lesson.lesson import Lesson


@dataclass(frozen=True)
class Factor:
    """A parameter that multiplies an input."""

    name: str
    transposed: bool = False


@dataclass(frozen=True)
class Layer:
    """An affine map of its inputs, and an activation or none."""

    inputs: tuple[str, ...]  # one name of any shape, or several scalars
    factors: tuple[Factor, ...]  # one for each input
    bias: str | None
    value: str  # the activation's value, or the sum where there is no activation
    total: str | None = None  # the sum before the activation, where it has a name of its own
    activated: bool = False
    separate: bool = True  # are the activations of its units independent (not in a softmax)?

    @property
    def parameters(self) -> tuple[str, ...]:
        weights = tuple(factor.name for factor in self.factors)
        return (*weights, self.bias) if self.bias else weights

    @property
    def names(self) -> tuple[str, ...]:
        return (self.total, self.value) if self.total else (self.value,)


@dataclass(frozen=True)
class Stack:
    layers: tuple[Layer, ...]
    upright: bool  # does a column hold an example (W @ x), not a row (x @ W)?

    @property
    def inputs(self) -> tuple[str, ...]:
        return self.layers[0].inputs


@dataclass(frozen=True)
class _Affine:
    inputs: tuple[str, ...]
    factors: tuple[Factor, ...]
    bias: str | None
    upright: bool | None  # None for a product of scalars


@lru_cache(maxsize=64)
def stack(lesson: Lesson) -> Stack | None:
    *assignments, loss = lesson.program.assignments
    layers: list[Layer] = []
    upright: set[bool] = set()
    for assignment in assignments:
        activated = _activated(lesson, assignment, layers[-1]) if layers else None
        if activated:
            layers[-1] = activated
            continue
        inner, activation = _under_activation(assignment.expression)
        affine = _affine(lesson, inner, layers[-1].value if layers else None)
        if affine is None:
            return None
        layers.append(
            Layer(
                inputs=affine.inputs,
                factors=affine.factors,
                bias=affine.bias,
                value=assignment.target,
                activated=activation is not None,
                separate=activation is None or operation_of(activation).elementwise,
            )
        )
        upright |= set() if affine.upright is None else {affine.upright}
    if not layers or len(upright) > 1 or not _ends_in(lesson, loss, layers):
        return None
    return Stack(tuple(layers), upright=True in upright)


def _ends_in(lesson: Lesson, loss: Assignment, layers: list[Layer]) -> bool:
    """Is the rest of the program a loss of the last layer, and every parameter in one place?"""
    last = layers[-1].value
    own = [name for layer in layers for name in layer.parameters]
    others = set(loss.inputs) - {last}
    return (
        loss.target == lesson.loss
        and last in loss.inputs
        and all(name in lesson.program.leaves for name in others)
        and not others & {*own, *layers[0].inputs}
        and len(set(own)) == len(own)
        and all(len(lesson.program.consumers[name]) == 1 for name in own)
    )


def _activated(lesson: Lesson, assignment: Assignment, before: Layer) -> Layer | None:
    """The layer before with this line as its activation; None where it is none."""
    inner, activation = _under_activation(assignment.expression)
    fits = inner == Name(before.value) and not before.activated
    if activation is None or not fits or len(lesson.program.consumers[before.value]) > 1:
        return None
    separate = operation_of(activation).elementwise
    total, value = before.value, assignment.target
    return replace(before, total=total, value=value, activated=True, separate=separate)


def _under_activation(expression: Expression) -> tuple[Expression, Apply | None]:
    """The input of an activation and the activation; the expression itself without one."""
    if isinstance(expression, Apply) and traits_of(expression).activation:
        inner = [part for part in expression.operands if not isinstance(part, Number)]
        if len(inner) == 1:
            return inner[0], expression
    return expression, None


def _affine(lesson: Lesson, expression: Expression, before: str | None) -> _Affine | None:
    """An expression as inputs times parameters, plus a bias or none; None where it is not."""
    inputs, factors, biases = [], [], []
    upright: set[bool | None] = set()
    for term in _terms(expression):
        if isinstance(term, Name):
            biases.append(term.id)
            continue
        product = _product(lesson, term, before)
        if product is None:
            return None
        inputs.append(product[0])
        factors.append(product[1])
        upright.add(product[2])
    scalars = upright == {None}
    sound = (
        len(upright) == 1
        and (scalars or len(inputs) == 1)
        and (before is None or inputs == [before])
        and len(set(inputs)) == len(inputs)
        and len(biases) <= 1
        and all(name in lesson.program.leaves for name in biases)
    )
    if not sound:
        return None
    return _Affine(tuple(inputs), tuple(factors), biases[0] if biases else None, upright.pop())


def _terms(expression: Expression) -> Iterator[Expression]:
    if isinstance(expression, Apply) and traits_of(expression).terms == "plus":
        for operand in expression.operands:
            yield from _terms(operand)
    else:
        yield expression


def _product(
    lesson: Lesson, term: Expression, before: str | None
) -> tuple[str, Factor, bool | None] | None:
    """An input, what it is multiplied with, and whether the parameter stands before it."""
    kind = traits_of(term).product
    if not isinstance(term, Apply) or kind not in ("cells", "matrices"):
        return None
    factors = [factor for operand in term.operands if (factor := _factor(operand))]
    weights = [factor for factor in factors if factor.name in lesson.parameters]
    others = [factor for factor in factors if factor.name not in lesson.parameters]
    if len(weights) != 1 or len(others) != 1 or others[0].transposed:
        return None
    name = others[0].name
    if name != before and (before is not None or name not in lesson.program.leaves):
        return None
    ranks = {len(lesson.shapes[factor.name]) for factor in factors}
    if kind == "cells":
        return (name, weights[0], None) if ranks == {0} else None
    return (name, weights[0], factors[0] is weights[0]) if ranks == {2} else None


def _factor(operand: Expression) -> Factor | None:
    inner = untransposed(operand)
    return Factor(inner.id, transposed=inner is not operand) if isinstance(inner, Name) else None
