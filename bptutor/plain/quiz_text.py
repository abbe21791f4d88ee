"""What there is between lessons, in sentences: the menu, a quiz and its items, the record."""

from collections.abc import Iterator, Sequence
from datetime import datetime

from bptutor.literals import Part
from bptutor.plain.dialogue import Said
from bptutor.plain.heard import AsTyped, Heard
from bptutor.service import quiz_words
from bptutor.service.assignment_words import no_lessons
from bptutor.service.lesson_words import left_of
from bptutor.service.words import (
    KINDS,
    STAGES,
    WELCOME,
    mistake,
    other_parts,
    state,
    where_left,
)
from bptutor.text import Message, joined
from bptutor.views.lesson import LessonItem, Lessons, Outlook, StepName
from bptutor.views.quiz import (
    AttemptLine,
    ExamCover,
    ExamResult,
    ItemState,
    MistakeProgress,
    ProgressView,
    QuizItem,
    QuizLeft,
    QuizPlace,
    QuizView,
    SkillProgress,
)

MISTAKEN: tuple[ItemState, ...] = ("open", "partly", "wrong", "shown")
"""What there is to learn from, once a quiz is over."""
MOST_DUE = 3
"""Kinds of step that are named."""
MOST_DAYS = 14
"""Days of practice that are read out; the latest ones."""


def menu(lessons: Lessons, part: Part) -> Iterator[Said]:
    """The lessons by their numbers, where each was left, and what else can be gone on with."""
    yield from ("", WELCOME)
    group = ""
    for number, item in enumerate(lessons.items, 1):
        if item.group != group:
            group = item.group
            yield Message("{what}:", what=group)
        yield Message(
            "{number}. {title}: {state}.",
            number=number,
            title=item.title,
            state=state(item, part),
        )
        yield item.problem or item.summary
        if others := other_parts(item, part):
            yield others
        if there := where_left(item, part):
            yield there
    if not lessons.items:
        yield no_lessons(lessons.assignments or ())
    yield from left(lessons.quizzes)


def cover(exam: ExamCover) -> Iterator[Said]:
    """What to know before an exam with a time limit begins."""
    yield ""
    yield from quiz_words.about_exam(exam)
    yield from quiz_words.EXAM_RULES
    yield from _seed(exam.seed)


def beside(quiz: QuizPlace) -> Iterator[Said]:
    """What there is to know of an item that is asked, besides the question."""
    if quiz.why:
        yield quiz.why
    if not quiz.exam:
        yield worth(quiz.credit)
    else:
        yield Message("answered so far: {count}", count=quiz.answered)
        if quiz.flagged:
            yield Message("flagged")
    if quiz.seed is not None:
        yield Message("seed {seed}", seed=quiz.seed)


def worth(credit: float) -> Message:
    """What a right answer is worth by now."""
    return Message("a right answer gives {credit} of 1 point", credit=quiz_words.points(credit))


def seeds(quiz: QuizPlace) -> Iterator[Message]:
    """How the same quiz, and the same item, can be had again."""
    yield from _seed(quiz.seed)
    if quiz.code:
        how = Message(
            "The code of this item is {code}. In the menu, type it after {replay} to get the "
            "same item again.",
            code=quiz.code,
            replay=Message("/replay"),
        )
        yield AsTyped(how)


def _seed(seed: int | None) -> Iterator[Message]:
    if seed is not None:
        yield Message("The seed is {seed}. The same seed gives the same items.", seed=seed)


