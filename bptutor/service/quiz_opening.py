"""Opening a quiz or an exam: a new one, one that was left, or a past item asked again."""

import dataclasses
import logging
import secrets
import time

from bptutor.course.parts import places_of
from bptutor.engine.keras import open_lesson
from bptutor.lesson.find import available, from_anywhere
from bptutor.quiz.codes import HASH, asked_again, read_code
from bptutor.quiz.exam import HANDED_IN, Examination
from bptutor.quiz.practice import SEEDS, Practice, Replayed
from bptutor.quiz.quiz import Quiz
from bptutor.record.sittings import QuizSitting, QuizSittings
from bptutor.service.places import CANNOT_BE_SHOWN, Learner
from bptutor.service.progress import begun_lessons
from bptutor.service.quizzes import ExamPlace, QuizPlace, another, screen
from bptutor.text import Message, UserError
from bptutor.views.quiz import LARGEST_SEED, MOST_ITEMS, MOST_MINUTES, QuizLeft, QuizSpec

_log = logging.getLogger(__name__)

FIRST = 3
"""Lessons, from the first on, that a quiz asks about where none is begun."""
NOTHING_BEGUN = Message(
    "You have begun no lesson yet, so this quiz asks about the first {count}.", count=FIRST
)


def quizzes_left(quizzes: QuizSittings) -> list[QuizLeft]:
    """The quiz and the exam that can be gone on with."""
    found = []
    for purpose in ("quiz", "exam"):
        sitting = quizzes.look(purpose)
        if sitting and not sitting.finished:
            exam = purpose == "exam"
            answered = sum(i.answered if exam else i.points is not None for i in sitting.items)
            total = len(sitting.items) if exam else sitting.length
            found.append(QuizLeft(exam, answered, total, sitting.seed))
    return found


def open_quiz(learner: Learner, spec: QuizSpec) -> tuple[QuizPlace, bool, Message | None]:
    """A quiz; whether it goes on, and what has become of one that was left.

    Raises:
        UserError: it cannot be made: no such lesson, no such item, no numbers for it.
    """
    if spec.replay:
        quiz, remark = _replayed(learner, spec.replay)
        place = QuizPlace(learner, quiz)
        if learner.engine.ready:
            place.session.prepare()  # a lesson's own numbers, which were not drawn
        return place, False, remark
    found, remark = _left(learner, spec)
    if found is None:
        quiz, scope = _begun(learner, spec)
        remark = remark or scope
    else:
        quiz = found
    if not isinstance(quiz, Examination):
        return QuizPlace(learner, quiz), found is not None, remark
    waits = found is None and quiz.sitting.minutes > 0
    return ExamPlace(learner, quiz, waits), found is not None, remark


def _left(learner: Learner, spec: QuizSpec) -> tuple[Quiz | None, Message | None]:
    """The quiz to go on with, if there is one; and what has become of it."""
    if not spec.resume:
        return None, None
    try:
        sitting = learner.quizzes.load("exam" if spec.exam else "quiz")
    except UserError as error:
        return None, error.message
    if sitting is None:
        return None, None
    asked_for = _is_asked_for(sitting, spec)
    if sitting.finished:
        again = spec.back or (spec.exam and spec.seed is not None)
        if not (asked_for and again):
            return None, None
    elif not asked_for:
        if spec.exam:
            raise UserError(another(sitting))
        return None, None
    quiz = _going_on(learner, sitting)
    if _is_as_it_was(quiz):
        try:
            screen(learner, quiz)
        except Exception:
            _log.exception("The %s that was saved cannot be shown.", sitting.purpose)
            return None, learner.quizzes.set_aside(sitting.purpose, CANNOT_BE_SHOWN)
        over = spec.exam and sitting.finished
        return quiz, HANDED_IN if over else Message("You are back where you left.")
    if spec.exam:
        raise UserError(
            Message(
                "A lesson of your exam has changed or is missing. Restore it to resume the exam, "
                "or begin another exam from the menu."
            )
        )
    return None, Message("A lesson of your quiz has changed, so the quiz starts again.")


def _begun(learner: Learner, spec: QuizSpec) -> tuple[Quiz, Message | None]:
    """A new quiz, with a remark on what it is drawn from."""
    if not 1 <= spec.items <= MOST_ITEMS:
        raise UserError(Message("A quiz has 1 to {most} items.", most=MOST_ITEMS))
    if not 0 <= spec.minutes <= MOST_MINUTES:
        raise UserError(Message("An exam takes at most {most} minutes.", most=MOST_MINUTES))
    seed = secrets.randbelow(SEEDS) if spec.seed is None else spec.seed
    if not 0 <= seed <= LARGEST_SEED:
        raise UserError(Message("A seed is a whole number of at most 12 digits."))
    lessons, remark = [from_anywhere(each) for each in spec.lessons], None
    if not (lessons or spec.exam or spec.all_lessons or spec.seed is not None):
        lessons = begun_lessons(learner.sittings)
        if not lessons:
            lessons, remark = available()[:FIRST], NOTHING_BEGUN
    sitting = QuizSitting(
        purpose="exam" if spec.exam else "quiz",
        seed=seed,
        lessons=lessons,
        length=spec.items,
        minutes=spec.minutes if spec.exam else 0.0,
        begun=time.time(),
        items=[],
    )
    if spec.seed is None and not spec.exam:
        try:
            sitting.cards, sitting.met = learner.recorder.memory()
        except UserError as error:  # the quiz then goes by nothing but itself
            learner.say_later(error.message)
    quiz = _going_on(learner, sitting)
    assert isinstance(quiz, Practice | Examination)
    quiz.begin()
    return quiz, remark


def _replayed(learner: Learner, text: str) -> tuple[Quiz, Message | None]:
    code = read_code(text)
    code = dataclasses.replace(code, lesson=from_anywhere(code.lesson))
    lesson = open_lesson(code.lesson)
    sitting = QuizSitting("replay", code.seed or 0, [], 1, 0.0, time.time(), [])
    sitting.items.append(asked_again(code, lesson))
    changed = lesson.digest[:HASH] != code.digest[:HASH]
    remark = Message("This lesson has changed, so the numbers may differ.")
    return Replayed(sitting, open_lesson, learner.viewer.style), remark if changed else None


def _going_on(learner: Learner, sitting: QuizSitting) -> Practice | Examination:
    style = learner.viewer.style
    if sitting.purpose == "exam":
        return Examination(sitting, open_lesson, style)
    return Practice(sitting, open_lesson, style)


def _is_asked_for(sitting: QuizSitting, spec: QuizSpec) -> bool:
    """Has it the seed and the lessons that are asked for, where any are?"""
    lessons = {from_anywhere(each) for each in spec.lessons}
    if spec.all_lessons and sitting.lessons:
        return False
    return spec.seed in (None, sitting.seed) and lessons in (set(), set(sitting.lessons))


def _is_as_it_was(quiz: Quiz) -> bool:
    """Are the lessons still those of which the items were made, and their steps still asked?"""
    try:
        return all(
            quiz.lesson(i.lesson).digest == i.digest
            and i.step in places_of(quiz.lesson(i.lesson), i.part)
            for i in quiz.sitting.items
        )
    except UserError:
        return False
