"""The record in sentences: what has been practised, what is known by now, past attempts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from bptutor.plain.dialogue import Said
from bptutor.service.quiz_words import due
from bptutor.service.words import mistake, outcome
from bptutor.text import Message
from bptutor.views.quiz import AttemptLine, MistakeProgress, ProgressView, SkillProgress

MOST_DAYS = 14
"""Days of practice that are read out; the latest ones."""


def progress(view: ProgressView, now: float) -> Iterator[Said]:
    """What the record knows of the learner; `now` in seconds since 1970."""
    yield ""
    if view.remark:
        yield view.remark
    if view.since is None:
        yield Message("Nothing is on record yet: it fills with every answer you give.")
    else:
        yield Message(
            "On record for {learner} since {date}; attempts: {count}.",
            learner=view.learner,
            count=view.attempts,
            date=_date(view.since),
        )
    yield from _lessons(view)
    if view.skills:
        yield Message("Kinds of step, the weakest first:")
        yield from (_skill(skill, now) for skill in view.skills)
    if view.mistakes:
        yield Message("Mistakes that come back, the most frequent first:")
        yield from (_mistake(mistake) for mistake in view.mistakes)
    yield from _practice(view)


def _lessons(view: ProgressView) -> Iterator[Said]:
    begun = [lesson for lesson in view.lessons if lesson.answered]
    done = sum(lesson.answered == lesson.steps for lesson in begun)
    yield Message(
        "Lessons: {count}; begun: {begun}; done to the end: {done}.",
        count=len(view.lessons),
        begun=len(begun),
        done=done,
    )
    for lesson in begun:
        yield Message(
            "{title}: {state}.",
            title=lesson.title,
            state=Message(
                "{answered} of {steps} steps", answered=lesson.answered, steps=lesson.steps
            ),
        )


def _skill(skill: SkillProgress, now: float) -> Message:
    return Message(
        "{skill}: the chance to remember it in a week is {strength} percent; due {when}; items: "
        "{items}, right at once: {first} percent.",
        skill=skill.skill,
        strength=_percent(skill.strength),
        when=due(skill.due, now),
        items=skill.items,
        first=_percent(skill.first_try),
    )


def _mistake(mistake: MistakeProgress) -> Message:
    return Message(
        "{what}; times: {times}, days: {days}, last on {date}.",
        what=mistake.text.rstrip("."),
        times=mistake.times,
        days=mistake.days,
        date=_date(mistake.last),
    )


def _practice(view: ProgressView) -> Iterator[Said]:
    """The calendar, and the trend."""
    if view.days:
        yield Message("Days with practice in the last twelve weeks: {count}.", count=len(view.days))
    if len(view.days) > MOST_DAYS:
        yield Message("The last {count} of them:", count=MOST_DAYS)
    for day in view.days[-MOST_DAYS:]:
        yield Message(
            "{date}: {right} of {attempts} right.",
            date=day.date,
            attempts=day.attempts,
            right=day.right,
        )
    if view.weeks:
        yield Message("Week by week, what was right at once:")
    for week in view.weeks:
        yield Message(
            "week from {date}: {first} percent; items: {items}",
            date=week.monday,
            first=_percent(week.first_try),
            items=week.items,
        )


def attempt(number: int, line: AttemptLine) -> Iterator[Said]:
    """A past attempt, by its number in the list."""
    yield Message(
        "{number}. {when}: {name}, {lesson}; {verdict}.",
        number=number,
        when=datetime.fromtimestamp(line.at).strftime("%Y-%m-%d %H:%M"),
        name=line.name,
        lesson=line.lesson,
        verdict=outcome(line.verdict),
    )
    if line.typed:
        yield Message("Typed: {product}", product=line.typed)
    for made in line.mistakes:
        yield Message("Mistake: {what}", what=mistake(made))
    yield Message("Code: {code}", code=line.code)


def _date(at: float) -> str:
    return datetime.fromtimestamp(at).strftime("%Y-%m-%d")


def _percent(share: float) -> int:
    return round(100 * share)
