"""Mistakes in the forward pass."""

from collections.abc import Iterator
from dataclasses import replace
from functools import reduce

from bptutor.grading.misconceptions.loss import LOGARITHMS, log_words
from bptutor.grading.misconceptions.situation import Cell, Mistake, Situation, Words
from bptutor.grading.misconceptions.step_paths import Path, activates, everywhere, once, with_part
from bptutor.language.algebra import as_power, negative, transposed, untransposed
from bptutor.language.ops import build, traits_of
from bptutor.language.tree import Apply, Expression, Name, Number, names, parts
from bptutor.text import Message, significant

LABELS = {
    "bias-missing": Message("bias omitted in the forward pass"),
    "weights-transposed": Message("wrong transpose in the forward pass"),
    "activation-missing": Message("activation omitted"),
    "activation-of-negative": Message("sign reversed before the activation"),
    "softmax-unnormalised": Message("softmax without division by the sum"),
    "softmax-linear": Message("softmax without exponentials"),
    "square-missing": Message("square omitted"),
    "mean-missing": Message("sum in place of the mean"),
    "input-sign": Message("minus sign of an input lost"),
    "class-for-target": Message("likeliest class in place of the target class"),
}


def going_forward(s: Situation) -> Iterator[Mistake]:
    if s.step.kind != "forward":
        return
    for path in s.paths:
        yield from _affine(s, path)
        yield from _activated(s, path)
        yield from _loss(s, path)
        yield from _logarithms(s, path)
        yield from _read(s, path)
        yield from _likeliest_class(s, path)


def _affine(s: Situation, path: Path) -> Iterator[Mistake]:
    for node, bias in _biases(s, path):
        wrong = with_part(path.term, node, node.operands[0])
        explanation = Message("You left out {bias}.", bias=bias)
        advice = Message("Add {bias}.", bias=bias)
        yield Mistake("bias-missing", s.with_term(path, wrong), explanation, advice)
    for part in dict.fromkeys(parts(path.term)):
        if isinstance(part, Apply) and traits_of(part).product == "matrices":
            yield from _turned(s, path, part)


def _turned(s: Situation, path: Path, node: Apply) -> Iterator[Mistake]:
    """The matrix on the right transposed where it should not be, or not where it should."""
    left, right = node.operands
    wrong = with_part(path.term, node, build.matmul(left, transposed(right)))
    if not s.fits(wrong):
        return
    plain = s.text(untransposed(right))
    if untransposed(right) is right:
        explanation = Message("You transposed {name}.", name=plain)
        advice = Message("Use {name} without its transpose.", name=plain)
    else:
        explanation = Message("You used {weight} without its transpose.", weight=plain)
        advice = Message("Transpose {name}, as the formula says.", name=plain)
    yield Mistake("weights-transposed", s.with_term(path, wrong), explanation, advice)


def _biases(s: Situation, path: Path) -> Iterator[tuple[Apply, str]]:
    """The sums in which a parameter, or another given value that is only added, is added."""
    for node in dict.fromkeys(parts(path.term)):
        if not isinstance(node, Apply) or traits_of(node).terms != "plus":
            continue
        product, bias = node.operands
        if isinstance(bias, Name) and (
            bias.id in s.lesson.parameters or s.around.only_added(bias.id, product)
        ):
            yield node, bias.id


def _activated(s: Situation, path: Path) -> Iterator[Mistake]:
    for node in dict.fromkeys(parts(path.term)):
        if isinstance(node, Apply) and activates(node):
            yield from _one_activation(s, path, node)


