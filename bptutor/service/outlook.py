"""What the menu shows beside the lessons: where they go on, what is due, the last weeks."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from math import ceil
from statistics import median

from bptutor.course.session import Session, exercise
from bptutor.quiz.schedule import end_of_day, is_readable
from bptutor.record.attempts import Activity, Attempt
from bptutor.record.record import Record
from bptutor.record.sittings import whole_key
from bptutor.service.places import Learner
from bptutor.service.progress import GONE, days_of, is_begun, loaded, skills_of
from bptutor.text import UserError
from bptutor.views.lesson import Left, Outlook

LATEST = 300  # attempts that a pace is measured on
ENOUGH, ENOUGH_OF_A_KIND = 10, 3
"""Answered steps, in all and of one kind, from which on there is a pace."""


def outlook(record: Record, learner: Learner, now: float) -> Outlook:
    """As far as the record can be read."""
    name = learner.recorder.learner
    latest: list[Attempt] = []
    activity, cards = Activity(), {}
    with suppress(UserError):
        activity = record.activity(name)
        cards = {skill: card for skill, card in record.cards(name).items() if is_readable(card)}
        latest = record.attempts(name, count=LATEST)
    skills = skills_of(activity, cards, learner.language, now)
    return Outlook(
        left=list(_left(learner, pace_of(latest))),
        due=[skill for skill in skills if skill.due < end_of_day(now)],
        days=list(days_of(activity, datetime.fromtimestamp(now).date())),
    )


def pace_of(attempts: Sequence[Attempt]) -> dict[str, float]:
    """Seconds that a step takes, by its kind: the median of the steps that were answered.

    A pause in the middle of a step counts as time; the median passes over it. Under "" it has the
    pace of all kinds, for those met too rarely. Empty where too few steps were answered.
    """
    spent: dict[tuple[object, ...], list[Attempt]] = defaultdict(list)
    for each in attempts:
        if each.sitting == "lesson":
            spent[each.lesson, each.part, each.step, each.iteration].append(each)
    by_kind: dict[str, list[float]] = defaultdict(list)
    for at_step in spent.values():
        if any(each.closed for each in at_step):
            seconds = sum(each.milliseconds for each in at_step) / 1000
            by_kind[at_step[0].kind].append(seconds)
            by_kind[""].append(seconds)
    if len(by_kind[""]) < ENOUGH:
        return {}
    return {
        kind: median(times)
        for kind, times in by_kind.items()
        if not kind or len(times) >= ENOUGH_OF_A_KIND
    }


def _left(learner: Learner, pace: Mapping[str, float]) -> Iterator[Left]:
    """Where each part goes on that is begun and not at its end, in a lesson that is as it was."""
    style, language = learner.viewer.style, learner.language
    for _, sitting in learner.sittings.every():
        if sitting is None or not is_begun(sitting):
            continue
        key = whole_key(sitting.lesson, sitting.part)
        try:
            lesson = loaded(key)
        except GONE:
            continue
        session = Session(lesson, sitting, style)
        if sitting.digest != lesson.digest or session.count_done >= len(session.steps):
            continue
        step = session.steps[session.count_done]
        ahead = range(session.count_done, len(session.steps))
        kinds = [session.steps[place].kind for place in ahead if session.stage(place) == "open"]
        seconds = sum(pace.get(kind, pace.get("", 0.0)) for kind in kinds)
        yield Left(
            lesson=key,
            part=sitting.part,
            section=lesson.heading(step.section, language),
            kind=step.kind,
            name=learner.viewer.words(exercise(lesson, step, style, None).name()),
            minutes=ceil(seconds / 60) if pace and kinds else None,
        )
