"""A quiz, an exam or an item that is asked again: what is done in it, and where it is kept."""

import dataclasses
import logging
import secrets
import time
from collections.abc import Callable

from bptutor.course.session import Attempted, Session
from bptutor.engine.keras import open_lesson
from bptutor.lesson.find import from_anywhere
from bptutor.literals import Judged, Stage, Target
from bptutor.quiz.codes import HASH, asked_again, read_code
from bptutor.quiz.exam import HANDED_IN, Examination
from bptutor.quiz.practice import SEEDS, Practice, Replayed
from bptutor.quiz.quiz import Quiz
from bptutor.record.attempts import id_at
from bptutor.record.sittings import QuizSitting, QuizSittings
from bptutor.service.places import CANNOT_BE_SHOWN, Learner, Place
from bptutor.service.protocol import QuizOpened, Screen
from bptutor.service.quiz_present import QuizViewer
from bptutor.text import Message, UserError
from bptutor.views.lesson import StepName, StepView
from bptutor.views.quiz import (
    LARGEST_SEED,
    MOST_ITEMS,
    MOST_MINUTES,
    QuizLeft,
    QuizSpec,
    QuizView,
)

_log = logging.getLogger(__name__)

NOT_IN_AN_EXAM = Message("Not during an exam; once it is handed in, all of it is explained.")


class QuizPlace(Place):
    """A practice quiz at an item, or a past item that is asked again."""

    elsewhere = Message("That is for lessons; this is a quiz.")

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

    def shown(self) -> StepView | QuizView:
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
        raise UserError(Message("Only an exam is handed in."))


class ExamPlace(QuizPlace):
    """An exam, which tells nothing before it is handed in; that it is by itself when it is over."""

    def __init__(self, learner: Learner, exam: Examination) -> None:
        super().__init__(learner, exam)
        self.exam = exam
        self.end_in_time()

    def end_in_time(self) -> bool:
        """Hand in where the time is over, or where that was broken off; has it been done now?"""
        if not self.exam.is_over(time.time()):
            return False
        self.quiz.count_time()
        self.hand_in()
        self.keep()
        return True

    def overtaken(self) -> bool:
        return super().overtaken() or self.end_in_time()

    def act(self, work: Callable[[], None]) -> Screen:
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
        """Grade the exam, and keep what came of each answer: once, whenever it is broken off.

        That it is handed in is kept first; whoever opens it after a kill goes on from there.
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
        return QuizPlace(learner, quiz), False, remark
    found, remark = _left(learner, spec)
    quiz = found or _begun(learner, spec)
    place = ExamPlace(learner, quiz) if isinstance(quiz, Examination) else QuizPlace(learner, quiz)
    return place, found is not None, remark


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
            raise UserError(
                Message(
                    "Another exam is going on, with seed {seed}: go on with it without a seed "
                    "and without lessons, and hand it in first.",
                    seed=sitting.seed,
                )
            )
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
                "A lesson of your exam has changed since, or is not there: put it back as it "
                "was to go on, or begin another exam from the menu."
            )
        )
    return None, Message("A lesson of your quiz has changed since; the quiz begins anew.")


def _begun(learner: Learner, spec: QuizSpec) -> Quiz:
    if not 1 <= spec.items <= MOST_ITEMS:
        raise UserError(Message("A quiz has 1 to {most} items.", most=MOST_ITEMS))
    if not 0 <= spec.minutes <= MOST_MINUTES:
        raise UserError(Message("An exam takes at most {most} minutes.", most=MOST_MINUTES))
    seed = secrets.randbelow(SEEDS) if spec.seed is None else spec.seed
    if not 0 <= seed <= LARGEST_SEED:
        raise UserError(Message("A seed is a whole number of at most 12 digits."))
    sitting = QuizSitting(
        purpose="exam" if spec.exam else "quiz",
        seed=seed,
        lessons=[from_anywhere(each) for each in spec.lessons],
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
    return quiz


def _replayed(learner: Learner, text: str) -> tuple[Quiz, Message | None]:
    code = read_code(text)
    code = dataclasses.replace(code, lesson=from_anywhere(code.lesson))
    lesson = open_lesson(code.lesson)
    sitting = QuizSitting("replay", code.seed or 0, [], 1, 0.0, time.time(), [])
    sitting.items.append(asked_again(code, lesson))
    changed = lesson.digest[:HASH] != code.digest[:HASH]
    remark = Message("This lesson has changed since: the numbers may be others than they were.")
    return Replayed(sitting, open_lesson, learner.viewer.style), remark if changed else None


def _going_on(learner: Learner, sitting: QuizSitting) -> Practice | Examination:
    style = learner.viewer.style
    if sitting.purpose == "exam":
        return Examination(sitting, open_lesson, style)
    return Practice(sitting, open_lesson, style)


def _screen(learner: Learner, quiz: Quiz) -> StepView | QuizView:
    """The screen at which the learner is now."""
    viewer = QuizViewer(learner.viewer, quiz)
    return viewer.end(time.time()) if quiz.at_end else viewer.step(time.time())


def _is_asked_for(sitting: QuizSitting, spec: QuizSpec) -> bool:
    """Has it the seed and the lessons that are asked for, where any are?"""
    lessons = {from_anywhere(each) for each in spec.lessons}
    return spec.seed in (None, sitting.seed) and lessons in (set(), set(sitting.lessons))


def _is_as_it_was(quiz: Quiz) -> bool:
    """Are the lessons still those of which the items were made?"""
    try:
        return all(quiz.lesson(i.lesson).digest == i.digest for i in quiz.sitting.items)
    except UserError:
        return False