def _one_activation(s: Situation, path: Path, node: Apply) -> Iterator[Mistake]:
    z = next((each for each in node.operands if any(names(each))), node.operands[0])
    turned = tuple(negative(z) if each is z else each for each in node.operands)
    shown = s.written(z)
    function = Message("Apply {function} to {z}.", function=node.operation, z=shown)

    def instead(
        misconception: str, other: Expression, explanation: Message, advice: Message
    ) -> Mistake:
        wrong = s.with_term(path, with_part(path.term, node, other))
        return Mistake(misconception, wrong, explanation, advice)

    yield instead(
        "activation-missing",
        z,
        Message("You gave {z}, before the activation.", z=shown)
        if node == path.term
        else Message("You used {z} without its activation.", z=shown),
        function,
    )
    yield instead(
        "activation-of-negative",
        Apply(node.operation, turned, node.options),
        Message("You reversed the sign of {z}.", z=shown),
        function,
    )
    if traits_of(node).probabilities == "row":
        explanation = Message("You stopped after the exponentials.")
        advice = Message("Divide by their sum, so that each row sums to 1.")
        yield instead("softmax-unnormalised", build.exp(z), explanation, advice)
        yield instead(
            "softmax-linear",
            build.quotient(z, build.total(z, axis=-1, keepdims=True)),
            Message("You divided {z} by its sum.", z=shown),
            Message("Take the exponentials first, then divide by their sum."),
        )


def _loss(s: Situation, path: Path) -> Iterator[Mistake]:
    for node in dict.fromkeys(parts(path.term)):
        base, exponent = as_power(node)
        for other in (base, build.absolute(base)) if exponent == 2 else ():
            yield Mistake(
                "square-missing",
                s.with_term(path, with_part(path.term, node, other)),
                Message("You did not square {base}.", base=s.text(base)),
                Message("Square {base} first.", base=s.text(base)),
            )
    for wrong in dict.fromkeys((*once(path.term, _summed), everywhere(path.term, _summed))):
        explanation = Message("You used the sum instead of the mean.")
        advice = Message("Divide by the number of elements.")
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


def _read(s: Situation, path: Path) -> Iterator[Mistake]:
    """Mistakes at what the line reads: a lost minus, a value before its activation."""
    for name in dict.fromkeys(names(path.term)):
        for before in s.before_activation(Name(name)):
            wrong = with_part(path.term, Name(name), before)
            explanation = Message("You used {wrong}, before its activation.", wrong=s.text(before))
            advice = Message("Use {right}, after the activation.", right=name)
            yield Mistake(
                "preactivation-for-activation", s.with_term(path, wrong), explanation, advice
            )
        wrong = with_part(path.term, Name(name), build.absolute(Name(name)))
        advice = Message("Keep the sign of {name}.", name=name)
        yield Mistake("input-sign", s.with_term(path, wrong), lost_minus(s, name), advice)


def lost_minus(s: Situation, name: str) -> Words:
    """What happened where a quantity was used without its signs."""
    words = Message("You used the absolute value of {name}.", name=name)

    def seen(cell: Cell) -> Message:
        value = cell.number(Name(name))
        if value >= 0:
            return words
        return Message(
            "You used {size} for {name}, but {equation}.",
            size=significant(-value, 3),
            name=name,
            equation=cell.equation(name, Name(name)),
        )

    return words if s.shapes[name] else seen


def _likeliest_class(s: Situation, path: Path) -> Iterator[Mistake]:
    """The largest probability of each row, where that of the target class is asked."""

    def largest(node: Apply) -> Expression | None:
        if traits_of(node).product != "cells":
            return None
        target, logarithm = node.operands
        rows, classes = (*(s.shape(target) or ()), 0, 0)[:2]
        data = isinstance(target, Name) and target.id in s.lesson.program.leaves
        if not data or not rows or not 1 < classes <= MOST_CLASSES or not _of_row(s, logarithm):
            return None
        columns = [build.column(logarithm, index, classes) for index in range(classes)]
        return reduce(build.larger, columns)

    for wrong in once(path.term, largest):
        yield Mistake(
            "class-for-target",
            s.with_term(path, wrong),
            Message("You used the largest probability."),
            Message("Use the probability of the class where the target is 1."),
        )


def _of_row(s: Situation, expression: Expression) -> bool:
    """Is it the logarithm of probabilities that add up to 1 in each row?"""
    made = s.spelled(expression)
    if not isinstance(made, Apply) or not traits_of(made).logarithm:
        return False
    inside = (made, *map(s.spelled, made.operands))
    return any(traits_of(each).normalises for each in inside)


MOST_CLASSES = 10  # classes up to which the largest of their probabilities is looked for


def _summed(node: Apply) -> Expression | None:
    if traits_of(node).reduces != "average":
        return None
    return replace(build.total(node.operands[0]), options=node.options)
