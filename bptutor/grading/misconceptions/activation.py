"""Through an activation."""

from __future__ import annotations

from collections.abc import Iterator

from bptutor.grading.misconceptions.rewrite import everywhere, with_part
from bptutor.grading.misconceptions.situation import GATES, Mistake, Path, Situation
from bptutor.language.algebra import ONE, times
from bptutor.language.differentiate import slopes
from bptutor.language.tree import Apply, Assignment, Expression, Name, Number
from bptutor.locale import Message

_OPPOSITE = {
    "greater": "less_equal",
    "greater_equal": "less",
    "less": "greater_equal",
    "less_equal": "greater",
}
_AT_ZERO = {
    "greater": "greater_equal",
    "greater_equal": "greater",
    "less": "less_equal",
    "less_equal": "less",
}


def through_an_activation(s: Situation) -> Iterator[Mistake]:
    """Where the signal goes back through an activation, and its slope by itself."""
    if s.step.kind not in ("backward", "local"):
        return
    for path in s.paths:
        function = s.activation(path)
        if function is None:
            continue
        yield from _missing(s, path, function)
        yield from _slopes(s, path, function)
        if function in GATES:
            yield from _masks(s, path)


def _signal(s: Situation, path: Path) -> Expression:
    """What arrives from above; 1 for a slope by itself."""
    return ONE if s.step.kind == "local" else s.upstream(path)


def _with_slope(s: Situation, path: Path, slope: Expression) -> Situation:
    return s.using(path, s.spread(times(_signal(s, path), slope)))


def _missing(s: Situation, path: Path, function: str) -> Iterator[Mistake]:
    a, z = path.consumer.target, s.by
    gate = function in GATES
    yield Mistake(
        "relu-mask-missing" if gate else "activation-slope-missing",
        s.using(path, s.spread(_signal(s, path))),
        Message("You passed what arrives at {a} on unchanged.", a=a)
        if s.step.kind == "backward"
        else Message("You took the slope for 1 everywhere."),
        Message(
            "Where {z} was stopped in the forward pass, nothing flows back: multiply by {slope}.",
            z=z,
            slope=s.text(_slope(s, path.consumer)),
        )
        if gate
        else Message(
            "{a} is {formula}: multiply by its slope, {slope}.",
            a=a,
            formula=s.text(path.consumer.expression),
            slope=s.text(_slope(s, path.consumer)),
        ),
    )


def _slopes(s: Situation, path: Path, function: str) -> Iterator[Mistake]:
    a, z = Name(path.consumer.target), Name(s.by)
    slope = _slope(s, path.consumer)
    advice = Message("The slope is {slope}.", slope=s.text(slope))
    yield Mistake(
        "slope-at-activation",
        _with_slope(s, path, _at(slope, path.consumer, z, a)),
        Message("You took the slope at {a}.", a=a.id),
        Message("The slope belongs to what went in, {z}: {slope}.", z=z.id, slope=s.text(slope)),
    )
    yield Mistake(
        "slope-twice",
        s.using(path, times(path.term, slope)),
        Message("You multiplied by the slope twice."),
        advice,
    )
    yield Mistake(
        "activation-for-slope",
        _with_slope(s, path, a),
        Message("You multiplied by {a} itself.", a=a.id),
        advice,
    )
    yield Mistake(
        "preactivation-for-slope",
        _with_slope(s, path, z),
        Message("You multiplied by {z} itself.", z=z.id),
        advice,
    )
    for wrong in _halves(function, a, z):
        yield Mistake(
            "slope-half",
            _with_slope(s, path, wrong),
            Message("You took {wrong} for the slope.", wrong=s.text(wrong)),
            advice,
        )
    if s.last_before_loss(path.consumer.target) and s.step.kind == "backward":
        for error in _errors(s, a):
            wrong = times(error, Apply("subtract", (Number(1), error)))
            for situation in (_with_slope(s, path, wrong), s.using(path, wrong)):
                yield Mistake(
                    "slope-of-error",
                    situation,
                    Message("You took the slope at the error, {error}.", error=s.text(error)),
                    advice,
                )
    for below in _layer_inputs(s):
        if s.shapes[below] == s.shapes[z.id]:
            yield Mistake(
                "slope-at-input",
                _with_slope(s, path, _at(slope, path.consumer, z, Name(below))),
                Message("You took the slope at {input}.", input=below),
                Message("The slope belongs to what went in, {z}.", z=z.id),
            )


