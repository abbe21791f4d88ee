"""How requests, replies and events travel: a reply repeats its request's id, an event has none."""

from __future__ import annotations

from typing import TypeAlias

from msgspec import Struct

from bptutor.service.messages.replies import Event, Reply
from bptutor.service.messages.requests import Request


class Asked(Struct, frozen=True, tag=True):
    """A request on the wire."""

    id: int
    request: Request


class Answered(Struct, frozen=True, tag=True):
    """A reply on the wire."""

    id: int
    reply: Reply


class Told(Struct, frozen=True, tag=True):
    """An event on the wire."""

    event: Event


class Goodbye(Struct, frozen=True, tag=True):
    """The connection closes, and why."""

    reason: str


FromApp: TypeAlias = Asked
FromService: TypeAlias = Answered | Told | Goodbye
