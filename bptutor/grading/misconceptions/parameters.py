"""Mistakes at the gradients of weights and biases."""

from collections.abc import Iterator
from functools import partial

from bptutor.grading.misconceptions.situation import Mistake, Situation
from bptutor.grading.misconceptions.step_paths import Factor, Path, activates, one_alone
from bptutor.language.algebra import over, times, transposed
from bptutor.language.ops import build, traits_of
from bptutor.language.tree import Apply, Expression, Name, Number
from bptutor.text import Message

LABELS = {
    "preactivation-for-activation": Message("value before the activation"),
    "output-for-input": Message("output of the layer in place of its input"),
    "raw-input-for-activation": Message("input of the whole network"),
    "input-missing": Message("input of the layer omitted"),
    "weight-for-input": Message("weight in place of the input"),
    "outer-product-transposed": Message("gradient transposed"),
    "inner-product": Message("summed to a single number"),
    "bias-times-input": Message("bias gradient multiplied by the input"),
    "bias-zero": Message("0 used as the gradient of the bias"),
    "bias-one": Message("1 used as the gradient of the bias"),
    "bias-averaged": Message("bias gradient averaged over the batch"),
    "bias-unsummed": Message("bias gradient not summed over the batch"),
    "sum-wrong-axis": Message("summed along the wrong axis"),
    "last-sample-only": Message("last example of the batch only"),
    "first-sample-only": Message("first example of the batch only"),
    "mean-input": Message("mean input used for every example"),
    "bias-for-derivative": Message("bias in place of its derivative"),
}


MOST_ROWS = 8  # examples of a batch, each of which is tried alone


def by_a_parameter(s: Situation) -> Iterator[Mistake]:
    if s.step.kind not in ("backward", "local") or not (s.by in s.lesson.parameters or _is_bias(s)):
        return
    for path in s.paths:
        factor, added = s.factor(path), _added(s, path)
        if factor is not None:
            yield from _of_a_weight(s, path, factor)
        elif added is not None:
            yield from _of_a_bias(s, path, added)
        node = factor.node if factor else added
        rows = _rows(s, node)
        if node is not None and rows > 1 and s.step.kind == "backward":
            yield from _one_row_alone(s, path, node, rows)
            if factor is not None:
                yield from _mean_input(s, path, factor)


def _of_a_weight(s: Situation, path: Path, factor: Factor) -> Iterator[Mistake]:
    read, weight, shape = factor.read, s.by, s.shape(factor.read)
    advice = Message(
        "{weight} is multiplied by {input}: use {input}.", weight=weight, input=s.text(read)
    )

    def instead(misconception: str, other: Expression, explanation: Message) -> Mistake:
        return Mistake(misconception, s.with_factor(path, factor, other), explanation, advice)

    for before in s.before_activation(read):
        explanation = Message("You used {wrong}, before its activation.", wrong=s.text(before))
        yield instead("preactivation-for-activation", before, explanation)
    for output in _outputs(s, path):
        if s.shapes[output] == shape:
            explanation = Message(
                "You used {wrong}, the layer's output, not its input.", wrong=output
            )
            yield instead("output-for-input", Name(output), explanation)
    for leaf in s.around.inputs:
        if Name(leaf) != read and s.shapes[leaf] == shape:
            explanation = Message("You used {wrong}, the input of the whole network.", wrong=leaf)
            yield instead("raw-input-for-activation", Name(leaf), explanation)
    if s.step.kind == "local":
        explanation = Message("You used 1 in place of {input}.", input=s.text(read))
    elif len(s.paths) > 1:
        explanation = Message("You did not multiply by {weight}.", weight=s.text(read))
    else:
        explanation = Message(
            "You used only the upstream gradient at {target}.", target=path.consumer.target
        )
    yield instead("input-missing", build.ones_like(read), explanation)
    itself = [s.with_factor(path, factor, Name(weight))]
    if traits_of(factor.node).product == "matrices":
        ones = s.with_factor(path, factor, build.ones_like(read))
        omitted = ones.paths[s.paths.index(path)].term
        arriving = s.upstream_at(path, factor.node)
        itself += [s.with_term(path, times(Name(weight), each)) for each in (arriving, omitted)]
    for wrong in itself:
        explanation = (
            Message("You gave {value} itself.", value=weight)
            if s.step.kind == "local"
            else Message("You multiplied by {weight} itself.", weight=weight)
        )
        yield Mistake("weight-for-input", wrong, explanation, advice)
    if len(s.step.shape) == 2 and path is s.paths[0]:
        yield Mistake(
            "outer-product-transposed",
            s.with_product(transposed(s.product)),
            Message("Your value is transposed."),
            Message(
                "Use a row of {weight} for each input and a column for each unit.", weight=weight
            ),
        )
    inner = times(read, s.upstream(path))
    if s.step.kind == "backward" and s.shape(inner) == shape and s.step.shape:
        yield Mistake(
            "inner-product",
            s.with_term(path, s.spread(build.total(inner))),
            Message("You summed everything to a single number."),
            Message("Each weight has its own gradient: its input times the upstream gradient."),
        )


