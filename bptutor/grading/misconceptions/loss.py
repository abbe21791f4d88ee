"""The loss, and the seed of the backward pass."""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from bptutor.grading.misconceptions.rewrite import contains, everywhere, nodes, with_part
from bptutor.grading.misconceptions.situation import Mistake, Path, Situation
from bptutor.language.algebra import negative, over, times
from bptutor.language.differentiate import gradient_name
from bptutor.language.tree import Apply, Expression, Name, Number, names
from bptutor.locale import Message


def at_the_loss(s: Situation) -> Iterator[Mistake]:
    """Where the loss itself is differentiated."""
    if s.step.kind != "backward":
        return
    for path in s.paths:
        if path.consumer.target == s.lesson.loss:
            yield from _factor(s, path)
            yield from _means(s, path)
            yield from _error(s, path)
            yield from _loss_itself(s, path)
            yield from _log(s, path)


def at_the_output(s: Situation) -> Iterator[Mistake]:
    """Where the output's activation, or what lies below the output, is differentiated."""
    if s.step.kind != "backward":
        return
    for path in s.paths:
        target = path.consumer.target
        if target != s.lesson.loss and s.last_before_loss(target):
            yield from _seed(s, path)
            yield from _output_activation(s, path)


def in_the_forward_pass(s: Situation) -> Iterator[Mistake]:
    """Where the loss is worked out."""
    if s.step.kind == "forward":
        for path in s.paths:
            if any(nodes(path.term, "log")):
                yield from _log(s, path)


def _factor(s: Situation, path: Path) -> Iterator[Mistake]:
    if not _squared(s, path):
        return
    yield Mistake(
        "loss-factor-dropped",
        s.using(path, over(path.term, Number(2))),
        Message("You left out the 2 that the square brings down."),
        Message("The slope of e ** 2 is 2 * e, not e."),
    )
    if _halved(path.consumer.expression):
        yield Mistake(
            "loss-factor-added",
            s.using(path, times(Number(2), path.term)),
            Message("There is a 2 too many: the half in {loss} takes it away.", loss=s.lesson.loss),
            Message("The slope of e ** 2 / 2 is e."),
        )


def _means(s: Situation, path: Path) -> Iterator[Mistake]:
    shape = s.shapes[s.by]
    rows = shape[0] if shape else 1
    outputs = shape[1] if len(shape) > 1 else 1
    averaged = _averaged(s, path)
    for count in dict.fromkeys((averaged, rows)):
        if averaged > 1 and count > 1:
            yield Mistake(
                "batch-mean-dropped",
                s.using(path, times(Number(count), path.term)),
                Message("You did not divide by {count}.", count=count),
                Message(
                    "{loss} is a mean: each of its {count} parts counts one {count}th.",
                    loss=s.lesson.loss,
                    count=averaged,
                ),
            )
    if averaged > 1:
        yield Mistake(
            "batch-mean-twice",
            s.using(path, over(path.term, Number(averaged))),
            Message("You divided by {count} twice.", count=averaged),
            Message("{loss} takes the mean once, so divide once.", loss=s.lesson.loss),
        )
    if outputs > 1:
        for term in (times(Number(outputs), path.term), over(path.term, Number(outputs))):
            yield Mistake(
                "outputs-mean-confused",
                s.using(path, term),
                Message("The number of outputs, {count}, has gone wrong.", count=outputs),
                Message(
                    "Look at what {loss} takes the mean over: {formula}.",
                    loss=s.lesson.loss,
                    formula=s.text(path.consumer.expression),
                ),
            )


def _error(s: Situation, path: Path) -> Iterator[Mistake]:
    found = [node for node in nodes(path.term, "subtract") if Name(s.by) in node.operands]
    for error in found:
        left, right = error.operands
        yield Mistake(
            "error-reversed",
            s.using(path, with_part(path.term, error, Apply("subtract", (right, left)))),
            Message(
                "You took {wrong}: the error is turned round.",
                wrong=s.text(Apply("subtract", (right, left))),
            ),
            Message("Take {right}, in the order of the loss.", right=s.text(error)),
        )
        yield Mistake(
            "error-absolute",
            s.using(path, with_part(path.term, error, Apply("abs", (error,)))),
            Message("You took the size of the error without its sign."),
            Message(
                "The sign of {error} says which way {by} has to go: keep it.",
                error=s.text(error),
                by=s.name(s.by),
            ),
        )


def _loss_itself(s: Situation, path: Path) -> Iterator[Mistake]:
    loss, by = s.lesson.loss, s.name(s.by)
    wrong = [Name(loss), *_inside(s, path)]
    for expression in wrong:
        yield Mistake(
            "loss-for-gradient",
            s.altogether(s.spread(expression)),
            Message("That is the loss itself, {formula}.", formula=s.text(expression)),
            Message("Asked is how fast {loss} changes when {by} moves.", loss=loss, by=by),
        )
    yield Mistake(
        "output-for-gradient",
        s.altogether(Name(s.by)),
        Message("That is {by} itself.", by=by),
        Message("Asked is how fast {loss} changes when {by} moves.", loss=loss, by=by),
    )
    for error in nodes(path.term, "subtract"):
        if Name(s.by) not in error.operands:
            continue
        target = next(each for each in error.operands if each != Name(s.by))
        for expression in (
            with_part(path.term, error, negative(target)),
            negative(target),
        ):
            yield Mistake(
                "target-for-gradient",
                s.using(path, s.spread(expression)),
                Message("You took {target} alone.", target=s.text(target)),
                Message("The error is {error}.", error=s.text(error)),
            )


