"""How far the learner has come in each lesson, from their places in them."""

from collections.abc import Sequence
from contextlib import suppress
from functools import lru_cache
from typing import get_args

from msgspec.structs import replace

from bptutor.course.iterations import answered
from bptutor.course.parts import PARTS, steps_of
from bptutor.course.session import Session
from bptutor.lesson.content import FileWanted, stamp_of
from bptutor.lesson.find import available, locate, split_reference
from bptutor.lesson.lesson import GROUPS, Lesson
from bptutor.lesson.load import load
from bptutor.literals import Part
from bptutor.quiz.variant import named
from bptutor.record.sittings import Sitting, Sittings, Standing, part_key, whole_key
from bptutor.text import Message, UserError
from bptutor.views.lesson import LessonItem, Onward, Place

GONE = (UserError, FileWanted, OSError, RuntimeError, ValueError)
"""Raised where a recorded lesson cannot be opened; ValueError as of a NUL in its name."""


def lesson_items(sittings: Sittings, standing: Standing, language: str) -> list[LessonItem]:
    """The lessons in the order of the menu; behind one those that were begun on other numbers."""
    begun: dict[str, set[str]] = {}
    for _, sitting in sittings.every():
        key = whole_key(sitting.lesson, sitting.part) if sitting else ""
        name, numbers = split_reference(key)
        if numbers and is_begun(sitting):
            begun.setdefault(name, set()).add(key)
    names = (each for name in available() for each in (name, *sorted(begun.get(name, ()))))
    items = [_item(sittings, standing, name, language) for name in names]
    course = {item.group for item in items if item.of_course}

    def headed(item: LessonItem) -> LessonItem:
        """The group of the course's own lesson says so."""
        if not item.group or item.group not in course:
            return item
        group = Message("{group}, with the course's lesson", group=item.group)
        return replace(item, group=group.to(language))

    return [*map(headed, items)]


def _item(sittings: Sittings, standing: Standing, name: str, language: str) -> LessonItem:
    """A lesson in the menu; one that cannot be opened says why."""
    try:
        lesson = loaded(name)
    except UserError as error:
        return LessonItem(name, name, "", None, error.message.to(language))
    sitting = _kept(sittings, lesson.name, "tape")
    return LessonItem(
        name=name,
        title=lesson.title.to(language),
        summary=lesson.summary.to(language),
        ask=sitting.ask if sitting else None,
        parts=parts_of(sittings, standing, lesson, lesson.name),
        group=GROUPS[lesson.group].to(language) if lesson.group else "",
        titles=[*lesson.title.by_language.values()],
        of_course=lesson.local == "tape",
    )


def parts_of(sittings: Sittings, standing: Standing, lesson: Lesson, key: str) -> dict[Part, Place]:
    """How far each part of a lesson has come; `key` is the lesson's name, or its file's path."""
    parts: dict[Part, Place] = {}
    for part in PARTS:
        with suppress(UserError):  # the lesson has no such part
            steps = steps_of(lesson, part)
            sitting = _kept(sittings, key, part)
            parts[part] = Place(
                steps=len(steps),
                answered=_answered(sitting, lesson) if sitting else 0,
                done=_is_done(sitting, standing, lesson, key, part),
            )
    return parts


def onward(
    sittings: Sittings, standing: Standing, lesson: Lesson, sitting: Sitting, language: str
) -> list[Onward]:
    """What comes after a part: the next part of the lesson, and the next lesson of the menu.

    Finished ones are passed over; after the last lesson the first one that is not comes.
    """
    part, key = sitting.part, whole_key(sitting.lesson, sitting.part)
    found = []
    for later in PARTS[PARTS.index(part) + 1 :]:
        with suppress(UserError):  # the lesson has no such part
            steps_of(lesson, later)
            if part_key(key, later) not in standing.finished:
                found.append(Onward(key, lesson.title.to(language), later, same=True))
                break
    names = available()
    own, _ = split_reference(key)
    place = names.index(own) + 1 if own in names else len(names)
    for name in (*names[place:], *names[:place]):
        with suppress(UserError):  # a lesson that cannot be opened
            other = loaded(name)
            kept = _kept(sittings, other.name, "tape")
            if name != own and not _is_done(kept, standing, other, other.name, "tape"):
                found.append(Onward(name, other.title.to(language), "tape", same=False))
                break
    return found


def finished(session: Session) -> bool:
    """Has every step of this iteration been answered, or an iteration before it?"""
    return session.sitting.iterations > 0 or session.count_done == len(session.steps)


def has_finished(sitting: Sitting, lesson: Lesson, part: Part) -> bool:
    """The same of a sitting that is saved, be it that the lesson has changed since."""
    if sitting.iterations > 0 or sitting.digest != lesson.digest or sitting.part != part:
        return sitting.iterations > 0
    return finished(Session(lesson, sitting, "unicode"))


def _is_done(
    sitting: Sitting | None, standing: Standing, lesson: Lesson, key: str, part: Part
) -> bool:
    """Is a part finished? (In a folder of an older version only its sitting tells.)"""
    if part_key(key, part) in standing.finished:
        return True
    return sitting is not None and has_finished(sitting, lesson, part)


def title_of(name: str, language: str) -> str:
    """A lesson's title, with its numbers; its name, where it is not there any more."""
    with suppress(*GONE):
        return loaded(name).title.to(language)
    return name


def loaded(name: str) -> Lesson:
    """A lesson, which is read again only where its file has changed; other numbers are not drawn.

    Raises LessonError: there is none, or its file is not a sound lesson.
    """
    name, numbers = split_reference(name)
    stamp = stamp_of(locate(name))
    lesson = _read(name, *stamp) if stamp else load(name)  # which tells why it cannot be read
    return named(lesson, numbers) if numbers else lesson


@lru_cache(maxsize=64)
def _read(name: str, *_: int) -> Lesson:
    return load(name)


def _kept(sittings: Sittings, key: str, part: Part) -> Sitting | None:
    """The sitting of a part that can be gone on with, be it that the lesson has changed since."""
    sitting = sittings.look(part_key(key, part))
    return sitting if sitting and sitting.part == part else None


def _answered(sitting: Sitting, lesson: Lesson) -> int:
    """How many steps are answered; the last one may have been left without going on."""
    if sitting.digest != lesson.digest:
        return answered(sitting)
    return Session(lesson, sitting, "unicode").count_done


def begun_lessons(sittings: Sittings) -> list[str]:
    """The lessons that the learner has begun or finished, in the order of the menu."""
    return [
        name
        for name in available()
        if any(is_begun(sittings.look(part_key(name, part))) for part in get_args(Part))
    ]


def begun_parts(sittings: Sittings, names: Sequence[str]) -> list[Part]:
    """The parts that the learner has begun in some of these lessons; the one in numbers always."""
    return [
        part
        for part in PARTS
        if part == "tape" or any(is_begun(sittings.look(part_key(name, part))) for name in names)
    ]


def is_begun(sitting: Sitting | None) -> bool:
    """Is a step of a part answered? (A look at a step leaves an open mark.)"""
    if sitting is None:
        return False
    answered = any(mark.stage != "open" for mark in sitting.marks.values())
    return bool(answered or sitting.furthest or sitting.iterations)
