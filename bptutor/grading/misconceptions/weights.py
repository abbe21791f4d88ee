"""Through the weights, to the layer before; and where several paths meet."""

from collections.abc import Iterator

from bptutor.grading.misconceptions.situation import Misconception, Mistake, Situation
from bptutor.grading.misconceptions.step_paths import Factor, Path, Pull, contains, everywhere, once
from bptutor.language.algebra import over, plus, times, untransposed
from bptutor.language.differentiate import gradient_name
from bptutor.language.ops import build, operation_of, traits_of
from bptutor.language.ops.base import Backward
from bptutor.language.tree import Apply, Expression, Name, Number, parts
from bptutor.lesson.steps import places, updated_name
from bptutor.text import Message

LOCAL_SUM_AS_JACOBIAN = Misconception(
    "local-sum-as-jacobian", Message("multiplied by a slope that is summed over the outputs")
)
FIRST_PATH_ONLY = Misconception("first-path-only", Message("the first path only"))
LAST_PATH_ONLY = Misconception("last-path-only", Message("the last path only"))
SHARED_USE_DROPPED = Misconception(
    "shared-use-dropped", Message("one use of a shared value left out")
)
PATHS_AVERAGED = Misconception("paths-averaged", Message("paths averaged, not added"))
PATHS_MULTIPLIED = Misconception("paths-multiplied", Message("paths multiplied, not added"))
UPSTREAM_MISSING = Misconception("upstream-missing", Message("what arrives from above left out"))
UPDATED_WEIGHT = Misconception("updated-weight", Message("the weight after its update"))
TRANSPOSE_MISSING = Misconception(
    "transpose-missing", Message("the transpose forgotten"), carried="a step"
)
WEIGHTS_OMITTED = Misconception("weights-omitted", Message("the weights left out"))
WEIGHT_FROM_OTHER_LAYER = Misconception(
    "weight-from-other-layer", Message("the weights of another layer")
)
ACTIVATION_FOR_WEIGHT = Misconception(
    "activation-for-weight", Message("multiplied by the value itself, not by the weight")
)
WEIGHTS_ABSOLUTE = Misconception("weights-absolute", Message("weights without their signs"))
ELEMENTWISE_FOR_MATMUL = Misconception("elementwise-for-matmul", Message("multiplied cell by cell"))
FACTORS_ADDED = Misconception("factors-added", Message("factors added, not multiplied"))
INPUT_GRADIENT_OF_OTHER_LAYER = Misconception(
    "input-gradient-of-other-layer", Message("the gradient of another layer")
)


def through_the_weights(s: Situation) -> Iterator[Mistake]:
    """Where the signal goes on to the layer before."""
    if s.step.kind not in ("backward", "local") or s.by in s.lesson.parameters:
        return
    for path in s.paths:
        factor = s.factor(path)
        if factor is not None:
            yield from _other_weights(s, path, factor)
            yield from _products(s, path)


def by_a_summed_slope(s: Situation) -> Iterator[Mistake]:
    """Where every number moves several outputs, and the slope summed over them is taken."""
    if s.step.kind != "backward" or s.by in s.lesson.parameters:
        return
    for path in s.paths:
        slope = gradient_name(path.consumer.target, s.by)
        mixing = any(
            traits_of(node).product != "matrices" and not operation_of(node).elementwise
            for node in s.nodes(path)
        )
        if mixing and slope in places(s.lesson):
            yield Mistake(
                LOCAL_SUM_AS_JACOBIAN,
                s.using(path, times(s.upstream(path), Name(slope))),
                Message(
                    "You multiplied by {slope}, which is summed over the outputs.",
                    slope=s.name(slope),
                ),
                Message("Each output sends back its own part, which meets its own slopes."),
            )


def where_paths_meet(s: Situation) -> Iterator[Mistake]:
    """Where what comes back from several places is added up."""
    if s.step.kind not in ("backward", "local") or len(s.paths) < 2:
        return
    by = s.name(s.by)
    advice = Message(
        "{by} is read in {count} places: add up what comes back.", by=by, count=len(s.paths)
    )
    terms = [path.term for path in s.paths]
    shared = s.by in s.lesson.parameters
    for what, kept in ((FIRST_PATH_ONLY, terms[0]), (LAST_PATH_ONLY, terms[-1])):
        yield Mistake(
            SHARED_USE_DROPPED if shared else what,
            s.altogether(s.spread(kept)),
            Message("You took one of the paths back to {by}, and left the others out.", by=by),
            advice,
        )
    yield Mistake(
        PATHS_AVERAGED,
        s.altogether(over(plus(*terms), Number(len(terms)))),
        Message("You took the mean of the paths that meet here."),
        advice,
    )
    yield Mistake(
        PATHS_MULTIPLIED,
        s.altogether(s.spread(times(*terms))),
        Message("You multiplied the paths that meet here."),
        advice,
    )


