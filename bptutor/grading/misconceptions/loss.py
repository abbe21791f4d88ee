"""Mistakes at the loss."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from math import prod

from bptutor.grading.misconceptions.situation import Cell, Mistake, Situation, Words
from bptutor.grading.misconceptions.step_paths import Path, contains, nodes_to, with_part
from bptutor.language.algebra import (
    as_power,
    as_quotient,
    constant_factor,
    negative,
    over,
    plus,
    times,
)
from bptutor.language.ops import build, operation_of, traits_of
from bptutor.language.tree import Apply, Expression, Name, Number, Shape, names, parts
from bptutor.text import Message

LABELS = {
    "batch-mean-dropped": Message("not divided by the number of examples"),
    "batch-mean-twice": Message("divided by the number of examples twice"),
    "outputs-mean-confused": Message("wrong number of outputs in the mean"),
    "loss-factor-dropped": Message("factor 2 of the square omitted"),
    "loss-factor-added": Message("one factor of 2 too many at the loss"),
    "error-reversed": Message("sign of the error reversed"),
    "error-absolute": Message("error without its sign"),
    "target-for-gradient": Message("target used as the gradient"),
    "loss-for-gradient": Message("loss used as the gradient"),
    "output-for-gradient": Message("output used as the gradient"),
    "log-base": Message("logarithm to another base"),
}


def at_the_loss(s: Situation) -> Iterator[Mistake]:
    """Mistakes at the derivative of the loss itself, on one line or on several."""
    if s.step.kind != "backward":
        return
    paths = [path for path in s.paths if path.consumer.target in s.around.loss_lines]
    if not paths:
        return
    form = LossForm.along(s, paths)
    yield from factors_of_two(s, paths, form)
    shape = () if s.by in s.lesson.parameters else s.shapes[s.by]
    yield from means(s, paths, form.averaged, shape, form.mean)
    for path in paths:
        yield from _error(s, path)
    yield from _difference(s, paths)
    yield from _loss_itself(s)
    if form.logarithmic:
        yield from _log(s, paths)
    if not any(True for path in paths for _ in _errors(s, path)):
        for target in s.around.targets(s.step.shape):
            yield Mistake(
                "target-for-gradient",
                s.with_product(negative(Name(target))),
                Message("You used only {target}.", target=target),
                Message(
                    "The question asks how {loss} changes with {by}.",
                    loss=s.lesson.loss,
                    by=s.name(s.by),
                ),
            )


@dataclass(frozen=True)
class LossForm:
    """What the loss does to its input."""

    squared: bool
    halved: str | None  # the line with a half in front of the square
    logarithmic: bool
    averaged: Expression  # the number of elements averaged; 1 where there is no mean
    mean: str  # the line that averages; the loss where none does

    @classmethod
    def along(cls, s: Situation, paths: Sequence[Path]) -> "LossForm":
        """The form of the loss along some paths, over all of its lines."""
        passed = list(dict.fromkeys(each for path in paths for each in _passed(s, path)))
        counted = [(_count(s, node, name), line) for node, name, line in passed]
        averaging = [(count, line) for count, line in counted if count is not None]
        return cls(
            any(_squares(node) for node, _, _ in passed),
            next((line for node, _, line in passed if _halves(node)), None),
            any(_is_logarithm(node) for node, _, _ in passed),
            times(Number(1), *(count for count, _ in averaging)),
            next((line for _, line in averaging), s.lesson.loss),
        )


def means(
    s: Situation, paths: Sequence[Path], averaged: Expression, shape: Shape, line: str
) -> Iterator[Mistake]:
    """Mistakes at the mean over the batch, and at the number of outputs.

    `line` takes a mean over `averaged`; the network's output has `shape`.
    """
    once = Number(1)
    rows, outputs = (*shape, 1, 1)[:2] if shape else (1, 1)
    for count in dict.fromkeys((averaged, Number(rows))):
        if averaged != once and count != once:
            changed = s.with_terms(paths, partial(times, count))
            explanation = Message("You did not divide by {count}.", count=s.text(count))
            advice = Message(
                "{loss} is a mean over {count} elements: divide by that.",
                loss=line,
                count=s.text(averaged),
            )
            yield Mistake("batch-mean-dropped", changed, explanation, advice)
            changed = s.with_terms(paths, partial(_over, below=count))
            explanation = Message("You divided by {count} twice.", count=s.text(count))
            advice = Message("{loss} takes the mean once: divide once.", loss=line)
            yield Mistake("batch-mean-twice", changed, explanation, advice)
    if outputs > 1:
        for factor in (Number(outputs), Number(1 / outputs)):
            yield Mistake(
                "outputs-mean-confused",
                s.with_terms(paths, partial(times, factor)),
                Message(
                    "You are off by a factor of {count}, the number of outputs.", count=outputs
                ),
                Message(
                    "Check what {loss} averages over: {formula}.",
                    loss=line,
                    formula=s.formula(line),
                ),
            )


def _over(term: Expression, below: Expression) -> Expression:
    return over(term, below)


def factors_of_two(s: Situation, paths: Sequence[Path], form: LossForm) -> Iterator[Mistake]:
    if not form.squared:
        return
    explanation = Message("You left out the factor 2 of the square.")
    advice = Message(
        "The derivative of a square is twice its base, times the derivative of the base."
    )
    changed = s.with_terms(paths, lambda term: over(term, Number(2)))
    yield Mistake("loss-factor-dropped", changed, explanation, advice)
    if form.halved is not None:
        yield Mistake(
            "loss-factor-added",
            s.with_terms(paths, lambda term: times(Number(2), term)),
            Message("You included a factor of 2 that the 1/2 in {loss} cancels.", loss=form.halved),
            Message("The derivative of half a square is its base."),
        )


def _error(s: Situation, path: Path) -> Iterator[Mistake]:
    for error in _errors(s, path):
        shown = s.text(error)
        spelled = s.spelled(error)
        turned = negative(spelled)
        if contains(path.term, error):
            reversed_ = with_part(path.term, error, turned)
            absolute = with_part(path.term, error, build.absolute(error))
        else:  # it has a line of its own, whose upstream gradient holds it
            reversed_, absolute = negative(path.term), build.absolute(path.term)
        explanation = Message(
            "You used {wrong}: the sign of the error is reversed.", wrong=s.text(turned)
        )
        line = _line_of(s, spelled)
        advice = Message("Keep the order of the difference in {loss}.", loss=line)
        yield Mistake("error-reversed", s.with_term(path, reversed_), explanation, advice)
        yield Mistake(
            "error-absolute",
            s.with_term(path, absolute),
            _without_sign(s, error),
            Message(
                "Keep the sign of {error}: it decides the direction of the step.",
                error=shown,
                by=s.name(s.by),
            ),
        )
        if contains(path.term, error) and isinstance(spelled, Apply):
            yield from _target_alone(s, path, error, spelled)


def _difference(s: Situation, paths: Sequence[Path]) -> Iterator[Mistake]:
    """The error of a loss that has none in it: p - t, of softplus(z) - t * z."""
    gradient = plus(*(path.term for path in paths))
    given = set(s.lesson.program.leaves).difference(s.lesson.parameters)
    if not isinstance(gradient, Apply) or traits_of(gradient).terms != "minus":
        return
    if not any(given.issuperset(names(each)) for each in gradient.operands):
        return
    turned = negative(gradient)
    yield Mistake(
        "error-reversed",
        s.with_terms(paths, negative),
        Message("You used {wrong}: the sign of the error is reversed.", wrong=s.text(turned)),
        Message("Check the sign of each term of {loss}.", loss=s.lesson.loss),
    )


def _without_sign(s: Situation, error: Expression) -> Words:
    words = Message("You used the error without its sign.")

    def seen(cell: Cell) -> Message:
        if cell.number(error) >= 0:
            return words
        equation = cell.equation(s.text(error), error)
        return Message("You used the error without its sign: {equation}.", equation=equation)

    return seen if s.fits(error) else words


def _target_alone(s: Situation, path: Path, error: Expression, spelled: Apply) -> Iterator[Mistake]:
    target = next((each for each in spelled.operands if each != Name(s.by)), spelled)
    for expression in (with_part(path.term, error, negative(target)), negative(target)):
        explanation = Message("You used only {target}.", target=s.text(target))
        advice = Message("Use the whole error, as in {loss}.", loss=_line_of(s, spelled))
        changed = s.with_term(path, s.spread(expression))
        yield Mistake("target-for-gradient", changed, explanation, advice)


def _loss_itself(s: Situation) -> Iterator[Mistake]:
    loss, by = s.lesson.loss, s.name(s.by)
    asked = Message("The question asks how {loss} changes with {by}.", loss=loss, by=by)
    for expression in (Name(loss), *_inside(s)):
        explanation = Message("You gave the loss itself, {formula}.", formula=s.text(expression))
        yield Mistake("loss-for-gradient", s.with_product(s.spread(expression)), explanation, asked)
    explanation = Message("You gave {by} itself.", by=by)
    yield Mistake("output-for-gradient", s.with_product(Name(s.by)), explanation, asked)


def _inside(s: Situation) -> Iterator[Expression]:
    """What the loss sums or averages, where it has the shape of what is differentiated by."""
    for line in s.around.loss_lines.values():
        for reduction in ("average", "total"):
            for part in parts(line.expression):
                if isinstance(part, Apply) and traits_of(part).reduces == reduction:
                    yield from filter(s.fits, part.operands)


def _log(s: Situation, paths: Sequence[Path]) -> Iterator[Mistake]:
    for base in LOGARITHMS:
        scale = build.log(Number(base))
        wrong = s.with_terms(paths, partial(_over, below=scale))
        yield Mistake("log-base", wrong, *log_words(base))


LOGARITHMS = (10, 2)  # bases of logarithms that are taken for the natural one


def log_words(base: int) -> tuple[Message, Message]:
    return (
        Message("You used the logarithm to the base {base}.", base=base),
        Message("Use the natural logarithm, to the base e = 2.71828."),
    )


def _line_of(s: Situation, error: Expression) -> str:
    """The line of the loss that has a difference in it."""
    lines = s.around.loss_lines
    found = (name for name, line in lines.items() if contains(line.expression, error))
    return next(found, s.lesson.loss)


def _errors(s: Situation, path: Path) -> Iterator[Expression]:
    """The differences on this path, under their names where they have one."""
    lines = s.around.loss_lines
    if s.by in lines and traits_of(lines[s.by].expression).terms == "minus":
        yield Name(s.by)
    yield from s.around.differences(s.by)


def _passed(s: Situation, path: Path) -> Iterator[tuple[Apply, str, str]]:
    """The operations on the way to the loss, the name each is reached through, and its line."""
    waiting = [(path.consumer, s.by)]
    while waiting:
        line, name = waiting.pop()
        for node in nodes_to(line.expression, name):
            yield node, name, line.target
        waiting += [
            (reader, line.target)
            for reader in s.around.readers(line.target)
            if reader.target in s.around.loss_lines
        ]


def _squares(node: Apply) -> bool:
    same = traits_of(node).product == "cells" and node.operands[0] == node.operands[1]
    return same or as_power(node)[1] == 2


def _is_logarithm(node: Apply) -> bool:
    return traits_of(node).logarithm and operation_of(node).elementwise


HALVES = (Number(0.5), over(Number(1), Number(2)))


def _halves(node: Apply) -> bool:
    """Is there a half in front of the square, be it in `/ 6` for the mean of three?"""
    if traits_of(node).product == "cells":
        return any(constant_factor(each)[0] in HALVES for each in node.operands)
    _, below = as_quotient(node)
    if isinstance(below, Number):
        return below.value % 2 == 0
    return contains(below, Number(2))


def _count(s: Situation, node: Apply, name: str) -> Expression | None:
    """Over how many numbers an operation averages."""
    if traits_of(node).reduces == "average":
        inner, outer = s.shape(node.operands[0]), s.shape(node)
        if inner is not None and outer is not None:
            return Number(prod(inner) // prod(outer))
    product = traits_of(node).product == "cells"
    for part in (each for each in node.operands if name not in names(each)) if product else [node]:
        above, below = as_quotient(part)
        if above is part or name in names(below):
            continue
        if isinstance(below, Number):
            whole = below.value > 1 and below.value == int(below.value)
            return below if whole and (part is node or below.value > 2) else None
        for factor in parts(below):
            if isinstance(factor, Name) and not s.shapes[factor.id]:
                return factor if factor.id in s.lesson.program.leaves else None
    return None
