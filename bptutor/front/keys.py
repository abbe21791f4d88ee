"""Read from the table of actions: the keys and commands of a place, the `keys` setting, help."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from bptutor.front.action import Action
from bptutor.front.actions import TABLE
from bptutor.front.here import Here
from bptutor.text import Message

ROOMS = (
    *("menu", "introduction", "step", "summary", "quiz", "exam", "quiz-end", "progress"),
    *("class", "class-people", "class-preview", "class-live", "class-mistakes"),
    *("class-marks", "class-paper"),
)
"""The places under any dialog; the app's own keys work there too."""
TOLD = ("enter", "f2", "f3", "f4", "f5", "f6", "f7", "f12", "f8", "f9", "escape")
"""The keys in the order in which help tells of them: what shows numbers stands together."""


@cache
def keyed(place: str) -> tuple[Action, ...]:
    """What has a key in a place, in the order of its line of keys."""
    here = [each for each in TABLE if each.key and place in each.places.split()]
    return tuple(sorted(here, key=lambda each: each.rank))


def worded(place: str, here: Here) -> list[Action]:
    """The commands of text mode in a place, in the order in which it lists them."""
    there = (place, "app")
    return [
        each
        for each in TABLE
        if each.word and not {*there}.isdisjoint(each.places.split()) and each.when(here)
    ]


def action(place: str, name: str) -> Action:
    return next(each for each in keyed(place) if each.id == name)


# ── the `keys` setting ────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True)
class Clash:
    """A key that is to do several things in one place, of which it can do one."""

    name: str  # what the key was given to
    key: str
    others: tuple[str, ...]


def names() -> list[str]:
    return list(dict.fromkeys(each.id for each in TABLE if each.key and not each.idle))


def first_clash(keys: Mapping[str, str]) -> Clash | None:
    """A key that was given to something, and is that of something else as well.

    What has a key in common by default is never done at the same moment.
    """
    keyed_ = [each for each in TABLE if each.key and not each.idle]
    for name, given in keys.items():
        for key in given.split(","):
            others = [
                other.id
                for own in keyed_
                if own.id == name
                for other in keyed_
                if key in keys.get(other.id, other.key).split(",")
                and other.do != own.do
                and not {*own.keys} & {*other.keys}
                and _meet(own, other)
            ]
            if others:
                return Clash(name, key, tuple(dict.fromkeys(others)))
    return None


def _meet(one: Action, other: Action) -> bool:
    """Can the keys of both be there at once? (Those of a widget are there in some places only.)"""
    places, others = {*one.places.split()}, {*other.places.split()}
    if places & others:
        return True
    return any(
        "app" in here and not there.isdisjoint(ROOMS)
        for here, there in ((places, others), (others, places))
    )


def help_rows(column: Literal["help", "quiz_help"]) -> Iterator[tuple[list[Action], Message]]:
    """The lines of help in a `help` column: what shares a line, and what it does, key by key."""
    rows: dict[Message, list[Action]] = {}
    for each in sorted(TABLE, key=_told):
        text = each.help if column == "help" else each.quiz_help
        if text:
            rows.setdefault(text, []).append(each)
    for text, actions in rows.items():
        yield actions, text


def _told(each: Action) -> int:
    """Where help tells of its key; of those that work everywhere last."""
    if "app" in each.places:
        return len(TOLD)
    return TOLD.index(each.keys[0]) if each.keys[0] in TOLD else TOLD.index("escape")
