"""What the record knows of a learner, as data."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from bptutor.language.ops.base import Style
from bptutor.language.render import display_name
from bptutor.quiz.codes import write_code
from bptutor.quiz.schedule import due, is_readable, strength
from bptutor.record.attempts import Activity, Attempt, Practice
from bptutor.record.record import Record
from bptutor.record.sittings import Sittings
from bptutor.service.menu import lesson_items, title_of
from bptutor.service.words import SKILLS, mistake
from bptutor.text import Message, UserError
from bptutor.views.lesson import LessonItem
from bptutor.views.quiz import (
    AttemptLine,
    Day,
    LessonProgress,
    MistakeProgress,
    Outcome,
    ProgressView,
    SkillProgress,
    Week,
)

CALENDAR = timedelta(weeks=12)
LATER = timedelta(weeks=1)
"""When it is told how much is still remembered: just after practice everything is."""


def progress_view(
    record: Record, learner: str, sittings: Sittings, language: str, now: float
) -> ProgressView:
    """How far a learner has come; what is wrong with the record is its remark."""
    remark = ""
    try:
        activity, every = record.activity(learner), record.cards(learner)
        cards = {skill: card for skill, card in every.items() if is_readable(card)}
        if passed_over := activity.unreadable + len(every) - len(cards):
            remark = unreadable(passed_over).to(language)
    except UserError as error:
        activity, cards = Activity(), {}
        remark = error.message.to(language)
    return ProgressView(
        learner=learner,
        attempts=activity.attempts,
        since=activity.since,
        lessons=[_lesson(item) for item in lesson_items(sittings, language) if not item.problem],
        skills=_skills(activity, cards, language, now),
        mistakes=[
            MistakeProgress(
                made.misconception,
                _text(mistake(made.misconception), language),
                made.times,
                made.days,
                made.last,
            )
            for made in activity.made
        ],
        days=list(_days(activity, datetime.fromtimestamp(now).date())),
        weeks=list(_weeks(activity)),
        remark=remark,
    )


def unreadable(count: int) -> Message:
    """Rows are damaged; all others are shown."""
    return Message(
        "Rows of your record that cannot be read, and are passed over: {count}.", count=count
    )


def attempt_line(attempt: Attempt, style: Style, language: str) -> AttemptLine:
    """A past attempt in the list of them."""
    return AttemptLine(
        id=attempt.id,
        at=attempt.at,
        lesson=title_of(attempt.lesson, language),
        name=display_name(attempt.step, style),
        typed="; ".join(part for part in (attempt.product, ", ".join(attempt.cells)) if part),
        verdict=_outcome(attempt),
        mistakes=attempt.misconceptions,
        code=write_code(attempt),
    )


def _outcome(attempt: Attempt) -> Outcome:
    alone = bool(attempt.product) and not attempt.cells
    return "product" if alone and attempt.verdict in ("exact", "right") else attempt.verdict


def _lesson(item: LessonItem) -> LessonProgress:
    others = [part for part in (item.derive, item.keras) if part]
    return LessonProgress(
        item.title,
        item.steps + sum(part.steps for part in others),
        item.answered + sum(part.answered for part in others),
    )


def _skills(
    activity: Activity, cards: dict[str, str], language: str, now: float
) -> list[SkillProgress]:
    """What is known, the weakest first."""
    found = []
    for skill, card in cards.items():
        items, share = _first_try([activity.skills[skill]] if skill in activity.skills else [])
        words = _text(SKILLS.get(skill, skill), language)
        kept = strength(card, now + LATER.total_seconds())
        found.append(SkillProgress(skill, words, kept, due(card), items, share))
    return sorted(found, key=lambda each: (each.strength, each.due, each.id))


def _days(activity: Activity, today: date) -> Iterator[Day]:
    """The latest days on which there was practice."""
    first = (today - CALENDAR).toordinal()
    for day, done in activity.days.items():
        if day > first:
            yield Day(date.fromordinal(day).isoformat(), done.attempts, done.right)


def _weeks(activity: Activity) -> Iterator[Week]:
    """The weeks in which there was practice; day 1 was a Monday."""
    weeks: dict[int, list[Practice]] = {}
    for day, done in activity.days.items():
        weeks.setdefault((day - 1) // 7 * 7 + 1, []).append(done)
    for monday, days in weeks.items():
        items, share = _first_try(days)
        if items:
            yield Week(date.fromordinal(monday).isoformat(), items, share)


def _first_try(done: list[Practice]) -> tuple[int, float]:
    """How many items there were, and the share of them that was right at once."""
    items = sum(each.items for each in done)
    return items, sum(each.at_once for each in done) / items if items else 0.0


def _text(words: Message | str, language: str) -> str:
    return words.to(language) if isinstance(words, Message) else words
