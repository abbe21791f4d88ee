"""Mistakes on the way through the weights to the layer before, and where several paths meet."""

from collections.abc import Iterator

from bptutor.grading.misconceptions.situation import Mistake, Situation
from bptutor.grading.misconceptions.step_paths import (
    Factor,
    Path,
    Pullback,
    contains,
    everywhere,
    once,
)
from bptutor.language.algebra import negative, over, plus, times, untransposed
from bptutor.language.differentiate import gradient_name
from bptutor.language.ops import build, operation_of, traits_of
from bptutor.language.ops.base import Backward
from bptutor.language.tree import Apply, Expression, Name, Number, parts
from bptutor.lesson.steps import places, updated_name
from bptutor.text import Message

LABELS = {
    "local-sum-as-jacobian": Message("multiplied by a derivative summed over the outputs"),
    "first-path-only": Message("first path only"),
    "last-path-only": Message("last path only"),
    "shared-use-dropped": Message("one use of a shared value omitted"),
    "paths-averaged": Message("paths averaged, not added"),
    "paths-multiplied": Message("paths multiplied, not added"),
    "upstream-missing": Message("upstream gradient omitted"),
    "updated-weight": Message("weight after its update"),
    "transpose-missing": Message("transpose omitted"),
    "weights-omitted": Message("weights omitted"),
    "weight-from-other-layer": Message("weights of another layer"),
    "activation-for-weight": Message("multiplied by the value itself, not the weight"),
    "weights-absolute": Message("weights without their signs"),
    "elementwise-for-matmul": Message("multiplied element-wise"),
    "factors-added": Message("factors added, not multiplied"),
    "input-gradient-of-other-layer": Message("gradient of another layer"),
    "value-for-derivative": Message("value in place of its derivative"),
}
"""The ids of its mistakes, and how lists call them."""


def through_the_weights(s: Situation) -> Iterator[Mistake]:
    """Mistakes where the gradient is passed on to the layer before."""
    if s.step.kind not in ("backward", "local") or s.by in s.lesson.parameters:
        return
    for path in s.paths:
        factor = s.factor(path)
        if factor is not None:
            yield from _other_weights(s, path, factor)
            yield from _products(s, path)


def by_a_summed_slope(s: Situation) -> Iterator[Mistake]:
    """Derivatives summed over the outputs in the place of a vector-Jacobian product."""
    if s.step.kind != "backward" or s.by in s.lesson.parameters:
        return
    for path in s.paths:
        slope = gradient_name(path.consumer.target, s.by)
        mixing = any(
            traits_of(node).product != "matrices" and not operation_of(node).elementwise
            for node in s.nodes(path)
        )
        if mixing and slope != s.step.id and slope in places(s.lesson):
            explanation = Message(
                "You multiplied by {slope}, which tape.gradient has summed over the outputs.",
                slope=s.name(slope),
            )
            advice = Message("Each output has its own upstream gradient: multiply before you sum.")
            changed = s.with_term(path, times(s.upstream(path), Name(slope)))
            yield Mistake("local-sum-as-jacobian", changed, explanation, advice)


def signs_of_paths(s: Situation) -> Iterator[Mistake]:
    """A wrong sign between the terms of several paths."""
    if s.step.kind != "backward" or len(s.paths) < 2:
        return
    for path in s.paths:
        yield Mistake(
            "sign-slip",
            s.with_term(path, negative(path.term)),
            Message(
                "The sign of one term is wrong: of the path through {target}.",
                target=path.consumer.target,
            ),
            Message("Add the gradients of all paths, each with the signs of its factors."),
        )


def where_paths_meet(s: Situation) -> Iterator[Mistake]:
    """Mistakes where the gradients of several paths are added up."""
    if s.step.kind not in ("backward", "local") or len(s.paths) < 2:
        return
    by = s.name(s.by)
    advice = Message(
        "{by} is used in {count} places: add the gradients of all paths.", by=by, count=len(s.paths)
    )
    terms = [path.term for path in s.paths]
    shared = s.by in s.lesson.parameters
    for what, kept in (("first-path-only", terms[0]), ("last-path-only", terms[-1])):
        yield Mistake(
            "shared-use-dropped" if shared else what,
            s.with_product(s.spread(kept)),
            Message("You used one path back to {by} and left out the others.", by=by),
            advice,
        )
    explanation = Message("You averaged the paths that meet here.")
    changed = s.with_product(over(plus(*terms), Number(len(terms))))
    yield Mistake("paths-averaged", changed, explanation, advice)
    explanation = Message("You multiplied the paths that meet here.")
    yield Mistake("paths-multiplied", s.with_product(s.spread(times(*terms))), explanation, advice)


def without_the_upstream(s: Situation) -> Iterator[Mistake]:
    """The local derivative in the place of the product."""
    if s.step.kind != "backward":
        return
    for path in s.paths:
        consumer = path.consumer
        upstream = s.upstream(path)
        if s.around.feeds_loss(consumer.target) or not contains(path.term, upstream):
            continue
        yield Mistake(
            "upstream-missing",
            s.with_upstream(path, build.ones_like(Name(consumer.target))),
            Message("You gave the local derivative of {target} alone.", target=consumer.target),
            Message("Multiply by the upstream gradient {upstream}.", upstream=s.text(upstream)),
        )


