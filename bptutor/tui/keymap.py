"""The names of all that a key can do in the app, and what comes of giving them other keys."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import ModalScreen, Screen

from bptutor.tui.app import TutorApp
from bptutor.tui.rooms import ROOMS


@dataclass(frozen=True)
class Clash:
    """A key that is to do several things in one place, of which it can do one."""

    name: str
    """What the key was given to."""
    key: str
    others: tuple[str, ...]


def names() -> list[str]:
    """The bindings' ids, of the app first and then screen by screen. Reads every screen in."""
    return list(dict.fromkeys(str(each.id) for _, each in _bindings()))


def whole(keys: Mapping[str, str]) -> dict[str, str]:
    """The keymap in which everything else keeps its keys.

    Where Textual moves a binding away from a key, it takes all others from that key too, unless
    they are in the keymap: of Enter, which checks, notes and goes on, nothing would be left.
    """
    own: dict[str, set[str]] = defaultdict(set)
    for _, each in _bindings():
        own[str(each.id)].add(each.key)
    kept = {name: key for name, (key, *more) in own.items() if not more}
    return {**kept, **keys}


def first_clash(keys: Mapping[str, str]) -> Clash | None:
    """A key that was given to something, and is that of something else as well.

    What has a key in common by itself is never done at the same moment.
    """
    for name, given in keys.items():
        for key in given.split(","):
            others = [
                other.id
                for node, own in _bindings()
                if own.id == name
                for other_node, other in _bindings()
                if key in keys.get(other.id or "", other.key).split(",")
                and _meet(node, other_node)
                and other.action != own.action
                and not {*own.key.split(",")} & {*other.key.split(",")}
            ]
            if others:
                return Clash(name, key, tuple(dict.fromkeys(map(str, others))))
    return None


def _meet(node: type[DOMNode], other: type[DOMNode]) -> bool:
    """Can the keys of both be there at once? (Those of a field are there in some rooms only.)"""
    if issubclass(node, other) or issubclass(other, node):
        return True
    if TutorApp not in (node, other):
        return False
    room = other if node is TutorApp else node
    return issubclass(room, Screen) and not issubclass(room, ModalScreen)


@cache
def _bindings() -> tuple[tuple[type[DOMNode], Binding], ...]:
    """What has a name, and where it is."""
    for room in ROOMS.values():
        room()
    nodes: list[type[DOMNode]] = [TutorApp, *_below(DOMNode)]
    return tuple(
        (node, each)
        for node in nodes
        if node.__module__.startswith("bptutor.tui")
        for each in node.BINDINGS
        if isinstance(each, Binding) and each.id
    )


def _below(node: type[DOMNode]) -> Iterator[type[DOMNode]]:
    for each in node.__subclasses__():
        yield each
        yield from _below(each)