def _of_a_bias(s: Situation, path: Path, added: Apply) -> Iterator[Mistake]:
    bias, target = s.by, path.consumer.target
    if s.step.kind == "local":
        advice = Message(
            "The question asks how much {target} changes per unit of {by}.", target=target, by=bias
        )
    elif len(s.shape(added) or ()) == 2:
        advice = Message(
            "A bias is only added: sum the upstream gradient at {target} over the examples.",
            target=target,
        )
    else:
        advice = Message(
            "A bias is only added: its gradient is the upstream gradient at {target}.",
            target=target,
        )
    for read in _multiplied_inputs(s, path):
        met = s.shape(times(build.ones_like(added), Name(read))) == s.shape(added)
        if met:
            changed = s.with_upstream_at(path, added, partial(_times, factor=Name(read)))
            explanation = Message("You multiplied by {input}.", input=read)
            yield Mistake("bias-times-input", changed, explanation, advice)
    explanation = Message("You used {bias} itself.", bias=bias)
    remedy = Message(
        "{bias} is only added: its own value does not matter.", target=target, bias=bias
    )
    changed = (
        s.with_product(Name(bias))
        if s.step.kind == "local"
        else s.with_upstream_at(path, added, partial(_times, factor=Name(bias)))
    )
    yield Mistake("bias-for-derivative", changed, explanation, remedy)
    explanation = (
        Message("You used 0, as if {target} did not depend on {bias}.", target=target, bias=bias)
        if s.step.kind == "local"
        else Message("You used 0, but a bias has a gradient too.")
    )
    if path is s.paths[0]:
        nothing = s.with_product(build.zeros_like(Name(bias)))
        yield Mistake("bias-zero", nothing, explanation, advice)
    if s.step.kind != "backward":
        return
    explanation = Message("You used 1, the local derivative alone.")
    remedy = Message("Multiply by the upstream gradient at {target}.", target=target)
    yield Mistake("bias-one", s.with_term(path, build.ones_like(Name(bias))), explanation, remedy)
    rows = _rows(s, added)
    if rows < 2:
        return
    explanation = Message("You averaged over the batch.")
    remedy = Message("The loss already does any averaging: sum over the batch.")
    changed = s.with_term(path, over(path.term, Number(rows)))
    yield Mistake("bias-averaged", changed, explanation, remedy)
    remedy = _whole_batch(s, added)
    for row in range(min(rows, MOST_ROWS)):
        changed, explanation = _one_alone(s, path, added, row)
        yield Mistake("bias-unsummed", changed, explanation, remedy)
    explanation = Message("You summed over the units.")
    remedy = Message("Each unit has its own bias: sum over the examples, axis=0.")
    changed = s.with_term(path, build.total(s.upstream_at(path, added), axis=1))
    yield Mistake("sum-wrong-axis", changed, explanation, remedy)


def _one_row_alone(s: Situation, path: Path, node: Apply, rows: int) -> Iterator[Mistake]:
    advice = _whole_batch(s, node)
    for id_, row in (("last-sample-only", rows - 1), ("first-sample-only", 0)):
        yield Mistake(id_, *_one_alone(s, path, node, row), advice)


def _one_alone(s: Situation, path: Path, node: Apply, row: int) -> tuple[Situation, Message]:
    rows, vector = _rows(s, node), len(s.shape(node) or ()) == 1
    alone = partial(one_alone, index=row, count=rows, axis=1 if vector else 0)
    changed = s.with_upstream_at(path, node, alone)
    if vector:
        return changed, Message("You used only element {index} of the batch.", index=row + 1)
    return changed, Message("You used only row {row} of the batch.", row=row + 1)


def _whole_batch(s: Situation, node: Apply) -> Message:
    if len(s.shape(node) or ()) == 1:
        return Message("Every example counts: sum over all {count} elements.", count=_rows(s, node))
    return Message("Every example counts: sum over all {count} rows.", count=_rows(s, node))


def _mean_input(s: Situation, path: Path, factor: Factor) -> Iterator[Mistake]:
    """The mean input in every row."""
    mean = build.mean(factor.read, axis=0, keepdims=True)
    same = times(mean, build.ones_like(factor.read))
    if len(s.shape(factor.read) or ()) == 2:
        yield Mistake(
            "mean-input",
            s.with_factor(path, factor, same),
            Message("You used the mean of {input} for every example.", input=s.text(factor.read)),
            Message("Multiply each row first, then sum over the batch."),
        )


def _added(s: Situation, path: Path) -> Apply | None:
    """The sum of which it is the bias."""
    for node in s.nodes(path):
        if traits_of(node).terms == "plus" and Name(s.by) in node.operands:
            return node
    return None


def _is_bias(s: Situation) -> bool:
    """Is it a bias that is no parameter?"""
    added = [_added(s, path) for path in s.paths]
    return all(
        node is not None
        and any(s.around.only_added(s.by, each) for each in node.operands if each != Name(s.by))
        for node in added
    )


def _rows(s: Situation, node: Apply | None) -> int:
    """How many examples a parameter serves: a row each, or an element each of a vector."""
    shape = s.shape(node) if node else None
    vector = shape is not None and len(shape) == 1 and not s.step.shape
    return shape[0] if shape and (vector or len(shape) == 2) else 1


def _times(upstream: Expression, factor: Expression) -> Expression:
    return times(upstream, factor)


def _outputs(s: Situation, path: Path) -> Iterator[str]:
    """The layer's outputs: its sum, and its activation."""
    target = path.consumer.target
    yield target
    for reader in s.lesson.program.consumers.get(target, ()):
        if activates(reader.expression):
            yield reader.target


def _multiplied_inputs(s: Situation, path: Path) -> Iterator[str]:
    for name in path.consumer.inputs:
        if name != s.by and name not in s.lesson.parameters:
            yield name
