"""Mistakes on the way through the weights to the layer before, and where several paths meet."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial, reduce

from bptutor.grading.misconceptions.situation import Mistake, Situation
from bptutor.grading.misconceptions.step_paths import Factor, Path, contains, once, with_part
from bptutor.language.algebra import ONE, as_quotient, over, times, transposed, untransposed
from bptutor.language.differentiate import gradient_name
from bptutor.language.ops import build, operation_of, traits_of
from bptutor.language.tree import Apply, Expression, Name, names, parts
from bptutor.lesson.optimizer import updated_name
from bptutor.lesson.steps import places
from bptutor.text import Message

LABELS = {
    "local-sum-as-jacobian": Message("multiplied by a derivative summed over the outputs"),
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


def through_the_weights(s: Situation) -> Iterator[Mistake]:
    """Mistakes where the gradient is passed on to the layer before."""
    if s.step.kind not in ("backward", "local"):
        return
    for path in s.paths:
        factor = s.factor(path)
        if factor is not None and s.by not in s.lesson.parameters:
            yield from _wrong_factor(s, path, factor)
            yield from _itself(s, path, factor)
            yield from _summed_slope(s, path)
        for further in s.further_factors(path):
            yield from _wrong_factor(s, path, further)


def transposes(s: Situation) -> Iterator[Mistake]:
    """A factor of a matrix product not transposed, or transposed, where both ways fit."""
    if s.step.kind not in ("backward", "local"):
        return
    for path in s.paths:
        for node in dict.fromkeys(filter(_is_matmul, parts(path.term))):
            for index, factor in enumerate(getattr(node, "operands", ())):
                yield from _turned(s, path, node, index, factor)


def _turned(
    s: Situation, path: Path, node: Expression, index: int, factor: Expression
) -> Iterator[Mistake]:
    shape = s.shape(factor)
    if not isinstance(node, Apply) or not shape or len({*shape}) > 1 or shape == (1, 1):
        return
    turned = replace(
        node, operands=(*node.operands[:index], transposed(factor), *node.operands[index + 1 :])
    )
    plain = s.text(untransposed(factor))
    if untransposed(factor) is factor:
        if contains(factor, s.upstream(path)):
            return
        explanation = Message("You transposed {name}.", name=plain)
        advice = Message("Use {name} without its transpose.", name=plain)
    else:
        explanation = Message("You used {weight} without its transpose.", weight=plain)
        advice = Message(
            "The backward pass sums over the other axis: transpose {weight}.", weight=plain
        )
    changed = s.with_term(path, with_part(path.term, node, turned))
    yield Mistake("transpose-missing", changed, explanation, advice)


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
            Message("You gave the local derivative of {target} alone.", target=consumer.target)
            if len(s.paths) == 1
            else Message("The upstream gradient at {target} is missing.", target=consumer.target),
            Message("Multiply by the upstream gradient {upstream}.", upstream=s.text(upstream)),
        )


def _wrong_factor(s: Situation, path: Path, factor: Factor) -> Iterator[Mistake]:
    by, weight = s.by, s.text(factor.read)

    def instead(other: Expression) -> Situation:
        return s.with_factor(path, factor, other)

    direct = factor.node in (found.node for found in [s.factor(path)] if found)
    through = Message(
        "The path goes through {product}: multiply by {weight}.",
        product=s.text(factor.node),
        weight=weight,
    )
    if factor.name in s.lesson.parameters and s.step.kind == "backward":
        explanation = Message("You used {weight} after its update.", weight=weight)
        advice = Message("The forward pass used the old {weight}: use it here too.", weight=weight)
        yield Mistake("updated-weight", instead(Name(updated_name(weight))), explanation, advice)
    for before in s.before_activation(factor.read):
        explanation = Message("You used {wrong}, before its activation.", wrong=s.text(before))
        used = Message("{by} is multiplied by {weight}: use {weight}.", by=by, weight=weight)
        advice = used if direct else through
        yield Mistake("preactivation-for-activation", instead(before), explanation, advice)
    explanation = (
        Message("You used 1 in place of {input}.", input=weight)
        if s.step.kind == "local"
        else Message("You did not multiply by {weight}.", weight=weight)
    )
    too = Message(
        "{by} is multiplied by a factor, so its gradient is multiplied by this factor too.", by=by
    )
    advice = too if direct else through
    yield Mistake("weights-omitted", instead(build.ones_like(factor.read)), explanation, advice)
    weights = s.lesson.parameters or s.lesson.program.leaves
    for other in s.around.confusable(factor.name) if factor.name in weights else ():
        yield Mistake(
            "weight-from-other-layer",
            instead(Name(other)),
            Message(
                "You used {other}, not the factor that {by} is multiplied by.", other=other, by=by
            )
            if direct
            else Message(
                "You used {other} in place of a factor of {product}.",
                other=other,
                product=s.text(factor.node),
            ),
            Message("{by} is multiplied by {weight}: use {weight}.", by=by, weight=weight)
            if direct
            else through,
        )
    explanation = Message("You used the absolute value of {name}.", name=weight)
    if factor.name in s.lesson.parameters:
        advice = Message("A negative weight flips the sign of the gradient: keep its sign.")
    else:
        advice = Message("A negative factor flips the sign: keep its sign.")
    yield Mistake("weights-absolute", instead(build.absolute(factor.read)), explanation, advice)


def _itself(s: Situation, path: Path, factor: Factor) -> Iterator[Mistake]:
    """What is differentiated by in the place of the factor."""
    by, weight = s.by, s.text(factor.read)
    place = s.paths.index(path)
    omitted = s.with_factor(path, factor, build.ones_like(factor.read)).paths[place].term
    itself = [s.with_factor(path, factor, Name(by))]
    if _is_matmul(factor.node):
        arriving = s.upstream_at(path, factor.node)
        itself += [s.with_term(path, times(each, Name(by))) for each in (arriving, omitted)]
    for wrong in itself:
        yield Mistake(
            "activation-for-weight",
            wrong,
            Message("You gave {value} itself.", value=by)
            if s.step.kind == "local"
            else Message("You multiplied by {by} itself.", by=by),
            Message("{by} is multiplied by {weight}: use {weight}.", by=by, weight=weight),
        )


def _summed_slope(s: Situation, path: Path) -> Iterator[Mistake]:
    term = path.term
    upstream, target = s.upstream(path), path.consumer.target
    if s.step.kind == "backward" and any(map(_is_matmul, parts(term))):
        slope = gradient_name(target, s.by)
        known = slope in places(s.lesson)
        ones = s.with_upstream(path, build.ones_like(Name(target)))
        summed = Name(slope) if known else ones.paths[s.paths.index(path)].term
        once_each = times(upstream, summed)
        if not s.fits(once_each):
            once_each = times(build.total(upstream, axis=1, keepdims=True), summed)
        changed = s.with_term(path, once_each)
        explanation = (
            Message(
                "You multiplied by {slope}, which tape.gradient has summed over the outputs.",
                slope=s.name(slope),
            )
            if known
            else Message(
                "You summed the derivatives of {target} before you multiplied.", target=target
            )
        )
        advice = Message("Each output has its own upstream gradient: use the weights themselves.")
        yield Mistake("local-sum-as-jacobian", changed, explanation, advice)


def element_by_element(s: Situation) -> Iterator[Mistake]:
    """An element-wise product in the place of a matrix product, where the shapes let it."""
    if s.step.kind not in ("backward", "local"):
        return
    explanation = Message("You multiplied element-wise.")
    advice = Message("Use the matrix product @.")
    for path in s.paths:
        for wrong in dict.fromkeys(
            (*once(path.term, _cell_by_cell), *once(path.term, _cell_by_cell_as_read))
        ):
            if s.fits(wrong):
                changed = s.with_term(path, wrong)
                yield Mistake("elementwise-for-matmul", changed, explanation, advice)


def added_factors(s: Situation) -> Iterator[Mistake]:
    """The upstream gradient and the local derivative added, in any gradient."""
    if s.step.kind != "backward":
        return
    explanation = Message("You added what has to be multiplied.")
    advice = Message("Multiply along a path; add across paths.")
    for path in s.paths:
        upstream, factor = s.upstream(path), s.factor(path)
        if upstream == ONE and factor is not None and s.fits(factor.read):
            changed = s.with_term(path, build.added(ONE, path.term))
            yield Mistake("factors-added", changed, explanation, advice)
        for rewrite in (_beside_the_rest, _all_added, _added):
            for wrong in once(path.term, partial(rewrite, upstream=upstream)):
                if s.fits(s.spread(wrong)):
                    changed = s.with_term(path, s.spread(wrong))
                    yield Mistake("factors-added", changed, explanation, advice)


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


def _cell_by_cell(node: Apply) -> Expression | None:
    return build.product(*node.operands) if _is_matmul(node) else None


def _cell_by_cell_as_read(node: Apply) -> Expression | None:
    """The same without the transposes, as the matrices are written down."""
    return build.product(*map(untransposed, node.operands)) if _is_matmul(node) else None


def _beside_the_rest(node: Apply, upstream: Expression) -> Expression | None:
    """The upstream gradient, plus the product of all that it is multiplied by."""
    arriving, rest = _arriving(node, upstream)
    return build.added(arriving, times(*rest)) if arriving and rest else None


def _all_added(node: Apply, upstream: Expression) -> Expression | None:
    arriving, rest = _arriving(node, upstream)
    if arriving is None or len(rest) < 2 or not all(any(names(each)) for each in rest):
        return None  # a constant belongs to its factor
    return reduce(build.added, rest, arriving)


def _arriving(node: Apply, upstream: Expression) -> tuple[Expression | None, list[Expression]]:
    """The factor of a product that holds the upstream gradient, and the other factors."""
    factors = list(_factors(node))
    arriving = next((each for each in factors if contains(each, upstream)), None)
    return arriving, [each for each in factors if each is not arriving]


def _factors(expression: Expression) -> Iterator[Expression]:
    if isinstance(expression, Apply) and traits_of(expression).product == "cells":
        for operand in expression.operands:
            yield from _factors(operand)
        return
    above, below = as_quotient(expression)
    if above is not expression:
        yield from _factors(above)
        yield over(ONE, below)
    else:
        yield expression


def _added(node: Apply, upstream: Expression) -> Expression | None:
    """The sum of two factors; of a matrix product, of the numbers that meet."""
    if not contains(node, upstream):
        return None
    if traits_of(node).product == "cells" and all(any(names(each)) for each in node.operands):
        return build.added(*node.operands)
    if _is_matmul(node):
        left, right = node.operands
        across = build.total(left, axis=1, keepdims=True)
        down = build.total(right, axis=0, keepdims=True)
        return build.added(across, down)
    return None
