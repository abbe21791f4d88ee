"""A quiz, an exam or an item that is asked again: what is done in it, and where it is kept."""

import dataclasses
import logging
import secrets
import time
from collections.abc import Callable
from typing import Any

from bptutor.course.parts import places_of
from bptutor.course.session import Attempted, Session
from bptutor.engine.keras import open_lesson
from bptutor.lesson.find import available, from_anywhere
from bptutor.literals import Judged, Stage, Target
from bptutor.quiz.codes import HASH, asked_again, read_code
from bptutor.quiz.exam import HANDED_IN, Examination
from bptutor.quiz.practice import SEEDS, Practice, Replayed
from bptutor.quiz.quiz import Quiz
from bptutor.record.attempts import id_at
from bptutor.record.sittings import QuizSitting, QuizSittings
from bptutor.service.places import CANNOT_BE_SHOWN, Learner, Place
from bptutor.service.progress import begun_lessons
from bptutor.service.protocol import QuizOpened, Screen
from bptutor.service.quiz_present import QuizViewer
from bptutor.service.quiz_words import NOT_IN_AN_EXAM
from bptutor.text import Message, UserError
from bptutor.views.lesson import StepName
from bptutor.views.quiz import (
    LARGEST_SEED,
    MOST_ITEMS,
    MOST_MINUTES,
    QuizLeft,
    QuizSpec,
    QuizView,
)

_log = logging.getLogger(__name__)

NOT_BEGUN = Message("This exam has not begun yet.")
FIRST = 3
"""Lessons, from the first on, that a quiz asks about where none is begun."""
NOTHING_BEGUN = Message(
    "You have begun no lesson yet, so this quiz asks about the first {count}.", count=FIRST
)


class QuizPlace(Place):
    """A practice quiz at an item, or a past item that is asked again."""

    elsewhere = Message("That works in lessons only. This is a quiz.")

    def __init__(self, learner: Learner, quiz: Quiz) -> None:
        super().__init__(learner)
        self.quiz = quiz

    @property
    def session(self) -> Session:
        return self.quiz.session

    @property
    def stage(self) -> Stage:
        return self.quiz.asked.mark.stage

    def opened(self, resumed: bool, remark: Message | None) -> QuizOpened:
        """What is shown on opening, with a word on what has become of one that was left."""
        self.keep()
        # Before the screen, which would take it along: in lines of text it is not told there.
        said = self.learner.with_unsaid(remark)
        return QuizOpened(resumed, self.said(self.shown()), said)

    def shown(self) -> Screen:
        return _screen(self.learner, self.quiz)

    def undo(self) -> Callable[[], None]:
        kept = self.quiz.sitting.copied()

        def restore() -> None:
            if self.quiz.sitting != kept:
                self.quiz = type(self.quiz)(kept, open_lesson, self.learner.viewer.style)

        return restore

    def overtaken(self) -> bool:
        self.quiz.count_time()
        return False

    def attempted(self, came: Attempted | None) -> None:
        super().attempted(came)
        said = self.session.said.message
        if came and came.verdict == "wrong" and said:
            self.quiz.asked.said = said.to(self.learner.language)
        self.quiz.note()

    def save(self) -> bool:
        sitting = self.quiz.sitting
        if sitting.purpose != "replay":
            self.learner.quizzes.save(sitting.purpose, sitting)
        return True

    def record(self, attempted: Attempted | None) -> None:
        learner, quiz = self.learner, self.quiz
        purpose = quiz.sitting.purpose
        learner.say_later(learner.recorder.note(quiz.session, attempted, quiz.asked, purpose))

    def steps(self) -> list[StepName]:
        return QuizViewer(self.learner.viewer, self.quiz).names()

    def go(self, to: int | Target) -> None:
        self.quiz.go(to)

    def skip(self) -> None:
        self.quiz.skip()

    def flag(self) -> None:
        self.quiz.asked.flagged = not self.quiz.asked.flagged

    def hand_in(self) -> None:
        raise UserError(Message("Only an exam is submitted."))