def left(quizzes: Sequence[QuizLeft]) -> Iterator[Message]:
    """The quiz and the exam that can be gone on with; how many more exams can."""
    exams = [quiz for quiz in quizzes if quiz.exam]
    for quiz in (*(each for each in quizzes if not each.exam), *exams[:1]):
        if quiz.over:
            yield Message(
                "An exam's time is up: {answered} of {total} answered, seed {seed}. {command} "
                "submits it.",
                answered=quiz.answered,
                total=quiz.total,
                seed=quiz.seed,
                command=Message("/results"),
            )
            continue
        yield Message(
            "{what} in progress: {answered} of {total} answered, seed {seed}. {command} "
            "resumes it.",
            what=quiz_words.kind_of(quiz.exam),
            answered=quiz.answered,
            total=quiz.total,
            seed=quiz.seed,
            command=Message("/exam") if quiz.exam else Message("/quiz"),
        )
    if more := len(exams[1:]):
        yield Message(
            "More exams in progress: {count}. {command} lists them.",
            count=more,
            command=Message("/results"),
        )


def outlook(view: Outlook, last: LessonItem | None, part: Part) -> Iterator[Message]:
    """Where the lesson that was open last goes on, what is due, and the days of practice."""
    there = left_of(view, last, part) if last else None
    if last and there:
        name = Heard(there.name, there.loss)
        where = [part for part in (there.section, KINDS[there.kind], name) if part]
        yield Message("{title} continues here: {where}", title=last.title, where=joined(where))
        if there.minutes is not None:
            yield Message(
                "At your pace, the open steps take about {minutes} minutes.", minutes=there.minutes
            )
    if view.due:
        skills = [
            Message("{skill} {share} percent", skill=skill.skill, share=_percent(skill.strength))
            for skill in view.due[:MOST_DUE]
        ]
        yield Message(
            "Due today: {count}. Chance to remember in a week: {skills}",
            count=len(view.due),
            skills=joined(skills),
        )
    if view.days:
        yield Message("Days with practice in the last twelve weeks: {count}.", count=len(view.days))


def names(steps: Sequence[StepName], here: int) -> Iterator[Message]:
    """The items of a quiz that goes on, as far as they have been asked."""
    for index, step in enumerate(steps):
        name = Heard(step.name, step.loss)
        named = Message("{number}. {name}", number=index + 1, name=name)
        line = Message("{step}: {stage}", step=named, stage=STAGES[step.stage])
        yield Message("{line} (you are here)", line=line) if index == here else line


def items(view: QuizView) -> Iterator[Message]:
    """Every item, and how it went or how far it is."""
    yield from (_item(item) for item in view.items)


def mistaken(view: QuizView) -> list[QuizItem]:
    """The items from which there is something to learn."""
    seen = view.finished and view.shown == "all"
    return [item for item in view.items if item.state in MISTAKEN] if seen else []


def end(view: QuizView) -> Iterator[Said]:
    """How a quiz went, each mistake too; before an exam is handed in, what is missing."""
    yield ""
    if view.assignment:
        yield view.assignment
    if not view.finished:
        yield from _before_the_end(view)
        return
    if not view.assignment:
        yield Message("The exam is over.") if view.exam else Message("The quiz is over.")
    yield quiz_words.quiz_score(view)
    if view.skills:
        yield Message("By kind of step, the weakest first:")
    for skill in view.skills:
        yield Message(
            "{skill}: {points} of {possible}",
            skill=skill.skill,
            points=quiz_words.points(skill.points),
            possible=quiz_words.points(skill.possible),
        )
    if wrong := mistaken(view):
        yield Message("Not right at the first try:")
    for item in wrong:
        yield _item(item)
        if item.diagnosis:
            yield Heard(item.diagnosis, item.loss)
    if view.closing:
        yield view.closing
    yield from _seed(view.seed)


def _before_the_end(view: QuizView) -> Iterator[Said]:
    yield Message("Before you submit:")
    yield quiz_words.quiz_score(view)
    if missing := [item for item in view.items if item.state == "open"]:
        yield Message("Items without an answer: {numbers}.", numbers=_numbers(missing))
    if flagged := [item for item in view.items if item.flagged]:
        yield Message("Flagged items: {numbers}.", numbers=_numbers(flagged))
    if view.seconds_left is not None:
        yield Message("{what}.", what=quiz_words.time_left(view.seconds_left))
    if view.closing:
        yield view.closing


