"""Mistakes at an activation, wherever in a line it stands."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import partial
from operator import attrgetter

from bptutor.grading.misconceptions.situation import Cell, Mistake, Situation, Words
from bptutor.grading.misconceptions.step_paths import (
    Path,
    Pullback,
    WrongRule,
    activates,
    contains,
    everywhere,
)
from bptutor.language.algebra import ONE, ZERO, as_power, as_quotient, minus, over, plus, times
from bptutor.language.ops import build, operation_of, traits_of
from bptutor.language.ops.base import Backward, Traits
from bptutor.language.ops.elementwise import Comparison
from bptutor.language.tree import Apply, Expression, Name, names
from bptutor.text import Message

LABELS = {
    "relu-mask-missing": Message("mask omitted"),
    "output-slope-skipped": Message("derivative of the output activation omitted"),
    "activation-slope-missing": Message("derivative of the activation omitted"),
    "slope-at-activation": Message("derivative evaluated at the output, not the input"),
    "slope-twice": Message("derivative multiplied twice"),
    "activation-for-slope": Message("activation used as its own derivative"),
    "preactivation-for-slope": Message("pre-activation used as the derivative"),
    "slope-half": Message("only a part of the activation's derivative"),
    "slope-at-input": Message("derivative evaluated at another value"),
    "slope-of-error": Message("derivative evaluated at the error"),
    "mask-from-gradient": Message("mask from the upstream gradient, not the forward pass"),
    "mask-inverted": Message("mask inverted"),
    "mask-at-zero": Message("mask at exactly 0"),
    "mask-from-other-layer": Message("mask of another layer"),
    "softmax-diagonal-only": Message("softmax outputs treated as independent"),
}


@dataclass(frozen=True)
class Passage:
    """An activation a = f(z) on a path."""

    situation: Situation
    path: Path
    node: Apply

    @property
    def traits(self) -> Traits:
        return traits_of(self.node)

    @property
    def z(self) -> Expression:
        by = self.situation.by
        return next(each for each in self.node.operands if by in names(each))

    @property
    def at_output(self) -> bool:
        """Is it the last activation before the loss, with no weight after it?"""
        s, target = self.situation, self.path.consumer.target
        at_end = target in s.around.loss_lines or s.around.feeds_loss(target)
        if not at_end or self.node != next(activations(s, self.path), None):
            return False
        weighted = (each.node for each in s.further_factors(self.path))
        return not any(contains(each, self.node) for each in weighted)

    @property
    def slope(self) -> Expression:
        """f'(z), in the terms of the derivative rule."""
        slopes: list[Expression] = []

        def seen(backward: Backward, pull: Pullback) -> Expression | None:
            slopes.append(pull(replace(backward, upstream=ONE)) or ONE)
            return pull(backward)

        self.with_rule(seen)
        return slopes[0]

    @property
    def advice(self) -> Message:
        if self.traits.normalises:
            return Message("Each softmax output depends on every element of its row.")
        written = operation_of(self.node).infix is not None
        function = self.situation.text(self.node) if written else self.node.operation
        if self.situation.step.kind == "local":
            return Message("Use the derivative of {function}, at its input.", function=function)
        return Message("Multiply by the derivative of {function}, at its input.", function=function)

    def with_rule(self, wrong: WrongRule) -> Situation:
        return self.situation.with_rule(self.path, self.node, wrong)

    def with_slope(self, slope: Expression) -> Situation:
        return self.with_rule(lambda backward, pull: times(backward.upstream, slope))

    def with_slope_at(self, place: Expression) -> Situation:
        """The step with the derivative taken at another value."""
        return self.situation.with_operand(self.path, self.node, self.z, place)


def activations(s: Situation, path: Path) -> Iterator[Apply]:
    """The activations on a path, from the outermost one down."""
    return _on_path(s, path, activates)


def functions(s: Situation, path: Path) -> Iterator[Apply]:
    """Other functions of one value on a path, such as exp and sqrt, but for a loss' own."""
    at_loss = path.consumer.target in {**s.around.loss_lines, **s.around.penalties}

    def other(node: Apply) -> bool:
        own = as_power(node)[1] == 2 or traits_of(node).logarithm
        return not activates(node) and not (at_loss and own) and _of_one_value(s, node)

    return _on_path(s, path, other)


def _of_one_value(s: Situation, node: Apply) -> bool:
    return (
        operation_of(node).elementwise
        and not traits_of(node).arithmetic
        and sum(s.by in names(each) for each in node.operands) == 1
        and not any(any(names(each)) for each in node.operands[1:])
    )


