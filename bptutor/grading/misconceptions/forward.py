"""Mistakes in the forward pass."""

from collections.abc import Iterator
from dataclasses import replace

from bptutor.grading.misconceptions.loss import LOGARITHMS, log_words
from bptutor.grading.misconceptions.situation import Mistake, Situation
from bptutor.grading.misconceptions.step_paths import Path, activates, everywhere, once, with_part
from bptutor.language.algebra import as_power, negative
from bptutor.language.ops import build, traits_of
from bptutor.language.tree import Apply, Expression, Name, Number, names, parts
from bptutor.text import Message

LABELS = {
    "bias-missing": Message("the bias left out in the forward pass"),
    "weights-transposed": Message("the weights transposed in the forward pass"),
    "activation-missing": Message("the activation left out"),
    "activation-of-negative": Message("the sign turned round before the activation"),
    "softmax-unnormalised": Message("softmax without dividing by the sum"),
    "softmax-linear": Message("softmax without the exponentials"),
    "square-missing": Message("the error not squared"),
    "mean-missing": Message("the sum in the place of the mean"),
}
"""The ids of its mistakes, and how lists call them."""


def going_forward(s: Situation) -> Iterator[Mistake]:
    if s.step.kind != "forward":
        return
    for path in s.paths:
        yield from _affine(s, path)
        yield from _activated(s, path)
        yield from _loss(s, path)
        yield from _logarithms(s, path)


def _affine(s: Situation, path: Path) -> Iterator[Mistake]:
    def without_bias(node: Apply) -> Expression | None:
        if traits_of(node).terms != "plus":
            return None
        left, right = node.operands
        return left if isinstance(right, Name) and right.id in s.lesson.parameters else None

    def untransposed(node: Apply) -> Expression | None:
        if traits_of(node).product != "matrices":
            return None
        left, right = node.operands
        return build.matmul(left, build.transpose(right))

    for wrong in once(path.term, without_bias):
        explanation = Message("You left out the bias.")
        advice = Message("The formula is {right}.", right=s.written(path.term))
        yield Mistake("bias-missing", s.with_term(path, wrong), explanation, advice)
    for wrong in once(path.term, untransposed):
        if s.fits(wrong):
            explanation = Message("You went along the rows of the weights, not down their columns.")
            advice = Message("A column of the weights belongs to one unit.")
            yield Mistake("weights-transposed", s.with_term(path, wrong), explanation, advice)


def _activated(s: Situation, path: Path) -> Iterator[Mistake]:
    for node in dict.fromkeys(parts(path.term)):
        if isinstance(node, Apply) and activates(node):
            yield from _one_activation(s, path, node)


def _one_activation(s: Situation, path: Path, node: Apply) -> Iterator[Mistake]:
    z = next((each for each in node.operands if any(names(each))), node.operands[0])
    turned = tuple(negative(z) if each is z else each for each in node.operands)
    shown = s.written(z)
    the_formula = Message("The formula is {right}.", right=s.written(path.term))

    def instead(
        misconception: str, other: Expression, explanation: Message, advice: Message
    ) -> Mistake:
        wrong = s.with_term(path, with_part(path.term, node, other))
        return Mistake(misconception, wrong, explanation, advice)

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
    if traits_of(node).probabilities == "row":
        explanation = Message("You stopped at the exponentials.")
        advice = Message("Divide by their sum, so that each row adds up to 1.")
        yield instead("softmax-unnormalised", build.exp(z), explanation, advice)
        yield instead(
            "softmax-linear",
            build.quotient(z, build.total(z, axis=-1, keepdims=True)),
            Message("You divided {z} by its sum.", z=shown),
            Message("Take the exponentials first, then divide by their sum."),
        )


def _loss(s: Situation, path: Path) -> Iterator[Mistake]:
    right = s.written(path.term)
    for wrong in once(path.term, _unsquared):
        explanation = Message("You did not square the error.")
        advice = Message("The formula is {right}.", right=right)
        yield Mistake("square-missing", s.with_term(path, wrong), explanation, advice)
    for wrong in once(path.term, _summed):
        explanation = Message("You took the sum.")
        advice = Message("It is the mean: divide by how many there are.")
        yield Mistake("mean-missing", s.with_term(path, wrong), explanation, advice)


def _logarithms(s: Situation, path: Path) -> Iterator[Mistake]:
    if not any(traits_of(part).logarithm for part in parts(path.term)):
        return
    for base in LOGARITHMS:
        scale = build.log(Number(base))
        term = everywhere(
            path.term,
            lambda node, scale=scale: (  # type: ignore[misc]
                build.quotient(node, scale) if traits_of(node).logarithm else None
            ),
        )
        yield Mistake("log-base", s.with_term(path, term), *log_words(base))


def _unsquared(node: Apply) -> Expression | None:
    base, exponent = as_power(node)
    return base if exponent == 2 else None


def _summed(node: Apply) -> Expression | None:
    if traits_of(node).reduces != "average":
        return None
    return replace(build.total(node.operands[0]), options=node.options)