def _masks(s: Situation, path: Path) -> Iterator[Mistake]:
    z = s.by
    advice = Message("Let through where {z} itself was let through in the forward pass.", z=z)
    if s.step.kind == "backward":
        signal = _signal(s, path)
        yield Mistake(
            "mask-from-gradient",
            _with_slope(s, path, Apply("greater", (signal, Number(0)))),
            Message("You let through where {signal} is above zero.", signal=s.text(signal)),
            advice,
        )
    yield Mistake(
        "mask-inverted",
        s.using(path, _compared_by(path.term, _OPPOSITE)),
        Message("You let through what was stopped, and stopped what was let through."),
        advice,
    )
    yield Mistake(
        "mask-at-zero",
        s.using(path, _compared_by(path.term, _AT_ZERO)),
        Message("It is different where {z} is exactly 0.", z=z),
        Message(
            "At exactly 0, maximum(z, 0) has the slope 1 and relu(z) the slope 0 in TensorFlow."
        ),
    )
    for other in s.alike(z):
        if _goes_into_a_gate(s, other):
            yield Mistake(
                "mask-from-other-layer",
                s.using(path, _masked_by(path.term, z, other)),
                Message("You took the mask of {other}.", other=other),
                advice,
            )


def _goes_into_a_gate(s: Situation, name: str) -> bool:
    return any(
        isinstance(reader.expression, Apply)
        and reader.expression.operation in GATES
        and Name(name) in reader.expression.operands
        for reader in s.lesson.program.consumers.get(name, ())
    )


def _compared_by(term: Expression, comparisons: dict[str, str]) -> Expression:
    """The formula with its comparisons exchanged for others."""
    return everywhere(
        term,
        lambda node: (
            Apply(comparisons[node.operation], node.operands)
            if node.operation in comparisons
            else None
        ),
    )


def _masked_by(term: Expression, name: str, other: str) -> Expression:
    """The formula with another name in its comparisons alone."""
    return everywhere(
        term,
        lambda node: (
            with_part(node, Name(name), Name(other)) if node.operation in _OPPOSITE else None
        ),
    )


def _slope(s: Situation, consumer: Assignment) -> Expression:
    """The activation's own slope, as it is differentiated by what goes in."""
    found = slopes(s.lesson.program, consumer, s.lesson.shapes)
    return found.get(s.by, ONE)


def _at(slope: Expression, consumer: Assignment, z: Name, other: Name) -> Expression:
    """The slope at another place than the one where it belongs."""
    activated = with_part(consumer.expression, z, other)
    spelled = with_part(slope, Name(consumer.target), consumer.expression)
    moved = with_part(spelled, z, other)
    return with_part(moved, consumer.expression, activated)


def _halves(function: str, a: Name, z: Name) -> Iterator[Expression]:
    """Halves of slopes, and slopes with one letter wrong."""
    rest_of_a = Apply("subtract", (Number(1), a))
    rest_of_z = Apply("subtract", (Number(1), z))
    if function in ("sigmoid", "softmax"):
        yield from (rest_of_a, times(z, rest_of_z))
    if function == "tanh":
        squared = Apply("power", (z, Number(2)))
        yield from (times(a, rest_of_a), rest_of_a, Apply("subtract", (Number(1), squared)))


def _errors(s: Situation, output: Name) -> Iterator[Expression]:
    """The difference of output and target in the loss."""
    expression = s.lesson.program.by_target[s.lesson.loss].expression
    waiting = [expression]
    while waiting:
        node = waiting.pop()
        if isinstance(node, Apply):
            if node.operation == "subtract" and output in node.operands:
                yield node
            waiting.extend(node.operands)


def _layer_inputs(s: Situation) -> Iterator[str]:
    """What the layer that makes `by` reads, other than its parameters."""
    assignment = s.lesson.program.by_target.get(s.by)
    for name in assignment.inputs if assignment else ():
        if name not in s.lesson.parameters:
            yield name
