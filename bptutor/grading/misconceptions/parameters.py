"""The gradients of weights and biases."""

from __future__ import annotations

from collections.abc import Iterator

from bptutor.grading.misconceptions.rewrite import contains, with_part
from bptutor.grading.misconceptions.situation import ACTIVATIONS, Mistake, Path, Situation
from bptutor.language.algebra import over, times, transposed
from bptutor.language.tree import Apply, Expression, Name, Number, Option
from bptutor.locale import Message


def by_a_parameter(s: Situation) -> Iterator[Mistake]:
    """Where what is asked is the gradient (or the slope) of a parameter."""
    if s.step.kind not in ("backward", "local") or s.by not in s.lesson.parameters:
        return
    for path in s.paths:
        cofactor = s.cofactor(path)
        if cofactor is not None:
            yield from _of_a_weight(s, path, cofactor)
        elif _is_added(s, path):
            yield from _of_a_bias(s, path)
        if len(s.paths) == 1:
            yield from _over_the_batch(s, path, cofactor)


def _of_a_weight(s: Situation, path: Path, read: str) -> Iterator[Mistake]:
    name, weight = Name(read), s.by
    advice = Message(
        "{weight} was multiplied by {input}, so its slope is {input}.", weight=weight, input=read
    )

    def instead(other: Expression) -> Situation:
        return s.using(path, with_part(path.term, name, other))

    made = s.lesson.program.by_target.get(read)
    before = made.expression if made else None
    if isinstance(before, Apply) and before.operation in ACTIVATIONS:
        for operand in before.operands:
            if isinstance(operand, Name) and s.shapes[operand.id] == s.shapes[read]:
                yield Mistake(
                    "preactivation-for-activation",
                    instead(operand),
                    Message("You used {wrong}, before its activation.", wrong=operand.id),
                    advice,
                )
    for output in _outputs(s, path):
        if s.shapes[output] == s.shapes[read]:
            yield Mistake(
                "output-for-input",
                instead(Name(output)),
                Message("You used {wrong}, what the layer gives out.", wrong=output),
                advice,
            )
    for leaf in s.lesson.program.leaves:
        is_input = leaf not in s.lesson.parameters and leaf != read
        if is_input and s.shapes[leaf] == s.shapes[read]:
            yield Mistake(
                "raw-input-for-activation",
                instead(Name(leaf)),
                Message("You used {wrong}, the input of the whole network.", wrong=leaf),
                advice,
            )
    yield Mistake(
        "input-missing",
        instead(Apply("ones_like", (name,))),
        Message("You took what arrives at {target} alone.", target=path.consumer.target),
        advice,
    )
    for wrong in (with_part(path.term, name, Name(weight)), times(Name(weight), s.upstream(path))):
        if s.fits(wrong):
            yield Mistake(
                "weight-for-input",
                s.using(path, wrong),
                Message("You multiplied by {weight} itself.", weight=weight),
                advice,
            )
    if len(s.step.shape) == 2:
        yield Mistake(
            "outer-product-transposed",
            s.using(path, transposed(path.term)),
            Message("Rows and columns have changed places."),
            Message("A row of {weight} belongs to one input, a column to one unit.", weight=weight),
        )
    inner = times(name, s.upstream(path))
    if s.step.kind == "backward" and s.shape(inner) == s.shapes[read] and s.step.shape:
        yield Mistake(
            "inner-product",
            s.using(path, s.spread(Apply("sum", (inner,)))),
            Message("You added everything up to a single number."),
            Message("Every weight has a number of its own: what went in there times what arrives."),
        )


