"""A quiz, an exam or an item that is asked again: what is done in it, and where it is kept."""

import time
from collections.abc import Callable
from typing import Any

from bptutor.course.session import Attempted, Session
from bptutor.literals import Judged, Stage, Target
from bptutor.quiz.exam import Examination
from bptutor.quiz.quiz import Quiz
from bptutor.quiz.variant import open_lesson
from bptutor.record.attempts import id_at
from bptutor.record.sittings import QuizSittings
from bptutor.service.places import Learner, Place
from bptutor.service.protocol import QuizOpened, Screen
from bptutor.service.quiz_present import QuizViewer
from bptutor.service.quiz_words import NOT_IN_AN_EXAM
from bptutor.text import Message, UserError
from bptutor.views.lesson import StepName
from bptutor.views.quiz import QuizView

NOT_BEGUN = Message("This exam has not begun yet.")


class QuizPlace(Place):
    """A practice quiz at an item, or a past item that is asked again."""

    elsewhere = Message("That works in lessons only. This is a quiz.")
    twice = Message(
        "This quiz is also open in another window. bptutor saves the last answer to each item."
    )
    overtaken_elsewhere = Message(
        "Another window has started a new quiz. This window no longer saves your place; open the "
        "quiz again."
    )

    def __init__(self, learner: Learner, quiz: Quiz, key: str = "") -> None:
        """A quiz that is saved under a key; without one it is not."""
        super().__init__(learner)
        self.quiz = quiz
        self.key = key

    @property
    def session(self) -> Session:
        return self.quiz.session

    @property
    def stage(self) -> Stage:
        return self.quiz.asked.mark.stage

    def opened(self, resumed: bool, remark: Message | None) -> QuizOpened:
        """What is shown on opening, with a word on what has become of one that was left."""
        self.enter()
        self.keep()
        # Before the screen, which would take it along: in lines of text it is not told there.
        said = self.learner.with_unsaid(remark)
        past = self.key if self.quiz.sitting.purpose == "exam" else ""
        return QuizOpened(resumed, self.said(self.shown()), said, past)

    def shown(self) -> Screen:
        return screen(self.learner, self.quiz)

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

    @property
    def store(self) -> tuple[QuizSittings, str] | None:
        return (self.learner.quizzes, self.key) if self.key else None

    def save(self) -> bool:
        if self.store:
            quizzes, key = self.store
            if not quizzes.save(key, self.quiz.sitting):
                self.learner.say_later(self.overtaken_elsewhere)
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
        raise UserError("Only an exam is submitted.")


class ExamPlace(QuizPlace):
    """An exam, which shows no verdict before it is submitted, by the learner or when time is up."""

    twice = Message(
        "This exam is also open in another window. bptutor saves the last answer to each item."
    )

    def __init__(self, learner: Learner, exam: Examination, key: str, waits: bool = False) -> None:
        """While it `waits`, only its cover is shown, and nothing of it is saved."""
        super().__init__(learner, exam, key)
        self.exam = exam
        self.waits = waits
        self.end_in_time()

    def begin(self) -> Screen:
        """Start the clock; where it was started in another terminal meanwhile, that one counts."""
        if self.waits:
            sitting = self.learner.quizzes.look(self.key)
            if sitting is None:
                sitting = self.exam.sitting
                sitting.begun = time.time()
            self.quiz = self.exam = Examination(sitting, open_lesson, self.exam.style)
            self.waits = False
        self.end_in_time()
        self.keep()
        return self.said(self.shown())

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


def screen(learner: Learner, quiz: Quiz) -> Screen:
    viewer = QuizViewer(learner.viewer, quiz)
    return viewer.end(time.time()) if quiz.at_end else viewer.step(time.time())
