"""The forward pass."""

from __future__ import annotations

from collections.abc import Iterator

from bptutor.grading.misconceptions.loss import LOGARITHMS, log_words
from bptutor.grading.misconceptions.path import Path
from bptutor.grading.misconceptions.rewrite import everywhere, nodes, once, with_part
from bptutor.grading.misconceptions.situation import Mistake, Situation
from bptutor.grading.misconceptions.surroundings import ACTIVATIONS
from bptutor.language.algebra import negative
from bptutor.language.tree import Apply, Expression, Name, Number, Option, names, parts
from bptutor.locale import Message

TAKE_LOGARITHMS = ("log", "log_softmax")
"""Operations in which a logarithm of another base may be taken."""


def going_forward(s: Situation) -> Iterator[Mistake]:
    """Where an assignment is worked out."""
    if s.step.kind != "forward":
        return
    for path in s.paths:
        yield from _affine(s, path)
        yield from _activated(s, path)
        yield from _loss(s, path)
        yield from _logarithms(s, path)


def _affine(s: Situation, path: Path) -> Iterator[Mistake]:
    def without_bias(node: Apply) -> Expression | None:
        if node.operation != "add":
            return None
        left, right = node.operands
        return left if isinstance(right, Name) and right.id in s.lesson.parameters else None

    def untransposed(node: Apply) -> Expression | None:
        if node.operation != "matmul":
            return None
        left, right = node.operands
        return Apply("matmul", (left, Apply("transpose", (right,))))

    for wrong in once(path.term, without_bias):
        yield Mistake(
            "bias-missing",
            s.using(path, wrong),
            Message("You left out the bias."),
            Message("The formula is {right}.", right=s.written(path.term)),
        )
    for wrong in once(path.term, untransposed):
        if s.fits(wrong):
            yield Mistake(
                "weights-transposed",
                s.using(path, wrong),
                Message("You went along the rows of the weights, not down their columns."),
                Message("A column of the weights belongs to one unit."),
            )


def _activated(s: Situation, path: Path) -> Iterator[Mistake]:
    for node in dict.fromkeys(parts(path.term)):
        if isinstance(node, Apply) and node.operation in ACTIVATIONS:
            yield from _one_activation(s, path, node)


def _one_activation(s: Situation, path: Path, node: Apply) -> Iterator[Mistake]:
    z = next((each for each in node.operands if any(names(each))), node.operands[0])
    turned = tuple(negative(z) if each is z else each for each in node.operands)
    shown = s.written(z)
    the_formula = Message("The formula is {right}.", right=s.written(path.term))

    def instead(id_: str, other: Expression, explanation: Message, advice: Message) -> Mistake:
        wrong = s.using(path, with_part(path.term, node, other))
        return Mistake(id_, wrong, explanation, advice)

    yield instead(
        "activation-missing",
        z,
        Message("That is {z}: the activation is still to come.", z=shown)
        if node == path.term
        else Message("You left {z} as it is: it goes through an activation.", z=shown),
        the_formula,
    )
    yield instead(
        "activation-of-negative",
        Apply(node.operation, turned, node.options),
        Message("You turned the sign of {z} round.", z=shown),
        the_formula,
    )
    if node.operation == "softmax":
        across: tuple[tuple[str, Option], ...] = (("axis", -1), ("keepdims", True))
        yield instead(
            "softmax-unnormalised",
            Apply("exp", (z,)),
            Message("You stopped at the exponentials."),
            Message("Divide by their sum, so that each row adds up to 1."),
        )
        yield instead(
            "softmax-linear",
            Apply("divide", (z, Apply("sum", (z,), across))),
            Message("You divided {z} by its sum.", z=shown),
            Message("Take the exponentials first, then divide by their sum."),
        )


def _loss(s: Situation, path: Path) -> Iterator[Mistake]:
    right = s.written(path.term)
    for wrong in once(path.term, _unsquared):
        yield Mistake(
            "square-missing",
            s.using(path, wrong),
            Message("You did not square the error."),
            Message("The formula is {right}.", right=right),
        )
    for wrong in once(path.term, _summed):
        yield Mistake(
            "mean-missing",
            s.using(path, wrong),
            Message("You took the sum."),
            Message("It is the mean: divide by how many there are."),
        )


def _logarithms(s: Situation, path: Path) -> Iterator[Mistake]:
    if not any(each for operation in TAKE_LOGARITHMS for each in nodes(path.term, operation)):
        return
    for base in LOGARITHMS:
        scale = Apply("log", (Number(base),))
        term = everywhere(
            path.term,
            lambda node, scale=scale: (  # type: ignore[misc]
                Apply("divide", (node, scale)) if node.operation in TAKE_LOGARITHMS else None
            ),
        )
        yield Mistake("log-base", s.using(path, term), *log_words(base))


def _unsquared(node: Apply) -> Expression | None:
    if node.operation == "square" or (node.operation == "power" and node.operands[1] == Number(2)):
        return node.operands[0]
    return None


def _summed(node: Apply) -> Expression | None:
    return Apply("sum", node.operands, node.options) if node.operation == "mean" else None
