"""An operation's value and its rule in words, with the operands' own names filled in."""

from collections.abc import Callable, Iterator

from bptutor.language.ops import operation_of
from bptutor.language.ops.base import Operation
from bptutor.language.tree import Apply, Expression
from bptutor.text import Message

Text = Callable[[Expression], str]  # an expression as it is written

UPSTREAM = Message("the upstream gradient")
ONE = "1"  # the upstream gradient of the loss itself


def forward_words(node: Apply, text: Text) -> Message:
    """How an operation's value is computed."""
    x, y, z, *_ = [*map(text, node.operands), "", ""]
    atom = f"({x})" if isinstance(node.operands[0], Apply) else x
    words = operation_of(node).forward
    return Message(words.text, node=text(node), x=x, y=y, z=z, atom=atom)


def rule_words(
    node: Apply, index: int, text: Text, *, upstream: Message | str, value: str
) -> Iterator[Message]:
    """How an operation passes its upstream gradient to one operand.

    `value` is the operation's value as it is named in the program.
    """
    operation = operation_of(node)
    slope = operation.slope(node, index)
    rule = operation.rule_for(index)
    if upstream == ONE and slope is not None and not operation.multiplies:
        rule = Operation.rule  # nothing comes that could be passed on
    yield Message(
        rule.text,
        node=text(node),
        operand=text(node.operands[index]),
        value=value,
        upstream=upstream,
        slope=text(slope) if slope else "0",
    )
    if operation.multiplies and upstream != ONE:
        yield Message("Multiply {upstream} by it.", upstream=upstream)
    kink = operation.kink(node)
    if isinstance(kink, Apply) and slope is not None:
        left, right = map(text, kink.operands)
        yield Message(
            "At {left} = {right} no derivative exists: the value there is TensorFlow's choice.",
            left=left,
            right=right,
        )