def _other_weights(s: Situation, path: Path, factor: Factor) -> Iterator[Mistake]:
    by, weight = s.by, s.text(factor.read)

    def instead(other: Expression) -> Situation:
        return s.with_factor(path, factor, other)

    if factor.name in s.lesson.parameters and s.step.kind == "backward":
        explanation = Message("You used {weight} after its update.", weight=weight)
        advice = Message("The forward pass used the old {weight}: use it here too.", weight=weight)
        yield Mistake("updated-weight", instead(Name(updated_name(weight))), explanation, advice)
    yield Mistake(
        "transpose-missing",
        s.with_rule(path, factor.node, _untransposed),
        Message("You used {weight} without its transpose.", weight=weight),
        Message("The backward pass sums over the other axis: transpose {weight}.", weight=weight),
    )
    explanation = (
        Message("You used 1 in place of {input}.", input=weight)
        if s.step.kind == "local"
        else Message("You did not multiply by {weight}.", weight=weight)
    )
    advice = Message("{by} is multiplied by it, so its gradient is multiplied by it too.", by=by)
    yield Mistake("weights-omitted", instead(build.ones_like(factor.read)), explanation, advice)
    weights = s.lesson.parameters or s.lesson.program.leaves
    for other in s.around.confusable(factor.name) if factor.name in weights else ():
        yield Mistake(
            "weight-from-other-layer",
            instead(Name(other)),
            Message("You used {other}.", other=other),
            Message(
                "Multiply by the weight that {by} was multiplied by: {weight}.",
                by=by,
                weight=weight,
            ),
        )
    for wrong in (instead(Name(by)), s.with_term(path, times(s.upstream(path), Name(by)))):
        yield Mistake(
            "activation-for-weight",
            wrong,
            Message("You gave {value} itself.", value=by)
            if s.step.kind == "local"
            else Message("You multiplied by {by} itself.", by=by),
            Message("{by} is multiplied by {weight}: use {weight}.", by=by, weight=weight),
        )
    explanation = Message("You used {weight} without its signs.", weight=weight)
    if factor.name in s.lesson.parameters:
        advice = Message("A negative weight flips the sign of the gradient: keep the signs.")
    else:
        advice = Message("A negative factor flips the sign: keep the signs.")
    yield Mistake("weights-absolute", instead(build.absolute(factor.read)), explanation, advice)


def _untransposed(backward: Backward, pull: Pullback) -> Expression | None:
    right = pull(backward)
    if right is None:
        return None
    return everywhere(right, _without_transpose, but=backward.upstream)


def _products(s: Situation, path: Path) -> Iterator[Mistake]:
    term = path.term
    upstream, target = s.upstream(path), path.consumer.target
    slope = gradient_name(target, s.by)
    if (
        s.step.kind == "backward"
        and slope in places(s.lesson)
        and any(map(_is_matmul, parts(term)))
    ):
        explanation = Message(
            "You multiplied by {slope}, which tape.gradient has summed over the outputs.",
            slope=s.name(slope),
        )
        advice = Message("Each output has its own upstream gradient: use the weights themselves.")
        changed = s.with_term(path, times(upstream, Name(slope)))
        yield Mistake("local-sum-as-jacobian", changed, explanation, advice)
    for wrong in once(term, _cell_by_cell):
        if s.fits(wrong):
            explanation = Message("You multiplied element-wise.")
            advice = Message("Use the matrix product @.")
            yield Mistake("elementwise-for-matmul", s.with_term(path, wrong), explanation, advice)
    for wrong in once(term, _added):
        if s.fits(wrong):
            explanation = Message("You added what has to be multiplied.")
            advice = Message("Multiply along a path; add across paths.")
            yield Mistake("factors-added", s.with_term(path, wrong), explanation, advice)


def of_another_layer(s: Situation) -> Iterator[Mistake]:
    """Another gradient of the same shape."""
    if s.step.kind != "backward" or s.by in s.lesson.parameters:
        return
    for other in s.around.confusable(s.by):
        gradient = gradient_name(s.lesson.loss, other)
        if gradient in places(s.lesson) and all(Name(gradient) != s.upstream(p) for p in s.paths):
            explanation = Message("You gave {gradient}.", gradient=s.name(gradient))
            advice = Message("The question asks for {asked}.", asked=s.name(s.step.id))
            changed = s.with_product(Name(gradient))
            yield Mistake("input-gradient-of-other-layer", changed, explanation, advice)


def the_value_itself(s: Situation) -> Iterator[Mistake]:
    """A value, or the term that is differentiated, in the place of a local derivative."""
    if s.step.kind != "local":
        return
    for path in s.paths:
        factor = s.factor(path)
        for value in (factor.node if factor else None, Name(path.consumer.target)):
            if value is not None and s.fits(value):
                yield Mistake(
                    "value-for-derivative",
                    s.with_product(value),
                    Message("You gave {value} itself.", value=s.text(value)),
                    Message(
                        "The question asks how much {target} changes per unit of {by}.",
                        target=path.consumer.target,
                        by=s.name(s.by),
                    ),
                )


def _is_matmul(part: Expression) -> bool:
    return traits_of(part).product == "matrices"


def _without_transpose(node: Apply) -> Expression | None:
    inner = untransposed(node)
    return None if inner is node else inner


def _cell_by_cell(node: Apply) -> Expression | None:
    return build.product(*node.operands) if _is_matmul(node) else None


def _added(node: Apply) -> Expression | None:
    """The sum of two factors; of a matrix product, of the numbers that meet."""
    if traits_of(node).product == "cells":
        return build.added(*node.operands)
    if _is_matmul(node):
        left, right = node.operands
        across = build.total(left, axis=1, keepdims=True)
        down = build.total(right, axis=0, keepdims=True)
        return build.added(across, down)
    return None
