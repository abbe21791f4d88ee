"""The words for what the messages name by a token."""

from bptutor.literals import Ask, Kind, Part, Stage, Verdict
from bptutor.text import Message
from bptutor.views.quiz import ItemState, Outcome

ASKS: dict[Ask, Message] = {
    "all": Message("everything"),
    "backward": Message("the backward pass"),
    "products": Message("the products"),
    "values": Message("the values"),
}
KINDS: dict[Kind, Message] = {
    "forward": Message("forward pass"),
    "local": Message("slope of one operation"),
    "backward": Message("backward pass"),
    "update": Message("update"),
    "order": Message("the order"),
    "memory": Message("the memory"),
    "code": Message("the code"),
}
PARTS: dict[Part, Message] = {
    "derive": Message("symbols"),
    "tape": Message("numbers"),
    "keras": Message("Keras"),
}
STAGES: dict[Stage, Message] = {
    "open": Message("to do"),
    "solved": Message("solved"),
    "shown": Message("shown"),
    "worked": Message("worked out"),
    "waiting": Message("waits for TensorFlow"),
}
ITEM_STATES: dict[ItemState, Message] = {
    "open": Message("not answered"),
    "answered": Message("answered"),
    "right": Message("right"),
    "carried": Message("right, given an earlier answer"),
    "partly": Message("partly right"),
    "wrong": Message("not right"),
    "shown": Message("the answer was shown"),
}
VERDICTS: dict[Verdict, Message] = {
    "exact": Message("right to every figure"),
    "right": Message("right, rounded"),
    "imprecise": Message("right so far; give more figures"),
    "wrong": Message("not right"),
    "unreadable": Message("cannot be read"),
}

SKILLS: dict[str, Message] = {
    "affine-forward": Message("weighted sum, forward"),
    "activation-forward": Message("activation, forward"),
    "loss-forward": Message("the loss"),
    "forward": Message("operation, forward"),
    "weight-slope": Message("slope by a weight"),
    "bias-slope": Message("slope by a bias"),
    "input-slope": Message("slope by an input"),
    "activation-slope": Message("slope of an activation"),
    "slope": Message("slope of an operation"),
    "loss-slope": Message("slope of the loss"),
    "weight-gradient": Message("gradient by a weight"),
    "bias-gradient": Message("gradient by a bias"),
    "input-gradient": Message("gradient to the layer before"),
    "activation-gradient": Message("gradient through an activation"),
    "sum-over-paths": Message("sum over several paths"),
    "gradient": Message("gradient through an operation"),
    "update": Message("update"),
    "order": Message("the order"),
    "memory": Message("the memory"),
    "code": Message("the code"),
}
"""Kinds of step, as skills."""
WHYS: dict[str, Message] = {
    "new": Message("to find out what you know"),
    "due": Message("due again"),
    "again": Message("it comes back"),
    "easier": Message("it comes back, easier"),
    "ahead": Message("practised ahead"),
}
"""Why an item of a quiz comes now."""


def way(kind: Kind) -> Message:
    """Down through the network, or back up: the heading that a step stands under in a list."""
    if kind in ("order", "memory", "code"):
        return KINDS[kind]
    return KINDS["forward" if kind in ("forward", "local") else "backward"]


def outcome(of: Outcome) -> Message:
    """What came of a past attempt."""
    if of == "product":
        return ITEM_STATES["right"]
    return STAGES["shown"] if of == "shown" else VERDICTS[of]


def mistake(id_: str) -> Message | str:
    """A misconception in a few words; the id itself where it is another version's."""
    from bptutor.grading.misconceptions import MISCONCEPTIONS

    return MISCONCEPTIONS.get(id_, id_)
