"""What the record knows of a learner, and what the menu shows beside the lessons."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import date, datetime, timedelta
from math import ceil
from statistics import median

from bptutor.course.parts import PARTS, steps_of
from bptutor.course.session import Session, exercise
from bptutor.language.ops.base import Style
from bptutor.language.render import display_name
from bptutor.lesson.names import own_name
from bptutor.quiz.codes import write_code
from bptutor.quiz.exam import is_over
from bptutor.quiz.schedule import due, end_of_day, is_readable, strength
from bptutor.record.attempts import Activity, Attempt, Practice
from bptutor.record.record import Record
from bptutor.record.sittings import QuizSitting, QuizSittings, Sittings, Standing, whole_key
from bptutor.service.lesson_states import GONE, is_begun, lesson_items, loaded, title_of
from bptutor.service.places import Learner
from bptutor.service.words import SKILLS, mistake
from bptutor.text import Message, UserError
from bptutor.views.lesson import Left, Outlook
from bptutor.views.quiz import (
    AttemptLine,
    Day,
    ExamItem,
    ExamResult,
    ExamState,
    LessonProgress,
    MistakeProgress,
    Outcome,
    ProgressView,
    SkillProgress,
    Week,
)

CALENDAR = timedelta(weeks=12)
LATER = timedelta(weeks=1)  # a card's strength is told for then: just after practice it is 1


def progress_view(
    record: Record,
    learner: str,
    sittings: Sittings,
    standing: Standing,
    language: str,
    now: float,
    exams: Sequence[ExamResult] = (),
    news: Message | None = None,
) -> ProgressView:
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
        lessons=[
            LessonProgress(
                item.title,
                steps=sum(part.steps for part in item.parts.values()),
                answered=sum(
                    part.steps if part.done else part.answered for part in item.parts.values()
                ),
                finished=[name for name, part in item.parts.items() if part.done],
            )
            for item in lesson_items(sittings, standing, language)
            if not item.problem
        ],
        skills=skills_of(activity, cards, language, now),
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
        days=list(days_of(activity, datetime.fromtimestamp(now).date())),
        weeks=list(_weeks(activity)),
        remark=" ".join(filter(None, (remark, news.to(language) if news else ""))),
        exams=list(exams),
    )


def exam_results(
    quizzes: QuizSittings, style: Style, language: str, now: float
) -> list[ExamResult]:
    """What came of each exam; it is read from what is saved, and needs no lesson any more."""
    return [_exam_result(key, exam, style, language, now) for key, exam in quizzes.exams()]


def _exam_result(
    key: str, exam: QuizSitting, style: Style, language: str, now: float
) -> ExamResult:
    over: ExamState = "over" if is_over(exam, now) else "open"
    return ExamResult(
        key=key,
        seed=exam.seed,
        lessons=exam.lessons,
        titles=[title_of(name, language) for name in dict.fromkeys(i.lesson for i in exam.items)],
        number=exam.number,
        minutes=exam.minutes,
        state="submitted" if exam.finished else over,
        begun=exam.begun,
        submitted=exam.handed_in or None,
        points=sum((i.points or 0.0 for i in exam.items), 0.0) if exam.finished else None,
        possible=float(len(exam.items)),
        items=[
            ExamItem(
                lesson=item.lesson,
                step=item.step,
                name=_name(item.lesson, item.step, item.skill, style, language),
                skill=item.skill,
                question=item.group + 1,
                answered=item.answered,
                points=(item.points or 0.0) if exam.finished else None,
                mistakes=item.mark.mistakes if exam.finished else [],
                loss=_loss(item.lesson),
            )
            for item in exam.items
        ],
    )


def unreadable(count: int) -> Message:
    return Message("Unreadable rows of your record, which are left out: {count}.", count=count)


def attempt_line(attempt: Attempt, style: Style, language: str) -> AttemptLine:
    return AttemptLine(
        id=attempt.id,
        at=attempt.at,
        lesson=title_of(attempt.lesson, language),
        name=_name(attempt.lesson, attempt.step, attempt.skill, style, language),
        typed="; ".join(part for part in (attempt.product, ", ".join(attempt.cells)) if part),
        verdict=_outcome(attempt),
        mistakes=attempt.misconceptions,
        code=write_code(attempt),
        loss=_loss(attempt.lesson),
    )


def _name(lesson: str, step: str, skill: str, style: Style, language: str) -> str:
    about_all = skill in ("goal", "order", "memory")  # such a step has no name in mathematics
    if skill == "code":  # a question on code has the name that its lesson gives it
        with suppress(StopIteration, *GONE):
            known = loaded(lesson)
            asked = (each for part in PARTS for each in steps_of(known, part) if each.id == step)
            return _text(exercise(known, next(asked), style, None).name(), language)
    return _text(SKILLS[skill], language) if about_all else present_name(lesson, step, style)


def present_name(lesson: str, step: str, style: Style) -> str:
    """The name of a step that was recorded, as its lesson calls it now, if it is still there."""
    with suppress(*GONE):
        step = own_name(loaded(lesson), step)
    return display_name(step, style)


def _loss(lesson: str) -> str:
    """The name of its loss, if the lesson is still there."""
    with suppress(*GONE):
        return loaded(lesson).loss
    return ""


def _outcome(attempt: Attempt) -> Outcome:
    alone = bool(attempt.product) and not attempt.cells
    return "product" if alone and attempt.verdict in ("exact", "right") else attempt.verdict


def skills_of(
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


def days_of(activity: Activity, today: date) -> Iterator[Day]:
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


LATEST = 300  # attempts that a pace is measured on
ENOUGH, ENOUGH_OF_A_KIND = 10, 3  # answered steps, in all and of one kind, that make a pace


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
        latest={
            each.lesson: attempt_line(each, learner.viewer.style, learner.language)
            for each in {each.lesson: each for each in reversed(latest)}.values()
        },
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
            loss=lesson.loss,
        )