def without_the_upstream(s: Situation) -> Iterator[Mistake]:
    """The local slope in the place of the product."""
    if s.step.kind != "backward":
        return
    for path in s.paths:
        consumer = path.consumer
        upstream = s.upstream(path)
        if s.around.feeds_loss(consumer.target) or not contains(path.term, upstream):
            continue
        yield Mistake(
            UPSTREAM_MISSING,
            s.from_above(path, build.ones_like(Name(consumer.target))),
            Message("That is the slope of {target} alone.", target=consumer.target),
            Message("Multiply by what arrives from above, {upstream}.", upstream=s.text(upstream)),
        )


def _other_weights(s: Situation, path: Path, factor: Factor) -> Iterator[Mistake]:
    by, weight = s.by, s.text(factor.read)

    def instead(other: Expression) -> Situation:
        return s.multiplying(path, factor, other)

    if factor.name in s.lesson.parameters and s.step.kind == "backward":
        yield Mistake(
            UPDATED_WEIGHT,
            instead(Name(updated_name(weight))),
            Message("You used {weight} after its update.", weight=weight),
            Message("The loss was made with the old {weight}: go back by that.", weight=weight),
        )
    yield Mistake(
        TRANSPOSE_MISSING,
        s.passing(path, factor.node, _untransposed),
        Message("You used {weight} without its transpose.", weight=weight),
        Message("Going back, rows and columns change places: transpose {weight}.", weight=weight),
    )
    yield Mistake(
        WEIGHTS_OMITTED,
        instead(build.ones_like(factor.read)),
        Message("You did not multiply by {weight}.", weight=weight),
        Message("{by} was multiplied by it, so each part comes back through it.", by=by),
    )
    weights = s.lesson.parameters or s.lesson.program.leaves
    for other in s.around.alike(factor.name) if factor.name in weights else ():
        yield Mistake(
            WEIGHT_FROM_OTHER_LAYER,
            instead(Name(other)),
            Message("You used {other}.", other=other),
            Message("The signal goes back through what {by} met: {weight}.", by=by, weight=weight),
        )
    for wrong in (instead(Name(by)), s.using(path, times(s.upstream(path), Name(by)))):
        yield Mistake(
            ACTIVATION_FOR_WEIGHT,
            wrong,
            Message("You multiplied by {by} itself.", by=by),
            Message("{by} was multiplied by {weight}: that is its slope.", by=by, weight=weight),
        )
    yield Mistake(
        WEIGHTS_ABSOLUTE,
        instead(build.absolute(factor.read)),
        Message("You used {weight} without its signs.", weight=weight),
        Message("A weight below zero turns the signal round: keep the signs."),
    )


def _untransposed(backward: Backward, pull: Pull) -> Expression | None:
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
        yield Mistake(
            LOCAL_SUM_AS_JACOBIAN,
            s.using(path, times(upstream, Name(slope))),
            Message(
                "You multiplied by {slope}, which is summed over the outputs.", slope=s.name(slope)
            ),
            Message("Each output sends back its own part: take the weights themselves."),
        )
    for wrong in once(term, _cell_by_cell):
        if s.fits(wrong):
            yield Mistake(
                ELEMENTWISE_FOR_MATMUL,
                s.using(path, wrong),
                Message("You multiplied cell by cell."),
                Message("It takes a matrix product, @, here."),
            )
    for wrong in once(term, _added):
        if s.fits(wrong):
            yield Mistake(
                FACTORS_ADDED,
                s.using(path, wrong),
                Message("You added what has to be multiplied."),
                Message("Along one path slopes are multiplied; only paths are added."),
            )


def of_another_layer(s: Situation) -> Iterator[Mistake]:
    """Where another gradient of the same shape is taken for the one that is asked."""
    if s.step.kind != "backward" or s.by in s.lesson.parameters:
        return
    for other in s.around.alike(s.by):
        gradient = gradient_name(s.lesson.loss, other)
        if gradient in places(s.lesson) and all(Name(gradient) != s.upstream(p) for p in s.paths):
            yield Mistake(
                INPUT_GRADIENT_OF_OTHER_LAYER,
                s.altogether(Name(gradient)),
                Message("That is {gradient}.", gradient=s.name(gradient)),
                Message("Asked is {asked}.", asked=s.name(s.step.id)),
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
