"""The names of all that a key can do in the app."""

from __future__ import annotations

from collections.abc import Iterator

from textual.binding import Binding
from textual.dom import DOMNode

from bptutor.tui.app import TutorApp
from bptutor.tui.rooms import ROOMS


def names() -> list[str]:
    """The bindings' ids, of the app first and then screen by screen. Reads every screen in."""
    for room in ROOMS.values():
        room()
    found: dict[str, None] = {}
    nodes: list[type[DOMNode]] = [TutorApp, *_below(DOMNode)]
    for node in nodes:
        if node.__module__.startswith("bptutor.tui"):
            ids = [each.id for each in node.BINDINGS if isinstance(each, Binding)]
            found.update(dict.fromkeys(filter(None, ids)))
    return list(found)


def _below(node: type[DOMNode]) -> Iterator[type[DOMNode]]:
    for each in node.__subclasses__():
        yield each
        yield from _below(each)