class ExamPlace(QuizPlace):
    """An exam, which shows no verdict before it is submitted, by the learner or when time is up."""

    def __init__(self, learner: Learner, exam: Examination, waits: bool = False) -> None:
        """While it `waits`, only its cover is shown, and nothing of it is saved."""
        super().__init__(learner, exam)
        self.exam = exam
        self.waits = waits
        self.end_in_time()

    def begin(self) -> Screen:
        """Start the clock; where it was started in another terminal meanwhile, that one counts."""
        if self.waits:
            sitting = self._begun_elsewhere()
            if sitting is None:
                sitting = self.exam.sitting
                sitting.begun = time.time()
            self.quiz = self.exam = Examination(sitting, open_lesson, self.exam.style)
            self.waits = False
        self.end_in_time()
        self.keep()
        return self.said(self.shown())

    def _begun_elsewhere(self) -> QuizSitting | None:
        """The same exam, begun since this cover was made.

        Raises:
            UserError: another one was, and is not submitted.
        """
        ours = self.exam.sitting
        try:
            theirs = self.learner.quizzes.load("exam")
        except UserError:
            return None
        if theirs is None or theirs.begun <= ours.begun:
            return None
        if _paper(theirs) == _paper(ours):
            return theirs
        if not theirs.finished:
            raise UserError(_another(theirs))
        return None

    def method(self, name: str) -> Callable[..., Any]:
        if self.waits and name != "begin":
            raise UserError(NOT_BEGUN)
        return super().method(name)

    def shown(self) -> Screen:
        if self.waits:
            return QuizViewer(self.learner.viewer, self.exam).cover()
        return super().shown()

    def save(self) -> bool:
        return not self.waits and super().save()

    def end_in_time(self) -> bool:
        """Submit where the time is over, or where that was broken off; has it been done now?"""
        if self.waits or not self.exam.is_over(time.time()):
            return False
        self.quiz.count_time()
        self.hand_in()
        self.keep()
        return True

    def overtaken(self) -> bool:
        return super().overtaken() or self.end_in_time()

    def act(self, work: Callable[[], None]) -> Screen:
        if self.waits:
            raise UserError(NOT_BEGUN)
        if not self.overtaken():
            work()
            self.keep()
        return self.said(self.shown())

    def answer(self, product: str, cells: list[str], judge: Judged) -> Screen:
        self.session.draft(product, cells)  # typed in time, and sent with the last breath
        return super().answer(product, cells, judge)

    def require_told(self) -> None:
        if not self.exam.sitting.finished:
            raise UserError(NOT_IN_AN_EXAM)

    @property
    def has_picture(self) -> bool:
        return self.exam.sitting.finished and super().has_picture

    def check(self, product: str, cells: list[str], judge: Judged) -> None:
        self.exam.answer(product, cells)

    def draft(self, product: str, cells: list[str]) -> QuizView | None:
        self.session.draft(product, cells)
        if not self.overtaken():
            self.keep()
            return None
        end = self.said(self.shown())
        assert isinstance(end, QuizView)
        return end

    def hand_in(self) -> None:
        """Grade the exam, and record each answer once, even where this is broken off.

        That it is submitted is saved first; opened again after a kill, it is graded then.
        """
        learner, sitting = self.learner, self.exam.sitting
        sitting.handed_in = sitting.handed_in or time.time()
        self.keep()
        for index, session, attempted in self.exam.hand_in():
            id_ = id_at(sitting.handed_in, index, learner.recorder.learner)
            item = sitting.items[index]
            learner.say_later(learner.recorder.note(session, attempted, item, "exam", id_))


# ── beginning, and going on ───────────────────────────────────────────────────────────────────


def quizzes_left(quizzes: QuizSittings) -> list[QuizLeft]:
    """The quiz and the exam that can be gone on with."""
    found = []
    for purpose in ("quiz", "exam"):
        try:
            sitting = quizzes.load(purpose)
        except UserError:
            continue
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
            raise UserError(_another(sitting))
        return None, None
    quiz = _going_on(learner, sitting)
    if _is_as_it_was(quiz):
        try:
            _screen(learner, quiz)
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


def _another(exam: QuizSitting) -> Message:
    return Message(
        "Another exam, with seed {seed}, is not submitted yet. Resume it without a seed and "
        "without lessons, and submit it first.",
        seed=exam.seed,
    )


def _paper(exam: QuizSitting) -> tuple[object, ...]:
    """What the questions of an exam and its time limit follow from."""
    return exam.seed, exam.lessons, exam.length, exam.minutes


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


def _screen(learner: Learner, quiz: Quiz) -> Screen:
    """The screen at which the learner is now."""
    viewer = QuizViewer(learner.viewer, quiz)
    return viewer.end(time.time()) if quiz.at_end else viewer.step(time.time())


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
