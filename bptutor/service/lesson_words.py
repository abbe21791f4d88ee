"""What the menu says of lessons, and what stands at the end of a part."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from unicodedata import normalize

from bptutor.literals import Kind, Part
from bptutor.service.quiz_words import day_of, outcome
from bptutor.service.words import KINDS
from bptutor.text import Message
from bptutor.text.numbers import figures_for_change, weight
from bptutor.views.lesson import Left, LessonItem, Outlook, SummaryView, Walked
from bptutor.views.quiz import AttemptLine


def is_found(item: LessonItem, text: str) -> bool:
    """Is every word of a text in a lesson's name or in one of its titles?"""
    there = plain(" ".join((item.name, item.title, *item.titles)))
    return all(word in there for word in plain(text).split())


def plain(text: str) -> str:
    """A text as it is looked for: without case, and with each character in one form."""
    return normalize("NFC", text).casefold()


def left_of(outlook: Outlook, item: LessonItem, part: Part) -> Left | None:
    """Where a part of a lesson goes on."""
    of_part = (left for left in outlook.left if left.part == part)
    return next((left for left in of_part if left.lesson == item.name), None)


def time_to_end(left: Left) -> Message | None:
    """How long the rest of a part takes, as far as that is known."""
    if left.minutes is None:
        return None
    return Message("about {minutes} min left", minutes=left.minutes)


def last_attempt(attempt: AttemptLine) -> Message:
    """When a lesson was answered last, and what came of it."""
    return Message(
        "last answer {date}: {name}, {outcome}",
        date=day_of(attempt.at),
        name=attempt.name,
        outcome=outcome(attempt.verdict),
    )


def in_a_row(outlook: Outlook, today: date) -> Message | None:
    """On how many days in a row there was practice, up to today or yesterday."""
    days = {day.date for day in outlook.days}
    last = today if today.isoformat() in days else today - timedelta(days=1)
    count = 0
    while (last - timedelta(days=count)).isoformat() in days:
        count += 1
    return Message("{count} days in a row", count=count) if count > 1 else None


WAYS: Mapping[Kind, Kind] = {"local": "forward", "optimizer": "update"}
"""Under which kind of step a walk counts others."""


def walk(view: SummaryView) -> dict[Message, list[Walked]]:
    """The answered steps by the way that they go: forward, backward, update."""
    found: dict[Message, list[Walked]] = {}
    for step in view.walk:
        found.setdefault(KINDS[WAYS.get(step.kind, step.kind)], []).append(step)
    return found


def shown_steps(view: SummaryView) -> Message | None:
    names = [step.name for step in view.walk if step.state == "shown"]
    return Message("Shown: {names}", names=", ".join(names)) if names else None


@dataclass(frozen=True)
class Moved:
    """How far the elements of a parameter have come."""

    name: str
    shape: Sequence[int]
    before: str
    after: str  # of the element that changed most
    changes: list[float]  # by element, without the sign

    @property
    def largest(self) -> float:
        return max(self.changes)


def moved(view: SummaryView) -> list[Moved]:
    found = []
    for each in view.parameters:
        old, new = each.before, each.after
        changes = [abs(b - a) for a, b in zip(old.values, new.values, strict=True)]
        if changes:
            at, figures = changes.index(max(changes)), figures_for_change(old, new)
            before, after = (weight(of.values[at], of.dtype, figures) for of in (old, new))
            found.append(Moved(each.name, old.shape, before, after, changes))
    return found


def unmoved(all_moved: Sequence[Moved]) -> Message | None:
    """How many elements are as they were."""
    count = sum(change == 0 for each in all_moved for change in each.changes)
    return Message("elements that did not change: {count}", count=count) if count else None