def _on_path(s: Situation, path: Path, kind: Callable[[Apply], bool]) -> Iterator[Apply]:
    for node in dict.fromkeys(s.nodes(path)):
        if kind(node):
            stopped = s.with_rule(path, node, lambda backward, pull: None)
            if stopped.product != s.product:  # another place of the name may be inside it
                yield node


def through_an_activation(s: Situation) -> Iterator[Mistake]:
    if s.step.kind not in ("backward", "local"):
        return
    for path in s.paths:
        for node in activations(s, path):
            passage = Passage(s, path, node)
            gate = passage.traits.gate
            yield from _gate_missing(passage) if gate else _slope_missing(passage)
            yield from _slopes(passage)
            if gate:
                yield from _masks(passage)
            if passage.traits.normalises:
                yield _diagonal(passage)
        for node in functions(s, path):
            yield from _slope_missing(Passage(s, path, node))
            yield from _slopes(Passage(s, path, node))
        for node in dict.fromkeys(s.nodes(path)):
            yield from _diagonal_of_a_quotient(s, path, node)


def _gate_missing(passage: Passage) -> Iterator[Mistake]:
    s = passage.situation
    z = s.text(passage.z)
    arriving = s.text(s.upstream(passage.path))

    slope = passage.slope
    unchanged = Message(
        "You passed the upstream gradient at {a} on unchanged.", a=s.text(passage.node)
    )

    def seen(cell: Cell) -> Message:
        if cell.number(slope):
            return unchanged
        return Message(
            "You passed {arriving} on unchanged, but {equation}: the unit is inactive.",
            arriving=arriving,
            equation=cell.equation(z, passage.z),
        )

    words: Words = unchanged
    mask = Message("Multiply by the mask: 0 where the unit is inactive, 1 where it is active.")
    if s.step.kind == "local":
        mask = Message("Use the mask: 0 where the unit is inactive, 1 where it is active.")
        words = Message("You used 1 as the derivative everywhere.")
    elif s.fits(passage.z) and s.fits(slope) and passage.traits.gate == "stops":
        words = seen
    yield Mistake(
        "relu-mask-missing",
        passage.with_rule(lambda backward, pull: backward.upstream),
        words,
        passage.advice if passage.traits.gate == "weakens" else mask,
    )


def _slope_missing(passage: Passage) -> Iterator[Mistake]:
    s = passage.situation
    a = s.text(passage.node)
    yield Mistake(
        "output-slope-skipped"
        if passage.at_output and s.step.kind == "backward"
        else "activation-slope-missing",
        passage.with_rule(lambda backward, pull: backward.upstream),
        Message("You used 1 as the derivative everywhere.")
        if s.step.kind == "local"
        else Message("You passed the upstream gradient at {a} on unchanged.", a=a),
        passage.advice,
    )


def _slopes(passage: Passage) -> Iterator[Mistake]:
    s, node, z = passage.situation, passage.node, passage.z
    advice = passage.advice
    explanation = Message("You evaluated the derivative at the output, {a}.", a=s.text(node))
    remedy = Message("Evaluate it at the input, {z}.", z=s.text(z))
    yield Mistake("slope-at-activation", passage.with_slope_at(node), explanation, remedy)
    explanation = Message("You multiplied by the derivative twice.")
    yield Mistake("slope-twice", passage.with_rule(_twice), explanation, advice)
    near = passage.traits.near_slopes
    for id_, wrong in (
        ("activation-for-slope", node),
        ("preactivation-for-slope", z),
        *(("slope-half", each) for each in (near(z, node) if near else ())),
    ):
        explanation = Message("You used {wrong} as the derivative.", wrong=s.text(wrong))
        yield Mistake(id_, passage.with_slope(wrong), explanation, advice)
    if passage.at_output and s.step.kind == "backward":
        yield from _slopes_of_error(passage, advice)
    for below in _layer_inputs(s, z):
        if s.shapes[below] == s.shape(z):
            explanation = Message("You evaluated the derivative at {input}.", input=below)
            remedy = Message("Evaluate it at the input, {z}.", z=s.text(z))
            yield Mistake("slope-at-input", passage.with_slope_at(Name(below)), explanation, remedy)


def _diagonal(passage: Passage) -> Mistake:
    probability = operation_of(passage.node).probability(passage.node)
    rest = minus(ONE, probability)
    own = rest if passage.traits.logarithm else times(probability, rest)
    return Mistake(
        "softmax-diagonal-only",
        passage.with_slope(own),
        Message("You treated each softmax output as independent of the others."),
        Message(
            "Each element of {z} changes all outputs of its row, because they sum to 1.",
            z=passage.situation.text(passage.z),
        ),
    )


