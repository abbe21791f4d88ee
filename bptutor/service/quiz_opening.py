"""Opening a quiz or an exam: a new one, one that was left, or a past item asked again."""

import dataclasses
import logging
import secrets
import time
from collections.abc import Sequence

from bptutor.course.parts import places_of, steps_of
from bptutor.lesson.find import available, from_anywhere
from bptutor.lesson.names import own_name
from bptutor.literals import Part
from bptutor.quiz.codes import HASH, asked_again, read_code
from bptutor.quiz.exam import HANDED_IN, Examination, is_over
from bptutor.quiz.practice import SEEDS, Practice, Replayed
from bptutor.quiz.quiz import Quiz
from bptutor.quiz.variant import open_lesson
from bptutor.record.sittings import QuizSitting, QuizSittings, exam_key
from bptutor.service.lesson_states import begun_lessons, begun_parts
from bptutor.service.places import CANNOT_BE_SHOWN, Learner
from bptutor.service.quizzes import ExamPlace, QuizPlace, screen
from bptutor.text import Message, UserError
from bptutor.views.quiz import (
    LARGEST_SEED,
    MOST_ITEMS,
    MOST_MINUTES,
    USUAL_ITEMS,
    QuizLeft,
    QuizSpec,
)

_log = logging.getLogger(__name__)

FIRST = 3  # lessons, from the first on, that a quiz asks about where none is begun
BACK_AGAIN = Message("You are back where you left.")
LESSON_GONE = Message(
    "A lesson of your exam has changed or is missing. Restore it to resume the exam, or begin "
    "another exam from the menu."
)
LESSON_GONE_SINCE = Message(
    "A lesson of this exam has changed or is missing. Restore it to review your answers; "
    "{command} shows your points.",
    command="bptutor progress --exams",
)
ITEMS_GONE = Message(
    "bptutor cannot show the items of this exam; {command} shows your points.",
    command="bptutor progress --exams",
)
NOTHING_BEGUN = Message(
    "You have begun no lesson yet, so this quiz asks about the first {count}.", count=FIRST
)


def quizzes_left(quizzes: QuizSittings, now: float) -> list[QuizLeft]:
    """The quiz and the exams that can be gone on with, those that were begun last first."""
    quiz = quizzes.look(quizzes.QUIZ)
    found = []
    if quiz and not quiz.finished:
        answered = sum(item.points is not None for item in quiz.items)
        found.append(QuizLeft(False, answered, quiz.length, quiz.seed))
    for key, exam in quizzes.exams():
        if not exam.finished:
            answered = sum(item.answered for item in exam.items)
            over = is_over(exam, now)
            found.append(QuizLeft(True, answered, len(exam.items), exam.seed, key, over))
    return found


def open_quiz(learner: Learner, spec: QuizSpec) -> tuple[QuizPlace, bool, Message | None]:
    """A quiz; whether it goes on, and what has become of one that was left.

    Raises UserError: it cannot be made: no such lesson, no such item, no numbers for it.
    """
    if spec.replay:
        quiz, remark = _replayed(learner, spec.replay)
        place = QuizPlace(learner, quiz)
        if learner.engine.ready:
            place.session.prepare()  # a lesson's own numbers, which were not drawn
        return place, False, remark
    if spec.exam:
        return _open_exam(learner, spec)
    found, remark = _left(learner, spec)
    if found is None:
        quiz, scope = _begun(learner, spec)
        return QuizPlace(learner, quiz, learner.quizzes.QUIZ), False, remark or scope
    return QuizPlace(learner, found, learner.quizzes.QUIZ), True, remark


def _left(learner: Learner, spec: QuizSpec) -> tuple[Quiz | None, Message | None]:
    """The quiz to go on with, if there is one; and what has become of it."""
    quizzes = learner.quizzes
    if not spec.resume:
        return None, None
    try:
        sitting = quizzes.load(quizzes.QUIZ)
    except UserError as error:
        return None, error.message
    if sitting is None or not _is_asked_for(sitting, spec) or sitting.finished > spec.back:
        return None, None
    quiz = _going_on(learner, sitting)
    if not _is_as_it_was(quiz):
        return None, Message("A lesson of your quiz has changed, so the quiz starts again.")
    if remark := _cannot_be_shown(learner, quiz, quizzes.QUIZ):
        return None, remark
    return quiz, BACK_AGAIN


def _cannot_be_shown(learner: Learner, quiz: Quiz, key: str) -> Message | None:
    """Where a quiz cannot be shown, its file is renamed; what has become of it.

    Raises UserError: it is an exam that was submitted, whose file stays for its points.
    """
    try:
        screen(learner, quiz)
    except Exception as error:
        _log.exception("The %s that was saved cannot be shown.", quiz.sitting.purpose)
        if quiz.sitting.handed_in:
            raise UserError(ITEMS_GONE) from error
        return learner.quizzes.set_aside(key, CANNOT_BE_SHOWN)
    return None


# ── exams ─────────────────────────────────────────────────────────────────────────────────────────


