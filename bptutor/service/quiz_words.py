"""What every front says in the same words: of quizzes, exams and the record."""

from datetime import datetime
from math import ceil

from bptutor.service.words import STAGES, VERDICTS
from bptutor.text import Message, sentences, significant
from bptutor.views.quiz import (
    MOST_MINUTES,
    ExamCover,
    ExamResult,
    ItemState,
    Outcome,
    QuizItem,
    QuizLeft,
    QuizView,
)

ITEM_STATES: dict[ItemState, Message] = {
    "open": Message("not answered"),
    "answered": Message("answered"),
    "right": Message("right"),
    "carried": Message("right, given an earlier answer"),
    "partly": Message("partly right"),
    "wrong": Message("not right"),
    "shown": Message("the answer was shown"),
}
WHYS: dict[str, Message] = {
    "new": Message("to find out what you know"),
    "due": Message("due again"),
    "again": Message("again, after a mistake"),
    "easier": Message("again, in an easier form"),
    "ahead": Message("early practice"),
}
"""Why an item of a quiz comes now."""
MOST_LEFT = 3  # quizzes and exams to go on with that are named; the list of exams has all of them
LAST_MINUTE = 60.0  # seconds; from here on time is told in tens of seconds, before in minutes
TENS = 10.0
TIME_IS_OVER = Message("Time is up. bptutor has submitted your answers.")
NOT_IN_AN_EXAM = Message("An exam shows no hints and no answers before you submit it.")
EXAM_RULES = (
    Message("There are no hints and no verdicts before you submit."),
    Message("You can go back to any item and change it. Your last answer counts."),
    Message("Where an item asks a formula and a value, each counts half."),
    Message("A mistake costs points once: later parts are graded from the answer you gave."),
    Message("When the time is up, bptutor submits the answers so far."),
    Message("The clock keeps running when you leave. The same command brings you back."),
)


def outcome(of: Outcome) -> Message:
    if of == "product":
        return ITEM_STATES["right"]
    return STAGES["shown"] if of == "shown" else VERDICTS[of]


def about_exam(cover: ExamCover) -> tuple[Message, Message]:
    size = Message(
        "Exam. Items: {items}. Time limit: {minutes} min.",
        items=cover.items,
        minutes=significant(cover.minutes),
    )
    lessons = Message("Lessons: {lessons}.", lessons=", ".join(cover.lessons))
    if cover.number == 1:
        return size, lessons
    again = Message(
        "You take this exam again (attempt {number}); your results show every attempt.",
        number=cover.number,
    )
    return size, sentences(lessons, again)


def kind_of(exam: bool) -> Message:
    return Message("Exam") if exam else Message("Quiz")


def left(quiz: QuizLeft) -> Message:
    done = f"{quiz.answered}/{quiz.total}"
    if quiz.over:
        return Message("exam {done}, time is up", done=done)
    return Message("exam {done}", done=done) if quiz.exam else Message("quiz {done}", done=done)


def exam_state(exam: ExamResult) -> Message:
    if exam.points is not None:
        state = Message(
            "points: {points} of {possible}, {percent} %",
            points=points(exam.points),
            possible=points(exam.possible),
            percent=round(100 * share_of(exam)),
        )
    elif exam.state == "over":
        state = Message("time is up; open it to submit it")
    else:
        answered = sum(item.answered for item in exam.items)
        state = Message("in progress, {done}", done=f"{answered}/{len(exam.items)}")
    if exam.number == 1:
        return state
    return Message("{state}, attempt {number}", state=state, number=exam.number)


def share_of(exam: ExamResult) -> float:
    return (exam.points or 0.0) / exam.possible if exam.possible else 0.0


def time_left(seconds: float) -> Message:
    """How much time an exam has left, rounded up as a clock on the wall would say it."""
    if seconds > 2 * 86_400:
        return Message("{days} days left", days=int(seconds // 86_400))
    if seconds > 60 * MOST_MINUTES:
        return Message("{hours} hours left", hours=int(seconds // 3_600))
    if seconds > LAST_MINUTE:
        return Message("{minutes} minutes left", minutes=ceil(seconds / 60))
    if seconds > 0:
        return Message("{seconds} seconds left", seconds=ceil(seconds / TENS) * int(TENS))
    return Message("no time left")


def quiz_score(view: QuizView) -> Message:
    """What a quiz came to; of an exam that is not handed in, how far it has come."""
    if view.shown == "nothing":
        return Message(
            "Submitted. Items with an answer: {answered} of {total}.",
            answered=len(view.items) - open_items(view),
            total=len(view.items),
        )
    if not view.finished:
        return Message(
            "{answered} of {total} answered, {open} open, {flagged} flagged.",
            answered=sum(item.state != "open" for item in view.items),
            total=len(view.items),
            open=open_items(view),
            flagged=sum(item.flagged for item in view.items),
        )
    share = view.points / view.possible if view.possible else 0.0
    return Message(
        "Points: {points} of {possible}, {percent} %.",
        points=points(view.points),
        possible=points(view.possible),
        percent=round(100 * share),
    )


def points(number: float) -> str:
    """Points as they are told: 0.000488 of them are none."""
    return significant(round(number, 2), 3)


def open_items(view: QuizView) -> int:
    return sum(item.state == "open" for item in view.items)


def item_state(item: QuizItem) -> Message:
    known = ITEM_STATES[item.state]
    return Message("{state}, flagged", state=known) if item.flagged else known


def day_of(moment: float) -> str:
    """A day of the learner's own calendar: 2026-11-24."""
    return datetime.fromtimestamp(moment).date().isoformat()


def due(when: float, now: float) -> Message:
    """When something is to be practised again, by the days of the learner's own calendar."""
    days = (datetime.fromtimestamp(when).date() - datetime.fromtimestamp(now).date()).days
    if days <= 0:
        return Message("today")
    return Message("tomorrow") if days == 1 else Message("in {days} days", days=days)