def _of_a_bias(s: Situation, path: Path) -> Iterator[Mistake]:
    bias, target = s.by, path.consumer.target
    advice = Message(
        "A bias is added, so its slope is 1: add up what arrives at {target}.", target=target
    )
    upstream = s.upstream(path)
    for read in _multiplied_inputs(s, path):
        wrong = times(upstream, Name(read))
        if contains(path.term, upstream) and s.shape(wrong) == s.shapes[target]:
            yield Mistake(
                "bias-times-input",
                s.using(path, with_part(path.term, upstream, wrong)),
                Message("You multiplied by {input}.", input=read),
                advice,
            )
    yield Mistake(
        "bias-zero",
        s.using(path, Apply("zeros_like", (Name(bias),))),
        Message("You took 0: a bias has a gradient too."),
        advice,
    )
    if s.step.kind == "backward":
        yield Mistake(
            "bias-one",
            s.using(path, Apply("ones_like", (Name(bias),))),
            Message("You took 1, the slope by itself."),
            Message("Multiply by what arrives at {target}.", target=target),
        )
    rows = _rows(s, path)
    if rows < 2 or s.step.kind != "backward" or not contains(path.term, upstream):
        return
    yield Mistake(
        "bias-averaged",
        s.using(path, over(path.term, Number(rows))),
        Message("You took the mean over the batch."),
        Message("The loss has divided already: add up over the batch."),
    )
    for row in range(rows):
        yield Mistake(
            "bias-unsummed",
            s.using(path, with_part(path.term, upstream, _one_row(upstream, row, rows))),
            Message("You took one row of {upstream}.", upstream=s.text(upstream)),
            Message("The bias serves every row: add all {count} up.", count=rows),
        )
    across = Apply("sum", (upstream,), (("axis", 1),))
    if s.fits(across):
        yield Mistake(
            "sum-wrong-axis",
            s.using(path, across),
            Message("You added up over the units."),
            Message("Each unit has its own bias: add up over the rows of the batch, axis=0."),
        )


def _over_the_batch(s: Situation, path: Path, read: str | None) -> Iterator[Mistake]:
    rows, upstream = _rows(s, path), s.upstream(path)
    if rows < 2 or s.step.kind != "backward" or not contains(path.term, upstream):
        return
    advice = Message("Every row of the batch counts: add up over all {count}.", count=rows)
    for id_, row in (("last-sample-only", rows - 1), ("first-sample-only", 0)):
        yield Mistake(
            id_,
            s.using(path, with_part(path.term, upstream, _one_row(upstream, row, rows))),
            Message("You took row {row} of the batch alone.", row=row),
            advice,
        )
    if read is not None and len(s.shapes[read]) == 2:
        across: tuple[tuple[str, Option], ...] = (("axis", 0), ("keepdims", True))
        mean = Apply("mean", (Name(read),), across)
        wrong = Apply("matmul", (transposed(mean), Apply("sum", (upstream,), across)))
        if s.fits(wrong):
            yield Mistake(
                "mean-input",
                s.using(path, wrong),
                Message("You multiplied the mean of {input} by the sum of the rest.", input=read),
                Message("Multiply row by row first, then add up over the batch."),
            )


def _is_added(s: Situation, path: Path) -> bool:
    """Is it added to the rest, as a bias is?"""
    return any(node.operation == "add" and Name(s.by) in node.operands for node in s.nodes(path))


def _rows(s: Situation, path: Path) -> int:
    shape = s.shapes[path.consumer.target]
    return shape[0] if len(shape) == 2 else 1


def _one_row(upstream: Expression, row: int, rows: int) -> Expression:
    """What arrives, with zeros in every row but one."""
    mask = Apply("one_hot", (Number(row),), (("depth", rows),))
    return times(upstream, Apply("expand_dims", (mask,), (("axis", 1),)))


def _outputs(s: Situation, path: Path) -> Iterator[str]:
    """What the layer gives out: its sum, and its activation."""
    target = path.consumer.target
    yield target
    for reader in s.lesson.program.consumers.get(target, ()):
        if isinstance(reader.expression, Apply) and reader.expression.operation in ACTIVATIONS:
            yield reader.target


def _multiplied_inputs(s: Situation, path: Path) -> Iterator[str]:
    for name in path.consumer.inputs:
        if name != s.by and name not in s.lesson.parameters:
            yield name