def _open_exam(learner: Learner, spec: QuizSpec) -> tuple[ExamPlace, bool, Message | None]:
    remark = learner.quizzes.set_damaged_aside()
    found = _wanted(learner.quizzes.exams(), spec)
    if found:
        key, sitting = found
        exam = _going_on(learner, sitting)
        assert isinstance(exam, Examination)
        if not _is_as_it_was(exam):
            raise UserError(LESSON_GONE_SINCE if sitting.finished else LESSON_GONE)
        cannot = _cannot_be_shown(learner, exam, key)
        if cannot is None:
            over = sitting.finished
            return ExamPlace(learner, exam, key), True, HANDED_IN if over else BACK_AGAIN
        remark = cannot
    elif spec.past:
        raise UserError("This exam is no longer saved.")
    new, _ = _begun(learner, spec)
    assert isinstance(new, Examination)
    before = [
        exam for _, exam in learner.quizzes.exams() if _questions(exam) == _questions(new.sitting)
    ]
    new.sitting.number = 1 + max((exam.number for exam in before), default=0)
    place = ExamPlace(learner, new, exam_key(new.sitting), new.sitting.minutes > 0)
    return place, False, remark


def _wanted(
    exams: Sequence[tuple[str, QuizSitting]], spec: QuizSpec
) -> tuple[str, QuizSitting] | None:
    """The exam that is meant: this very one, submitted or not, else one to go on with."""
    if spec.past:
        return next((pair for pair in exams if pair[0] == spec.past), None)
    lessons = {from_anywhere(each) for each in spec.lessons}
    itself = spec.seed, lessons, spec.items, [spec.part or "tape"]
    for key, exam in exams:
        if _questions(exam) == itself and not (spec.again and exam.finished):
            return key, exam
    for key, exam in exams:
        fits = spec.items in (USUAL_ITEMS, exam.length) and _is_asked_for(exam, spec)
        if spec.resume and not spec.again and fits and not exam.finished:
            return key, exam
    return None


def _questions(exam: QuizSitting) -> tuple[int | None, set[str], int, list[Part]]:
    """What the questions of an exam follow from."""
    return exam.seed, set(exam.lessons), exam.length, exam.parts


def any_overdue(learner: Learner) -> bool:
    """Is there an exam for `submit_overdue`?"""
    return any(is_over(exam, time.time()) for _, exam in learner.quizzes.exams())


def submit_overdue(learner: Learner) -> None:
    """Submit the exams whose time is up, or whose submission was broken off.

    One of which a lesson has changed waits until that is restored. So does the one that is open.
    """
    for key, sitting in learner.quizzes.exams():
        if is_over(sitting, time.time()):
            exam = Examination(sitting, open_lesson, learner.viewer.style)
            if _is_as_it_was(exam):
                ExamPlace(learner, exam, key)


# ── a new quiz, or a past item ────────────────────────────────────────────────────────────────────


def _begun(learner: Learner, spec: QuizSpec) -> tuple[Quiz, Message | None]:
    if not 1 <= spec.items <= MOST_ITEMS:
        raise UserError("A quiz has 1 to {most} items.", most=MOST_ITEMS)
    if not 0 <= spec.minutes <= MOST_MINUTES:
        raise UserError("An exam takes at most {most} minutes.", most=MOST_MINUTES)
    seed = secrets.randbelow(SEEDS) if spec.seed is None else spec.seed
    if not 0 <= seed <= LARGEST_SEED:
        raise UserError("A seed is a whole number of at most 12 digits.")
    lessons, remark = [from_anywhere(each) for each in spec.lessons], None
    if not (lessons or spec.exam or spec.all_lessons or spec.seed is not None):
        lessons = begun_lessons(learner.sittings)
        if not lessons:
            lessons, remark = available()[:FIRST], NOTHING_BEGUN
    if spec.part and lessons:
        _require_part(lessons, spec.part)
    sitting = QuizSitting(
        purpose="exam" if spec.exam else "quiz",
        seed=seed,
        lessons=lessons,
        length=spec.items,
        minutes=spec.minutes if spec.exam else 0.0,
        begun=time.time(),
        items=[],
        parts=[spec.part] if spec.part else ["tape"],
    )
    if not (spec.part or spec.exam) and spec.seed is None:
        sitting.parts = begun_parts(learner.sittings, lessons or available())
    if spec.seed is None and not spec.exam:
        try:
            sitting.cards, sitting.met = learner.recorder.memory()
        except UserError as error:  # the quiz then goes by nothing but itself
            learner.say_later(error.message)
    quiz = _going_on(learner, sitting)
    assert isinstance(quiz, Practice | Examination)
    quiz.begin()
    return quiz, remark


def _require_part(lessons: Sequence[str], part: Part) -> None:
    """Raises UserError: none of these lessons has this part."""
    missing = None
    for name in lessons:
        try:
            steps_of(open_lesson(name), part)
        except UserError as error:
            missing = error
        else:
            return
    if missing:
        raise missing


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
    """Has it the seed, the lessons and the part that are asked for, as far as any are?"""
    lessons = {from_anywhere(each) for each in spec.lessons}
    if spec.all_lessons and sitting.lessons:
        return False
    if spec.part and sitting.parts != [spec.part]:
        return False
    return spec.seed in (None, sitting.seed) and lessons in (set(), set(sitting.lessons))


def _is_as_it_was(quiz: Quiz) -> bool:
    """Are the lessons still those of which the items were made, and their steps still asked?

    The items get the lessons' own names of their steps.
    """
    try:
        for item in quiz.sitting.items:
            lesson = quiz.lesson(item.lesson)
            item.step = own_name(lesson, item.step)
            item.made_for = own_name(lesson, item.made_for)
            if lesson.digest != item.digest or item.step not in places_of(lesson, item.part):
                return False
    except UserError:
        return False
    return True
