"""The assignments of a class in sentences: the list of them, and the cover of one."""

from collections.abc import Iterator, Sequence

from bptutor.plain.dialogue import Said
from bptutor.service.assignment_words import (
    GROUPS,
    KINDS,
    NO_ASSIGNMENTS,
    about,
    grouped,
    in_menu,
    more_about,
    rules,
    standing,
)
from bptutor.text import Message, sentences
from bptutor.views.assignments import AssignmentCover, AssignmentItem, Assignments


def listed(view: Assignments) -> Iterator[Said]:
    """Every assignment by its number and its name, what is open first."""
    yield ""
    if not view.items:
        yield NO_ASSIGNMENTS
    for group, items in grouped(view.items):
        yield Message("{what}:", what=GROUPS[group])
        for item in items:
            yield from _item(item, view)


def _item(item: AssignmentItem, view: Assignments) -> Iterator[Said]:
    of = Message("{title} ({name})", title=item.title, name=item.name)
    named = Message("{number}. {name}", number=view.items.index(item) + 1, name=of)
    yield Message("{step}: {stage}", step=named, stage=standing(item, view.now))
    yield sentences(Message("{what}.", what=KINDS[item.kind]), *more_about(item, view.now))


def cover(view: AssignmentCover) -> Iterator[Said]:
    """What to know before an assignment begins."""
    yield ""
    yield view.item.title
    yield from about(view)
    if view.item.state == "open":
        yield from rules(view)


def menu(items: Sequence[AssignmentItem] | None) -> Iterator[Said]:
    """What the menu says of assignments, where the learner is in a class."""
    if items is None:
        return
    if said := in_menu(items):
        yield said
    yield Message("For your assignments, type {command}.", command=Message("/assignments"))
