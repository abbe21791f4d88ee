"""Mistakes at the penalty on a parameter, and at constant factors anywhere."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from math import prod

from bptutor.grading.misconceptions.loss import LossForm, factors_of_two
from bptutor.grading.misconceptions.situation import Mistake, Situation
from bptutor.grading.misconceptions.step_paths import Path, Pullback, contains, once, with_part
from bptutor.language.algebra import as_power, as_quotient, constant_factor, over, times
from bptutor.language.ops import build, operation_of, traits_of
from bptutor.language.ops.base import Backward
from bptutor.language.tree import Apply, Assignment, Expression, Name, Number, names, parts
from bptutor.text import Message

LABELS = {"coefficient-missing": Message("constant factor omitted")}

UNITS = (Number(1), Number(-1))


def at_a_penalty(s: Situation) -> Iterator[Mistake]:
    """Mistakes at the gradient of a penalty, beside the gradient of the error."""
    if s.step.kind != "backward" or s.by not in s.lesson.parameters:
        return
    lines = {**s.around.loss_lines, **s.around.penalties}
    for path in s.paths:
        if path.consumer.target not in lines or not _of_itself(s, path):
            continue
        if len(s.paths) > 1 or path.consumer.target in s.around.penalties:
            yield from factors_of_two(s, [path], LossForm.along(s, [path]))
        yield Mistake(
            "weights-absolute",
            s.with_term(path, s.spread(build.absolute(path.term))),
            Message("You used the absolute value of {name}.", name=s.by),
            Message("A negative weight flips the sign of the gradient: keep its sign."),
        )
        yield from _not_differentiated(s, path)


def constant_factors(s: Situation) -> Iterator[Mistake]:
    """A constant factor or divisor left out: of a penalty, of scores."""
    for path in _one_a_line(s):
        if s.step.kind == "forward":
            for node in dict.fromkeys(parts(path.term)):
                found = _coefficient(s, node)
                if found is not None and isinstance(node, Apply):
                    wrong = with_part(path.term, node, found[0])
                    yield from _left_out(s, s.with_term(path, wrong), found[1])
        elif s.step.kind == "backward":
            for node in dict.fromkeys(s.nodes(path)):
                found = _coefficient(s, node)
                if found is not None and s.by in names(found[0]):
                    passed = s.with_rule_in_line(path.consumer, node, _unchanged)
                    yield from _left_out(s, passed, found[1])


def powers_and_means(s: Situation) -> Iterator[Mistake]:
    """The constant of a derivative lost before the loss: the 2 of a square, the n of a mean."""
    if s.step.kind != "backward":
        return
    for path in _one_a_line(s):
        if path.consumer.target in {**s.around.loss_lines, **s.around.penalties}:
            continue
        for node in dict.fromkeys(s.nodes(path)):
            if traits_of(node).reduces == "average":
                yield from _averaged(s, path.consumer, node)
            elif operation_of(node).elementwise and not traits_of(node).arithmetic:
                yield from _without_constant(s, path, node)


def _one_a_line(s: Situation) -> Collection[Path]:
    """A path for each line: these mistakes are made on all paths through it."""
    return {path.consumer: path for path in s.paths}.values()


def _averaged(s: Situation, line: Assignment, node: Apply) -> Iterator[Mistake]:
    inner, outer = s.shape(node.operands[0]), s.shape(node)
    count = prod(inner or ()) // prod(outer or ())

    def dropped(backward: Backward, pull: Pullback) -> Expression | None:
        return pull(replace(backward, upstream=times(backward.upstream, Number(count))))

    def twice(backward: Backward, pull: Pullback) -> Expression | None:
        return pull(replace(backward, upstream=over(backward.upstream, Number(count))))

    mean = s.text(node)
    if count < 2:
        return
    yield Mistake(
        "batch-mean-dropped",
        s.with_rule_in_line(line, node, dropped),
        Message("You did not divide by {count}.", count=count),
        Message("{loss} is a mean over {count} elements: divide by that.", loss=mean, count=count),
    )
    yield Mistake(
        "batch-mean-twice",
        s.with_rule_in_line(line, node, twice),
        Message("You divided by {count} twice.", count=count),
        Message("{loss} takes the mean once: divide once.", loss=mean),
    )


def _without_constant(s: Situation, path: Path, node: Apply) -> Iterator[Mistake]:
    slope = operation_of(node).slope(node, 0)
    constant = constant_factor(slope)[0] if slope is not None else UNITS[0]
    if constant in UNITS:
        return

    def without(backward: Backward, pull: Pullback) -> Expression | None:
        return pull(replace(backward, upstream=over(backward.upstream, constant)))

    yield Mistake(
        "loss-factor-dropped" if as_power(node)[1] == 2 else "coefficient-missing",
        s.with_rule_in_line(path.consumer, node, without),
        Message("You left out the factor 2 of the square.")
        if as_power(node)[1] == 2
        else Message("You left out the constant {constant}.", constant=s.written(constant)),
        Message("Multiply by the derivative of {function}, at its input.", function=s.text(node)),
    )


def _unchanged(backward: Backward, pull: Pullback) -> Expression:
    return backward.upstream


def _left_out(s: Situation, changed: Situation, constant: Expression) -> Iterator[Mistake]:
    yield Mistake(
        "coefficient-missing",
        changed,
        Message("You left out the constant {constant}.", constant=s.written(constant)),
        Message("A constant factor or divisor stays in the derivative.")
        if s.step.kind == "backward"
        else Message("Multiply or divide by it, as the formula says."),
    )


def _coefficient(s: Situation, node: Expression) -> tuple[Expression, Expression] | None:
    """What a constant multiplies or divides, and the constant; None for anything else."""
    if not isinstance(node, Apply):
        return None
    if traits_of(node).product == "cells":
        left, right = node.operands
        for constant, other in ((left, right), (right, left)):
            if _is_constant(s, constant) and not _is_constant(s, other):
                return (other, constant) if _scaled(s, other) else None
    above, below = as_quotient(node)
    if above is not node and _is_constant(s, below) and _scaled(s, above):
        return above, below
    return None


def _is_constant(s: Situation, expression: Expression) -> bool:
    """Is it a number, or made of numbers and given scalars that are not differentiated by?"""
    if expression in UNITS or expression == Name(s.by):
        return False
    given = set(s.lesson.program.leaves).difference(s.lesson.parameters, s.lesson.watch)
    return all(name in given and not s.shapes[name] for name in names(expression))


def _scaled(s: Situation, expression: Expression) -> bool:
    """Is it a tensor, or a sum over one? Of two numbers either may be the factor."""
    reduced = any(traits_of(part).reduces for part in parts(expression))
    return reduced or bool(s.shape(expression))


def _of_itself(s: Situation, path: Path) -> bool:
    """Is the term the parameter or its signs, times constants and the upstream gradient?"""
    upstream = s.upstream(path)

    def own(factor: Expression) -> bool:
        if isinstance(factor, Apply) and traits_of(factor).product == "cells":
            return all(map(own, factor.operands))
        if isinstance(factor, Apply) and operation_of(factor).elementwise:
            inside = factor.operands[:1]
            if not traits_of(factor).terms:
                return all(map(own, inside))
        return factor in (Name(s.by), upstream) or _is_constant(s, factor)

    return contains(path.term, Name(s.by)) and own(path.term)


def _not_differentiated(s: Situation, path: Path) -> Iterator[Mistake]:
    """The parameter's square, or the parameter for its signs."""
    asked = Message(
        "The question asks how {loss} changes with {by}.", loss=s.lesson.loss, by=s.name(s.by)
    )
    inner = [node for node in s.nodes(path) if Name(s.by) in node.operands]
    for node in dict.fromkeys(inner):
        if not operation_of(node).elementwise or traits_of(node).terms:
            continue

        def itself(backward: Backward, pull: Pullback, node: Apply = node) -> Expression:
            return times(backward.upstream, node)

        yield Mistake(
            "value-for-derivative",
            s.with_rule(path, node, itself),
            Message("You gave {value} itself.", value=s.text(node)),
            asked,
        )
        for wrong in once(path.term, lambda part: _without_function(part, s.by)):
            yield Mistake(
                "value-for-derivative",
                s.with_term(path, wrong),
                Message("You gave {value} itself.", value=s.by),
                asked,
            )


def _without_function(node: Apply, name: str) -> Expression | None:
    """What a function of one operand is applied to, where that is a name."""
    return Name(name) if node.operands == (Name(name),) else None