def _inside(s: Situation, path: Path) -> Iterator[Expression]:
    """What the loss sums or averages, where it has the shape of what is differentiated by."""
    for operation in ("mean", "sum"):
        for node in nodes(path.consumer.expression, operation):
            if s.fits(node.operands[0]):
                yield node.operands[0]


def _seed(s: Situation, path: Path) -> Iterator[Mistake]:
    upstream = s.upstream(path)
    if not contains(path.term, upstream):
        return
    output = path.consumer.target
    yield Mistake(
        "seed-missing",
        s.using(
            path,
            s.spread(with_part(path.term, upstream, Apply("ones_like", (Name(output),)))),
        ),
        Message("You began with 1 in the place of {upstream}.", upstream=s.text(upstream)),
        Message(
            "What arrives at {output} is {upstream}: multiply by it.",
            output=output,
            upstream=s.text(upstream),
        ),
    )


def _output_activation(s: Situation, path: Path) -> Iterator[Mistake]:
    if s.activation(path) is None:
        return
    upstream, output = s.upstream(path), path.consumer.target
    logarithmic = any(nodes(s.lesson.program.by_target[s.lesson.loss].expression, "log"))
    if logarithmic:
        for expression in _without_mean(s, output):
            yield Mistake(
                "crossentropy-without-jacobian",
                s.altogether(expression),
                Message(
                    "That is the slope of the loss by {output}, not yet by {by}.",
                    output=output,
                    by=s.by,
                ),
                Message(
                    "Go on through {formula}: it has a slope of its own.",
                    formula=s.text(path.consumer.expression),
                ),
            )
        activated = Name(output)
        slope = times(activated, Apply("subtract", (Number(1), activated)))
        yield Mistake(
            "output-slope-added",
            s.using(path, times(path.term, slope)),
            Message("You multiplied by the slope of the activation once more."),
            Message(
                "Its slope and that of the logarithm cancel: what is left is {output} minus the"
                " target.",
                output=output,
            ),
        )
        yield Mistake(
            "error-reversed",
            s.using(path, negative(path.term)),
            Message(
                "You took the target minus {output}: the error is turned round.", output=output
            ),
            Message("Take {output} minus the target.", output=output),
        )
    yield Mistake(
        "output-slope-skipped",
        s.using(path, upstream),
        Message("You passed {upstream} on as it is.", upstream=s.text(upstream)),
        Message(
            "{output} is {formula}: multiply by the slope of that.",
            output=output,
            formula=s.text(path.consumer.expression),
        ),
    )
    if s.activation(path) == "softmax":
        activated = Name(output)
        slope = times(activated, Apply("subtract", (Number(1), activated)))
        yield Mistake(
            "softmax-diagonal-only",
            s.using(path, times(upstream, slope)),
            Message("You took each output of the softmax for itself alone."),
            Message(
                "Every number of {by} moves all outputs of its row, for they add up to 1.", by=s.by
            ),
        )


def _without_mean(s: Situation, output: str) -> Iterator[Expression]:
    """The loss' slope by the output, with its division by the batch and without."""
    gradient = Name(gradient_name(s.lesson.loss, output))
    yield gradient
    shape = s.shapes[output]
    if shape and shape[0] > 1:
        yield times(Number(shape[0]), gradient)


def _log(s: Situation, path: Path) -> Iterator[Mistake]:
    if not any(nodes(path.consumer.expression, "log")):
        return
    for base in (10, 2):
        scale = Apply("log", (Number(base),))
        if s.step.kind == "forward":
            term = everywhere(
                path.term,
                lambda node, scale=scale: (  # type: ignore[misc]
                    Apply("divide", (node, scale)) if node.operation == "log" else None
                ),
            )
        else:
            term = over(path.term, scale)
        yield Mistake(
            "log-base",
            s.using(path, term),
            Message("You took the logarithm to the base {base}.", base=base),
            Message("log is the natural logarithm here, to the base e = 2.71828."),
        )


def _squared(s: Situation, path: Path) -> bool:
    return any(
        node.operation == "square"
        or (node.operation == "power" and node.operands[1] == Number(2))
        or (node.operation == "multiply" and node.operands[0] == node.operands[1])
        for node in s.nodes(path)
    )


def _halved(expression: Expression) -> bool:
    """Is there a half in front of the square?"""
    if not isinstance(expression, Apply):
        return False
    if expression.operation == "multiply" and Number(0.5) in expression.operands:
        return True
    if expression.operation == "divide":
        below = expression.operands[1]
        if isinstance(below, Number) and below.value % 2 == 0:
            return True
    return any(_halved(operand) for operand in expression.operands)


def _averaged(s: Situation, path: Path) -> int:
    """How many numbers the loss takes the mean of."""
    count = 1
    for node in s.nodes(path):
        if node.operation == "mean":
            inner, outer = s.shape(node.operands[0]), s.shape(node)
            if inner is not None and outer is not None:
                count *= prod(inner) // prod(outer)
        elif node.operation == "divide" and isinstance(node.operands[1], Number):
            below = node.operands[1].value
            if s.by in names(node.operands[0]) and below == int(below) and below > 1:
                count *= int(below)
    return count
