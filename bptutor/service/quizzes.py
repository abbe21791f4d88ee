"""Quizzes, exams and items that are asked again: requests about them, and where they are kept."""

from __future__ import annotations

import dataclasses
import logging
import secrets
import time

from msgspec.structs import replace

from bptutor.engine.lessons import open_lesson
from bptutor.lesson.find import from_anywhere
from bptutor.quiz.codes import HASH, asked_again, read_code
from bptutor.quiz.exam import HANDED_IN, Examination
from bptutor.quiz.practice import SEEDS, Practice, Replayed
from bptutor.quiz.quiz import Quiz
from bptutor.record.attempts import id_at, learner_name
from bptutor.record.sittings import QuizSitting, QuizSittings
from bptutor.service.acting import answered_elsewhere, attempt, look, require_count
from bptutor.service.learner import Learner
from bptutor.service.messages import (
    Check,
    Done,
    Draft,
    FillIn,
    Flag,
    Go,
    HandIn,
    Hint,
    Nudge,
    Picture,
    QuizLeft,
    QuizOpened,
    QuizReply,
    Replay,
    Reply,
    Request,
    Show,
    ShowHeat,
    Skip,
    StartQuiz,
    StepNames,
    StepReply,
    Steps,
    Why,
)
from bptutor.service.quiz_bounds import LARGEST_SEED, MOST_ITEMS, MOST_MINUTES
from bptutor.service.quiz_view import QuizViewer
from bptutor.service.sittings import CANNOT_BE_SHOWN
from bptutor.text import Message, UserError

_log = logging.getLogger(__name__)

NOT_IN_AN_EXAM = Message("Not during an exam; once it is handed in, all of it is explained.")