def _diagonal_of_a_quotient(s: Situation, path: Path, node: Apply) -> Iterator[Mistake]:
    """The same where each number is divided by the sum of its row on a line of its own."""
    share, total = as_quotient(node)
    summed = s.spelled(total)
    if share is node or traits_of(summed).reduces != "total" or s.by not in names(share):
        return
    if not isinstance(summed, Apply) or share not in summed.operands:
        return

    def own(backward: Backward, pull: Pullback) -> Expression:
        return over(times(backward.upstream, minus(ONE, node)), total)

    alone = s.with_rule(path, node, own).paths[s.paths.index(path)].term
    through = {path.consumer.target, total.id if isinstance(total, Name) else ""}
    others = [each.term for each in s.paths if each.consumer.target not in through]
    yield Mistake(
        "softmax-diagonal-only",
        s.with_product(plus(alone, *others)),
        Message("You treated each element of {value} as independent.", value=s.text(node)),
        Message("Each element of {z} changes its whole row: they share a sum.", z=s.text(share)),
    )


def _slopes_of_error(passage: Passage, advice: Message) -> Iterator[Mistake]:
    s = passage.situation
    output = s.around.named(passage.node)
    errors = s.around.differences(output.id if isinstance(output, Name) else "")
    if not errors and s.around.logarithmic and passage.traits.probabilities:
        shape = s.shape(passage.node)
        errors = [minus(output, Name(each)) for each in s.around.targets(shape or ())]
    for error in errors:
        wrong = times(error, minus(ONE, error))
        for situation in (
            passage.with_slope(wrong),
            passage.with_rule(lambda backward, pull, wrong=wrong: wrong),
        ):
            explanation = Message(
                "You evaluated the derivative at the error, {error}.", error=s.text(error)
            )
            yield Mistake("slope-of-error", situation, explanation, advice)


def _masks(passage: Passage) -> Iterator[Mistake]:
    s, z = passage.situation, passage.z
    advice = Message("Take the mask from {z}, from the forward pass.", z=s.text(z))
    if s.step.kind == "backward":
        yield Mistake(
            "mask-from-gradient",
            passage.with_rule(
                lambda backward, pull: times(
                    backward.upstream, build.greater(backward.upstream, ZERO)
                )
            ),
            Message("You used the sign of the upstream gradient as the mask."),
            advice,
        )
    explanation = Message("Your mask is inverted: it passes inactive units and blocks active ones.")
    changed = passage.with_rule(partial(_compared_by, other=attrgetter("opposite")))
    yield Mistake("mask-inverted", changed, explanation, advice)
    explanation = Message("Your mask differs where {z} is exactly 0.", z=s.text(z))
    remedy = Message(
        "At exactly 0, TensorFlow's derivative of maximum(z, 0) is 1; that of relu(z) is 0."
    )
    changed = passage.with_rule(partial(_compared_by, other=attrgetter("at_a_tie")))
    yield Mistake("mask-at-zero", changed, explanation, remedy)
    for other in s.around.confusable(z.id) if isinstance(z, Name) else ():
        if s.around.gated(other):
            masked = passage.with_slope_at(Name(other))
            explanation = Message("You used the mask of {other}.", other=other)
            yield Mistake("mask-from-other-layer", masked, explanation, advice)


def _twice(backward: Backward, pull: Pullback) -> Expression | None:
    once = pull(backward)
    return None if once is None else pull(replace(backward, upstream=once))


def _compared_by(
    backward: Backward, pull: Pullback, other: Callable[[Comparison], str]
) -> Expression:
    """A gate's downstream gradient with its comparisons exchanged for others."""

    def exchanged(node: Apply) -> Expression | None:
        operation = operation_of(node)
        if not isinstance(operation, Comparison) or not operation.at_a_tie:
            return None
        return Apply(other(operation), node.operands)

    mask = everywhere(pull(replace(backward, upstream=ONE)) or ONE, exchanged)
    return times(backward.upstream, mask)


def _layer_inputs(s: Situation, z: Expression) -> Iterator[str]:
    """The inputs, other than parameters, of the layer that computes z."""
    made = s.lesson.program.by_target.get(z.id) if isinstance(z, Name) else None
    for name in made.inputs if made else dict.fromkeys(names(z)):
        if name not in s.lesson.parameters and Name(name) != z:
            yield name
