"""What a widget may ask of the app around it: the learner's language and the signs to draw with."""

from typing import Protocol, cast

from textual.message_pump import MessagePump

from bptutor.text import Message
from bptutor.tui.symbols import Symbols


class Look(Protocol):
    """How things are written and drawn; the app is one."""

    language: str
    symbols: Symbols

    def words(self, message: Message) -> str: ...


def look_of(node: MessagePump) -> Look:
    return cast(Look, node.app)