class Quizzes:
    """The quizzes of all learners; what is one's own is in `Learner`."""

    def __init__(self, shelf: QuizSittings) -> None:
        self._shelf = shelf

    def left(self) -> list[QuizLeft]:
        """The quiz and the exam that can be gone on with."""
        found = []
        for purpose in ("quiz", "exam"):
            try:
                sitting = self._shelf.load(purpose)
            except UserError:
                continue
            if sitting and not sitting.finished:
                exam = purpose == "exam"
                answered = sum(i.answered if exam else i.points is not None for i in sitting.items)
                total = len(sitting.items) if exam else sitting.length
                found.append(QuizLeft(exam, answered, total, sitting.seed))
        return found

    # ── beginning, and going on ───────────────────────────────────────────────────────────────

    def open(self, learner: Learner, request: StartQuiz | Replay) -> QuizOpened:
        """Open a quiz.

        Raises:
            UserError: it cannot be made: no such lesson, no such item, no numbers for it.
        """
        remark: Message | None = None
        resumed = False
        if isinstance(request, Replay):
            quiz, remark = self._replayed(learner, request.code)
        else:
            found, remark = self._left(learner, request)
            resumed = found is not None
            quiz = found or self._begun(learner, request)
        name = learner.enter(quiz)
        if isinstance(quiz, Examination) and quiz.is_over(time.time()):
            self._hand_in(learner, quiz)
        self._keep(learner, quiz)
        # Before the screen, which would take it along: in lines of text it is not told there.
        said = learner.with_unsaid(remark.to(learner.language) if remark else "")
        return QuizOpened(name, resumed, self._here(learner, name, quiz), said)

    def _left(self, learner: Learner, request: StartQuiz) -> tuple[Quiz | None, Message | None]:
        """The quiz to go on with, if there is one; and what has become of it."""
        if not request.resume:
            return None, None
        try:
            sitting = self._shelf.load("exam" if request.exam else "quiz")
        except UserError as error:
            return None, error.message
        if sitting is None:
            return None, None
        asked_for = _is_asked_for(sitting, request)
        if sitting.finished:
            again = request.back or (request.exam and request.seed is not None)
            if not (asked_for and again):
                return None, None
        elif not asked_for:
            if request.exam:
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
                _screen(learner, "", quiz)
            except Exception:
                _log.exception("The %s that was saved cannot be shown.", sitting.purpose)
                return None, self._shelf.set_aside(sitting.purpose, CANNOT_BE_SHOWN)
            over = request.exam and sitting.finished
            return quiz, HANDED_IN if over else Message("You are back where you left.")
        if request.exam:
            raise UserError(
                Message(
                    "A lesson of your exam has changed since, or is not there: put it back as it "
                    "was to go on, or begin another exam from the menu."
                )
            )
        return None, Message("A lesson of your quiz has changed since; the quiz begins anew.")

    def _begun(self, learner: Learner, request: StartQuiz) -> Quiz:
        if not 1 <= request.items <= MOST_ITEMS:
            raise UserError(Message("A quiz has 1 to {most} items.", most=MOST_ITEMS))
        if not 0 <= request.minutes <= MOST_MINUTES:
            raise UserError(Message("An exam takes at most {most} minutes.", most=MOST_MINUTES))
        seed = secrets.randbelow(SEEDS) if request.seed is None else request.seed
        if not 0 <= seed <= LARGEST_SEED:
            raise UserError(Message("A seed is a whole number of at most 12 digits."))
        sitting = QuizSitting(
            purpose="exam" if request.exam else "quiz",
            seed=seed,
            lessons=[from_anywhere(each) for each in request.lessons],
            length=request.items,
            minutes=request.minutes if request.exam else 0.0,
            begun=time.time(),
            items=[],
        )
        if request.seed is None and not request.exam:
            try:
                sitting.cards, sitting.met = learner.recorder.memory()
            except UserError as error:  # the quiz then goes by nothing but itself
                learner.say_later(error.message)
        quiz = _going_on(learner, sitting)
        assert isinstance(quiz, Practice | Examination)
        quiz.begin()
        return quiz

    def _replayed(self, learner: Learner, text: str) -> tuple[Quiz, Message | None]:
        code = read_code(text)
        code = dataclasses.replace(code, lesson=from_anywhere(code.lesson))
        lesson = open_lesson(code.lesson)
        sitting = QuizSitting("replay", code.seed or 0, [], 1, 0.0, time.time(), [])
        sitting.items.append(asked_again(code, lesson))
        changed = lesson.digest[:HASH] != code.digest[:HASH]
        remark = Message("This lesson has changed since: the numbers may be others than they were.")
        return Replayed(sitting, open_lesson, learner.viewer.style), remark if changed else None

    # ── a quiz that is open ───────────────────────────────────────────────────────────────────

    def handle(self, learner: Learner, name: str, quiz: Quiz, request: Request) -> Reply:
        """Answer a request about an open quiz. Raises UserError: it cannot be done."""
        quiz.count_time()
        if isinstance(quiz, Examination):
            if quiz.is_over(time.time()):
                if isinstance(request, Draft):  # typed in time, and sent with the last breath
                    quiz.session.draft(request.product, request.cells)
                self._hand_in(learner, quiz)
                self._keep(learner, quiz)
                return self._here(learner, name, quiz)
            if not quiz.sitting.finished and isinstance(request, _AFTER_AN_EXAM):
                raise UserError(NOT_IN_AN_EXAM)
        if looked := look(quiz.session, request, learner.viewer):
            return looked
        match request:
            case Steps():
                return StepNames(QuizViewer(learner.viewer, quiz).names())
            case Draft(product=product, cells=cells):
                quiz.session.draft(product, cells)
                self._keep(learner, quiz)
                return Done()
            case Go(to=to):
                quiz.go(to)
            case Skip():
                quiz.skip()
            case Flag():
                quiz.asked.flagged = not quiz.asked.flagged
            case HandIn():
                if not isinstance(quiz, Examination):
                    raise UserError(Message("Only an exam is handed in."))
                self._hand_in(learner, quiz)
            case Check() if isinstance(quiz, Examination):
                require_count(quiz.session, request)
                quiz.answer(request.product, request.cells)
            case Check() | Hint() | Show() | FillIn():
                return self._attempted(learner, name, quiz, request)
            case _:
                raise UserError(Message("That is for lessons; this is a quiz."))
        self._keep(learner, quiz)
        return self._here(learner, name, quiz)

    def _attempted(
        self, learner: Learner, name: str, quiz: Quiz, request: Check | Hint | Show | FillIn
    ) -> StepReply | QuizReply:
        """Let the learner answer; it is recorded and saved once there is a screen that shows it."""
        before, asked, session = quiz.sitting.copied(), quiz.asked, quiz.session
        try:
            recorded, attempted = attempt(session, request)
            if recorded:
                if attempted and attempted.verdict == "wrong" and session.said.message:
                    asked.said = session.said.message.to(learner.language)
                quiz.note()
            _screen(learner, name, quiz)
        except Exception:  # what cannot be shown is neither counted nor saved
            learner.open[name] = type(quiz)(before, open_lesson, learner.viewer.style)
            raise
        if recorded:
            note = learner.recorder.note(session, attempted, asked, quiz.sitting.purpose)
            learner.say_later(note)
        self._keep(learner, quiz)
        return self._here(learner, name, quiz)

    def _here(self, learner: Learner, name: str, quiz: Quiz) -> StepReply | QuizReply:
        """The screen at which the learner is now, with what there is still to say."""
        reply = _screen(learner, name, quiz)
        if isinstance(reply, QuizReply):
            end = reply.view
            return QuizReply(replace(end, closing=learner.with_unsaid(end.closing)))
        view = reply.view
        return StepReply(replace(view, message=learner.with_unsaid(view.message)))

    def _hand_in(self, learner: Learner, quiz: Examination) -> None:
        """Grade an exam, and keep what came of each answer: once, whenever it is broken off.

        That it is handed in is kept first; whoever opens it after a kill goes on from there.
        """
        sitting = quiz.sitting
        sitting.handed_in = sitting.handed_in or time.time()
        self._keep(learner, quiz)
        for index, session, attempted in quiz.hand_in():
            id_ = id_at(sitting.handed_in, index, learner_name())
            item = sitting.items[index]
            learner.say_later(learner.recorder.note(session, attempted, item, "exam", id_))

    def _keep(self, learner: Learner, quiz: Quiz) -> None:
        """Keep the quiz; what came of that is told as in a lesson."""
        if quiz.sitting.purpose == "replay":
            return
        before = quiz.asked.mark.stage
        try:
            self._shelf.save(quiz.sitting.purpose, quiz.sitting)
        except UserError as error:
            learner.say_later(error.message)
        if quiz.asked.mark.stage != before:
            learner.say_later(answered_elsewhere(quiz.session))


_AFTER_AN_EXAM = (Hint, Show, FillIn, Why, Nudge, Picture, ShowHeat)


def _going_on(learner: Learner, sitting: QuizSitting) -> Practice | Examination:
    style = learner.viewer.style
    if sitting.purpose == "exam":
        return Examination(sitting, open_lesson, style)
    return Practice(sitting, open_lesson, style)


def _screen(learner: Learner, name: str, quiz: Quiz) -> StepReply | QuizReply:
    """The screen at which the learner is now."""
    viewer = QuizViewer(learner.viewer, quiz)
    if quiz.at_end:
        return QuizReply(viewer.end(name, time.time()))
    return StepReply(viewer.step(name, time.time()))


def _is_asked_for(sitting: QuizSitting, request: StartQuiz) -> bool:
    """Has it the seed and the lessons that are asked for, where any are?"""
    lessons = {from_anywhere(each) for each in request.lessons}
    return request.seed in (None, sitting.seed) and lessons in (set(), set(sitting.lessons))


def _is_as_it_was(quiz: Quiz) -> bool:
    """Are the lessons still those of which the items were made?"""
    try:
        return all(quiz.lesson(i.lesson).digest == i.digest for i in quiz.sitting.items)
    except UserError:
        return False
