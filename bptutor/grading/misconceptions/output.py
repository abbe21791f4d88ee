"""Mistakes at the network's output: its activation, and the seed of the backward pass."""

from collections.abc import Iterator

from bptutor.grading.misconceptions.activation import Passage, activations
from bptutor.grading.misconceptions.loss import LossForm, means
from bptutor.grading.misconceptions.situation import Mistake, Situation, situation
from bptutor.grading.misconceptions.step_paths import Path, contains
from bptutor.language.algebra import ONE, minus, negative, over, times
from bptutor.language.differentiate import gradient_name
from bptutor.language.ops import build, operation_of, traits_of
from bptutor.language.tree import Apply, Expression, Name, Number
from bptutor.lesson.steps import places, steps
from bptutor.text import Message

LABELS = {
    "seed-missing": Message("upstream gradient at the output omitted"),
    "crossentropy-without-jacobian": Message("cross-entropy without the derivative of softmax"),
    "output-slope-added": Message("derivative of the output activation once too often"),
}


def at_the_output(s: Situation) -> Iterator[Mistake]:
    if s.step.kind != "backward":
        return
    for path in s.paths:
        if s.around.feeds_loss(path.consumer.target):
            yield from _seed(s, path)
        for node in activations(s, path):
            passage = Passage(s, path, node)
            if passage.at_output and (s.around.logarithmic or passage.traits.logarithm):
                yield from _cross_entropy(passage)


def _seed(s: Situation, path: Path) -> Iterator[Mistake]:
    upstream, output = s.upstream(path), path.consumer.target
    if not contains(path.term, upstream):
        return
    yield Mistake(
        "seed-missing",
        s.with_upstream(path, build.ones_like(Name(output))),
        Message("The upstream gradient at {target} is missing.", target=output),
        Message("Multiply by the upstream gradient at {target}.", target=output),
    )


def _cross_entropy(passage: Passage) -> Iterator[Mistake]:
    """The loss takes the logarithm of a probability, and the two derivatives cancel."""
    s, path, node = passage.situation, passage.path, passage.node
    if passage.traits.gate:
        return
    z = s.text(passage.z)
    made = operation_of(node).probability(node)
    probability = s.around.named(made)
    shown = s.text(probability)
    yield Mistake(
        "error-reversed",
        s.with_term(path, negative(path.term)),
        Message(
            "You used the target minus {output}: the sign of the error is reversed.", output=shown
        ),
        Message("Subtract the target from {output}.", output=shown),
    )
    averaged = Number((*(s.shape(node) or ()), 1)[0])
    for scale in dict.fromkeys((ONE, averaged)):
        yield Mistake(
            "crossentropy-without-jacobian",
            passage.with_rule(
                lambda backward, pull, scale=scale: times(
                    scale, _by_probability(node, backward.upstream)
                )
            ),
            Message("You gave the gradient with respect to {output}, not {z}.", output=shown, z=z)
            if scale == ONE
            else Message(
                "You gave the gradient with respect to {output}, not divided by {count}.",
                output=shown,
                count=s.text(scale),
            ),
            Message("Multiply by the derivative of {function}, too.", function=made.operation),
        )
    for alone in _terms(s, probability) if not passage.traits.logarithm else ():
        yield Mistake(
            "crossentropy-without-jacobian",
            passage.with_rule(lambda backward, pull, alone=alone: alone),
            Message(
                "You used {other}, one term of the gradient with respect to {output}.",
                other=s.text(alone),
                output=shown,
            ),
            Message("Multiply by the derivative of {function}, too.", function=made.operation),
        )
    yield Mistake(
        "output-slope-added",
        passage.with_rule(
            lambda backward, pull: times(
                pull(backward) or ONE, probability, minus(ONE, probability)
            )
        ),
        Message("You multiplied by the derivative of the activation once more."),
        Message("It cancels with the derivative of the logarithm: leave it out.", output=shown),
    )
    line = (
        LossForm.along(s, [path]).mean
        if path.consumer.target in s.around.loss_lines
        else s.lesson.loss
    )
    yield from means(s, [path], averaged, s.shape(node) or (), line)


def _terms(s: Situation, probability: Expression) -> list[Expression]:
    """The terms of the loss' derivative by a probability, where it has several: -t / p."""
    lesson = s.lesson
    if not isinstance(probability, Name):
        return []
    index = places(lesson).get(gradient_name(lesson.loss, probability.id))
    if index is None:
        return []
    terms = [path.term for path in situation(lesson, steps(lesson)[index], s.style).paths]
    return terms if len(terms) > 1 else []


def _by_probability(node: Apply, upstream: Expression) -> Expression:
    if traits_of(node).logarithm:
        return over(upstream, operation_of(node).probability(node))
    return upstream
