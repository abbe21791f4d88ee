"""What every front says in the same words of the menu: what goes on, and how a lesson is found."""

from datetime import date, timedelta
from unicodedata import normalize

from bptutor.literals import Part
from bptutor.text import Message
from bptutor.views.lesson import Left, LessonItem, Outlook


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


def in_a_row(outlook: Outlook, today: date) -> Message | None:
    """On how many days in a row there was practice, up to today or yesterday."""
    days = {day.date for day in outlook.days}
    last = today if today.isoformat() in days else today - timedelta(days=1)
    count = 0
    while (last - timedelta(days=count)).isoformat() in days:
        count += 1
    return Message("{count} days in a row", count=count) if count > 1 else None