def _item(item: QuizItem) -> Message:
    name = Heard(item.name, item.loss)
    of = Message("{name}, {lesson}", name=name, lesson=item.lesson)
    named = Message("{number}. {name}", number=item.index + 1, name=of)
    return Message("{step}: {stage}", step=named, stage=quiz_words.item_state(item))


def _numbers(of: Sequence[QuizItem]) -> str:
    return ", ".join(str(item.index + 1) for item in of)


# ── the record ────────────────────────────────────────────────────────────────────────────────


def progress(view: ProgressView, now: float) -> Iterator[Said]:
    """What the record knows of the learner; `now` in seconds since 1970."""
    yield ""
    if view.remark:
        yield view.remark
    if view.since is None:
        yield Message("No answers are recorded yet.")
    else:
        yield Message(
            "Record of {learner} since {date}. Attempts: {count}.",
            learner=view.learner,
            count=view.attempts,
            date=quiz_words.day_of(view.since),
        )
    yield from _lessons(view)
    if view.skills:
        yield Message("Kinds of step, the weakest first:")
        yield from (_skill(skill, now) for skill in view.skills)
    if view.mistakes:
        yield Message("Repeated mistakes, the most frequent first:")
        yield from (_mistake(mistake) for mistake in view.mistakes)
    yield from _practice(view)
    if view.exams:
        yield Message("Exams, the latest first:")
        yield from exams(view.exams)


def _lessons(view: ProgressView) -> Iterator[Said]:
    begun = [lesson for lesson in view.lessons if lesson.answered]
    done = sum(bool(lesson.finished) for lesson in begun)
    yield Message(
        "Lessons: {count}; begun: {begun}; done to the end: {done}.",
        count=len(view.lessons),
        begun=len(begun),
        done=done,
    )
    for lesson in begun:
        come = Message("{answered} of {steps} steps", answered=lesson.answered, steps=lesson.steps)
        yield Message("{title}: {state}.", title=lesson.title, state=come)


def _skill(skill: SkillProgress, now: float) -> Message:
    return Message(
        "{skill}: recall in a week {strength} percent, due {when}, items {items}, right "
        "at the first try {first} percent.",
        skill=skill.skill,
        strength=_percent(skill.strength),
        when=quiz_words.due(skill.due, now),
        items=skill.items,
        first=_percent(skill.first_try),
    )


def _mistake(mistake: MistakeProgress) -> Message:
    return Message(
        "{what}; times: {times}, days: {days}, last on {date}.",
        what=mistake.text.rstrip("."),
        times=mistake.times,
        days=mistake.days,
        date=quiz_words.day_of(mistake.last),
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
        yield Message("Right at the first try, week by week:")
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
        name=Heard(line.name, line.loss),
        lesson=line.lesson,
        verdict=quiz_words.outcome(line.verdict),
    )
    if line.typed:
        yield AsTyped(Message("Typed: {product}", product=line.typed))
    for made in line.mistakes:
        yield Message("Mistake: {what}", what=mistake(made))
    yield AsTyped(Message("Code: {code}", code=line.code))


def exams(results: Sequence[ExamResult]) -> Iterator[Message]:
    """The exams by their numbers, the one begun last first."""
    for number, exam in enumerate(results, 1):
        yield Message(
            "{number}. {when}, seed {seed}, {lessons}; {state}.",
            number=number,
            when=datetime.fromtimestamp(exam.begun).strftime("%Y-%m-%d %H:%M"),
            seed=exam.seed,
            lessons=", ".join(exam.titles),
            state=quiz_words.exam_state(exam),
        )


def exam_items(exam: ExamResult) -> Iterator[Message]:
    """The points of each item of an exam that is submitted."""
    for number, item in enumerate(exam.items, 1):
        if item.points is not None:
            name = Heard(item.name, item.loss)
            named = Message("{number}. {name}", number=number, name=name)
            points = quiz_words.points(item.points)
            yield Message(
                "- {name}, {lesson}: {points}", name=named, lesson=item.lesson, points=points
            )


def _percent(share: float) -> int:
    return round(100 * share)
