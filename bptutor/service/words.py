"""The words for what the messages name by a token."""

from __future__ import annotations

from bptutor.locale import Message
from bptutor.service.messages import Ask, ItemState, Kind, Part, Stage, Verdict

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


def way(kind: Kind) -> Message:
    """Down through the network, or back up: the heading that a step stands under in a list."""
    if kind in ("order", "memory", "code"):
        return KINDS[kind]
    return KINDS["forward" if kind in ("forward", "local") else "backward"]
