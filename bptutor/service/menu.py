"""The lessons of the menu as data, with how far each part of them has come."""

from __future__ import annotations

from functools import lru_cache

from bptutor.course.iterations import answered
from bptutor.course.parts import steps_of
from bptutor.course.session import Session
from bptutor.lesson.find import available, locate
from bptutor.lesson.lesson import Lesson
from bptutor.lesson.load import load
from bptutor.literals import Part
from bptutor.record.sittings import Sitting, Sittings, part_key
from bptutor.text import UserError
from bptutor.views.lesson import LessonItem, Place


def lesson_items(sittings: Sittings, language: str) -> list[LessonItem]:
    """The lessons in the order of the menu."""
    return [_item(sittings, name, language) for name in available()]


def _item(sittings: Sittings, name: str, language: str) -> LessonItem:
    """A lesson in the menu; one that cannot be opened says why."""
    try:
        lesson = _loaded(name)
    except UserError as error:
        return LessonItem(name, name, "", 0, 0, None, error.message.to(language))
    sitting = _kept(sittings, lesson, "tape")
    return LessonItem(
        name=name,
        title=lesson.title.to(language),
        summary=lesson.summary.to(language),
        steps=len(steps_of(lesson, "tape")),
        answered=_answered(sitting, lesson) if sitting else 0,
        ask=sitting.ask if sitting else None,
        problem="",
        derive=_place(sittings, lesson, "derive"),
        keras=_place(sittings, lesson, "keras"),
    )


def title_of(name: str, language: str) -> str:
    """A lesson's title; its name, where it is not there any more."""
    try:
        return _loaded(name).title.to(language)
    except (UserError, OSError, RuntimeError, ValueError):  # as of a NUL in a damaged record
        return name


def _loaded(name: str) -> Lesson:
    """A lesson, which is read anew only where its file has changed.

    Raises:
        LessonError: there is none, or its file is not a sound lesson.
    """
    path = locate(name)
    try:
        state = path.stat()
    except OSError:
        return load(name)  # which tells why it cannot be read
    return _read(name, state.st_mtime_ns, state.st_size)


@lru_cache(maxsize=64)
def _read(name: str, *_: int) -> Lesson:
    return load(name)


def _kept(sittings: Sittings, lesson: Lesson, part: Part) -> Sitting | None:
    """The sitting of a part that can be gone on with, be it that the lesson has changed since."""
    try:
        sitting = sittings.load(part_key(lesson.name, part))
    except UserError:
        return None
    return sitting if sitting and sitting.part == part else None


def _place(sittings: Sittings, lesson: Lesson, part: Part) -> Place | None:
    """How far another part of a lesson has come; None where there is no such part."""
    try:
        count = len(steps_of(lesson, part))
    except UserError:
        return None
    sitting = _kept(sittings, lesson, part)
    return Place(count, _answered(sitting, lesson) if sitting else 0)


def _answered(sitting: Sitting, lesson: Lesson) -> int:
    """How many steps are answered; the last one may have been left without going on."""
    if sitting.digest != lesson.digest:
        return answered(sitting)
    return Session(lesson, sitting, "unicode").count_done
